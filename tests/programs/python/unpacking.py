# Assignment in all its forms: unpacking, stars, chains, augmented, swaps, walrus, del.
a, b = 1, 2
a, b = b, a
(c, d), e = [3, 4], 5
[f, *g] = 'xyz'
*h, i = range(4)
j, *k, l = {'p': 1, 'q': 2}
m = n = o = []
m.append(1)
print(a, b, c, d, e, f, g, h, i, j, k, l, n, o is m)

x, y = 0, 1
for step in range(1200):
    x, y = y, (x + y) % 10007
print(x, y)

total = 0
for first, (second, *third) in [(1, (2, 3, 4)), (5, (6,))] * 400:
    total += first * second + sum(third)
print(total)

rotation = [1, 2, 3, 4, 5]
for _ in range(1001):
    rotation[0], rotation[1], rotation[-1] = rotation[1], rotation[-1], rotation[0]
print(rotation)

index = 0
values = [0, 0, 0]
index, values[index] = 2, 'left to right'
print(index, values)

t = ([1], 2)
try:
    t[0] += [3]
except TypeError as error:
    print(error, t)
s = 'a'
s *= 3
s += 'b'
v = 7
v //= 2
v **= 3
v <<= 2
v |= 1
v ^= 5
v &= 0xff
v >>= 1
v %= 10
v -= 0.5
v /= 2
print(s, v)
print([*range(3), *'ab', *{1: 2}], (*[], 1), {*[1, 2], 2}, {**{'a': 1}}, *[1, 2], sep=',')
while (chunk := len(rotation)) > 2:
    rotation.pop()
print(chunk, rotation)


class Box:
    pass


box = Box()
box.first, box.second = 1, 2
box.first += 10
box.items = {}
box.items['k'], box.third = box.first, box.second
del box.second, rotation[0]
print(sorted(box.__dict__.items()), rotation)


def pairs(n):
    for i in range(n):
        yield i, i * 2


low = high = 0
for low_i, high_i in pairs(1500):
    if low_i % 2:
        low, high = low + low_i, high + high_i
print(low, high)


def too_few():
    a, b = [1]


def too_many():
    a, b = 1, 2, 3


def too_few_for_star():
    a, *b, c = [1]


def not_iterable():
    a, b = 5


def nested_not_iterable():
    (a, b), c = 1, 2


for bad in (too_few, too_many, too_few_for_star, not_iterable, nested_not_iterable):
    try:
        bad()
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
