# Classes whose __new__ is a Python function, and super() in hot methods: both run without a call from Rust, in the
# interpreter and in traces.
import weakref


class Base:
    def __init__(self, a, b=0):
        self.a = a
        self.b = b

    def total(self):
        return self.a + self.b

    @classmethod
    def make(cls, a):
        return cls(a, 1)

    @staticmethod
    def twice(x):
        return x * 2

    @property
    def size(self):
        return self.a


class Made(Base):
    made = 0

    def __new__(cls, a, b):
        self = super().__new__(cls)
        self.kind = 'made'
        a = b = None
        Made.made += 1
        return self

    def __init__(self, a, b):
        super().__init__(a, b)
        self.c = a - b

    def total(self):
        return super().total() + self.c

    @classmethod
    def make(cls, a):
        return super().make(a)

    @staticmethod
    def twice(x):
        return Base.twice(x) + 1

    @property
    def size(self):
        return super().size + 100

    def doubled(self, x):
        return super().twice(x)


class Keyed(weakref.ref):
    __slots__ = 'key',

    def __new__(cls, object, callback, key):
        self = weakref.ref.__new__(cls, object, callback)
        self.key = key
        return self

    def __init__(self, object, callback, key):
        super().__init__(object, callback)


class Other:
    def __init__(self, *args):
        raise AssertionError('no instance of the class that was called')


class Elsewhere:
    """__new__ gives many things; __init__ runs for instances only."""
    inits = 0

    def __new__(cls, n):
        if n % 5 == 0:
            return n
        if n % 5 == 1:
            return Below.__new__(Below, n)
        if n % 5 == 2:
            return Strange(n)
        if n % 5 == 3:
            return None
        return object.__new__(cls)

    def __init__(self, n):
        self.n = n
        Elsewhere.inits += 1


class Below(Elsewhere):
    def __new__(cls, n):
        return object.__new__(cls)

    def __init__(self, n):
        super().__init__(n + 1000)


class Strange(Elsewhere, Exception):
    """An instance of Elsewhere of another layout."""
    def __new__(cls, n):
        return Exception.__new__(cls, n)


class NoInit:
    def __new__(cls, *args, extra=None):
        self = object.__new__(cls)
        self.args = args
        return self


class Count(int):
    def __new__(cls, n, unit):
        self = super().__new__(cls, n)
        self.unit = unit
        return self

    def __add__(self, other):
        return Count(super().__add__(other), self.unit)


class BadInit:
    def __new__(cls, n):
        return super().__new__(cls)

    def __init__(self, n):
        return n if n == 290 else None


class Captured(Base):
    def __init__(self, a):
        def inner():
            return self
        super().__init__(a, 2)
        self.me = inner() is self


class Rebound(Base):
    def total(self, other=None):
        self = other or self
        return super().total()


def hot(n):
    total, living, refs = 0, [], []
    for at in range(n):
        one = Made(at, 3)
        total += one.total() + one.size + one.doubled(at) + Made.make(at).b
        living.append(one)
        refs.append(Keyed(one, None, at))
        if at % 7 == 0:
            living.pop()
    alive = sum(r() is not None and r().a == r.key for r in refs[-3:])
    return total, Made.made, len(living), refs[5].key, alive


def strange(n):
    kinds = {}
    for at in range(n):
        x = Elsewhere(at)
        kind = type(x).__name__, getattr(x, 'n', None) is not None
        kinds[kind] = kinds.get(kind, 0) + 1
    return sorted(kinds.items()), Elsewhere.inits


def others(n):
    total, unit = Count(0, 'm'), ''
    for at in range(n):
        total = total + at
        unit = total.unit
        assert NoInit(at, 1).args == (at, 1)
        assert NoInit(at, extra=2).args == (at,)
        assert Captured(at).me
        assert Rebound(at, 5).total() == at + 5
    return total, type(total).__name__, unit


def errors(n):
    seen = []
    for at in range(n):
        try:
            BadInit(at)
        except TypeError as e:
            seen.append((at, str(e)))
        if at % 100 == 99:
            for call in (lambda: Made(at), lambda: Made(at, 1, 2), lambda: Keyed(1), lambda: Keyed(3, None, 'no')):
                try:
                    call()
                except TypeError as e:
                    seen.append(str(e))
    return seen


def deleted(self):
    del self
    super().total()


def odd():
    class C(Base):
        def gone(self):
            del self
            return super().total()

        def late(*args):
            return super().total()

        def nested(self):
            return [super(C, self).total() for _ in range(2)]

        def foreign(self, other):
            self = other
            return super().total()
    seen = []
    for call in (lambda c: c.gone(), lambda c: c.late(), lambda c: c.nested(), lambda c: c.foreign(3),
                 lambda c: deleted(c)):
        for _ in range(60):
            try:
                found = call(C(4, 5))
            except (RuntimeError, TypeError) as e:
                found = type(e).__name__ + ': ' + str(e)
        seen.append(found)
    return seen


def changing(n):
    """What super() finds changes while the loop is hot."""
    class A:
        def f(self):
            return 'A'

    class B:
        def f(self):
            return 'B'

    class M(A):
        pass

    class C(M):
        def f(self):
            return super().f()

    counts = {}
    for at in range(n):
        if at == n // 2:
            M.f = lambda self: 'M'
        if at == 2 * n // 3:
            del M.f
            M.__bases__ = (B,)
        found = C().f()
        counts[found] = counts.get(found, 0) + 1
    return counts


def new_changes(n):
    class A:
        def __new__(cls, x):
            self = object.__new__(cls)
            self.x = x
            return self
    sum_of = 0
    for at in range(n):
        if at == n // 2:
            def later(cls, x):
                self = object.__new__(cls)
                self.x = -x
                return self
            A.__new__ = later
        sum_of += A(at).x
    return sum_of


print(hot(600))
print(strange(600))
print(others(450))
print(errors(450))
print(odd())
print(changing(750))
print(new_changes(750))
