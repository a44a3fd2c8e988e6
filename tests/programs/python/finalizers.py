# needs: collects
# Finalizers: once, resurrection, errors, cycles, generators, at exit.
import gc, sys

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


log = []
seen = []
class D:
    def __init__(self, name): self.name = name
    def __del__(self): log.append(self.name)

def go(): D('plain')
apart(go); collect(lambda: len(log) + len(seen) >= 1); print(log)
log.clear()
def go():
    a, b = D('a'), D('b')
    a.other, b.other = b, a
    a.me = a
apart(go); collect(lambda: len(log) + len(seen) >= 2); print(sorted(log))
log.clear()
# resurrection
kept = []
class R:
    def __init__(self, n): self.n = n; self.data = [n] * 3
    def __del__(self):
        log.append(('del', self.n))
        kept.append(self)
def go(): R(7)
apart(go); collect(lambda: len(log) + len(seen) >= 1)
print(log, len(kept), kept[0].data, gc.is_finalized(kept[0]))
kept[0].data.append('alive'); print(kept[0].data)
kept.clear(); collect(); print(log)
log.clear()
def go():
    fresh = R(1); print(gc.is_finalized(fresh))
apart(go); collect(lambda: len(log) + len(seen) >= 1); print(log, len(kept)); kept.clear(); log.clear()
# errors
def hook(u): seen.append((u.exc_type.__name__, str(u.exc_value), u.err_msg, getattr(u.object, '__qualname__', u.object), u.exc_traceback is not None, type(u).__name__))
sys.unraisablehook = hook
class E:
    def __del__(self): raise ValueError('in __del__')
def go(): E(); E()
apart(go); collect(lambda: len(log) + len(seen) >= 2); print(seen)
seen.clear()
sys.unraisablehook = sys.__unraisablehook__
# subclass of builtin classes, and of exceptions
class L(list):
    def __del__(self): log.append(('L', list(self)))
class X(Exception):
    def __del__(self): log.append(('X', self.args))
class S:
    __slots__ = ('v',)
    def __del__(self): log.append(('S', self.v))
def go():
    L([1, 2]); X('arg'); s = S(); s.v = 3
apart(go); collect(lambda: len(log) + len(seen) >= 3); print(sorted(log)); log.clear()
# __del__ added later, inherited, removed
class Late: pass
class LateSub(Late): pass
def go():
    late = [Late(), LateSub()]
    Late.__del__ = lambda self: log.append(type(self).__name__)
    late.append(LateSub())
apart(go); collect(lambda: len(log) + len(seen) >= 3); print(sorted(log)); log.clear()
class Gone:
    def __del__(self): log.append('gone')
def go():
    g = Gone(); del Gone.__del__
apart(go); collect(lambda: len(log) + len(seen) >= 0); print(log)
# an instance attribute does not count
class N: pass
def go():
    n = N(); n.__del__ = lambda: log.append('instance')
apart(go); collect(lambda: len(log) + len(seen) >= 0); print(log)
# __init__ failed, __new__ only
class F:
    def __init__(self): raise ValueError
    def __del__(self): log.append('F')
def go():
    try: F()
    except ValueError: pass
apart(go); collect(lambda: len(log) + len(seen) >= 1); print(log); log.clear()
# finalizer makes new garbage with finalizers
class Chain:
    def __init__(self, n): self.n = n
    def __del__(self):
        log.append(self.n)
        if self.n: Chain(self.n - 1)
def go(): Chain(3)
apart(go)
collect(lambda: len(log) == 4)
print(log); log.clear()
# generators
def gen(name, n=3):
    try:
        for i in range(n): yield i
    except GeneratorExit:
        log.append((name, 'exit')); raise
    finally:
        log.append((name, 'finally'))
def go():
    g = gen('g'); next(g)
    h = gen('never started')
    k = gen('finished', 1); list(k)
apart(go); collect(lambda: len(log) + len(seen) >= 3); print(log); log.clear()
class Ctx:
    def __enter__(self): log.append('enter'); return self
    def __exit__(self, *a): log.append(('exit', a[0] and a[0].__name__))
def wgen():
    with Ctx():
        yield 1
        yield 2
def go():
    for x in wgen(): break
apart(go); collect(lambda: len(log) + len(seen) >= 2); print(log); log.clear()
def plain():
    yield 1
    log.append('not reached')
def go(): next(plain())
apart(go); collect(lambda: len(log) + len(seen) >= 0); print(log)
def outer():
    try:
        yield from gen('inner')
    finally:
        log.append('outer')
def go(): next(outer())
apart(go); collect(lambda: len(log) + len(seen) >= 3); print(log); log.clear()
def cyc():
    try:
        me = yield
        yield
    finally:
        log.append('cycle')
def go():
    g = cyc(); next(g); g.send(g)
apart(go); collect(lambda: len(log) + len(seen) >= 1); print(log); log.clear()
sys.unraisablehook = hook
def bad():
    try: yield 1
    finally: raise KeyError('in finally')
def ignores():
    try: yield 1
    except GeneratorExit: yield 2
def go(): next(bad())
apart(go); collect(lambda: len(log) + len(seen) >= 1); print([s[:3] for s in seen]); seen.clear()
def go(): next(ignores())
apart(go); collect(lambda: len(log) + len(seen) >= 1); print([s[:3] for s in seen]); seen.clear()
sys.unraisablehook = sys.__unraisablehook__
# the exception being handled is not disturbed
class H:
    def __del__(self):
        try: 1 / 0
        except ZeroDivisionError: log.append(('inside', sys.exc_info()[0].__name__))
def go(): H()
try:
    raise KeyError('outer')
except KeyError:
    apart(go); collect(lambda: len(log) + len(seen) >= 1)
    print(sys.exc_info()[0].__name__, log)
log.clear()
# many
class Count:
    n = 0
    def __del__(self): Count.n += 1
def go():
    for i in range(500): Count()
apart(go); collect(lambda: Count.n == 500); print(Count.n)
def go():
    l = [Count() for i in range(300)]
    for c in l: c.l = l
apart(go); collect(lambda: Count.n == 800); print(Count.n)
# files
import os, tempfile
name = os.path.join(tempfile.gettempdir(), 'ouro-finalize-%d' % os.getpid())
def go():
    f = open(name, 'w'); f.write('flushed when collected')
apart(go); collect(lambda: os.path.getsize(name))
print(open(name).read())
os.remove(name)
class AtExit:
    def __del__(self): print('at exit', self.n)
a = AtExit(); a.n = 1
b = AtExit(); b.n = 2; b.me = b
def atexit_gen():
    try: yield
    finally: print('generator at exit')
g = atexit_gen(); next(g)
print('end')
