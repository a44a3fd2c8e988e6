# stress: 20000
# The format mini-language over the product of its parts, and fields of str.format.
import itertools


def show(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as e:
        return '%s: %s' % (type(e).__name__, e)


values = [0, 7, -1234567, 10**25, True, 0.0, -0.0, 0.5, 2.5, -3.14159, 1e-7, 123456.789, 1e22, 5e-324, float('nan'), float('-inf'), 'text', '', 'üñ']
kinds = ['', 'd', 'x', 'X', 'b', 'o', 'c', 'e', 'f', 'g', 'G', '%', 'n', 's', 'q', 'r', 'ü']
for start, width, grouping, precision in itertools.product(['', '+', ' ', '#', 'z', '*^', '=', 'ü<', '0'], ['', '12'], ['', ',', '_'], ['', '.0', '.3', '.25']):
    lines = []
    for kind in kinds:
        spec = start + width + grouping + precision + kind
        lines.append('|'.join(str(show(format, v, spec)) for v in values))
    print(repr(start + width + grouping + precision), sum(map(len, lines)), sum(i * ord(c) for i, c in enumerate('\n'.join(lines))))
for spec in ['1,_', '_,', ',,', '.', '5.', '99999999999', '.99999999999', 'dd', '>>d', '\ud800^7', '{', '10.2f ', '0=8', '<08', '\x01', 'é']:
    for v in 12, 1.5, 's':
        print(ascii(show(format, v, spec)))
print([format(2.5, '.%d' % p) for p in range(1, 4)], format(10.0, '.1'), format(123.0, '.2'), format(99.99, '.3'), format(1e5, '.5'), format(100000.0, '.6'))
for p in range(0, 26, 5):
    print(p, '%.*f' % (p, 1 / 3), '%.*e' % (p, 2 / 3), '%.*g' % (p, 1e10 / 3), '%#.*g' % (p, 0.5), '%#.*f' % (p, 2))


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __format__(self, spec):
        return '<%s,%s|%s>' % (self.x, self.y, spec)


p = Point(1, [2, {'k': 'deep'}])
for template in ['{}', '{0}{0}', '{}{0}', '{0}{}', '{.x}', '{0.y[0]}', '{0.y[1][k]}', '{a}', '{a!r}', '{a!s:>8}', '{a!a}', '{a!x}', '{a{b}}', '{a[', '{a[x', '{a!rx', '{a:', '{a:{', '{a!', '{a!r', '{a!rx}', '{', '}',
                 '{{', '}}', '{{}}', '{{{}}}', '{:{}}', '{:{}}{}', '{0:{1}}', '{:{:{}}}', '{0[}', '{0[]}', '{0.}', '{0[a]b}', '{0:}}', '{0:{{}}}', '{9}', '{b}',
                 'é{a}ü', '\ud800{a}', '{a:\ud800>9}', '{é}', '{0[0]}', '{a[1]}', '{a[-1]}', '{00}', '{:>{width}.{precision}f}', '{a[{]}', '{a[}]}', '{ }', '{a }']:
    print(ascii(template), ascii(show(template.format, p, 5, a='ä', width=9, precision=2)))
print('{:>10}|{:^10}|{:<10}|{:x}|{:.2f}|{:5}|{:,}'.format('r', 'c', 'l', 255, 1 / 3, 42, 10**9))
print('{a}{b}'.format_map({'a': 1, 'b': '\udfff'}) == '1\udfff', show('{c}'.format_map, {}))


class Default(dict):
    def __missing__(self, key):
        return key.upper()


print('{x}-{y}'.format_map(Default(x=1)))
for i in range(300):
    text = '{:05.1f} {:>4} {:x} {}'.format(i / 4, i, i, 'k') + f'{i * 0.25:.3f}{i:,}'
print(text)
