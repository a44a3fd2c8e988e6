import calls, gc, sys

def error(f, *a, **k):
    try:
        print(f(*a, **k))
    except Exception as e:
        print(type(e).__name__, e)

print(calls.__name__, calls.__doc__, calls.ANSWER, calls.noargs.__name__, calls.noargs.__doc__)
print(calls.noargs(), calls.onearg(5), calls.onearg('x'), calls.onearg(-2**70), calls.onearg(1.5), calls.onearg([1, [2]]))
for v in (2**30, 2**60, -2**60, 2**63 - 1, -2**63, 2**64, 10**40, True, None, ..., b'a\0b', 'é€😀', (1, ('a', None)), {1: 2}, 1 + 2j, NotImplemented):
    r = calls.onearg(v)
    print(type(r).__name__, r, r == v)
x = object(); print(calls.onearg(x) is x, calls.onearg(calls) is calls, calls.onearg(int) is int, calls.onearg(len) is len)
error(calls.noargs, 1)
error(calls.onearg)
error(calls.onearg, 1, 2)
error(calls.onearg, o=1)
print(calls.varargs(1), calls.varargs(1, 2, 3, 'é'))
error(calls.varargs)
error(calls.varargs, 1, 2, 'x')
error(calls.varargs, 1, 2, 2**40)
error(calls.varargs, 1, 2, 3, 4)
error(calls.varargs, 1, 2, 3, 'a\0b')
error(calls.varargs, 1, 2, 3, 'x', 5)
print(calls.keywords(1), calls.keywords(1, 2), calls.keywords(a=1, d=4, c='c'))
error(calls.keywords)
error(calls.keywords, 1, a=2)
error(calls.keywords, 1, e=2)
error(calls.keywords, 1, 2, 3)
error(calls.keywords, 'x')
print(calls.fastcall(), calls.fastcall(1, 'a', None), calls.fastcall(*range(20)))
print(calls.fastkeywords(1, 2, x=3, y=4), calls.fastkeywords())
print(calls.allocate_int(), calls.allocate_float(), calls.allocate_tuple(), calls.allocate_str())
print(calls.callback(lambda a, b: (a, b), 'q'))
error(calls.callback, lambda a: a, 1)
error(calls.callback, lambda a, b: 1 / 0, 1)
error(calls.callback, 1)
print(calls.catch(lambda: {}[1]), calls.catch(lambda: 3))
error(calls.catch, lambda: int('x'))
error(calls.fail, [1])
print(calls.borrowed([100000], {'k': 200000}, 3000, lambda: [[]]))

b = calls.Box(1, 'two')
print(b, len(b), b[0], b[-1], list(b), b + 5, b.size, b.weight, b.count, b.noargs(), b.noargs(), b.add(3.5) is b, b)
error(lambda: b[7])
error(lambda: b + 'x')
error(lambda: b.nothing)
error(setattr, b, 'count', 3)
error(setattr, b, 'weight', 'x')
b.weight = 4; print(b.weight, calls.Box.__doc__, calls.Box.__name__, calls.Box.__module__)
print(b == calls.Box(1, 'two', 3.5), b != calls.Box(), b == 1)
error(hash, b)
class Sub(calls.Box):
    def __init__(self, *a):
        super().__init__(*a, 'last')
        self.extra = [a]
    def __len__(self):
        return 100 + super().__len__()
s = Sub(1, 2)
print(s, len(s), s.extra, type(s).__name__, isinstance(s, calls.Box), s.noargs())
calls.keep(s); del s; gc.collect()
print(calls.give().extra, len(calls.give())); calls.drop()
error(calls.give)
error(calls.Box.noargs, 5)
try:
    raise calls.Error('mine')
except ValueError as e:
    print(repr(e), calls.Error.__module__, calls.Error.__mro__[1])
class Thing: pass
calls.keep(Thing()); calls.give().a = 5
for i in range(20): [[] for _ in range(10000)]
gc.collect()
print(calls.give().a); calls.drop()
def churn():
    for i in range(2000):
        calls.Box(i)
churn(); b = None; gc.collect(); gc.collect()
print(calls.living() < 50)
for i in range(100000): calls.onearg(i + 1000); calls.allocate_int()
# Fields of structs are read in instances of the type only.
error(lambda: calls.Box.weight.__get__(5))
error(lambda: calls.Box.count.__set__([], 5))
error(lambda: calls.Box.__len__([]))
print(bytes(calls.Box(1, 2)), sorted(calls.Box(3, 1, 2)), calls.Box.__new__(Sub))
