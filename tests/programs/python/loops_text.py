# Strs in hot loops: equality, kinds of characters, slices, parts; every outcome on every path.
class Text(str):
    def __eq__(self, other):
        return 'asked'

    __hash__ = str.__hash__


def compare(values, n):
    counts = [0] * 6
    for k in range(n):
        v = values[k % len(values)]
        if v == 'a':
            counts[0] += 1
        if v != 'bb':
            counts[1] += 1
        if 'é' == v:
            counts[2] += 1
        if v == '':
            counts[3] += 1
        w = values[(k + 1) % len(values)]
        counts[4] += (v == w) is True
        counts[5] += (v != w) is True
    return counts


print(compare(['a', 'b', 'bb', 'é', '', 'a' * 300, 'ab'], 700))
print(compare(['a', 1, None, 2.5, b'a', ('a',), 'bb', True], 800))
print(compare(['a', Text('a'), Text('bb'), 'bb'], 400))
same = ''.join(['x', 'y'])
print(compare(['xy', same, 'x' + 'y', 'yx'], 400))


def kinds(text, n):
    found = {}
    for name in ('isalpha', 'isalnum', 'isdecimal', 'isdigit', 'isnumeric', 'isspace'):
        found[name] = 0
    for k in range(n):
        c = text[k % len(text)]
        if c.isalpha():
            found['isalpha'] += 1
        if c.isalnum():
            found['isalnum'] += 1
        if c.isdecimal():
            found['isdecimal'] += 1
        if c.isdigit():
            found['isdigit'] += 1
        if c.isnumeric():
            found['isnumeric'] += 1
        if c.isspace():
            found['isspace'] += 1
    return found


print(kinds(''.join(map(chr, range(128))), 1280))
print(kinds('aé٣²½\u2003\x1c\xa0Ⅷ漢', 400))


def words(items, n):
    t = 0
    for k in range(n):
        w = items[k % len(items)]
        t = t * 3 + w.isalpha() + 2 * w.isdigit() + 4 * w.isspace() + 8 * w.isalnum() & 0xffff
    return t


print(words(['abc', 'a1', '12', '', ' \t', 'é', 'a b', 'x'], 800))


def parts(text, n):
    seen = set()
    total = 0
    for k in range(n):
        a = k % 11 - 5
        b = k % 7 - 3
        seen.add(text[a:b])
        seen.add(text[:b])
        seen.add(text[a:])
        seen.add(text[a:b:2])
        seen.add(text[::-1])
        seen.add(text[b:a:-1])
        seen.add(text[a:None:3])
        total += len(text[a:b]) + len(text[-k:k])
    try:
        text[::k - n + 1]
    except ValueError as e:
        print(e)
    return sorted(seen), total


print(parts('abcdefgh', 400))
print(parts('aé漢\U0001f600efg', 400))
print(parts('', 100))


def inside(items, part, n):
    t = 0
    for k in range(n):
        if items[k % len(items)] in part:
            t += 1
        if items[k % len(items)] not in 'abc':
            t += 10
    return t


print(inside(['a', '', 'bc', 'z', 'abc', 'é'], 'zabcé', 600))


def scan(text):
    i = 0
    total = 0
    while i < len(text):
        c = text[i]
        total += ord(c)
        if '0' <= c <= '9':
            total += 1000
        if c == text[-1]:
            total += 1
        if c == chr(ord(c)):
            total += 7
        i += 1
    return total


print(scan('some text 42 ' * 40), scan('mit é ' * 50))
