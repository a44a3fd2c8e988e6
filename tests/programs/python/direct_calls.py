# Calls that become hot: builtins with the usual and with other arguments, bound methods with defaults.


class Sub(int):
    pass


class Text(str):
    def upper(self):
        return 'own ' + str.upper(self)


class Bytes:
    def __bytes__(self):
        return b'from object'


class Kept(bytes):
    made = 0

    def __init__(self, *args):
        Kept.made += 1


class GivesKept:
    def __bytes__(self):
        return Kept(b'kept')


def each(f, values):
    out = []
    for v in values:
        try:
            out.append(f(v))
        except Exception as e:
            out.append('%s: %s' % (type(e).__name__, e))
    return out


def brief(results):
    return len(results), results[0], results[-3:]


strs = ['a', 'bc'] * 40
print(brief(each(hash, [1, 2] * 40 + ['x' == 'y', Sub(7), 2**100])))
print(brief(each(repr, strs + [Sub(3), Text('q'), None])))
print(brief(each(str.upper, strs + [Text('t'), 3, None])))
print(brief(each(lambda s: s.upper(), strs + [Text('t'), 3, None])))
print(brief(each(bytes, [b'xy', 3] * 40 + [Bytes(), GivesKept(), 'text'])), Kept.made)
print(brief(each(type, [1, 'a', 2.0] * 40 + [Sub(1), int, type])))
print(brief(each(lambda x: (type(x), x.__class__ is type(x))[1], [1, Sub(2), [], {}] * 30 + [None, Text, len])))
print(brief(each(lambda s: s.startswith('a', 0, 5), strs + [Text('ab'), b'a', []])))
print(brief(each(lambda s: s.split('c', 1), strs + [Text('xcy'), '', 7])))
print(brief(each(divmod, [1] * 90)))
print(brief(each(lambda n: pow(n, 2, 5), list(range(90)) + ['x', 1.5, Sub(9)])))
print(brief(each(lambda n: int('11', n), [2, 3] * 45 + [0, 1, 'x'])))
print(brief(each(lambda v: float(v), ['1.5', 2] * 45 + ['x', None, Sub(4)])))
print(brief(each(lambda v: frozenset(v), ['b', (1, 1)] * 45 + [3, [[]], {}])))


def append(lists):
    add = lists[0].append
    for n in range(100):
        add(n)
        lists[n % len(lists)].insert(0, n)
    return [sum(x) for x in lists]


print(append([[], [], []]))


class Writer:
    def __init__(self):
        self.out = []

    def write(self, text, end='.', *, twice=False, **more):
        self.out.append(text + end)
        if twice:
            self.out.append(str(sorted(more)))
        return len(self.out)

    def plain(self, a, b=2, c=3):
        return a * 100 + b * 10 + c


def bound(rounds):
    w = Writer()
    write, plain = w.write, w.plain
    total = 0
    for n in range(rounds):
        total += write('x')
        total += write('y', '!') + write('z', twice=n % 60 == 1, extra=n)
        total += plain(n) + plain(n, 5) + plain(n, c=7) + plain(b=1, a=n)
        if n == 90:
            Writer.plain.__defaults__ = (4, 6)
        if n == 110:
            plain = Writer().plain
    try:
        plain()
    except TypeError as e:
        print(e)
    try:
        plain(1, 2, 3, 4)
    except TypeError as e:
        print(e)
    try:
        write('q', begin=1, text='t')
    except TypeError as e:
        print(e)
    return total, len(w.out), [x for x in w.out if x[0] == '[']


print(bound(150))


# A function whose callee has a loop of its own, which is hot before the function is.
def inner(items, start=0):
    total = start
    for x in items:
        total += x
    return total


def outer(n, depth):
    items = list(range(n % 7))
    got = inner(items) + inner(items, n)
    if depth:
        got += outer(n + 1, depth - 1)
    return got


print(sum(outer(n, n % 4) for n in range(300)))
