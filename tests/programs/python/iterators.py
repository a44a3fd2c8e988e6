# The iteration protocol and the built-in iterators.
print(list(enumerate('abc', 5)), list(zip([1, 2, 3], 'ab')), list(map(lambda a, b: a * b, [1, 2], [3, 4])), list(filter(lambda n: n % 2, range(6))), list(reversed([1, 2])))
total = 0
for i, (a, b) in enumerate(zip(range(1500), range(1500, 0, -1))):
    total += i * (a - b)
print(total)
it = iter([1, 2, 3])
print(next(it), list(it), list(it), next(it, 'end'), iter(it) is it)
it = iter('ab')
for first in it:
    for second in it:
        print(first, second)
countdown = [5]


def tick():
    countdown[0] -= 1
    return countdown[0]


print(list(iter(tick, 0)), type(iter(tick, 0)).__name__)


class Old:
    def __getitem__(self, index):
        if index > 3:
            raise IndexError
        return index * 10


print(list(Old()), 20 in Old(), [*Old()], max(Old()))


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right

    def insert(self, value):
        if value < self.value:
            if self.left is None:
                self.left = Tree(value)
            else:
                self.left.insert(value)
        elif value > self.value:
            if self.right is None:
                self.right = Tree(value)
            else:
                self.right.insert(value)

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


root = Tree(500)
n = 7
for _ in range(400):
    n = n * 211 % 1009
    root.insert(n)
print(list(root)[:6], sum(1 for _ in root), list(root) == sorted(set(root)))


class Node:
    def __init__(self, value, next_node):
        self.value, self.next = value, next_node


class Linked:
    def __init__(self):
        self.head, self.size = None, 0

    def push(self, value):
        self.head = Node(value, self.head)
        self.size += 1

    def __len__(self):
        return self.size

    def __iter__(self):
        return LinkedIterator(self.head)

    def reverse(self):
        node, previous = self.head, None
        while node is not None:
            node.next, previous, node = previous, node, node.next
        self.head = previous


class LinkedIterator:
    def __init__(self, node):
        self.node = node

    def __iter__(self):
        return self

    def __next__(self):
        node = self.node
        if node is None:
            raise StopIteration
        self.node = node.next
        return node.value


linked = Linked()
for i in range(1200):
    linked.push(i * i % 37)
before = list(linked)
linked.reverse()
print(len(linked), sum(linked), before == list(linked)[::-1], max(linked), sorted(linked)[:3])
grown = [1]
for item in grown:
    if len(grown) < 20:
        grown.append(item * 2 % 17)
print(grown)
lengths = 0
for row in [range(i) for i in range(60)]:
    for _ in row:
        lengths += 1
    else:
        lengths += 100
print(lengths, list(zip()), list(zip('a')), list(zip('ab', 'cd', strict=True)), dict(enumerate('xy')))
a, b = zip(*[(1, 'x'), (2, 'y')])
print(a, b, list(map(str, range(3))), tuple(map(None.__class__, [])) == (), sum(map(len, ['a', 'bc'])))
for bad in (lambda: iter(5), lambda: next([]), lambda: list(zip('ab', 'c', strict=True)), lambda: next(iter([])), lambda: [x for x in None]):
    try:
        bad()
    except (TypeError, ValueError, StopIteration) as error:
        print(type(error).__name__, error)
