# Look-ups of keys whose comparison runs no guest code, beside keys whose comparison does, in loops that become hot.


class Plain:
    pass


class Equal:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        asked.append(self.n)
        return isinstance(other, Equal) and self.n == other.n or other == self.n


asked = []


def count(keys, rounds):
    d = {}
    for _ in range(rounds):
        for k in keys:
            if k in d:
                d[k] += 1
            else:
                d[k] = 1
    return d


things = [Plain() for _ in range(6)]
print(list(count([1, 2, 300000, -5, 2**70, 1], 40).values()))
print(count(['a', 'b', 'ab', 'a' + 'b', ''], 40))
print(count([(1, 'x'), (1, 'y'), (), (2, 3, 4), (1, 'x')], 40))
print(list(count(things + [Plain, Equal, int, type], 40).values()))
print(count([1, 1.0, True, 'one', None, 2.5, (1,), (1.0,), b'one'], 40))
found = count([Equal(1), 1, Equal(2), 2, Equal(1)], 40)
print(len(found), list(found.values()), len(asked) > 100)


def read(d, keys, rounds):
    total = 0
    for _ in range(rounds):
        for k in keys:
            total += d.get(k, 1000)
            if d.get(k) is None:
                total += 7
    return total


print(read({1: 2, 3: 4}, [1, 2, 3, 1.0, 5], 60))
print(read({'a': 2, 'b': 4}, ['a', 'b', 'c', 'd'], 60))


# A key's class learns to compare while the loop is hot.
class Late:
    pass


def late(d, keys, rounds):
    seen = 0
    for n in range(rounds):
        if n == 150:
            Late.__hash__ = lambda self: 7
            Late.__eq__ = lambda self, other: True
        for k in keys:
            try:
                seen += d[k]
            except KeyError:
                seen += 100000
    return seen


pair = [Late(), Late()]
print(late({pair[0]: 1, pair[1]: 2}, pair, 200) >= 450)


# A comparison changes the dict that it is asked for.
class Meddler:
    def __init__(self, d):
        self.d = d

    def __hash__(self):
        return hash('needle')

    def __eq__(self, other):
        self.d.clear()
        return False


def meddle():
    out = []
    for n in range(120):
        d = {}
        if n > 100:
            d[Meddler(d)] = 1
        d['needle'] = n
        out.append(d.get('needle'))
    return out[-25:]


print(meddle())


# Values stay what they are when keys come, go and come again.
def churn(rounds):
    d = dict.fromkeys('abcdef', 0)
    for n in range(rounds):
        k = 'abcdef'[n % 6]
        d[k] += n
        if n % 50 == 49:
            del d[k]
            d[k] = 1
        if n % 97 == 0:
            d['x%d' % n] = n
    return sorted(d.items())


print(churn(400))


# Errors are the ones of the slow way.
def missing(d, keys):
    errors = []
    for k in keys:
        try:
            d[k]
        except (KeyError, TypeError) as e:
            errors.append(repr(e))
    return errors


print(len(missing({1: 1}, [1, 2, 3] * 50)), missing({1: 1}, [2, 'a', [], {}])[-4:])


def members(s, keys, rounds):
    n = 0
    for _ in range(rounds):
        for k in keys:
            if k in s:
                n += 1
            if k not in s:
                n += 1000
    return n


print(members({1, 2, 'a', (1, 2)}, [1, 'a', 'b', (1, 2), (2, 1), 2.0], 50))
print(members(frozenset([1, 2, 'a', Plain]), [1, 'a', Plain, Equal], 50))
try:
    members({1}, [1, []], 1)
except TypeError as e:
    print(e)


def grow(keys, rounds):
    s = set()
    for _ in range(rounds):
        for k in keys:
            s.add(k)
    return s


print(len(grow([1, 2, 3, 1, 'a', 'b', 'a', 1.0, (1, 2), (1, 2)], 40)), len(grow([Equal(1), Equal(1), 1], 40)))


# The attributes of an instance whose `__dict__` was asked for.
class Record:
    shared = 'class'

    def __init__(self, n):
        self.a, self.b, self.c, self.d, self.e, self.f = n, n + 1, n + 2, n + 3, n + 4, n + 5


def records(rounds):
    total = 0
    for n in range(rounds):
        r = Record(n)
        r.__dict__['g'] = n
        r.a += 1
        r.h = r.g + r.f
        total += r.a + r.h + len(r.shared)
        if n % 40 == 39:
            r.shared = 'own'
            del r.h
            total += len(r.shared) + (0 if hasattr(r, 'h') else 1) + len(r.__dict__)
    return total


print(records(200))
