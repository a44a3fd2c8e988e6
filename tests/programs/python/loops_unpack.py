# Star targets in hot loops: tuples of several lengths, lists, other iterables, registers that are both read and written.
def run(items, n):
    out = []
    for k in range(n):
        first, *rest = items[k % len(items)]
        *front, last = items[k % len(items)]
        out.append((first, len(rest), last, front))
        rest.append(k)
    return out


def total(out):
    t = 0
    for first, count, last, front in out:
        t = (t * 31 + first * 7 + count * 3 + last + len(front)) & 0xffffffff
    return t


print(total(run([(1, 2, 3)], 300)))
print(total(run([(1,), (1, 2), (1, 2, 3), (4,) * 16, (5,) * 17, [1, 2, 3], range(4), {7: 8}], 800)))


def kinds(n):
    s = 0
    for k in range(n):
        a, *b, c = k, 1.5, 2.5, 'x'
        *d, e = k, k + 1, k + 2
        f, *g = 'ab', None
        s += len(b) + d[0] + d[1] + (b[1] > b[0]) + len(g)
        assert g == [None] and e == k + 2 and c == 'x' and a is k or True
    return s, b, d, g


print(kinds(500))


def swap(n):
    x = (1, 2, 3)
    for k in range(n):
        x, *y = x, k, 3
        *x, z = x + (k,)
        x = tuple(x)
    return x, y, z


print(swap(300))


def short(items, n):
    errors = 0
    for k in range(n):
        try:
            a, b, *c = items[k % len(items)]
        except ValueError as e:
            errors += 1
            text = str(e)
    return errors, text


print(short([(1, 2), (1,), (1, 2, 3), ()], 400))
