# Dicts in hot loops: keys that are missing, keys that only guest code can compare, keyword arguments, displays.
def missing(d, n):
    s = 0
    for i in range(n):
        try:
            s += d[i & 3]
        except KeyError as e:
            s += 1 + e.args[0] + len(e.args)
            last = e
    return s, repr(last), last.__context__, last.__traceback__.tb_lineno


print(missing({1: 2}, 400))
print(missing({}, 400))


def in_handler(d, n):
    for i in range(n):
        try:
            try:
                raise ValueError(i)
            except ValueError:
                d['no']
        except KeyError as e:
            kept = e
    return repr(kept), repr(kept.__context__)


print(in_handler({'yes': 1}, 200))


class Odd:
    asked = 0

    def __init__(self, like):
        self.like = like

    def __hash__(self):
        return hash(self.like)

    def __eq__(self, other):
        Odd.asked += 1
        if Odd.asked == 150:
            raise RuntimeError('enough')
        return self.like == other


def odd(n):
    d = {Odd(5): 'five', Odd('t'): 'text', 1: 'one', 2.0: 'two', None: 'none'}
    d['self'] = d
    out = {}
    for i in range(n):
        key = (5, 't', 1, 2, 3, 'self', 'none')[i % 7]
        try:
            v = d[key]
            found = key in d
            got = d.get(key)
            other = d.get(key, 0)
        except (KeyError, RuntimeError) as e:
            v, found, got, other = repr(e), key in d, d.get(key), d.get(key, -1)
        if v is d:
            v = 'itself'
        if type(got) is not dict:
            out[v, found, got, other] = out.get((v, found, got, other), 0) + 1
    return list(out.items())


for line in odd(700):
    print(line)


def number_keys(n):
    d = {True: 'true', 0.0: 'zero', 'k': 3, 2: 'two'}
    t = []
    for i in range(n):
        t.append((d[i & 1], d.get(i % 3), i % 5 in d, 'k' in d, d['k']))
    return t[-3:], len(set(t))


print(number_keys(300))


def star(*args, **kw):
    return len(args) + len(kw)


def give(**kw):
    return kw


def use(n, **kw):
    kw['more'] = n
    kw.pop('a', None)
    return sorted(kw.items())


def through(**kw):
    return use(1, **kw)


def keywords(n):
    s = 0
    kept = []
    for i in range(n):
        s += star(1, i, k=3) + star() + star(a=1, b=i, c=2, d=3, e=4, f=5, g=6, h=7, i=8)
        d = give(x=i, y=str(i), z=None)
        s += d['x'] + len(d['y']) + ('z' in d) + ('q' in d)
        d['q'] = 1
        for key in d:
            s += len(key)
        kept = [use(i, a=1, b=2), through(b=i), list(d.items()), {**d, 'r': 2}, give()]
    return s, kept


print(keywords(300))


def displays(n):
    s = 0
    for i in range(n):
        d = {'a': i, 'b': 2, 'c': 3}
        e = {'a': 1, 'b': i, 'a': 3}
        f = {}
        f[i] = 1
        s += d['a'] + d['b'] + len(d) + len(e) + e['a'] + len(f)
        d['d'] = 4
        del d['a']
        s += sum(d.values())
    return s, d, e, f


print(displays(300))


class Mine(Exception):
    args = 'class attribute'


class Plain(Exception):
    pass


def arguments(n):
    s = 0
    for i in range(n):
        try:
            if i % 3:
                raise Plain(i, 2)
            raise Mine(i)
        except Mine as e:
            s += len(e.args)
        except Plain as e:
            s += e.args[0] & 3
            e.args = [i]
            s += e.args[0] & 1
            e.__dict__['args'] = 5
            s += len(e.args)
    return s


print(arguments(300))
