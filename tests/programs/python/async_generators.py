# Coroutines, asynchronous generators and iterators: who gets a value, an exception, an end; deep and in hot loops.
import sys


class Suspend:
    """Yields to whoever runs the coroutine, and gives what is sent."""

    def __init__(self, value):
        self.value = value

    def __await__(self):
        return (yield self.value)


def run(coroutine, answers=()):
    """Runs to the end; what it yields is answered in turn, the last answer again and again."""
    asked, answer, n = [], None, 0
    while True:
        try:
            asked.append(coroutine.send(answer))
        except StopIteration as stop:
            return stop.value, asked
        answer = answers[n] if n < len(answers) else None
        n += 1


class Tree:
    def __init__(self, left, value, right):
        self.left = left
        self.value = value
        self.right = right

    async def __aiter__(self):
        if self.left:
            async for i in self.left:
                yield i
        yield self.value
        if self.right:
            async for i in self.right:
                yield i

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def tree(values):
    if not values:
        return None
    i = len(values) // 2
    return Tree(tree(values[:i]), values[i], tree(values[i + 1:]))


async def walked(t):
    total = n = 0
    async for i in t:
        total = total * 3 + i & 0xFFFFFF
        n += 1
    return total, n


def recursion():
    t = tree(list(range(400)))
    for _ in range(4):
        print(run(walked(t)))
    print(sum(t), list(t) == list(range(400)))
    for _ in range(4):
        total = 0
        for i in t:
            total = total * 3 + i & 0xFFFFFF
        print(total)


async def ticks(n):
    for i in range(n):
        got = yield i
        if got is not None:
            print("got", got)
        await Suspend(("tick", i))


class Countdown:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        if self.n % 50 == 0:
            await Suspend(self.n)
        return self.n


async def sums():
    total = 0
    async for i in ticks(3):
        total += i
    print([x async for x in Countdown(5)], {x: y async for x, y in pairs()})
    async for i in Countdown(200):
        total += i
    else:
        total += 1000
    return total


async def pairs():
    for i in range(4):
        yield i, i * i


async def by_hand():
    g = ticks(4)
    print(await g.asend(None), await g.asend("x"), await g.__anext__())
    try:
        await g.athrow(KeyError("thrown"))
    except KeyError as e:
        print("out", e)
    try:
        await g.__anext__()
    except StopAsyncIteration as e:
        print("end", e.args)
    step = pairs().__anext__()
    print(await step)
    for use in (lambda: step.send(None), lambda: step.throw(ValueError("late"))):
        try:
            use()
        except (RuntimeError, ValueError, StopIteration) as e:
            print(type(e).__name__, e)
    g = pairs()
    await g.__anext__()
    await g.aclose()
    try:
        await g.__anext__()
    except StopAsyncIteration:
        print("closed")


async def failing(how):
    yield 1
    if how == "stop":
        raise StopAsyncIteration("inner")
    if how == "stop-sync":
        raise StopIteration("inner")
    raise how("inner")


async def errors():
    for how in ("stop", "stop-sync", KeyError, GeneratorExit):
        try:
            async for x in failing(how):
                print(x)
        except BaseException as e:
            print(type(e).__name__, e, repr(e.__cause__))


async def handling():
    """What is being handled is each frame's own."""
    async def inner():
        try:
            yield repr(sys.exc_info()[1])
            raise IndexError("of inner")
        except IndexError:
            yield repr(sys.exc_info()[1])
            yield repr(sys.exc_info()[1])
    try:
        raise OSError("outer")
    except OSError:
        async for x in inner():
            print(x, repr(sys.exc_info()[1]))


class Bad:
    def __aiter__(self):
        return 5


class BadNext:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 6


class BadAwait:
    def __await__(self):
        return 7


class GivesCoroutine:
    given = []

    def __await__(self):
        # Closed at the end: a coroutine that nobody awaits is told on the standard error when it dies.
        self.given.append(by_hand())
        return self.given[-1]


class GivesList:
    def __await__(self):
        return iter([1, 2])


async def wrong():
    async def over(x):
        async for _ in x:
            pass

    async def wait(x):
        return await x
    for bad in (over(Bad()), over(BadNext()), over(3), wait(BadAwait()), wait(4)):
        try:
            await bad
        except TypeError as e:
            print(e)
    given = GivesCoroutine()
    try:
        await given
    except TypeError as e:
        print(e)
    print(await GivesList())


async def add(a, b):
    return a + b


async def many():
    total = 0
    for i in range(600):
        total = await add(total, i)
        if i % 200 == 0:
            total += await Suspend(i)
    return total


async def wrapped():
    class Wrapper:
        def __await__(self):
            return many().__await__()
    return await Wrapper()


def delegating():
    def inner(n):
        got = yield n
        return got

    def outer(items):
        for item in items:
            got = yield from item
            if got is not None:
                yield ("got", got)
    print(list(outer([[1, 2], (3, 4), range(5, 8), "xy", inner(9), {1: 2}, iter([7])])))
    g = outer([inner(1), [2, 3]])
    print(next(g), g.send("hello"), next(g), next(g))
    try:
        g.send("to a list")
    except AttributeError as e:
        print(e)
    g = outer([range(3)])
    next(g)
    try:
        g.throw(KeyError("k"))
    except KeyError as e:
        print("through", e)

    def loops(n):
        total = 0
        for k in range(n):
            total += len([x for x in outer([range(k % 5), [k], inner(k)])])
        return total
    print(loops(300))

    def chain(depth, n):
        if depth:
            got = yield from chain(depth - 1, n)
            return got + 1
        for k in range(n):
            yield k
        return 0
    for depth in (0, 1, 2, 5, 20):
        g = chain(depth, 100)
        total = 0
        try:
            while True:
                total += next(g)
        except StopIteration as stop:
            print(depth, total, stop.value)

    def filtered(p, it):
        for x in it:
            if x % p:
                yield x
    for _ in range(3):
        it = iter(range(2, 400))
        found = []
        while len(found) < 20:
            p = next(it)
            found.append(p)
            it = filtered(p, it)
        print(found[-3:])


recursion()
print(run(sums()))
run(by_hand())
run(errors())
run(handling())
run(wrong())
for _ in range(3):
    print(run(many(), [5, 6, 7]))
print(run(wrapped(), [5, 6, 7]))
delegating()
for left in GivesCoroutine.given:
    left.close()
