# What suspended code keeps alive: generators, coroutines, closures, exceptions with their tracebacks.
# stress: 40
import gc
import sys


class Thing:
    def __init__(self, n):
        self.n = n
        self.self = self


def waste(n):
    return len([[i] for i in range(n)])


def counting(start):
    things = [Thing(start)]
    while True:
        got = yield things[-1]
        things.append(Thing(things[-1].n + (got or 1)))
        if len(things) > 20:
            del things[:10]


generators = [counting(n * 100) for n in range(50)]
firsts = [next(generator) for generator in generators]
for round in range(30):
    gc.collect() if round % 5 == 0 else waste(500)
    lasts = [generator.send(round) for generator in generators]
print([thing.n for thing in firsts[:4]], [thing.n for thing in lasts[:4]], firsts[7].self is firsts[7])


def tree(depth, thing):
    if depth == 0:
        yield thing
        return
    here = Thing(depth)
    yield from tree(depth - 1, here)
    gc.collect() if depth == 4 else waste(10)
    yield here
    yield from tree(depth - 1, here.self)


print(sum(thing.n for thing in tree(6, Thing(100))), len(list(tree(5, None))))
print(sum(x[0] for x in ([n, waste(5)] for n in range(2000))))


def cleaning(log):
    thing = Thing(len(log))
    try:
        yield thing
        waste(100)
        yield thing.self
    finally:
        log.append(thing.n)


log = []
for n in range(100):
    generator = cleaning(log)
    next(generator)
    if n % 10 == 0:
        gc.collect()
    assert next(generator).n == n
    generator.close()
print(log == list(range(100)))


async def reply(n):
    thing = Thing(n)
    await Pause()
    return thing


class Pause:
    def __await__(self):
        value = yield self
        return value


async def several(number):
    total = []
    for n in range(number):
        total.append(await reply(n))
    return sum(thing.self.n for thing in total)


coroutine = several(40)
steps = 0
try:
    while True:
        coroutine.send(None)
        steps += 1
        gc.collect() if steps % 10 == 0 else waste(200)
except StopIteration as stop:
    print(steps, stop.value)


# Closures share their cells, which are written to when they are old.
def counter():
    things = [Thing(0)]
    count = 0
    last = None

    def add(thing):
        nonlocal count, last
        count += 1
        last = thing
        things.append(thing)
        return count

    def read():
        return count, last.n, things[-1] is last, len(things)

    return add, read


add, read = counter()
gc.collect()
for n in range(3000):
    add(Thing(n))
    if n % 1000 == 0:
        gc.collect()
print(read(), add.__closure__[0].cell_contents, read.__closure__[1].cell_contents is add.__closure__[1].cell_contents)
functions = [(lambda thing=Thing(n): thing.n) for n in range(500)]
gc.collect()
print(sum(function() for function in functions), functions[3].__defaults__[0].n)


# Exceptions that are kept, with the frames of their tracebacks.
def fail(depth, thing):
    local = Thing(depth)
    if depth == 0:
        raise ValueError(thing, local)
    fail(depth - 1, local)


kept = []
for n in range(60):
    try:
        fail(n % 12, Thing(n))
    except ValueError as error:
        kept.append(error)
    waste(100)
gc.collect()


def depth_of(error):
    depth, traceback, numbers = 0, error.__traceback__, []
    while traceback is not None:
        numbers.append(traceback.tb_lineno)
        depth += traceback.tb_frame.f_code.co_name == 'fail'
        traceback = traceback.tb_next
    return depth, len(set(numbers[1:]))


print([depth_of(error) for error in kept[:14]], sum(error.args[0].n for error in kept))


def chained(n):
    try:
        try:
            fail(2, Thing(n))
        except ValueError as error:
            waste(50)
            raise KeyError(n) from error
    except KeyError as error:
        return error


errors = [chained(n) for n in range(200)]
gc.collect()
print(sum(error.args[0] == n for n, error in enumerate(errors)), errors[5].__cause__.args[1].n,
      errors[7].__cause__ is errors[7].__context__, errors[9].__traceback__.tb_lineno == errors[8].__traceback__.tb_lineno)


def during():
    thing = Thing(5)
    try:
        raise RuntimeError(thing)
    except RuntimeError:
        gc.collect()
        waste(1000)
        kind, error, traceback = sys.exc_info()
        return kind is RuntimeError, error.args[0] is thing, traceback is error.__traceback__
    finally:
        gc.collect()


print([during() for _ in range(5)] == [(True, True, True)] * 5)


# Arguments in flight: collections between the evaluation of arguments and the call.
def seven(a, b, c, *rest, k, **named):
    return [a.n, b.n, c.n] + [thing.n for thing in rest] + [k.n] + [named[name].n for name in sorted(named)]


def made(n):
    thing = Thing(n)
    waste(30)
    return thing.self


total = 0
for n in range(300):
    got = seven(made(n), made(n + 1), *[made(n + 2), made(n + 3)], k=made(n + 4), **{'x': made(n + 5), 'y': made(n + 6)})
    assert got == list(range(n, n + 7)), got
    total += sum([made(n).n + made(1).n, {made(2).n: made(3)}[2].n, (made(4), made(5))[1].n])
    if n % 100 == 0:
        gc.collect()
print(total)
