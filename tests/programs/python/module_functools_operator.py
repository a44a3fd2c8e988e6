# stress: 3
import functools
import operator

print(functools.reduce(operator.add, [1, 2, 3]), functools.reduce(lambda a, b: a * b, range(1, 6), 10))
for call in ('functools.reduce(max, [])', 'functools.reduce(max, 5)', 'functools.partial()', 'functools.partial(5)'):
    try:
        print(eval(call))
    except Exception as e:
        print(type(e).__name__, e)
p = functools.partial(int, base=2)
print(p('101'), p.func is int, p.args, p.keywords, p)
q = functools.partial(functools.partial(print, 'a'), 'b', sep='-')
q('c', end='!\n')
print(q.args, q.keywords)
print(sorted(['b', 'A', 'c'], key=functools.cmp_to_key(lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))))


@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())


@functools.lru_cache(maxsize=2)
def square(n):
    print('computing', n)
    return n * n


print([square(n) for n in (1, 2, 1, 3, 2, 1)], square.cache_info(), square.__name__, square.__wrapped__(4))
square.cache_clear()
print(square.cache_info())


class Tree:
    calls = 0

    @functools.cached_property
    def value(self):
        Tree.calls += 1
        return 42

    @functools.lru_cache
    def method(self, x):
        return x + 1


t = Tree()
print(t.value, t.value, Tree.calls, t.method(1), t.method(1))


@functools.wraps(fib)
def wrapper():
    pass


print(wrapper.__name__, wrapper.__wrapped__ is fib)


@functools.total_ordering
class Version:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return self.n == other.n
    def __lt__(self, other): return self.n < other.n


print(Version(1) <= Version(2), Version(1) > Version(2), Version(2) >= Version(2))


@functools.singledispatch
def describe(x):
    return 'object'


@describe.register
def _(x: int):
    return 'int'


@describe.register(list)
def _(x):
    return 'list'


print(describe(1), describe([]), describe('s'), describe(True))

print(operator.itemgetter(1)('abc'), operator.itemgetter(0, 2)([5, 6, 7]), operator.attrgetter('real')(5),
      operator.attrgetter('__class__.__name__', 'imag')(2.5), operator.methodcaller('replace', 'a', 'b')('banana'))
print(operator.itemgetter(1), operator.attrgetter('a.b'), operator.methodcaller('m', 1, k=2))
x = [1, 2]
y = operator.iadd(x, [3])
print(x is y, x, operator.concat('a', 'b'), operator.contains([1], 1), operator.countOf([1, 2, 1], 1), operator.indexOf('abc', 'c'))
print(operator.length_hint(iter([1, 2, 3])), operator.length_hint(5, 9), operator.index(True), operator.not_([]), operator.truth(3))
print(operator.neg(3), operator.inv(5), operator.pow(2, 10), operator.mod(7, 4), operator.floordiv(-7, 2), operator.lt(1, 2), operator.is_(None, None))
d = {}
operator.setitem(d, 'k', 1)
print(operator.getitem(d, 'k'))
operator.delitem(d, 'k')
print(d, operator.__name__)
