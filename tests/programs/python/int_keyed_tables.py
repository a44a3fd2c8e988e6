# Dicts and sets whose keys are ints: small ones, others, mixtures, and what changes between two look-ups of one key.

def steps(n):
    d = {}
    s = set()
    x = 1
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        k = (x >> 8) % 97
        if k in d:
            d[k] += 1
        else:
            d[k] = 1
        s.add(k)
        if i % 7 == 0:
            d.pop(k, None)
        if i % 11 == 0:
            s.discard(k)
        if i % 13 == 0 and d:
            del d[next(iter(d))]
    return sorted(d.items()), sorted(s), len(d), len(s)


print(steps(3000))


def twice(d, k, change):
    """The second look-up sees what happened after the first."""
    a = d.get(k)
    change(d, k)
    b = d.get(k)
    return a, b, k in d


def keep(d, k):
    pass


def drop(d, k):
    d.pop(k, None)


def put(d, k):
    d[k] = -1


def grow(d, k):
    for j in range(40):
        d[1000 + j] = j


def empty(d, k):
    d.clear()


def change_all(n):
    out = []
    for i in range(n):
        for change in keep, drop, put, grow, empty:
            d = {j: j * j for j in range(5)}
            out.append(twice(d, i % 7, change))
    return len(out), out.count((None, -1, True)), out[-12:]


print(change_all(300))

# Values at the borders of what an index tells by itself.
BORDERS = [0, -1, 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**61 - 1, 2**61, -2**61, 2**63 - 1, -2**63, 2**63, 2**64, -2]


def borders(make):
    found = []
    for _ in range(50):
        for start in range(len(BORDERS)):
            t = make(BORDERS[:start])
            found.append([b in t for b in BORDERS].count(True))
            for b in BORDERS[start:]:
                if b in t:
                    found.append('bad')
    return found[-15:]


print(borders(dict.fromkeys), borders(set), borders(frozenset))


# Keys that equal an int without being one.
def others(n):
    d = {1: 'one', 0: 'zero', 7: 'seven'}
    out = []
    for i in range(n):
        out.append((d[True], d[1.0], d.get(False), d.get(0.0), 7.0 in d, 7.5 in d, (7,) in d))
    d[True] = 'true'
    d['1'] = 'text'
    for i in range(n):
        out.append((d[1], d.get('1'), d.get(2), list(d)))
    return out[0], out[-1]


print(others(200))


class Late:
    """An object that gets its comparison while it is a key."""


def late(n):
    key = Late()
    d = {key: 1, 5: 2}
    probe = Late()
    out = []
    for i in range(n):
        out.append((probe in d, 5 in d))
        if i == n // 2:
            Late.__eq__ = lambda a, b: True
            Late.__hash__ = lambda a: 5
            d[5] = 3
        out.append((d.get(probe), d.get(5)))
    return out[0], out[n - 2:n + 4], out[-1]


try:
    print(late(200))
except Exception as e:
    print(type(e).__name__, e)


# A queue: the first entries are removed again and again, and the table is compacted meanwhile.
def queue(n, width):
    d = {}
    out = 0
    for i in range(n):
        d[i * 3] = i
        if len(d) > width:
            k = next(iter(d))
            out = out * 31 + d.pop(k) & 0xffffffff
    for k, v in d.items():
        out = out * 31 + k + v & 0xffffffff
    return out, len(d), list(d)[:3]


print(queue(5000, 1), queue(5000, 30), queue(5000, 1000))


def holes(n):
    d = dict.fromkeys(range(n))
    for i in range(1, n - 1):
        del d[i]
    first = [k for k in d]
    del d[0]
    second = [k for k in d], next(iter(d)), next(reversed(d))
    d[0] = 1
    return first, second, list(d.items()), next(iter(d), 'none')


for n in 3, 10, 200:
    print(holes(n))


def missing(n):
    d = {1: 2}
    errors = []
    for i in range(n):
        for f in (lambda: d.pop(5), lambda: d[5]):
            try:
                f()
            except KeyError as e:
                errors.append(e.args)
        try:
            del d[6]
        except KeyError as e:
            errors.append((e.args, e.__context__))
    return len(errors), errors[:3]


print(missing(200))


def changed_while_iterating():
    for act in (lambda d: d.pop(1), lambda d: d.update({9: 9})):
        d = {1: 1, 2: 2, 3: 3}
        try:
            for k in d:
                act(d)
        except RuntimeError as e:
            print(e)


changed_while_iterating()


# Operators of sets of small ints, of others, and of both.
def operators(a, b):
    return [sorted(x, key=str) for x in (a & b, a | b, a - b, a ^ b, b - a)] + [a <= b, a.isdisjoint(b)]


for _ in range(3):
    a, b = set(range(0, 40, 2)), frozenset(range(0, 40, 3))
    print(operators(a, b))
    print(operators(b, a))
    print(operators(a, {-1, 2**40, 4}))
    print(operators({'x', 4}, a))
    c = set(a)
    c |= b
    c &= set(range(25))
    c -= {0, 3}
    print(sorted(c), sorted({x * x % 31 for x in range(50)}), {x: x + 1 for x in range(4)})


# Attributes by name, and iterators by hand.
class A:
    kind = 'a'

    def __init__(self):
        self.x = 1

    def m(self):
        return self.x


class B(A):
    def __getattr__(self, name):
        return 'got ' + name


class C:
    __slots__ = 'x', 'y'

    def __init__(self):
        self.x = 2


def by_name(n):
    out = []
    for i in range(n):
        if i == n - 2:
            A.late = 'late'
        for o in A(), B(), C(), 5, 'text', None, A:
            out.append((getattr(o, 'x', None), getattr(o, 'late', 0), hasattr(o, 'late'), hasattr(o, 'y'),
                        hasattr(o, 'kind'), getattr(o, 'kind', 'none'), getattr(o, 'm', None) is None))
        it = iter({1: 2, 3: 4}.items())
        out.append((next(it), next(it), next(it, 'end')))
    del A.late
    return out[:8], out[-16:]


print(by_name(150))
