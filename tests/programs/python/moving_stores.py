# Stores of new objects into old ones, in every way there is, each followed by enough garbage for several collections.
# stress: 20
import collections
import itertools


class Slots:
    pass


class Fixed:
    __slots__ = ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')


class Held:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n

    def __hash__(self):
        return hash(('held', self.n))

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return f'h{self.n}'


def churn(n=400):
    kept = None
    for i in range(n):
        kept = [Held(i), {i: str(i)}, (i, kept and kept[0]), [i] * 20]
    return len(kept)


def total(things):
    return sum(thing.n for thing in things)


def rounds(name, old, store, read, count=6):
    churn()
    for n in range(count):
        store(old, n)
        churn(60)
    print(name, read(old))


# ---- lists
rounds('append', [Held(-1)], lambda l, n: l.append(Held(n)), repr)
rounds('append boxed', [], lambda l, n: l.append(n + 0.5 if n % 2 else n), repr)
rounds('insert', [Held(-1)], lambda l, n: l.insert(n // 2, Held(n)), repr)
rounds('set', [None] * 300, lambda l, n: l.__setitem__(n * 40, Held(n)), lambda l: total(filter(None, l)))
rounds('extend list', [Held(-1)], lambda l, n: l.extend([Held(n), Held(n + 10)]), repr)
rounds('extend iterator', [Held(-1)], lambda l, n: l.extend(Held(i) for i in range(n)), repr)
rounds('extend tuple', [Held(-1)], lambda l, n: l.extend((Held(n), None)), repr)
rounds('slice', [Held(-1)] * 4, lambda l, n: l.__setitem__(slice(1, 3), [Held(n)] * (n % 4)), repr)
rounds('step slice', [None] * 20, lambda l, n: l.__setitem__(slice(n, 20, 7), [Held(n)] * len(range(n, 20, 7))), repr)
rounds('iadd', [Held(-1)], lambda l, n: l.__iadd__([Held(n)]), repr)
rounds('imul', [Held(1)], lambda l, n: l.__imul__(2 if n < 3 else 1), len)


def shuffled(l, n):
    l.append(Held(100 - n))
    l.reverse()
    l.append(Held(n))
    l.sort()


rounds('sort', [Held(50)], shuffled, repr)


def sorted_by_key(l, n):
    l.append(Held(n))

    def key(held):
        churn(10)
        return -held.n
    l.sort(key=key)


rounds('sort by key', [Held(50)], sorted_by_key, repr)


def popped(l, n):
    l.append([Held(n)])
    l.pop(0)
    del l[0]
    l.append([Held(n)])


rounds('pop', [[Held(n)] for n in range(5)], popped, repr)

# ---- dicts and sets
rounds('dict', {}, lambda d, n: d.__setitem__(Held(n), [Held(n)]), repr)
rounds('dict replace', {n: None for n in range(200)}, lambda d, n: d.__setitem__(n * 30, Held(n)), lambda d: total(filter(None, d.values())))
rounds('dict grows', {}, lambda d, n: d.update((Held(n * 50 + i), Held(i)) for i in range(50)), lambda d: (len(d), total(d), total(d.values())))
rounds('setdefault', {}, lambda d, n: d.setdefault(n % 3, []).append(Held(n)), repr)
rounds('del', {Held(n): Held(n) for n in range(8)}, lambda d, n: (d.pop(Held(n)), d.__setitem__(Held(n + 10), Held(n))), repr)
rounds('popitem', {Held(n): Held(n) for n in range(8)}, lambda d, n: (d.popitem(), d.__setitem__(str(n), Held(n))), repr)
rounds('or', {1: Held(1)}, lambda d, n: d.__ior__({n: Held(n)}), repr)
rounds('set', set(), lambda s, n: s.update(Held(n * 40 + i) for i in range(40)), lambda s: (len(s), total(s)))
rounds('set ops', {Held(n) for n in range(10)}, lambda s, n: s.symmetric_difference_update({Held(n), Held(n + 5), Held(n + 20)}), lambda s: sorted(s))

# ---- attributes


def attributes(o, n):
    for name in 'abcdefgh':
        setattr(o, name, [getattr(o, name, None), Held(n)])


rounds('slots', Fixed(), attributes, lambda o: (repr(o.a), repr(o.h)))
rounds('attributes', Slots(), attributes, lambda o: repr(o.__dict__))
rounds('many attributes', Slots(), lambda o, n: [setattr(o, f'x{n}_{i}', Held(i)) for i in range(20)],
       lambda o: (len(o.__dict__), total(o.__dict__.values())))
rounds('deleted', Slots(), lambda o, n: (setattr(o, 'a', Held(n)), setattr(o, 'b', Held(n)), delattr(o, 'a')), lambda o: repr(o.__dict__))
rounds('class', Slots, lambda o, n: setattr(o, f'c{n}', Held(n)), lambda o: [getattr(o, f'c{n}') for n in range(6)])
rounds('function', churn, lambda o, n: setattr(o, f'c{n}', Held(n)), lambda o: repr(o.__dict__))
rounds('defaults', lambda x=None: x, lambda o, n: setattr(o, '__defaults__', (Held(n),)), lambda o: o())
rounds('exception', ValueError(), lambda e, n: (setattr(e, 'args', (Held(n), e.args)), setattr(e, 'extra', Held(n))), lambda e: (e.args, e.extra))


def chain(e, n):
    new = ValueError(Held(n))
    new.__cause__ = e.__cause__
    new.__context__ = KeyError(Held(n))
    e.__cause__ = new


def causes(e):
    found = []
    while e.__cause__:
        e = e.__cause__
        found.append((e.args, e.__context__.args))
    return found


rounds('causes', ValueError(), chain, causes)

# ---- variables


def closure():
    x = None

    def store(_, n):
        nonlocal x
        x = (x, Held(n))
    rounds('cell', None, store, lambda _: x)


closure()
variable = None


def store_global(_, n):
    global variable
    variable = [variable, Held(n)]
    globals()[f'variable{n}'] = Held(n)


rounds('global', None, store_global, lambda _: (variable, variable3))


# ---- frames
def generator():
    a = Held(0)
    b = None
    while True:
        try:
            n = yield (a, b)
            a, b = Held(n), a
            churn(20)
        except ValueError as e:
            b = [e.args[0]]
            churn(20)
            n = yield b
        finally:
            churn(5)


def send(g, n):
    if n == 3:
        print(g.throw(ValueError(Held(33))))
    churn(30)
    print(g.send(n))


g = generator()
print(next(g))
rounds('generator', g, send, lambda g: g.send(9))


def delegating(depth):
    held = Held(depth)
    if depth:
        got = yield from delegating(depth - 1)
    else:
        got = 0
        for n in range(6):
            got += (yield [Held(n)])[0].n
    return got + held.n


def drive():
    g = delegating(5)
    next(g)
    try:
        for n in range(10):
            churn(20)
            g.send([Held(n)])
    except StopIteration as e:
        return e.value


print('yield from', drive())

# ---- collections and itertools
rounds('deque', collections.deque(maxlen=5), lambda d, n: (d.append(Held(n)), d.appendleft(Held(-n)), d.rotate(1)), repr)
rounds('long deque', collections.deque(), lambda d, n: d.extend(Held(i) for i in range(50)), lambda d: (len(d), total(d)))
rounds('defaultdict', collections.defaultdict(list), lambda d, n: d[n % 2].append(Held(n)), lambda d: repr(dict(d)))
rounds('ordered', collections.OrderedDict(), lambda d, n: (d.__setitem__(n, Held(n)), d.move_to_end(0)), lambda d: repr(list(d.items())))
rounds('counter', collections.Counter(), lambda c, n: c.update([Held(n % 3), Held(n)]), lambda c: sorted(c.items()))
one, two = itertools.tee(Held(n) for n in range(8))
rounds('tee', (one, two), lambda pair, n: next(pair[0]), lambda pair: (list(pair[0]), list(pair[1])))
rounds('cycle', itertools.cycle(Held(n) for n in range(4)), lambda it, n: next(it), lambda it: [next(it) for _ in range(6)])
rounds('accumulate', itertools.accumulate((Held(n) for n in range(50)), lambda a, b: Held(a.n + b.n)), lambda it, n: next(it), next)
rounds('groupby', itertools.groupby(Held(n // 3) for n in range(90)), lambda it, n: list(next(it)[1]), lambda it: list(next(it)[1]))
rounds('product', itertools.product([Held(0), Held(1)], repeat=4), lambda it, n: next(it), next)
rounds('chain', itertools.chain.from_iterable([Held(n)] for n in range(50)), lambda it, n: next(it), next)
rounds('zip', zip((Held(n) for n in range(50)), map(Held, range(50))), lambda it, n: next(it), next)
rounds('enumerate', enumerate((Held(n) for n in range(50)), 1 << 70), lambda it, n: next(it), next)
