# f-strings, str.format, % formatting and format specifications.
name, count, ratio = 'Ouro', 42, 3.14159265
print(f'{name} {count} {ratio:.2f} {count:>6}|{count:<6}|{count:^6}|{count:06d}|{count:+d}|{count:x}|{count:#o}')
print(f'{name!r} {name!s:>8} {ratio!a} {{literal}} {count + 1 = } {name=} {ratio=:.3f}')
width, precision = 10, 3
print(f'{ratio:{width}.{precision}f}|{name:*^{width}}|{"nested " + f"{count}"}|{[c for c in name]}')
print('{} {1} {0}'.replace('{}', '{2}').format('a', 'b', 'c'), '{x[0]} {x[1]:>3} {y.real}'.format(x=[1, 2], y=5), '{:>{w}}'.format('r', w=4))
print('%s %r %d %5.2f %-5s| %05d %x %c %% %e' % ('s', 'r', 42, ratio, 'ab', 42, 255, 'z', 12345.678))
print('%(a)s %(b)03d' % {'a': 1, 'b': 2}, '%s' % (1,), '%s' % [1, 2], '%*d' % (5, 42))
for spec in ('', '10', '<10', '>10', '^10', '*^10', '.2', 's'):
    print('[' + format('text', spec) + ']', end=' ')
print()
for spec in ('', 'd', '5d', '-5d', '05', '+', ' ', ',', '_', 'b', '#b', 'o', 'x', '#X', 'e', '.1f', '%', 'c', '=+8', '>+8', 'g'):
    print('[' + format(97, spec) + ']', end=' ')
print()
for spec in ('', 'f', '.0f', '.1f', '10.3f', '-10.2f', '+.1f', 'e', '.2e', 'g', '.3g', '%', '.1%', ',.2f', '010.2f', 'G', 'n', '#.0f'):
    print('[' + format(1234.5678, spec) + ']', end=' ')
print()
lines = []
for i in range(600):
    lines.append(f'{i:04d}:{i * i % 97:>3}:{i / 7:.3f}')
print(lines[0], lines[299], lines[-1], len(''.join(lines)))
checksum = 0
for i in range(1500):
    text = '%d/%s' % (i, 'odd' if i % 2 else 'even')
    checksum = (checksum * 31 + len(text) + ord(text[-1])) % 1000003
print(checksum)


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __format__(self, spec):
        return f'<{spec or "plain"}:{self.cents / 100:.2f}>'

    def __str__(self):
        return f'{self.cents}c'


print(f'{Money(1234)} {Money(5):wide} {Money(7)!s:>5}', '{:x}'.format(Money(100)), format(Money(1)), '%s' % Money(9))
for bad in (lambda: format(1, 's'), lambda: format('a', 'd'), lambda: '%d' % 'x', lambda: '{} {}'.format(1), lambda: '%s %s' % (1,), lambda: '{a}'.format()):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
