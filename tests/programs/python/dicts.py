# Dicts: order, keys of every kind, methods, views, mutation while iterating.
counts = {}
for i in range(4000):
    key = (i * 7919) % 101
    if key in counts:
        counts[key] += 1
    else:
        counts[key] = 1
print(len(counts), list(counts.items())[:4], max(counts.values()))

words = {}
for i in range(2500):
    word = 'w' + str(i % 37)
    words[word] = words.get(word, 0) + i
    if i % 100 == 0:
        words.pop('w3', None)
print(len(words), words['w5'], 'w3' in words, list(words)[:5])

d = {'a': 1, 2: 'two', (3, 4): [5], None: 0, 1.5: 'f', True: 'yes'}
print(d, d[1], d[1.0], d[True], d[(3, 4)], 1 in d, len(d))
d[1] = 'replaced'
d['new'] = d.pop('a')
print(d, list(d.keys()), list(d.values()), d.get('nope'), d.get('nope', 'x'))
print(d.setdefault('k', []), d.setdefault('k', 1), d.popitem(), {**{'a': 1}, 'b': 2, **{'a': 3}})
print({'a': 1} | {'b': 2}, dict(a=1, b=2), dict([('x', 1), ('y', 2)]), dict.fromkeys('abc', 0), dict(zip('ab', [1, 2])))
e = {1: 1}
e.update({2: 2}, z=3)
e |= {4: 4}
print(e, e == {4: 4, 'z': 3, 2: 2, 1: 1}, e.copy() is e, sorted(e, key=str), {k: v for k, v in e.items() if k != 'z'})
del e[2]
e[2] = 'again'
print(e, list(reversed(e)), list(e.items())[-1], e.keys() & {1, 2, 9}, sorted(e.keys() - {1}, key=str), (4, 4) in e.items())
print(len({}), bool({}), {} == dict(), {1: {2: {3: 4}}}[1][2], {'x': {}})
swap = {}
for i in range(1500):
    swap[i] = i
    if i >= 10:
        del swap[i - 10]
print(swap)


class Key:
    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return self.value % 3

    def __eq__(self, other):
        return isinstance(other, Key) and self.value == other.value

    def __repr__(self):
        return f'Key({self.value})'


collide = {}
for i in range(600):
    collide[Key(i % 20)] = i
print(len(collide), collide[Key(7)], list(collide)[:3], Key(30) in collide)
view = swap.keys()
swap['late'] = 1
print(len(view), list(view)[-1])
try:
    for key in swap:
        swap[str(key) + 'x'] = 1
except RuntimeError as error:
    print(error)
for bad in (lambda: {}['missing'], lambda: {[]: 1}, lambda: {}.popitem(), lambda: {1: 2}.pop(3), lambda: dict([1])):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
