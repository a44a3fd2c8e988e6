# weakref: the containers of Lib/weakref.py, and finalize.
# needs: collects
import gc, sys, weakref, operator
from weakref import ref, proxy, getweakrefcount, getweakrefs, WeakValueDictionary, WeakKeyDictionary, WeakSet, WeakMethod, finalize

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


# -- containers
w = WeakValueDictionary()
a, b = C(1), C(2)
w['a'] = a; w['b'] = b
apart(lambda: w.__setitem__('t', C(3)))
collect(lambda: len(w) == 2)
print(sorted(w), len(w), w['a'], w.get('t'), err(lambda: w['t']), 'b' in w, sorted(w.items()), w.pop('b'), w.setdefault('z', a), dict(w) == {'a': a, 'z': a}, sorted(w.valuerefs(), key=hash)[0]() is a)
k = WeakKeyDictionary()
k[a] = 'one'
apart(lambda: k.__setitem__(C(77), 'gone'))
collect(lambda: len(k) == 1)
print(dict(k), len(k), k[a], a in k, C(77) in k, list(k.keyrefs())[0]() is a, repr(k)[:20])
s = WeakSet([a, b])
apart(lambda: s.add(C(55)))
collect(lambda: len(s) == 2)
print(len(s), a in s, sorted(x.n for x in s), s == WeakSet([b, a]), s - {a} == WeakSet([b]))
class M:
    def f(self): return 'called'
def go():
    m = M(); wm = WeakMethod(m.f)
    print(wm()(), wm == WeakMethod(m.f), hash(wm) == hash(WeakMethod(m.f)))
    return wm
wm = apart(go)
collect(lambda: wm() is None)
print(wm())
out = []
def go():
    o = C(6)
    return finalize(o, out.append, 'finalized')
fin = apart(go)
collect(lambda: out)
print(out, fin.alive, fin())
o = C(7)
fin = finalize(o, lambda *a, **k: (a, k), 1, x=2)
print(fin.alive, fin.peek()[2:], fin(), fin.alive, fin(), fin.atexit)
fin = finalize(o, print, 'never'); print(fin.detach()[0] is o, fin.alive)
import atexit
fin = finalize(o, print, 'finalize at exit')
fin2 = finalize(o, print, 'not at exit'); fin2.atexit = False
print(weakref.__all__)
