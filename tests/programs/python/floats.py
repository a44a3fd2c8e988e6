# Floats: arithmetic, special values, printing, conversion, math.
import math


def newton(x):
    guess = x / 2.0
    for _ in range(40):
        guess = (guess + x / guess) / 2.0
    return guess


print(newton(2.0), newton(1e10))

total = 0.0
for i in range(1, 4000):
    term = 1.0 / (i * i)
    if i % 3:
        total += term
    else:
        total -= term * 0.5
print(total)

# A loop whose accumulator changes from int to float while it is hot.
mixed = 0
for i in range(3000):
    if i == 1500:
        mixed += 0.5
    mixed += i
print(mixed)

for x in (0.1, 1e16, 1e15, 1e22, 123456789.125, 5e-324, 1.7976931348623157e308, -0.0, 1e-5, 0.0001, 100.0):
    print(repr(x), str(x), '%g' % x, '%.3e' % x, f'{x:.6g}')
inf, nan = float('inf'), float('nan')
print(inf, -inf, nan, inf - inf, nan == nan, nan != nan, inf > 10 ** 400, min(1.0, nan), max(nan, 1.0))
print(7.5 // 2, -7.5 // 2, 7.5 % -2, -7.5 % 2, divmod(7.25, 0.5), 2.0 ** 0.5, (-8) ** (1 / 3))
print(round(2.675, 2), round(1e20), round(-0.5), round(1234.5678, -2), int(1e18), (0.5).is_integer())
print((0.1).as_integer_ratio(), (0.1).hex(), float.fromhex('0x1.8p1'), float('  1e3 '), float('-inf'))
print(math.sqrt(2), math.floor(-1.5), math.ceil(-1.5), math.trunc(-1.5), math.hypot(3, 4), math.pi)
print(math.sin(1.0), math.atan2(1, -1), math.exp(1), math.log(10), math.log2(8), math.fmod(-7, 3), math.copysign(1, -0.0))
print(math.isnan(nan), math.isinf(inf), math.gcd(12, 18), math.factorial(10), math.fsum([0.1] * 10), sum([0.1] * 10))
print(hash(1.0) == hash(1), hash(0.5), hash(inf), 1.0 in {1: 2})
for expression in (lambda: 1.0 / 0, lambda: 1.0 % 0, lambda: math.sqrt(-1), lambda: float('x'), lambda: int(inf), lambda: 10.0 ** 400):
    try:
        print(expression())
    except (ZeroDivisionError, ValueError, OverflowError) as error:
        print(type(error).__name__, error)
