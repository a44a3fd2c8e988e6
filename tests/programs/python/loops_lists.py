# Methods of lists that are called through a name that holds them, with every index and every kind of item.
def rotate(n):
    l = list(range(n))
    pop, insert, append = l.pop, l.insert, l.append
    t = 0
    for k in range(600):
        insert(k % (n + 3), pop(0))
        v = pop(-1)
        append(v)
        t = (t * 3 + l[k % n] + v) & 0xffffff
    return t, l


print(rotate(7))


def mixed(n):
    l = [1, 2, 3]
    for k in range(n):
        l.insert(-k, k)
        if k % 5 == 0:
            l.insert(0, 'x')
        if k % 7 == 0:
            l.insert(10 ** 6, k / 2)
        l.pop(k % len(l))
    return l


print(mixed(300))


def errors(n):
    l = [1.5]
    pop = l.pop
    seen = {}
    for k in range(n):
        try:
            if k % 3 == 0:
                pop(5)
            elif k % 3 == 1:
                [].pop(0)
            else:
                l.insert(10 ** 30, 1)
        except (IndexError, OverflowError) as e:
            name = type(e).__name__
            seen[name] = seen.get(name, 0) + 1
    return seen


print(errors(300))


class Index:
    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n


class Sub(list):
    def pop(self, n):
        return 'mine'


def others(n):
    l = list(range(2000))
    s = Sub(range(10))
    t = 0
    for k in range(n):
        t += l.pop(Index(k % 3))
        l.insert(True, k)
        t += len(s.pop(0))
    return t, l[:5]


print(others(300))


def counted(start, n):
    out = []
    for k in range(n):
        for i, v in enumerate('abc', start + k):
            out.append(i)
    return out[0], out[-1], sum(out)


print(counted(0, 200), counted(-5, 200), counted(2 ** 63 - 100, 200), counted(2 ** 70, 50))
e = enumerate([5, 6, 7], 2 ** 63 - 2)
print(next(e), next(e), e.__reduce__()[1][1:], next(e), e.__reduce__()[1][1:])
