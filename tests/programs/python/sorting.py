# Sorting with keys, stability, comparison classes; min, max, sum, any, all with callbacks.
seed = 12345


def random():
    global seed
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed


numbers = [random() % 1000 for _ in range(700)]
ordered = sorted(numbers)
print(ordered[:5], ordered[-5:], all(a <= b for a, b in zip(ordered, ordered[1:])), sorted(numbers, reverse=True)[0] == ordered[-1])
pairs = [(n % 10, i) for i, n in enumerate(numbers)]
stable = sorted(pairs, key=lambda pair: pair[0])
print(stable[:4], all(a[1] < b[1] for a, b in zip(stable, stable[1:]) if a[0] == b[0]), sorted(pairs, key=lambda p: (-p[0], p[1]))[:3])
reverse = sorted(pairs, key=lambda pair: pair[0], reverse=True)
print(reverse[:3], all(a[1] < b[1] for a, b in zip(reverse, reverse[1:]) if a[0] == b[0]))


def insertion(items):
    items = list(items)
    for i in range(1, len(items)):
        item, j = items[i], i - 1
        while j >= 0 and items[j] > item:
            items[j + 1] = items[j]
            j -= 1
        items[j + 1] = item
    return items


def quick(items):
    if len(items) < 2:
        return items
    pivot = items[len(items) // 2]
    return quick([x for x in items if x < pivot]) + [x for x in items if x == pivot] + quick([x for x in items if x > pivot])


def merge_sort(items):
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right, merged = merge_sort(items[:middle]), merge_sort(items[middle:]), []
    i = j = 0
    while i < len(left) and j < len(right):
        if right[j] < left[i]:
            merged.append(right[j])
            j += 1
        else:
            merged.append(left[i])
            i += 1
    return merged + left[i:] + right[j:]


def heap_sort(items):
    heap = list(items)

    def sift(root, end):
        while (child := 2 * root + 1) < end:
            if child + 1 < end and heap[child] < heap[child + 1]:
                child += 1
            if heap[root] >= heap[child]:
                return
            heap[root], heap[child] = heap[child], heap[root]
            root = child

    for root in range(len(heap) // 2, -1, -1):
        sift(root, len(heap))
    for end in range(len(heap) - 1, 0, -1):
        heap[0], heap[end] = heap[end], heap[0]
        sift(0, end)
    return heap


for sort in (insertion, quick, merge_sort, heap_sort):
    print(sort.__name__, sort(numbers[:150]) == sorted(numbers[:150]), sort([2.5, 1, True, -3]), sort(['b', 'a', 'ab']))
compared = 0


class Item:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        global compared
        compared += 1
        return self.value < other.value


items = [Item(n) for n in numbers[:200]]
items.sort()
print([item.value for item in items] == sorted(numbers[:200]), 200 < compared < 3000)
calls = []
print(sorted('bca', key=lambda c: calls.append(c) or c), calls)
print(min(numbers), max(numbers, key=lambda n: n % 97), min([], default='none'), max('a', 'ccc', 'bb', key=len), min(3, 1, 2), max([[1], [0, 5]]))
print(sum([0.1] * 3), sum([[1], [2]], []), sum(range(100), 5), any([]), all([]), any(n > 998 for n in numbers), all(map(str.isalpha, 'abc')))
print(sorted({'b': 1, 'a': 2}), sorted([True, False, 2]), sorted([(2, 'a'), (1, 'z'), (1, 'b')]), sorted([[], [0], [-1, 5]]), list(reversed(sorted('hello'))))
print(sorted([3.5, 1, 2.0, -1]), sorted(['B', 'a', 'C'], key=str.lower), sorted(range(5), key=lambda x: -x), sorted(enumerate('cab'), key=lambda p: p[1]))
for bad in (lambda: sorted([1, 'a']), lambda: min([]), lambda: sorted(5), lambda: max(1), lambda: sum(['a']), lambda: sorted([1], key=5)):
    try:
        bad()
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)


def grumpy(item):
    if item == 3:
        raise KeyError('three')
    return item


target = [5, 3, 1]
try:
    target.sort(key=grumpy)
except KeyError as error:
    print(error, target)
