from _collections import deque, defaultdict

d = deque('abc')
d.append('d')
d.appendleft('z')
print(d, len(d), d[0], d[-1], list(reversed(d)), 'b' in d, d.index('c'), d.count('a'))
print(d.pop(), d.popleft(), d)
d.extend(range(3))
d.extendleft('xy')
print(d)
d.rotate(2)
print(d)
d.rotate(-3)
print(d)
d.reverse()
print(d)
del d[1]
d[0] = 'first'
d.insert(2, 'new')
d.insert(-100, 'begin')
d.insert(100, 'end')
d.remove(1)
print(d, d.maxlen)
b = deque(range(10), maxlen=3)
print(b, b.maxlen)
b.append(99)
b.appendleft(-1)
print(b, b + deque([5]), b * 2, deque([1]) * 3)
b += [7, 8]
print(b, b == deque([7, 8]), deque([1, 2]) < deque([1, 3]), deque([1]) != deque([1]), deque() <= deque([1]))
print(b.copy(), b.copy().maxlen)
recursive = deque([1])
recursive.append(recursive)
print(recursive)
large = deque()
for i in range(1000):
    large.append(i)
    if i % 3 == 0:
        large.popleft()
print(len(large), large[0], large[-1], sum(large))
for action in ('deque().pop()', 'deque().popleft()', 'deque([1])[5]', 'deque([1]).remove(2)', 'deque([1]).index(2)',
               'deque(maxlen=-1)', 'deque([1], 1).insert(0, 2)', 'deque(5)', 'deque([1]) + [2]'):
    try:
        print(action, eval(action))
    except Exception as e:
        print(action, type(e).__name__, e)
try:
    for x in large:
        large.append(1)
except RuntimeError as e:
    print(e)


class Stack(deque):
    def top(self):
        return self[-1]


s = Stack([1, 2, 3])
s.label = 'mine'
print(s, s.top(), s.copy(), type(s.copy()).__name__, s.label, isinstance(s, deque), s == deque([1, 2, 3]))

dd = defaultdict(list)
dd['a'].append(1)
dd['a'].append(2)
dd['b']
print(dd, dict(dd), dd.default_factory, 'c' in dd, dd.get('c'))
counts = defaultdict(int, {'x': 5}, y=2)
for c in 'xyzzy':
    counts[c] += 1
print(counts, counts.copy(), type(counts.copy()).__name__)
try:
    defaultdict()['k']
except KeyError as e:
    print('KeyError', e)
try:
    defaultdict(5)
except TypeError as e:
    print(e)
print(counts | {'w': 1}, {'w': 1} | counts)
