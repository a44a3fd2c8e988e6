# Small ints: arithmetic, floor division and modulo of every sign, shifts, bits, comparison.
def collatz(limit):
    longest, at = 0, 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            if n % 2 == 0:
                n //= 2
            else:
                n = 3 * n + 1
            steps += 1
        if steps > longest:
            longest, at = steps, start
    return longest, at


print(collatz(1500))

for a in (7, -7, 0, 1):
    for b in (2, -2, 3, -3):
        print(a, b, a + b, a - b, a * b, a // b, a % b, divmod(a, b), a & b, a | b, a ^ b)

total = 0
for i in range(3000):
    total ^= (i << (i % 5)) + (i >> 2) - ~i
    if i & 4:
        total += -i // 3
print(total)

print(2 ** 10, (-2) ** 3, 2 ** -1, pow(3, 20, 1000), pow(3, -1, 7))
print(int('42'), int('-0x1f', 16), int('0b101', 0), int('1_000'), int(3.99), int(-3.99), int('z', 36))
print(abs(-5), (-5).bit_length(), (255).bit_count(), (1).__add__(2), (1).__add__('2'))
print(bin(10), oct(-8), hex(255), bin(-1), format(255, '08b'))
print(True + True, True * 3, isinstance(True, int), 5 == 5.0, 5 < 5.5, -1 < False, ~True)
print(1 < 2 < 3, 1 < 3 < 2, 3 > 2 >= 2)
print(round(12345, -2), round(-5, -1), round(15, -1), round(25, -1), round(2.5), round(3.5))
print((10).to_bytes(2, 'big'), int.from_bytes(b'\x01\x00', 'little'), (-3).to_bytes(1, 'big', signed=True))
try:
    1 // 0
except ZeroDivisionError as error:
    print(error)
try:
    int('4x')
except ValueError as error:
    print(error)

# A bool counts as 0 or 1.
def count(items):
    n, m = 0, 1
    for k in items:
        n += k > 3
        n = n + (k == 5)
        m *= True
        n -= False
    return n, m, True + True, True - 2, False * 7, 2.5 * True, True + (1 << 62), (1 << 63) - 1 + True, True / 2, 'ab' * True


for _ in range(3):
    print(count(range(200)))
