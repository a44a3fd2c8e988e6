# weakref: references and callbacks.
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


# -- references
c = C(1)
r = ref(c)
print(r() is c, r is ref(c), ref(c) is weakref.ref(c, None), type(r), weakref.ReferenceType is weakref.ref)
cb = lambda r: None
r2 = ref(c, cb)
print(r2 is r, r2 == r, hash(r2) == hash(r) == hash(c), r2.__callback__ is cb, r.__callback__)
print(getweakrefcount(c), getweakrefs(c) == [r, r2], getweakrefcount(3), getweakrefs('a'))
print(err(ref), err(ref, c, None, 3), err(ref, 3), err(ref, 'a'), err(ref, None), err(ref, (1,)), err(ref, []), err(ref, {}), err(ref, object()))
print(err(ref, c, callback=None), err(r, 1), err(r, a=1))
print(err(setattr, r, '__callback__', 1))
class Slots: __slots__ = ('a',)
class Slots2: __slots__ = ('a', '__weakref__')
print(err(ref, Slots()), ref(Slots2()) is not None, ref(int)() is int, ref(len)() is len, ref(print)() is print, ref(gc)() is gc)
def gen(): yield
for v in (gen(), gen, C().m, gc, C, type, set(), frozenset([5]), r, property(), iter([])):
    print(type(v).__name__, err(ref, v)[:7] == '<weakre')

# -- death
def die(with_callback=True):
    log = []
    def go():
        c = C(5)
        rs = [ref(c, lambda r, i=i: log.append((i, r()))) for i in range(3)]
        rs.append(ref(c)); 
        hash(rs[0])
        return rs
    rs = apart(go)
    collect(lambda: len(log) == 3 and rs[3]() is None)
    return rs, log
rs, log = die()
print([r() for r in rs], sorted(log))
print(hash(rs[0]) == hash(5), err(hash, rs[1]), rs[0] == rs[1], rs[0] == rs[0], rs[0] != rs[1], rs[0] == 3)
print([r.__callback__ for r in rs], 'dead' in repr(rs[0]))
a, b = C(1), C(1)
ra, rb = ref(a), ref(b)
print(ra == rb, ra != rb, ra == ref(C(2)), len({ra, rb}), ra == a)

# -- subclasses
class R(ref):
    __slots__ = ('key',)
    def __new__(cls, o, callback=None, key=None):
        self = super().__new__(cls, o, callback)
        self.key = key
        return self
    def __init__(self, o, callback=None, key=None):
        super().__init__(o, callback)
a = C(9)
x, plain = R(a, None, 'k'), ref(a)
print(type(x) is R, x() is a, x.key, x == plain, isinstance(x, ref), getweakrefcount(a), getweakrefs(a) == [plain, x])
class R2(ref): pass
y = R2(a); y.attr = 3
print(y.attr, y() is a, y == x, hash(y) == hash(a), repr(y)[:8])
got = []
z = apart(lambda: R(C(11), lambda r: got.append((type(r), r.key)), 'zz'))
collect(lambda: got)
print(got, z())

# -- exceptions in callbacks
seen = []
sys.unraisablehook = lambda u: seen.append((u.exc_type.__name__, str(u.exc_value), u.err_msg, type(u.object).__name__, u.exc_traceback is not None))
def bad(r): raise ValueError('in callback')
def go(): 
    c = C(3)
    return ref(c, bad), ref(c, lambda r: seen.append('fine'))
keep = apart(go)
collect(lambda: len(seen) == 2)
print(sorted(seen, key=str))
sys.unraisablehook = sys.__unraisablehook__

# a callback is not called when the reference itself died first
seen = []
def go():
    for i in range(50):
        c = C(4)
        ref(c, seen.append)
apart(go); collect()
print(len(seen) < 5)

