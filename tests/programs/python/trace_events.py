# The events of trace functions, line by line, in many constructs.
# stress: 997
import sys

events = []


def tracer(frame, event, arg):
    code = frame.f_code
    if code.co_filename != 'case':
        return None
    shown = None
    if event == 'exception':
        shown = arg[0].__name__, str(arg[1])
    elif event == 'return':
        shown = repr(arg) if isinstance(arg, (int, str, type(None), list, tuple)) else type(arg).__name__
    events.append((event, code.co_name, frame.f_lineno, shown))
    return tracer


def run(name, source):
    events.clear()
    code = compile(source, 'case', 'exec')
    raised = None
    sys.settrace(tracer)
    try:
        exec(code, {'__name__': 'case'})
    except BaseException as e:
        raised = e
    sys.settrace(None)
    print('==', name, type(raised).__name__)
    for event in events:
        print(*event)


CASES = r"""
#### for
def f():
    t = 0
    for i in range(3):
        t += i
        if i == 1:
            continue
        t += 10
    else:
        t += 100
    return t
f()
#### for_break
def f():
    for i in range(5):
        if i == 2:
            break
        pass
    else:
        x = 1
    return i
f()
#### while
def f():
    i = 0
    while i < 3:
        i += 1
    else:
        i = 7
    while True:
        i += 1
        if i > 9:
            break
    while i: i -= 5
    return i
f()
#### while_true_pass
def f():
    n = 0
    while 1:
        n += 1
        if n < 3: continue
        return n
f()
#### if
def f(x):
    if x > 3:
        y = 1
    elif x > 2:
        y = 2
    elif x > 1 and \
         x < 5:
        pass
    else:
        y = 4
    return x
f(4); f(3); f(2); f(1)
#### with
class M:
    def __init__(self, s=False):
        self.s = s
    def __enter__(self):
        return self
    def __exit__(self, *a):
        return self.s
def f():
    with M() as m:
        x = 1
    with M(True):
        1/0
    with M(), M() as b:
        y = 2
    try:
        with M():
            raise ValueError('q')
    except ValueError:
        pass
    with M():
        return 5
f()
#### with_multi
class M:
    def __enter__(self): return self
    def __exit__(self, *a): pass
def f():
    with (M() as a,
          M() as b):
        x = 1
    for i in range(2):
        with M():
            if i: break
            continue
    return 3
f()
#### try
def f(x):
    try:
        if x:
            raise KeyError('k')
        y = 1
    except ValueError:
        y = 2
    except KeyError as e:
        y = 3
    else:
        y = 4
    finally:
        z = 5
    return y
f(0); f(1)
#### try_finally_return
def f(x):
    try:
        return x
    finally:
        y = 1
def g():
    for i in range(2):
        try:
            continue
        finally:
            z = 1
    try:
        pass
    finally:
        z = 2
def h():
    try:
        try:
            1/0
        finally:
            x = 1
    except ZeroDivisionError:
        return 3
f(1); g(); h()
#### try_raise
def f():
    try:
        1/0
    except ZeroDivisionError as e:
        raise ValueError('x') from e
    finally:
        q = 1
try:
    f()
except ValueError:
    r = 1
#### nested_except
def f():
    try:
        g()
    except Exception:
        try:
            g()
        except KeyError:
            x = 1
        raise
def g():
    raise KeyError(1)
try: f()
except KeyError: pass
#### comp
def f():
    a = [i for i in range(3)]
    b = {i: i
         for i in range(2)
         if i}
    c = (x for x in a)
    d = list(c)
    return [
        i
        for i in d
    ]
f()
#### deco
def d(f):
    return f
def e(x):
    def w(f):
        return f
    return w
@d
@e(3)
def f(a,
      b=1):
    '''doc'''
    return a
@d
class C:
    'doc'
    x = 1
    def m(self): return 2
f(C().m())
#### lambda
f = lambda x: x + 1
g = lambda: (
    1 +
    f(2))
g()
#### gen
def g():
    x = yield 1
    try:
        yield 2
    finally:
        y = 3
    return 4
def h():
    r = yield from g()
    yield r
list(h())
i = g()
next(i)
i.send(3)
i.close()
i = g()
next(i)
try:
    i.throw(ValueError('v'))
except ValueError: pass
#### async
import asyncio
class A:
    def __aiter__(self): self.n=0; return self
    async def __anext__(self):
        self.n += 1
        if self.n > 2:
            raise StopAsyncIteration
        return self.n
    async def __aenter__(self): return 1
    async def __aexit__(self, *a): return False
async def ag():
    yield 1
    yield 2
async def f():
    async with A() as a:
        x = 1
    async for i in A():
        y = i
    async for i in ag():
        z = i
    return [j async for j in ag()]
c = f()
try:
    c.send(None)
except StopIteration as e:
    r = e.value
#### classbody
class A:
    x = 1
    y: int = 2
    def f(self):
        return super().__init__()
    class B(object):
        z = 3
class D(A,
        metaclass=type):
    pass
D().f()
#### match
def f(x):
    match x:
        case 1:
            return 'one'
        case [a, b]:
            y = a
        case {'k': v}:
            y = v
        case str() as s if s:
            y = s
        case _:
            pass
    return 2
f(1); f([1,2]); f({'k':3}); f('s'); f('')
#### multiline_call
def f(*a, **k):
    return a
def g():
    x = 1
    y = f(
        x,
        2,
        k=x,
    )
    z = (x +
         x +
         3)
    w = [x,
         2,
         x]
    t = f(x)[
        0]
    d = {'a': x,
         'b':
         2}
    s = f(1).__class__ \
        .__name__
    return (
        z)
g()
#### chained
def f(a, b, c):
    if a < b < c:
        x = 1
    y = a < b \
        < c
    return (a <
            b <
            c)
f(1,2,3); f(3,2,1)
#### boolop
def f(a, b):
    x = a and \
        b
    y = (a or
         b)
    z = (1 if a else
         2)
    if (a and
        b):
        pass
    if not a or \
       not b:
        x = 1
    return not x
f(1,0); f(0,1); f(1,1)
#### assert
def f(x):
    assert x
    assert x > 0, 'm'
    assert (x and
            x > 1), \
        'multi'
try:
    f(1)
except AssertionError:
    pass
#### global_
def f():
    global G
    G = 1
    nonloc()
def nonloc():
    x = 1
    def inner():
        nonlocal x
        x = 2
    inner()
    del x
f()
del f
#### import_
import os, \
    sys
from os import (path,
    sep)
import os.path as p
def f():
    import sys
    from os import sep as s
    return s
f()
#### unpack
def f():
    a, b = 1, 2
    a, b = b, a
    (a,
     b) = (3,
           4)
    c = d = a
    *e, g = [1,2,3]
    a += 1
    l = [1]
    l[0] += 2
    return e
f()
#### consts
def f():
    'doc'
    1
    'x'
    ...
    x = 1
    x
    None
    return
f()
if 0:
    y = 1
if 1:
    y = 2
else:
    y = 3
while 0:
    z = 1
#### exc_propagate
def a(): b()
def b():
    c()
def c():
    x = []
    return x[1]
try:
    a()
except IndexError as e:
    q = 1
#### iter_stop
class I:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 2: raise StopIteration
        return self.n
for x in I():
    pass
#### fstring
def f(a):
    s = f'{a!r:>10}{a}'
    t = (f'{a}'
         f'{s}')
    return 'x' \
        f'{t}'
f(1)
#### star
def f(*a, k=1, **kw): return k
def g():
    l = [1, 2]
    f(*l, **{'k': 2})
    return f(
        *l,
        k=3)
g()
#### oneline
def f(x): return x
if f(1): f(2)
for i in range(2): f(i)
x = [f(i) for i in (1, 2)]; f(3)
#### ret_in_loop
def f():
    for i in range(3):
        for j in range(2):
            if j:
                return i
def g():
    for i in range(2):
        for j in range(2):
            pass
f(); g()
#### try_else_loop
def f():
    for i in range(3):
        try:
            if i == 1:
                raise ValueError
        except ValueError:
            continue
        else:
            x = i
        finally:
            y = i
    return x
f()
#### walrus
def f(l):
    while (n := len(l)) > 1:
        l.pop()
    if (m := n) and m:
        return m
f([1,2,3])
#### annotations
x: int
y: int = 3
def f():
    z: int = 1
    w: int
    return z
f()
#### longif
def f(x):
    if (x
        and x > 1
        and x > 2):
        return 1
    elif x:
        return 2
f(3); f(2); f(0); f(1)
#### subscr_slice
def f(l):
    a = l[1:
          2]
    l[0:1] = [
        5]
    del l[0]
    return a
f([1,2,3])
#### raise_from
def f():
    raise ValueError(
        'a') from None
try:
    f()
except ValueError as e:
    pass
#### recursion
def fact(n):
    if n < 2:
        return 1
    return n * fact(n - 1)
fact(3)
"""

for case in CASES.split('#### ')[1:]:
    run(*case.split('\n', 1))
