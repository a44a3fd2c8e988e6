# Functions: every kind of parameter and argument, defaults, annotations, lambdas, errors.
def all_kinds(a, b=2, /, c=3, *args, d, e=5, **kwargs):
    return a, b, c, args, d, e, sorted(kwargs.items())


print(all_kinds(1, d=4))
print(all_kinds(1, 20, 30, 40, 50, d=4, e=6, f=7, a=8))
print(all_kinds(*[1, 2], *(3, 4), **{'d': 5}, **{'z': 1}))
print(all_kinds(1, *range(3), d='x', **dict(g=2)))


def defaults(x, seen=[], *, scale=1.5):
    seen.append(x)
    return len(seen) * scale


print(defaults(1), defaults(2), defaults(3, []), defaults(4, scale=2))


def annotated(x: int, y: 'str' = 'a', *rest: float) -> bool:
    """Says nothing much."""
    return bool(x)


print(annotated.__name__, annotated.__doc__, annotated.__defaults__, sorted(annotated.__annotations__), annotated(0))
print((lambda: 1)(), (lambda x, *y, **z: (x, y, z))(1, 2, k=3), (lambda x=5: x * 2)())


def mixed_calls(n):
    total = 0
    for i in range(n):
        if i % 4 == 0:
            result = all_kinds(i, d=1)
        elif i % 4 == 1:
            result = all_kinds(i, 1, 2, 3, d=i)
        elif i % 4 == 2:
            result = all_kinds(i, d=2, q=i)
        else:
            result = all_kinds(*(i, i), e=i, d=0)
        total += result[0] + result[1] + len(result[3]) + result[4]
    return total


print(mixed_calls(2000))


def power(base, exponent=2):
    result = 1
    for _ in range(exponent):
        result *= base
    return result


total = 0
for i in range(1000):
    total += power(i) - power(exponent=3, base=i % 10) + power(i % 5, 4)
print(total)


def compose(*functions):
    def run(value):
        for function in functions:
            value = function(value)
        return value
    return run


print(compose(str, len)(12345), compose()(1), list(map(compose(abs, float), [-1, 2])))
print(sum(map(lambda x: x * x, range(50))), list(filter(None, [0, 1, '', 'a'])), list(map(pow, [2, 3], [3, 2])))
annotated.tag = 'attribute'
print(annotated.tag, callable(annotated), callable(3), annotated is annotated)


def nothing():
    pass


print(nothing(), nothing.__code__.co_argcount, all_kinds.__code__.co_varnames[:3])
for bad in (lambda: all_kinds(), lambda: all_kinds(1), lambda: power(), lambda: power(1, 2, 3), lambda: power(1, base=2), lambda: power(1, x=2), lambda: nothing(1), lambda: power(*5), lambda: power(**{'base': 1}, **{'base': 2}), lambda: total(), lambda: annotated()):
    try:
        bad()
    except TypeError as error:
        print(error)
