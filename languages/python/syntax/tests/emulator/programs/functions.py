def sig(a, b=2, /, c=3, *d, e, f=6, **g): return a, b, c, d, e, f, g
print(sig(1, e=5), sig(1, 2, 3, 4, 5, e=0, z=1), sig(*[1, 2], **{'e': 3, 'c': 9}), sig(1, *(2, 3), *[4], e=1, **{'q': 2}, r=3))
def closure():
    x, n = 1, 0
    def inc(by=1):
        nonlocal x
        x += by
        return x
    def get(): return x, n
    inc(); inc(5)
    n = 3
    return get, [f() for f in [lambda i=i: (i, x) for i in range(2)]]
g, l = closure()
print(g(), l)
def param_cell(a, *args, **kw):
    def f(): return a, args, kw
    a += 1
    return f()
print(param_cell(1, 2, k=3))
def free_unbound():
    def f(): return v
    try: f()
    except NameError as e: print('free unbound')
    v = 1
    del v
    try: return f()
    except NameError: return 'deleted'
print(free_unbound())
def deco(tag):
    def wrap(f):
        f.tag = getattr(f, 'tag', ()) + (tag,)
        return f
    return wrap
@deco('a')
@deco('b')
def decorated(x: int, *y: 'str', z: float = 1.5) -> bool: 'doc'
print(decorated.tag, decorated.__annotations__, decorated.__doc__, decorated.__qualname__)
class Base:
    kind = 'base'
    __slots__ = ('__x', 'y')
    def __init__(self, x): self.__x = x
    def get(self): return self.__x
    def who(self): return 'Base'
class Meta(type):
    def __new__(m, name, bases, ns, **kw):
        c = super().__new__(m, name, bases, dict(ns))
        c.kw = kw
        return c
@deco('class')
class Derived(Base, metaclass=Meta, option=1):
    """The docstring"""
    attr: int = 3
    later: 'str'
    items = [kind2 for kind2 in ('p', 'q')]
    z = 1
    def who(self): return super().who() + '/' + __class__.__name__
    @property
    def p(self): return self.get() * 2
    @staticmethod
    def s(a, b=z): return a, b
    class Inner:
        def f(self): return 1
d = Derived(4)
print(d.who(), d.p, Derived.s(9), Derived.items, Derived.kw, Derived.__doc__, Derived.__annotations__, Derived.tag)
print(Derived.__qualname__, Derived.Inner.__qualname__, Derived.Inner.f.__qualname__, Derived.__module__)
x = 'global'
def scopes():
    x = 'local'
    class C:
        y = x
        x = 'class'
        def f(self): return x
        l = [x for _ in [1]]
        try: del x
        except NameError: pass
        z = x
    return C.y if hasattr(C, 'y') else None, C().f(), C.l, C.z
try: print(scopes())
except NameError as e: print('NameError')
class G:
    print(x)
    global gg
    gg = 5
print(gg, hasattr(G, 'gg'))
def use_global():
    global x, made
    x = 'changed'
    made = [1]
    made += [2]
    del gg2
gg2 = 1
try: use_global()
except UnboundLocalError: print('unbound')
print(x, made)
def gen(n):
    got = []
    try:
        for i in range(n):
            r = yield i * 2
            if r: got.append(r)
    except KeyError as e:
        yield ('caught', e.args)
    finally:
        print('closed', got)
    return got
g = gen(5)
print(next(g), g.send('x'), g.send(None), g.throw(KeyError(1)))
try: next(g)
except StopIteration as e: print(e.value)
def delegate():
    r = yield from gen(2)
    s = yield from [7, 8]
    return (yield (r, s))
print(list(delegate()))
g = delegate(); next(g); g.close()
print([(a, b) for a in range(3) if a for b in range(a) if b or a], {c: d for c, d in zip('ab', 'cd')}, {e % 2 for e in range(5)}, sum(f for f in range(4)), [[i * j for j in range(3)] for i in range(2)])
w = 10
print(f'{w!r:>{w}}|{w=}|{w:05}|{{}}{"q"}|{w + 1:x}' 'plain' f"{'a' 'b'}", f'', f'{w}', 'a\udc80'.encode('utf-8', 'surrogatepass'), '\N{BULLET}\x41\u00e9\101\
z', b'\x00\xff\n')
a = b, *c = [1, 2, 3]
print(a, b, c, (*c, 1), [*a, *c], {**{'k': 1}, 'l': 2}, {*c, 9})
i = 0
lst = [0, 0, 0]
i = lst[i] = 2
lst[0], lst[1] = lst[1], 5
lst[1:2] = [7, 8]
lst[-1] += 4
print(i, lst, lst[::2], lst[1:], lst[:-1])
class O: pass
o = O()
o.a = o.b = 1
o.a += 2; o.b <<= 3
o.l = [1]
o.l *= 3
del o.b
print(o.a, o.l, hasattr(o, 'b'))
s = {}
s['k'], s[1, 2] = 1, 2
del s['k']
print(s, 1 << 70, -2 ** 63, 0xFFFFFFFFFFFFFFFFFFFF, 123456789012345678901234567890, 1_000, 0o17, 0b11, 1e100, 2j + 1, -0.0, 7 // -2, -7 % 3, 2 ** -1, 10 ** 30)
print(not w, ~w, -w, +w, w and 0 or 'z', 1 if w else 2, w @ 1 if 0 else 'no matmul', (lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4))
big = [1, 2, 3, w, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, w]
bigd = {'a': w, 'b': 1, 'c': 2, 'd': 3, 'e': 4, 'f': 5, 'g': 6, 'h': 7, 'i': 8, 'j': 9, 'k': 10, 'l': 11, 'm': 12, 'n': 13, 'o': 14, 'p': 15, 'q': w}
print(big, tuple(big)[-1], bigd, max(1, 2, 3, w, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32))
import os.path as osp, sys
from os import path as p2, sep
import os.path
print(osp is p2 is os.path, sep)
import asyncio
class ACM:
    async def __aenter__(self): await asyncio.sleep(0); return 'entered'
    async def __aexit__(self, *a): print('aexit', a[0]); return True
class AIt:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        self.n -= 1
        if self.n < 0: raise StopAsyncIteration
        await asyncio.sleep(0)
        return self.n
async def amain():
    async with ACM() as m:
        print(m)
        raise ValueError
    out = []
    async for i in AIt(4):
        if i == 2: continue
        out.append(i)
    else: out.append('else')
    out.append([i async for i in AIt(3) if i])
    out.append({i: await add(i, 1) async for i in AIt(2)})
    return out
async def add(a, b): return a + b
print(asyncio.run(amain()))
def many():
    a = 1
    return [a + 0 + 1 + 2 + 3, a - 1, a * 2, a / 2, a // 2, a % 2, a ** 2, a << 2, a >> 2, a & 2, a | 2, a ^ 2]
print(many())
print(*[1, 2], sep='-', **{'end': '!\n'})
try: print(**{'sep': ''}, sep='')
except TypeError: print('twice')
def kwdef(*, a=[], b): return a, b
print(kwdef(b=1), kwdef.__kwdefaults__)
lam = lambda: (yield 5)
print(list(lam()))
def cellparam_gen(n):
    for i in range(n):
        yield lambda: (i, n)
print([f() for f in cellparam_gen(3)])
