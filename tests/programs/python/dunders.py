# Operators of classes: arithmetic with reflection, comparison, containers, calls, conversions.
class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        if not isinstance(other, Vector):
            return NotImplemented
        return Vector(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        if isinstance(k, Vector):
            return self.x * k.x + self.y * k.y
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __abs__(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __bool__(self):
        return bool(self.x or self.y)

    def __iter__(self):
        yield self.x
        yield self.y

    def __repr__(self):
        return f'Vector({self.x}, {self.y})'


v = Vector(0, 0)
for i in range(2000):
    v = v + Vector(i, -i) if i % 2 else v - 2 * Vector(1, i)
print(v, -v, abs(Vector(3, 4)), Vector(1, 2) * Vector(3, 4), Vector(1, 2) == Vector(1, 2), Vector(1, 2) != Vector(1, 2))
print(bool(Vector(0, 0)), list(Vector(5, 6)), [*Vector(7, 8)], len({Vector(1, 1), Vector(1, 1)}), sum([Vector(1, 2), Vector(3, 4)], Vector(0, 0)))


class Mod:
    """Counts modulo 97; both sides of an operator, in place, and mixed with int."""

    def __init__(self, value):
        self.value = value % 97

    def __add__(self, other):
        return Mod(self.value + (other.value if isinstance(other, Mod) else other))

    __radd__ = __add__

    def __rsub__(self, other):
        return Mod(other - self.value)

    def __iadd__(self, other):
        self.value = (self.value + int(other)) % 97
        return self

    def __int__(self):
        return self.value

    __index__ = __int__

    def __pow__(self, n, modulus=None):
        return Mod(pow(self.value, n, modulus or 97))

    def __floordiv__(self, other):
        return ('floordiv', int(other))

    def __matmul__(self, other):
        return ('matmul', int(other))

    def __lshift__(self, n):
        return Mod(self.value << n)

    def __invert__(self):
        return Mod(96 - self.value)

    def __divmod__(self, other):
        return ('divmod', other)


m = Mod(5)
same = m
total = 0
for i in range(1500):
    m += i
    total += int(1 + m) + int(m + 1) + int(100 - m)
print(int(m), same is m, total, int(m ** 3), m // m, m @ m, int(m << 2), int(~m), divmod(m, 4), [10, 20, 30][Mod(99)], hex(m), int(sum([Mod(90), Mod(10)])))


class Version:
    def __init__(self, *parts):
        self.parts = parts

    def __lt__(self, other):
        return self.parts < other.parts

    def __le__(self, other):
        return self.parts <= other.parts

    def __eq__(self, other):
        return self.parts == other.parts


versions = [Version(i * 7 % 10, i % 3) for i in range(40)]
ordered = sorted(versions)
print([v.parts for v in ordered[:5]], max(versions).parts, Version(1) > Version(0), Version(1) >= Version(1), ordered[0] in versions)
try:
    hash(versions[0])
except TypeError as error:
    print(error)


class Table:
    def __init__(self):
        self.cells = {}

    def __getitem__(self, key):
        return self.cells.get(key, 0)

    def __setitem__(self, key, value):
        self.cells[key] = value

    def __delitem__(self, key):
        del self.cells[key]

    def __contains__(self, key):
        return key in self.cells

    def __len__(self):
        return len(self.cells)

    def __call__(self, *args, **kwargs):
        return args, sorted(kwargs)


table = Table()
for i in range(1200):
    table[i % 9, i % 4] += i
del table[0, 0]
print(len(table), table[1, 1], table[0, 0], (1, 1) in table, table[1, 2, 3], table(1, *[2], k=3), bool(table), bool(Table()))


class Ladder:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        self.at = 0
        return self

    def __next__(self):
        self.at += 1
        if self.at > self.n:
            raise StopIteration
        return self.at


print(sum(x for x in Ladder(1500)), list(Ladder(3)), max(Ladder(5)), 4 in Ladder(4), dict(zip(Ladder(2), 'ab')))


class Odd:
    def __init__(self, tag):
        self.tag = tag

    def __eq__(self, other):
        return NotImplemented

    def __lt__(self, other):
        return NotImplemented

    def __add__(self, other):
        return NotImplemented

    def __str__(self):
        return 'str ' + self.tag

    def __bytes__(self):
        return self.tag.encode()

    def __float__(self):
        return 2.5

    def __complex__(self):
        return 1j

    def __round__(self, n=None):
        return ('round', n)

    def __len__(self):
        return -1


odd = Odd('o')
print(odd == odd, odd == 3, odd != 3, str(odd), bytes(odd), float(odd), round(odd), round(odd, 2))
for bad in (lambda: odd < 3, lambda: odd + 1, lambda: 1 + odd, lambda: odd - 1, lambda: -odd, lambda: len(odd), lambda: odd[0], lambda: odd(), lambda: iter(odd), lambda: Vector(1, 2) + 3, lambda: 3 in 4):
    try:
        bad()
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
