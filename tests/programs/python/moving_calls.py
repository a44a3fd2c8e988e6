# What runtime functions hold in their own memory while guest code runs, or the heap is short: it must be roots.


def churn(n=200):
    kept = None
    for i in range(n):
        kept = [(i, [i] * 10), {str(i): kept and kept[0]}]
    return len(kept)


class Thing:
    def __init__(self, n):
        churn(3)
        self.n = n

    def __repr__(self):
        churn(3)
        return f't{self.n}'


# ---- except*: many parts, some handled, some raised again, in groups that make their own parts
class Group(ExceptionGroup):
    def derive(self, parts):
        churn()
        return Group(self.message + '+', parts)


def handle(kinds):
    try:
        parts = [kind(Thing(n)) for n, kind in enumerate(kinds)]
        raise Group('all', [Group('inner', parts[::2]), *parts[1::2]])
    except* ValueError as e:
        churn()
        raise TypeError(len(e.exceptions))
    except* KeyError as e:
        churn()
        raise
    except* IndexError as e:
        churn()


def shape(e):
    if isinstance(e, BaseExceptionGroup):
        return [e.message, [shape(part) for part in e.exceptions]]
    return [type(e).__name__, e.args]


for count in (3, 12, 40):
    try:
        handle(([ValueError, KeyError, IndexError, OverflowError] * 10)[:count])
    except BaseException as e:
        print(shape(e))


# ---- descriptors that run code before the result exists
class Base:
    def method(self):
        return 'base', self.n


class Liar(Base):
    def __init__(self, n):
        self.n = n

    @property
    def __class__(self):
        churn()
        return Liar

    def method(self):
        unbound = super(Liar)
        bound = unbound.__get__(self, Liar)
        churn()
        return bound.method(), super().method()


print(Liar([Thing(1)]).method())


# ---- binding of arguments: defaults, stars, keywords
def bound(a, b=Thing(20), *rest, c, d=Thing(40), **kw):
    churn(5)
    return a, b, rest, c, d, kw


def defaults(a, b=Thing(2), c=Thing(3)):
    return a, b, c


print(defaults(Thing(1)), defaults(Thing(1), c=Thing(5)))
print(bound(Thing(1), c=Thing(3)))
print(bound(Thing(1), Thing(2), Thing(5), Thing(6), c=Thing(3), e=Thing(7)))
print(bound(*[Thing(n) for n in range(12)], c=Thing(3), **{f'k{n}': Thing(n) for n in range(12)}))
print(max(*[Thing(n) for n in range(12)], key=lambda t: (churn(5), t.n)), min([Thing(n) for n in range(12)], key=lambda t: (churn(5), -t.n)))


# ---- classes whose making runs code
class Meta(type):
    @classmethod
    def __prepare__(meta, name, bases, **kw):
        churn()
        return {'prepared': Thing(1)}

    def __new__(meta, name, bases, namespace, **kw):
        churn()
        cls = super().__new__(meta, name, bases, namespace)
        churn()
        return cls

    def mro(cls):
        churn()
        return super().mro()


class Named:
    def __set_name__(self, owner, name):
        churn()
        self.name = owner.__name__ + '.' + name


class Parent(metaclass=Meta):
    named = Named()

    def __init_subclass__(cls, **kw):
        churn()
        cls.keywords = kw


class Child(Parent, option=Thing(9)):
    other = Named()


print(Child.other.name, Parent.named.name, Child.keywords, Child.prepared, [c.__name__ for c in Child.__mro__])
print([c.__name__ for c in Parent.__subclasses__()], Child.__bases__[0] is Parent)


# ---- comparing, hashing, formatting in the middle of containers
class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        churn(2)
        return self.n % 3

    def __eq__(self, other):
        churn(2)
        return self.n == other.n

    def __lt__(self, other):
        churn(2)
        return self.n < other.n

    def __repr__(self):
        churn(2)
        return f'k{self.n}'

    def __format__(self, spec):
        churn(2)
        return f'{self.n}{spec}'

    def __index__(self):
        churn(2)
        return self.n


keys = [Key(n % 17) for n in range(60)]
table = {key: Key(key.n) for key in keys}
print(table, len(set(keys)), sorted(keys)[::6], sorted(keys, reverse=True)[:3])
print(f'{keys[1]:a}{keys[2]:b}', '%s %r' % (keys[3], keys[4]), '{0:x}{1}{0:y}'.format(keys[5], [keys[6]]))
print({Key(1), Key(2)} | {Key(3), Key(1)} == {Key(1), Key(2), Key(3)}, {Key(1): 1} == {Key(1): 1}, keys.index(Key(5)), keys.count(Key(3)))
print(list(range(20))[Key(2):Key(9):Key(3)], bytes([Key(65), Key(66)]), [1, 2] * Key(2), ','.join(map(repr, keys[:12])))
