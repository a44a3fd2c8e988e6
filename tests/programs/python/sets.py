# Sets and frozensets: membership, algebra, updates. Order is not printed: it is not promised.
seen = set()
repeats = 0
n = 1
for _ in range(3000):
    n = (n * 1103515245 + 12345) % 2 ** 31
    low = n >> 20
    if low in seen:
        repeats += 1
    else:
        seen.add(low)
print(repeats, len(seen), min(seen), max(seen), sum(seen))

a, b = {1, 2, 3, 4}, {3, 4, 5}
print(sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), a == {4, 3, 2, 1}, a != b)
print(a < {1, 2, 3, 4, 5}, a <= a, a > {1}, a.isdisjoint({9}), {1} < a, a.issuperset([1, 2]), a.issubset(range(9)))
print(sorted(a.union([7], (8,))), sorted(a.intersection('x', [1])), sorted(a.difference([1], [2])), sorted(a.symmetric_difference([1, 9])))
c = a.copy()
c.add(10)
c.discard(1)
c.discard('absent')
c.remove(2)
c.update('ab', [5])
print(sorted(c, key=str), len(a), 10 in c, 2 not in c)
c |= {6}
c -= {5, 'a'}
c &= {3, 4, 6, 'b'}
c ^= {3, 99}
print(sorted(c, key=str))
print(set(), {1}, frozenset([2]), repr(frozenset()), len(set('mississippi')), bool(set()), {True, 1, 1.0})
f = frozenset({1, 2})
print(f | {3} == frozenset({1, 2, 3}), type(f | {3}).__name__, type({3} | f).__name__, hash(f) == hash(frozenset([2, 1])), {f: 'key'}[frozenset([1, 2])])
print({x % 4 for x in range(20)} == {0, 1, 2, 3}, {(1, 2), (1, 2)}, {'a'} | set('b') == {'b', 'a'}, {frozenset(), frozenset()})
words = 'the quick brown fox jumps over the lazy dog the end'.split()
unique = set()
for _ in range(100):
    for word in words:
        if len(word) % 2:
            unique.add(word)
        else:
            unique.add(word.upper())
print(sorted(unique), len(unique))
shrinking = set(range(1200))
odd = 0
while shrinking:
    item = shrinking.pop()
    odd += item % 2
    shrinking.discard(item + 1)
print(odd, shrinking)
graph = {i: {(i * 2) % 50, (i * 3 + 1) % 50} for i in range(50)}
reached, frontier = {1}, {1}
while frontier:
    frontier = {n for f in frontier for n in graph[f]} - reached
    reached |= frontier
print(len(reached), sorted(reached)[:8])
for bad in (lambda: {[]}, lambda: set().pop(), lambda: {1}.remove(2), lambda: {1} | [2], lambda: {1} < [2], lambda: f.add(1)):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
