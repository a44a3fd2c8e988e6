"""Builtin functions and methods of strs, bytes and numbers in loops whose other values are kept: what they give and raise."""
import math


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def texts(n):
    s = 'Word %d, and more; ' % n
    point = Point(n, s)
    out = [s.startswith('Word'), s.endswith('; ', 2), s.find('and'), s.rfind('o', 1, 9), s.count('o'), s.replace('o', '0', 1),
           s.strip(), s.strip(' W;'), s.partition(','), s.rpartition('x'), s.upper(), s.title(), s.zfill(25), s.center(30, '*'),
           s.split(), s.split('o', 1), s.rsplit(None, 1), s.removeprefix('Wo'), s.isupper(), s.expandtabs(), point.x, point.y == s]
    b = s.encode()
    out += [b.find(b'and'), b.startswith(b'W'), b.split(b','), b.replace(b'o', b'0'), b.upper(), b.hex()[:6], b.count(111)]
    out += [sum(b), max(b), [c for c in b[:3]], list(enumerate(b'ab')), list(zip(b'ab', 'xy'))]
    return out


def numbers(n):
    x = n / 7
    out = [math.floor(x), math.ceil(x), math.sin(x), math.atan2(x, 2.0), math.log(x + 1, 2), math.gcd(n, 12), math.isqrt(n),
           math.hypot(x, 1.0), n.bit_length(), (n + 0.5).is_integer(), hex(n), bin(n), round(x, 2), round(x), divmod(n, 7),
           pow(n, 3, 11), hash(n), repr(x), format(n, '05'), n.to_bytes(2, 'big'), ascii('é%d' % n), oct(n)]
    return out


def failures(n):
    wrong = [lambda: 'abc'.index('z'), lambda: 'abc'.startswith(n), lambda: 'a'.zfill('x'), lambda: 'a,b'.split(''),
             lambda: b'abc'.index(b'z'), lambda: math.sqrt(-1.0), lambda: math.log(0), lambda: ord('ab'), lambda: hex(1.5),
             lambda: round('x'), lambda: divmod(n, 0), lambda: (5).to_bytes(0, 'big'), lambda: math.factorial(-1),
             lambda: 'a'.center(5, 'xy'), lambda: hash([]), lambda: pow(2, -1, 4), lambda: 'x'.replace('y')]
    out = []
    for f in wrong:
        try:
            out.append(f())
        except Exception as error:
            out.append((type(error).__name__, str(error)))
    return out


class Text(str):
    def __eq__(self, other):
        calls.append('eq')
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Number:
    def __index__(self):
        calls.append('index')
        return 3

    def __float__(self):
        calls.append('float')
        return 0.25


calls = []


def guests():
    """Arguments whose classes have methods of their own."""
    found = 0
    for n in range(30):
        found += 'a b c'.find('c', Number()) + math.floor(Number().__float__()) + len('x'.center(Number()))
        found += int(math.sqrt(Number()) * 4) + 'abc'.startswith(Text('ab')) + len(bin(Number()))
    print(found, len(calls), calls[:4])


def keys():
    """Dicts with bytes as keys, beside other keys that are equal or not."""
    table = {}
    data = b'abracadabra, abracadabra!' * 3
    for n in range(len(data) - 2):
        part = data[n:n + 3]
        table[part] = table.get(part, 0) + 1
        table[n % 3] = part
    print(sorted(table.items(), key=repr)[:4], len(table), b'abr' in table, 'abr' in table)
    mixed = {b'a': 1, 'a': 2, memoryview(b'b'): 3}
    print([mixed.get(k) for k in (b'a', 'a', b'b', bytearray(b'a')[:0].hex(), b'c')])


def main():
    for n in range(50):
        a, b, c = texts(n), numbers(n), failures(n)
    print(a)
    print(b)
    print(c)
    guests()
    keys()
    for x in 1, 'ab', b'ab', (1,), {1}, range(3), Point(1, 2), None, {}.keys():
        for key in 0, 'k':
            try:
                del x[key]
            except TypeError as error:
                print(error)


main()
