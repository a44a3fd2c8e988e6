# `format % values`: every flag, width, precision and conversion, with values of every kind, hashed; then the odd forms.
# stress: 97
class Text(str):
    def __str__(self):
        return 'T!'


class Number(int):
    def __repr__(self):
        return 'N!'


class Mapping(dict):
    pass


values = [0, 9, 10, -1, -12345, 2 ** 62, -2 ** 63, 2 ** 63 - 1, 2 ** 63, 10 ** 30, -10 ** 30, True, 1.5, -0.0, float('inf'),
          float('nan'), 'abc', '\xe4\xf6\u20ac\U0001f600', '\ud800x', '', None, (1,), [1], Text('q'), Number(4), b'x', 1j]


def form(text, value):
    try:
        return text % value
    except Exception as error:
        return '%s: %s' % (type(error).__name__, error)


for flags in ['', '-', '+', ' ', '0', '#', '-0', '+#']:
    lines = []
    for width in ['', '1', '12']:
        for precision in ['', '.', '.2']:
            for kind in 'sracdiuxXoeEfFgG%z':
                for value in values:
                    lines.append(ascii(form('<%' + flags + width + precision + kind + '>', (value,))))
    total = 0
    for char in '\n'.join(lines):
        total = (total * 33 + ord(char)) & 0xffffffffff
    print(repr(flags), len(lines), total, lines[5], lines[-100])

odd = [('%(a)s', {'a': 1}), ('%(a(b))s', {'a(b)': 2}), ('%(a', {}), ('%', 1), ('%s%', 1), ('%*d|', (5, 3)), ('%-*d|', (5, 3)),
       ('%*d|', (-5, 3)), ('%.*f', (2, 3.14159)), ('%s %s', (1,)), ('%s', (1, 2)), ('x', 1), ('x', ()), ('x', {}), ('x', []),
       ('%ld', 3), ('\xe9%z', 3), ('%\xe9', 3), ('\xe4%s\xe9', ('\xfc',)), ('%c', 65), ('%c', 0x1f600), ('%c', 0xd800),
       ('%c', -1), ('%c', 'ab'), ('%c', 1.0), ('%*d', ('a', 3)), ('\ud800%d\udc00', 3), ('%s', None), ('a%s', Text('w')),
       ('%r', Text('w')), ('%5%', ()), ('%%', ()), ('%d%%', 5), ('%d', Number(3)), ('%s', Number(3)),
       ('%(x)d %(y)5.2f', Mapping(x=1, y=2)), ('%.3s', '\xe4\xf6\xfc\xdf'), ('%99999999999999999999d', 1), ('%d', 'x'),
       ('%x', 1.5), ('%x', 'a'), ('%f', 'a')]
for text, value in odd:
    print(ascii(text), ascii(form(text, value)))
for value in [0, 9, 10, 99, 100, -1, -10, 2 ** 63 - 1, -2 ** 63]:
    print(str(value), repr(value), f'{value}', '%d' % value)
print(len('\xe9'.join(['a', 'b', '\xfc'])), len('--'.join('abc')), len(''.join(['\ud800', '\udc00'])), ','.join(['a']))
