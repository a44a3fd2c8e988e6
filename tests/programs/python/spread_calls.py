"""Calls with *args and **kwargs that pass through functions, in loops: short and long, of every kind of callee."""


def plain(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, sorted(more.items())


def passed_on(*args, **kwargs):
    return plain(*args, **kwargs)


def twice(function):
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs), function(*args, **kwargs)
    return wrapper


class Thing:
    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs

    def method(self, x, *, y=5):
        return x + y + len(self.args) + len(self.kwargs)

    def through(self, *args, **kwargs):
        return self.method(*args, **kwargs)

    @classmethod
    def made(cls, *args, **kwargs):
        return cls(*args, **kwargs)


@twice
def adds(x, y=1):
    return x + y


def say(what):
    try:
        print(what())
    except Exception as error:
        print(type(error).__name__, error)


def main():
    total = 0
    for n in range(40):
        thing = Thing.made(n, k=n)
        total += thing.through(n) + thing.through(n, y=n) + thing.through(*[n], **{'y': 1})
        total += sum(adds(n)) + sum(adds(n, y=n)) + sum(adds(y=n, x=2))
        total += passed_on(n)[1] + passed_on(n, n, n, n, c=n)[3] + passed_on(a=n, d=4)[0]
        bound = thing.method
        total += bound(*(n,)) + bound(*[n], y=3) + bound(*iter([n]), **{'y': n})
        # The lengths differ, so that what was recorded does not fit.
        items = list(range(n % 6 + 1))
        total += len(passed_on(*items)[2])
        names = {'k%d' % k: k for k in range(n % 4)}
        total += len(passed_on(n, **names)[4])
    print(total)
    print(passed_on(*range(20))[2])
    print(passed_on(1, **{'k%d' % k: k for k in range(12)}))
    # The callee gets a dict of its own.
    given = {'d': 1}

    def changes(**kwargs):
        kwargs['e'] = 2
        return kwargs

    for _ in range(20):
        got = changes(**given)
    print(given, got, got is given)

    class Names(dict):
        def keys(self):
            return ['x']

        def __getitem__(self, key):
            return key * 2

    class Odd:
        def keys(self):
            return iter(['y', 'z'])

        def __getitem__(self, key):
            return ord(key)

    for _ in range(20):
        both = changes(**Names(d=1)), changes(**Odd()), changes(**{'p': 1}, **{'q': 2}), changes(r=1, **{'s': 2})
    print(both)
    key = ''.join(['a', '1'])
    for _ in range(20):
        fresh = plain(**{'a': 0, ''.join(['b']): 7, key: 1})
    print(fresh)
    say(lambda: plain(**{'a': 1, 2: 3}))
    say(lambda: plain(1, **{'a': 1}))
    say(lambda: plain(**{'b': 1}))
    say(lambda: passed_on(**5))
    say(lambda: passed_on(*5))
    say(lambda: Thing(1).method(*[1, 2], **{'y': 1}))
    say(lambda: changes(**{'x': 1}, **{'x': 2}))
    say(lambda: changes(x=1, **{'x': 2}))


main()
