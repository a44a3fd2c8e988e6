# Closures, cells, nonlocal and global, late binding, decorators, recursion through cells.
def counter(start=0):
    count = start

    def step(by=1):
        nonlocal count
        count += by
        return count

    def read():
        return count

    return step, read


step, read = counter(10)
for i in range(2000):
    if i % 3:
        step()
    else:
        step(-2)
print(read(), step(5), read())

late = [lambda: i for i in range(3)]
bound = [lambda i=i: i for i in range(3)]
print([f() for f in late], [f() for f in bound])

total = 0


def add(n):
    global total, fresh
    for i in range(n):
        total += i
    fresh = total


add(1500)
print(total, fresh)


def memoize(function):
    cache = {}

    def wrapper(n):
        if n not in cache:
            cache[n] = function(n)
        return cache[n]

    wrapper.cache = cache
    return wrapper


@memoize
def ways(n):
    return 1 if n < 2 else ways(n - 1) + ways(n - 2)


print(ways(80), len(ways.cache))


def trace(label):
    def decorate(function):
        def inner(*args, **kwargs):
            log.append((label, args))
            return function(*args, **kwargs)
        return inner
    return decorate


log = []


@trace('outer')
@trace('inner')
def triple(x):
    return 3 * x


print(sum(triple(i) for i in range(200)), len(log), log[:2])


def nest(depth):
    value = depth

    def level1():
        def level2():
            nonlocal value
            value *= 2
            return value
        return level2() + value
    return level1


print(nest(3)(), [nest(i)() for i in range(4)])


def make_adders(n):
    adders = []
    for k in range(n):
        def adder(x, k=k):
            return x + k + offset
        adders.append(adder)
    offset = 100
    return adders


result = 0
for adder in make_adders(30):
    for x in range(40):
        result += adder(x)
print(result)


def even(n):
    def is_even(k):
        return True if k == 0 else is_odd(k - 1)

    def is_odd(k):
        return False if k == 0 else is_even(k - 1)
    return is_even(n)


print([even(i) for i in range(6)], sum(even(i % 30) for i in range(200)))


def unbound():
    def use():
        return later
    try:
        use()
    except NameError as error:
        print(type(error).__name__, error)
    later = 1
    del later
    try:
        print(later)
    except UnboundLocalError as error:
        print(error)


unbound()
try:
    missing_name
except NameError as error:
    print(error)
print((lambda x: (lambda y: (lambda z: (x, y, z))))(1)(2)(3), step.__closure__ is not None, nest.__closure__)
