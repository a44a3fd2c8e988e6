# Ints beyond a machine word: overflow in hot loops, exact results, back to small ones.
def factorial(n):
    result = 1
    for i in range(2, n + 1):
        result *= i
    return result


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


print(factorial(30))
print(factorial(120) // factorial(118))
print(fibonacci(300))
print(2 ** 200 - 1, -(2 ** 100))

# Starts small, overflows in the middle of a loop that is hot by then.
value = 1
sizes = []
for i in range(3000):
    value = value * 3 + i
    if value > 10 ** 40:
        sizes.append(value.bit_length())
        value %= 1000003
print(value, len(sizes), sizes[0], sizes[-1])

edge = 2 ** 63
print(edge - 1, edge, -edge, -edge - 1, (edge - 1) + 1 == edge, edge * edge, -edge // -1, abs(-edge))
print(edge // 7, -edge // 7, edge % -7, -edge % 7, divmod(-edge * 5, 12345678901234567890))
print(edge & 0xff, -edge | 1, edge ^ -1, ~edge, 1 << 100, (1 << 100) >> 98, -1 >> 200, -(1 << 70) >> 3)
print(10 ** 25 == 1e25, 10 ** 20 == 1e20, 2 ** 53 + 1 == float(2 ** 53), hash(2 ** 61 - 1), hash(2 ** 64))
print(int('123456789' * 5), str(7 ** 50), hex(2 ** 70), float(10 ** 30), (10 ** 30) / 10 ** 29)
print(pow(7, 123456789, 10 ** 20), pow(2, 100, 3 ** 40), isinstance(2 ** 80, int))
print(format(10 ** 20, ','), '%d' % 10 ** 21, f'{2 ** 90:x}', f'{10**18:_}')
counts = {}
for i in range(2000):
    key = 2 ** 64 + i % 7
    counts[key] = counts.get(key, 0) + 1
print(sorted(counts.items()))
small = 2 ** 70
for _ in range(70):
    small //= 2
print(small, small == 1, [10, 20][small])


def shifts_and_divisions():
    values = (2**70 + 1, -(2**70) - 1, -(2**64), 2**64 - 1, -5)
    print([x >> s for x in values for s in (0, 1, 63, 64, 65, 70, 71, 72, 200)])
    print(-(2**200) // 3, -(2**200) % -7, divmod(2**130, -(2**65) - 1), 2**100 - 2**100, (-(2**90)) ** 3)
    print(~(2**80), abs(-(2**77)), 2**64 & -(2**63), 2**90 | -1, 2**90 ^ -(2**91))
    print([a < b for a in values for b in values], [a == b for a in values for b in values].count(True))


shifts_and_divisions()
