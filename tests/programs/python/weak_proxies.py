# weakref: proxies.
# needs: collects
import gc, sys, weakref, operator
from weakref import ref, proxy, getweakrefcount, getweakrefs

def err(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)

class C:
    def __init__(self, n=0): self.n = n
    def m(self): return self.n
    def __eq__(self, o): return isinstance(o, C) and self.n == o.n
    def __hash__(self): return hash(self.n)
    def __repr__(self): return 'C(%d)' % self.n

def apart(f):
    """Calls f in native frames of its own: a collector that scans the stack sees nothing of it afterwards."""
    return list(map(lambda _: f(), [0]))[0]


def clear_stack(n=12):
    return n and list(map(clear_stack, [n - 1]))


def noise(a, b=2, *c, **d):
    return sorted([a + i for i in range(8)], key=lambda x: -x), '%s %r' % (a, b), {**d, 'k': c}, isinstance(a, (str, int))


def collect(done=lambda: True):
    """Collects until what is expected has died: old words in native frames may keep an object for a while."""
    for i in range(40):
        clear_stack(i % 15)
        noise(i, *range(i % 4), x=i)
        gc.collect()
        apart(lambda: noise(1.5) and gc.collect())
        if i >= 1 and done():
            break


# -- proxies
class P:
    def __init__(self, v): self.v = v
    def __repr__(self): return 'P(%r)' % self.v
    def __str__(self): return 'str P'
    def __bytes__(self): return b'bytes'
    def __add__(self, o): return ('add', o)
    def __radd__(self, o): return ('radd', o)
    def __iadd__(self, o): return ('iadd', o)
    def __matmul__(self, o): return ('matmul', o)
    def __divmod__(self, o): return ('divmod', o)
    def __rdivmod__(self, o): return ('rdivmod', o)
    def __pow__(self, o, m=None): return ('pow', o, m)
    def __neg__(self): return 'neg'
    def __pos__(self): return 'pos'
    def __abs__(self): return 'abs'
    def __invert__(self): return 'inv'
    def __int__(self): return 7
    def __float__(self): return 7.5
    def __index__(self): return 3
    def __len__(self): return 4
    def __bool__(self): return False
    def __contains__(self, x): return x == 'in'
    def __getitem__(self, k): return ('item', k)
    def __setitem__(self, k, v): self.set = (k, v)
    def __delitem__(self, k): self.deleted = k
    def __iter__(self): return iter([1, 2])
    def __next__(self): return 'next'
    def __reversed__(self): return iter([2, 1])
    def __lt__(self, o): return ('lt', o)
    def __eq__(self, o): return o == self.v
    __hash__ = None
c = C()
p0 = P(8)
p = proxy(p0)
print(type(p), type(p) is weakref.ProxyType, proxy(p0) is p, weakref.ProxyTypes, type(proxy(C)), callable(p))
print(p + 1, 2 + p, p @ 3, divmod(p, 4), divmod(5, p), p ** 6, pow(p, 2, 3), -p, +p, abs(p), ~p, int(p), float(p), operator.index(p), [0, 1, 2, 3][p])
print(len(p), bool(p), 'in' in p, 'x' in p, p[1], p['a':3], list(p), p < 3, p == 8, p == 9, p != 8)
p[4] = 5; del p[6]
print(p0.set, p0.deleted, p.v, str(p), bytes(p), list(reversed(p)) if hasattr(p, '__reversed__') else None)
print(err(next, p), err(next, proxy(c)))
q = p; q += 1; print(q)
p.new = 3; print(p0.new); del p.new; print(hasattr(p0, 'new'), hasattr(p, 'new'))
print(err(hash, p)[:20], repr(p).startswith('<weakproxy at 0x'), repr(p).split(' to ')[1].split(' at')[0])
print(isinstance(p, P), p.__class__ is P, type(p) is P, err(ref, p)[:20], err(proxy, 3), err(weakref.ProxyType)[:20], getweakrefcount(p0), p.__dict__ is p0.__dict__)
def f(*a, **k): return a, k
pf = proxy(f)
print(pf(1, b=2), callable(pf), type(pf), pf.__name__)
events = []
def go():
    p1 = P(1)
    return proxy(p1, lambda p: events.append(type(p).__name__)), proxy(p1)
d, d2 = apart(go)
collect(lambda: events)
print(events, err(lambda: d.v), err(lambda: d + 1), err(lambda: 1 + d), err(len, d), err(str, d), err(setattr, d, 'a', 1), err(lambda: d[0]), err(bool, d), err(lambda: d == 1), err(lambda: d())[:12], err(iter, d), 'NoneType' in repr(d))

