# Tuples, ranges, slices and the sequence protocol.
points = [(x, y) for x in range(40) for y in range(40)]
nearest, best = None, None
for point in points:
    x, y = point
    distance = (x - 13) ** 2 + (y - 29) ** 2
    if best is None or distance < best:
        nearest, best = point, distance
print(nearest, best, len(points))

t = (1, 'a', 2.5, None)
print(t, t[1], t[-1], t[1:3], t + (5,), t * 2, len(t), 'a' in t, t.index('a'), t.count(1), (), (1,), tuple('ab'))
print((1, 2) < (1, 3), (1, 2) < (1, 2, 0), () < (0,), (1, 'a') == (1.0, 'a'), hash((1, 2)) == hash((1, 2)), min((3, 1), (2, 9)))
a, (b, *c), d = 1, (2, 3, 4), 5
print(a, b, c, d)

r = range(10, 0, -3)
print(r, list(r), len(r), r[1], r[-1], r[1:], 7 in r, 8 in r, r.index(4), r.count(4), range(3) == range(0, 3, 1), r == range(10, 0, -4))
print(range(0), list(range(5, 5)), bool(range(0)), range(0, 10, 3)[::-1], list(reversed(range(4))), range(10)[2:8:2], sum(range(101)))
print(len(range(10 ** 15)), 10 ** 14 in range(0, 10 ** 15, 7), range(2 ** 70, 2 ** 70 + 3)[2])
total = 0
for i in range(0, 3000, 7):
    for j in range(3, -1, -1):
        total += i * j
print(total)

text = 'abcdefghij'
checks = 0
for start in (None, -12, -3, 0, 2, 9, 15):
    for stop in (None, -12, -4, 0, 5, 10, 20):
        for step in (None, 1, 3, -1, -2):
            part = text[start:stop:step]
            same = list(text)[start:stop:step]
            assert part == ''.join(same) == ''.join(tuple(text)[start:stop:step])
            assert len(range(10)[start:stop:step]) == len(part)
            checks = (checks * 33 + len(part) * 7 + (ord(part[0]) if part else 0)) % 10 ** 9
print(checks)
s = slice(1, None, 2)
print(s, s.start, s.stop, s.step, s.indices(8), text[s], slice(3) == slice(None, 3, None))


class Squares:
    def __len__(self):
        return 8

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [i * i for i in range(8)[index]]
        if not -8 <= index < 8:
            raise IndexError('no such square')
        return (index % 8) ** 2


q = Squares()
print(list(q), q[2:5], q[-1], 16 in q, 17 in q, list(reversed(q)), q[::-3])
hits = 0
for i in range(2000):
    if q[i % 8] % 2:
        hits += 1
print(hits)
for bad in (lambda: t[9], lambda: range(3)[5], lambda: text[::0], lambda: range(1, 2, 0), lambda: q[8], lambda: t + [1], lambda: (1).x):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
try:
    t[0] = 1
except TypeError as error:
    print(error)
