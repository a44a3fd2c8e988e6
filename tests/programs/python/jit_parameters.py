# A program that asks things of its own compiler computes what it computes anyway.
try:
    import ouro.jit as jit
except ImportError:
    class jit:
        dont_trace = staticmethod(lambda f: f)
        set_param = on_compile = on_abort = on_invalidate = on_free = lambda *args: None
        on = off = lambda: None

events = []
jit.on_compile(events.append)
jit.on_abort(events.append)
jit.on_invalidate(events.append)
jit.on_free(events.append)


@jit.dont_trace
def step(x, y=1):
    return x * 3 + y & 1023


@jit.dont_trace
def numbers(n):
    for i in range(n):
        yield i * i


@jit.dont_trace
def many(a, b, c, d, e, f, g, h, i, j):
    return a + b + c + d + e + f + g + h + i + j


class Point:
    def __init__(self, x):
        self.x = x

    @jit.dont_trace
    def __add__(self, other):
        return Point(self.x + other.x)


def work(n):
    t = 0
    for i in range(n):
        t = step(t, y=i)
    for i in numbers(n):
        t += i
    for i in range(n):
        t += many(i, 1, 2, 3, 4, 5, 6, 7, 8, t & 7)
    p = Point(0)
    for i in range(n):
        p = p + Point(i)
    return t, p.x


print(work(300))
print(work(700))

# Marked while it is compiled and inlined already.
def late(x):
    return x + 1

def loop(n):
    t = 0
    for i in range(n):
        t = late(t)
    return t

print(loop(3000))
jit.dont_trace(late)
jit.dont_trace(loop)
print(loop(3000), loop(10))

# Switched off and on, and with other thresholds, in the middle of a loop.
def switching(n):
    t = 0
    for i in range(n):
        t += i % 7
        if i == n // 4:
            jit.off()
        if i == n // 2:
            jit.on()
        if i == n // 2 + 100:
            jit.set_param('threshold', 13)
            jit.set_param('exit-threshold', 3)
            jit.set_param('max-ops', 500)
        if i == n // 2 + 200:
            jit.set_param('no-heap', True)
            jit.set_param('no-peel', True)
    return t

print(switching(4000), switching(4000))
