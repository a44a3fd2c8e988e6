# Lists: storage of one kind and of mixed kinds, methods, slices, sorting, aliasing.
def sieve(limit):
    flags = [True] * limit
    flags[0] = flags[1] = False
    for i in range(2, limit):
        if flags[i]:
            for j in range(i * i, limit, i):
                flags[j] = False
    return [i for i in range(limit) if flags[i]]


primes = sieve(3000)
print(len(primes), primes[-1], sum(primes))

# The kind of the items changes while the loop is hot.
items = []
for i in range(2000):
    if i == 1000:
        items.append(0.5)
    elif i == 1500:
        items.append('text')
    else:
        items.append(i)
numbers = 0
for item in items:
    if isinstance(item, str):
        continue
    numbers += item
print(numbers, len(items), items[998:1002])

matrix = [[i * j for j in range(12)] for i in range(12)]
for _ in range(20):
    matrix = [list(row) for row in zip(*matrix)]
print(sum(matrix[i][i] for i in range(12)), matrix[3][:5])

a = [3, 1, 2]
b = a
b.append(4)
b += [5]
a.extend(range(2))
print(a, b is a, a == [3, 1, 2, 4, 5, 0, 1], a != b, a < [3, 2], [] < [0])
print(a.pop(), a.pop(0), a.index(2), a.count(1), a)
a.insert(1, 'x')
a.insert(-1, 'y')
a.insert(100, 'z')
a.remove('x')
print(a, a[::-1], a[1:-1], a[-2:], a[::2])
a.reverse()
del a[0], a[-1]
print(a, len(a), 'y' in a, 7 not in a)
s = list(range(10))
s[2:5] = ['a', 'b']
s[::3] = [0] * len(s[::3])
del s[1::4]
print(s, s * 2 == s + s, [0] * 3, [[]] * 2, s.copy() is s)
s[len(s):] = [7, 8]
s[0:0] = [9]
s[3:3] = s
print(s)
s.clear()
print(s, bool(s), list('abc'), list({1: 2}), [1, [2, [3]]], list(range(5, 0, -2)))
nested = [1]
nested.append(nested)
print(nested, repr([nested]) == '[[1, [...]]]')
words = ['pear', 'fig', 'apple', 'kiwi', 'banana', 'date']
words.sort(key=len, reverse=True)
print(words, sorted(words), sorted(words, key=lambda w: (len(w), w)), min(words), max(words, key=len))
queue = [0]
for step in range(3000):
    queue.append((queue.pop() * 7 + step) % 101)
    if step % 10 == 0:
        queue.insert(0, step)
    if len(queue) > 50:
        del queue[10:40]
print(len(queue), sum(queue))
for bad in (lambda: [][0], lambda: [].pop(), lambda: [1].remove(2), lambda: words['a'], lambda: [1] + (2,), lambda: [1, 'a'].sort(), lambda: [1].index(3)):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
