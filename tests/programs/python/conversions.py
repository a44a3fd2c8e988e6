# float(x), int(x) and bool(x) in loops, of every kind of argument, also where the result has no place in 64 bits.
class Odd(float):
    def __float__(self):
        return 2.5

    def __int__(self):
        return 7


class Number:
    def __init__(self, n):
        self.n = n

    def __float__(self):
        return self.n / 2

    def __int__(self):
        return self.n

    def __bool__(self):
        return self.n % 3 == 0


def attempt(convert, x):
    try:
        return convert(x)
    except (TypeError, ValueError, OverflowError) as e:
        return type(e).__name__ + ': ' + str(e)


def floats(values, rounds):
    total, seen = 0.0, []
    for n in range(rounds):
        x = values[n % len(values)]
        v = float(x)
        seen.append(repr(v))
        total += v
    return total, seen[:len(values)]


def ints(values, rounds):
    total, seen = 0, []
    for n in range(rounds):
        v = int(values[n % len(values)])
        seen.append(v)
        total += v
    return total, seen[:len(values)]


def bools(values, rounds):
    yes = 0
    for n in range(rounds):
        if bool(values[n % len(values)]):
            yes += 1
    return yes


print(floats([1.5], 300), floats([3], 300), floats([True, 2, -0.0, 2**53 + 1, 2**70, '1e3', Number(5), Odd(1.0)], 800))
print(ints([1.9], 300), ints([-1.9, 2.0, True, 4, 2**80, ' 12 ', Number(9), Odd(1.5)], 800))
edges = [9.2e18, -9.2e18, 2.0**63, -2.0**63, 2.0**63 - 1024, -2.0**63 - 2048, 1e300, -1e300, 0.0, -0.0, 5e-324]
print(ints(edges, 1100))
print(bools([0, 1, 0.0, -0.0, 1e-300, '', 'x', [], [0], {}, {1: 2}, (), (0,), None, True, Number(3), Number(4)], 1700))
for convert in (int, float, bool):
    for x in (float('nan'), float('inf'), 'nan', 'x', None, [], 1j, b'7', 10**400):
        print(convert.__name__, repr(x)[:20], attempt(convert, x))


def spoiled(rounds):
    # What does not fit comes when the loop is compiled.
    out = []
    for n in range(rounds):
        x = float('inf') if n == rounds - 1 else 1e300 if n == rounds - 2 else n + 0.75
        out.append(attempt(int, x))
    return out[-4:], sum(out[:-2])


print(spoiled(400))
print(type(float(Odd(3.0))), float(Odd(3.0)), int(Odd(3.0)), float(), int(), bool())
