# Items of array.array, bytes and bytearrays in hot loops: every typecode, borders, errors, views and growth in between.
from array import array

BORDERS = {
    "b": (-128, 127),
    "B": (0, 255),
    "h": (-(2**15), 2**15 - 1),
    "H": (0, 2**16 - 1),
    "i": (-(2**31), 2**31 - 1),
    "I": (0, 2**32 - 1),
    "l": (-(2**63), 2**63 - 1),
    "L": (0, 2**64 - 1),
    "q": (-(2**63), 2**63 - 1),
    "Q": (0, 2**64 - 1),
}


def fill(a, low, high, n):
    for k in range(n):
        a[k % len(a)] = low + k
        a[-1 - k % len(a)] = high - k


def total(a, n):
    s = 0
    for k in range(n):
        s += a[k % len(a)] - a[-1 - k % len(a)]
    return s


def check_ints():
    for code, (low, high) in BORDERS.items():
        a = array(code, [0] * 7)
        fill(a, low, high, 100)
        print(code, a.tolist(), total(a, 50))
        for bad in (low - 1, high + 1, 1.5, "x", None):
            try:
                for k in range(40):
                    a[k % 7] = 1 if k < 30 else bad
            except (OverflowError, TypeError) as e:
                print(code, type(e).__name__, e)
        for index in (7, -8, 2**70, "1"):
            try:
                for k in range(40):
                    a[k % 7 if k < 30 else index] = 3
            except (IndexError, TypeError, OverflowError) as e:
                print(code, type(e).__name__, e)
            try:
                for k in range(40):
                    a[k % 7 if k < 30 else index]
            except (IndexError, TypeError, OverflowError) as e:
                print(code, type(e).__name__, e)
        a[2] = True
        print(code, a.tolist(), a[2], type(a[2]))


def check_floats():
    for code in "fd":
        a = array(code, [0.0] * 5)
        for k in range(60):
            a[k % 5] += k * 0.5
            if k % 7 == 0:
                a[k % 5] = k
        print(code, a.tolist(), [type(x).__name__ for x in a])
        a[1] = 2**53 + 1
        a[2] = -(2**62) - 1
        print(code, a.tolist())
        for bad in ("x", None, 1j):
            try:
                for k in range(40):
                    a[k % 5] = 1.0 if k < 30 else bad
            except TypeError as e:
                print(code, type(e).__name__, e)


def matrix(n):
    class Grid:
        def __init__(self, w, h):
            self.w, self.h = w, h
            self.data = array("d", [0]) * (w * h)

        def __getitem__(self, at):
            x, y = at
            return self.data[y * self.w + x]

        def __setitem__(self, at, v):
            x, y = at
            self.data[y * self.w + x] = v

    g = Grid(n, n)
    for turn in range(3):
        for y in range(n):
            for x in range(n):
                g[x, y] = g[y, x] * 0.5 + x - y + turn
    return sum(g.data)


def growth_and_views():
    a = array("l", [1])
    seen = 0
    for k in range(300):
        seen += a[k % len(a)] * len(a)
        if k % 10 == 0:
            a.append(k)
        elif k % 25 == 1:
            with memoryview(a) as m:
                m[0] = -k
                seen += a[0]
                try:
                    a.append(1)
                except BufferError as e:
                    seen += len(str(e))
        elif k % 50 == 3:
            a.pop()
        elif k % 70 == 5:
            a.byteswap()
            a.byteswap()
    print(seen, a.tolist())


class Named(array):
    def __getitem__(self, i):
        return ("item", i)


class Plain(array):
    pass


def kinds_in_one_loop():
    things = [array("d", [1.5, 2.5]), array("i", [3, 4]), b"ab", bytearray(b"cd"), [5, 6], (7, 8), Named("i", [9]), Plain("i", [9, 10])]
    out = []
    for k in range(120):
        out.append(things[k % len(things)][k // 8 % 2])
    print(out[-16:], len(out))
    lengths = 0
    for k in range(120):
        lengths += len(things[k % len(things)])
    print(lengths)


def octets():
    b = bytes(range(256))
    s = 0
    for k in range(600):
        s = (s * 31 + b[k % 256] + b[-1 - k % 256]) % 65521
    for index in (256, -257):
        try:
            for k in range(40):
                b[k if k < 30 else index]
        except IndexError as e:
            print(e)
    print(s, bytes(b[k] ^ 85 for k in range(0, 256, 17)))


def emptied():
    a = array("d", [1.0] * 4)
    for k in range(60):
        try:
            a[0] += 1
        except IndexError as e:
            print(k, e)
            a.extend([0.25, 0.5])
        if k % 20 == 10:
            del a[:]
    print(a)


check_ints()
check_floats()
print(matrix(12))
growth_and_views()
kinds_in_one_loop()
octets()
emptied()
