# Generators: laziness, send, throw, close, yield from, return values, recursion, pipelines.
def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


print(sum(count(3000)), list(count(3)), max(count(10)), 5 in count(10), sorted(count(4), reverse=True))


def averager():
    total = n = 0
    average = None
    while True:
        value = yield average
        if value is None:
            return total
        total += value
        n += 1
        average = total / n


a = averager()
next(a)
for i in range(1000):
    last = a.send(i)
print(last)
try:
    a.send(None)
except StopIteration as stop:
    print('returned', stop.value)


def guarded(log):
    try:
        while True:
            try:
                received = yield len(log)
                log.append(received)
            except ValueError as error:
                log.append(f'caught {error}')
    finally:
        log.append('closed')


log = []
g = guarded(log)
print(next(g), g.send('a'), g.throw(ValueError('v')), g.send('b'))
g.close()
print(log)
try:
    g.send('late')
except StopIteration:
    print('exhausted')
g = guarded(log)
next(g)
try:
    g.throw(KeyError('k'))
except KeyError as error:
    print('out', error, log[-1])


def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


print(list(tree(4)), sum(tree(10)))


def inner():
    got = []
    while True:
        value = yield 'inner'
        if value == 'stop':
            return got
        got.append(value)


def outer():
    first = yield from inner()
    second = yield from [10, 20]
    return first, second


o = outer()
print(next(o), o.send(1), o.send(2), o.send('stop'), next(o))
try:
    next(o)
except StopIteration as stop:
    print(stop.value)


def pipeline(limit):
    numbers = (n for n in range(limit))
    odd = (n for n in numbers if n % 2)
    squared = (n * n for n in odd)
    for value in squared:
        if value % 3 == 0:
            continue
        yield value


print(sum(pipeline(1500)))


def primes():
    found = []
    candidate = 2
    while True:
        for p in found:
            if p * p > candidate:
                found.append(candidate)
                yield candidate
                break
            if candidate % p == 0:
                break
        else:
            found.append(candidate)
            yield candidate
        candidate += 1


stream = primes()
print([next(stream) for _ in range(10)], next(p for p in stream if p > 1500))


def interleave(*iterables):
    iterators = [iter(it) for it in iterables]
    while iterators:
        for it in list(iterators):
            try:
                yield next(it)
            except StopIteration:
                iterators.remove(it)


print(list(interleave('abc', range(2), count(4))))


def early():
    for i in range(10 ** 9):
        yield i


total = 0
for value in early():
    if value > 1200:
        break
    total += value
print(total, next(early()), next(iter([]), 'default'))


def broken():
    yield 1
    raise StopIteration('inside')


try:
    list(broken())
except RuntimeError as error:
    print(error, repr(error.__cause__))
g = count(2)
print(iter(g) is g, g.gi_frame is not None, type(g).__name__, next(g), list(g), g.gi_frame)
try:
    count(1).send('too early')
except TypeError as error:
    print(error)


def reentrant():
    yield next(me)


me = reentrant()
try:
    next(me)
except ValueError as error:
    print(error)


def cleanup(log):
    try:
        yield 1
        yield 2
    finally:
        log.append('done')


log = []
for _ in range(300):
    source = cleanup(log)
    for value in source:
        if len(log) % 2:
            break
    source.close()
print(len(log) >= 150)
x, *rest = count(5)
print(x, rest, dict((i, i * i) for i in count(3)), ''.join(str(i) for i in count(12)), [*count(2), *count(3)])
