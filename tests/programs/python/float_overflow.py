# Powers, products and sums that leave the floats: a power raises, a product is infinite.
def powers(v, e):
    for turn in range(40):
        v = v ** e
    return v


def squares(v):
    last = v
    for turn in range(40):
        last = v
        v = v ** 2
    return last


def products(v):
    for turn in range(40):
        v = v * v
    return v


inf = float('inf')
for v in (1.0, 0.5, -1.0, 7.75, -7.75, 1e200, 1e154, 1e155, inf, -inf, float('nan'), 0.0, -0.0):
    for what in (lambda: powers(v, 2), lambda: powers(v, 2.0), lambda: powers(v, 3), lambda: squares(v), lambda: products(v),
                 lambda: v ** 2, lambda: pow(v, 2)):
        try:
            print(v, what())
        except OverflowError as error:
            print(v, error)


# What deleting an attribute that is not there says, and arguments beyond the machine's numbers.
class Plain:
    pass


class Asked(Plain):
    def __getattr__(self, name):
        return 1


class Slots:
    __slots__ = ('z',)


def delete(o, name):
    try:
        delattr(o, name)
    except AttributeError as error:
        return str(error)


with_dict = Plain()
with_dict.__dict__['y'] = 1
for turn in range(20):
    seen = [delete(o, name) for o in (Plain(), Asked(), Slots(), with_dict, Plain, 1, delete, ValueError()) for name in ('x', 'z')]
print(*seen, sep='\n')
huge = 1 << 70
for call in (lambda: [].insert(huge, 1), lambda: [1].pop(huge), lambda: [1][huge], lambda: 'a b'.split(' ', huge), lambda: 'a'.replace('a', 'b', huge),
             lambda: 'a'.center(huge), lambda: 'a'.zfill(huge), lambda: b'a'.ljust(huge), lambda: bytearray(b'a').insert(huge, 1),
             lambda: bytearray(b'a').pop(huge), lambda: [1] * huge, lambda: 'a' * huge):
    try:
        print(call())
    except (OverflowError, IndexError, MemoryError) as error:
        print(type(error).__name__, error)


# A square is what the C library's power says, which is not always the rounded product.
def squares(n):
    return [(94906267.0 + 2 * k) ** 2 for k in range(n)] + [(k - 7.5) ** 2 for k in range(n)]


def powers(n):
    x, found = 0.5, []
    for k in range(n):
        x **= 1.01
        found.append((x * 3) ** 1.5 + x ** -2 + x ** k)
    return found


print(129140163.0 ** 2, hash(tuple(squares(2000))), hash(tuple(powers(500))))
for x, y in ((0.0, 2), (-0.0, 2), (-3.5, 2), (float('inf'), 2), (float('-inf'), 2), (float('nan'), 2), (0.0, 1.5), (-8.0, 3), (-8.0, 0.5), (1e-200, 2),
             (2.0, 0), (1.0, float('inf')), (0.5, float('-inf')), (float('nan'), 0), (2.0, 1 << 70)):
    try:
        print(x ** y)
    except (OverflowError, ZeroDivisionError) as e:
        print(type(e).__name__, e)
