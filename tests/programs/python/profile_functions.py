# The events of profile functions: calls of functions in Python and of those that are not.
import sys


def show(frame, event, arg):
    if event.startswith('c_'):
        # Functions of modules are bound to these in CPython only.
        owner = type(getattr(arg, '__self__', None)).__name__
        arg = arg.__name__, '-' if owner in ('module', 'NoneType') else owner
    elif event == 'return':
        arg = type(arg).__name__
    print(frame.f_code.co_name, event, frame.f_lineno, arg)


def add(a, b=1):
    return a + b


def gen():
    yield 1
    yield 2


class C:
    def __init__(self):
        self.x = add(1)

    def __len__(self):
        return 3

    @property
    def p(self):
        return abs(-1)


def body():
    len('a')
    'a'.upper()
    l = []
    l.append(1)
    l.extend(x for x in (1, 2))
    list(map(add, [1], [2]))
    int('3')
    sum(gen())
    c = C()
    len(c)
    c.p
    g = gen()
    next(g)
    list(g)
    sorted([2, 1], key=add)
    try:
        {}['a']
    except KeyError:
        pass
    try:
        int.from_bytes('x', 'big')
    except TypeError:
        pass
    try:
        raises()
    except ValueError:
        pass
    f = l.pop
    f()
    max(*[1, 2])
    print('done', sep='')
    str.join('', ['a'])
    isinstance(1, int)
    for x in gen():
        pass
    return [add(x) for x in (1,)]


def raises():
    raise ValueError


sys.setprofile(show)
body()
sys.setprofile(None)
print(sys.getprofile())


def fails(frame, event, arg):
    raise KeyError(event)


sys.setprofile(fails)
try:
    add(1)
except KeyError as e:
    print('raised', e, sys.getprofile())


# Both at once.
def trace(frame, event, arg):
    print('trace', event, frame.f_lineno)
    return trace


sys.settrace(trace)
sys.setprofile(show)
add(2)
sys.settrace(None)
add(3)
sys.setprofile(None)

# A compiled loop is told of too.
calls = {}


def count(frame, event, arg):
    calls[event] = calls.get(event, 0) + 1


def loop(n):
    t = 0
    for i in range(n):
        t = add(t, i)
        if i == n - 100:
            sys.setprofile(count)
        t += len('abc')
    sys.setprofile(None)
    return t


print(loop(3000))
print(sorted(calls.items()))

# The profiler in Python.
import profile

p = profile.Profile()
p.runcall(loop_of := lambda: [add(i) for i in range(10)])
p.create_stats()
stats = {name: entry[:2] for (file, line, name), entry in p.stats.items()}
print(stats['add'], stats['<listcomp>'], '<lambda>' in stats)
