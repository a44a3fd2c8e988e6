# Loops with many branches that do not depend on each other: their traces meet where branches come together.
def make(k):
    args = ', '.join('a%d' % i for i in range(k))
    body = '\n'.join('    if a%d is None:\n        a%d = %d' % (i, i, i) for i in range(k))
    call = ', '.join('None if v >> %d & 1 else 1' % i for i in range(k))
    total = ' + '.join('a%d' % i for i in range(k))
    source = f'''
def f({args}):
{body}
    return {total}

def g(n):
    s = 0
    x = 12345
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        v = x >> 8
        s += f({call})
    return s, x
'''
    names = {}
    exec(source, names)
    return names['g']


for k in (1, 4, 7, 10):
    print(k, make(k)(1500))


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def mixed(n):
    # Registers that hold objects of different classes where branches meet, and floats that are carried.
    x = 7
    total = 0.0
    things = [3, 2.5, None, 'abc', (1, 2), Point(1, 2)]
    log = []
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        v = x >> 9
        a = things[v % 6]
        if v & 1:
            total += 0.5
        if v & 2:
            b = i
        elif v & 4:
            b = float(i)
        else:
            b = None
        if v & 8:
            total -= 0.25
        else:
            total *= 1.0000001
        if a is None:
            a = 1
        elif isinstance(a, str):
            a = len(a)
        elif isinstance(a, tuple):
            a = a[0] + a[1]
        elif isinstance(a, Point):
            a.x += 1
            a = a.y
        if b is None:
            b = a
        if v & 16 and v & 32 or v & 64:
            total += a * b
        try:
            if v & 1920 == 128:
                raise KeyError(i)
            total += 1
        except KeyError as e:
            total -= e.args[0]
        if v & 4096:
            for j in range(v & 3):
                total += j if v & 8192 else -j
        while v & 16384:
            v >>= 3
        if i % 500 == 499:
            log.append(round(total, 3))
    return log, things[5].x


def early(a):
    if a & 1:
        return 1
    if a & 2:
        return 2
    if a & 4:
        return 3.5
    return 0


def calls(n):
    x = 99
    s = 0
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        v = x >> 8
        s += early(v) + early(v >> 3) + early(v >> 6) + early(v >> 9)
        s = s if s < 1000 else s - 1000
    return s


def changing():
    # What the traces assume changes after they were made.
    global FACTOR
    out = []
    for FACTOR in (1, 2, 3.5):
        x = 5
        s = 0
        for i in range(1200):
            x = (x * 1103515245 + 12345) & 0x7fffffff
            v = x >> 8
            if v & 1:
                s += FACTOR
            if v & 2:
                s += 2
            if v & 4:
                s -= FACTOR
            if v & 8:
                s += 3
            if v & 16:
                s -= 1
        out.append(s)
    return out


def generator(n):
    x = 3
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        v = x >> 8
        k = 0
        if v & 1:
            k += 1
        if v & 2:
            k += 10
        if v & 4:
            k += 100
        if v & 8:
            yield k
        if v & 16:
            k = -k
        yield k


FACTOR = 0
print(mixed(4000))
print(calls(3000))
print(changing())
print(sum(generator(3000)))
