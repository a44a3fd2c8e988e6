# needs: collects
# The gc module: arguments, errors, what its functions tell.
import gc, sys

def err(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)

print(gc.isenabled(), gc.disable(), gc.isenabled(), gc.enable(), gc.isenabled())
for args in [(3,), (-1,), ('x',), (1.5,), (0, 1), (10**30,), (None,)]:
    print('collect', args, err(gc.collect, *args))
print(err(gc.collect, gen=1), err(gc.collect, generation='a'))
print(type(gc.collect()), type(gc.collect(0)), type(gc.collect(generation=1)))
for f in (gc.enable, gc.disable, gc.isenabled, gc.get_count, gc.get_threshold, gc.get_debug, gc.get_stats, gc.freeze, gc.unfreeze, gc.get_freeze_count):
    print(f.__name__, err(f, 1), err(f, a=1))
gc.enable()
print(gc.get_threshold())
print(err(gc.set_threshold), err(gc.set_threshold, 'a'), err(gc.set_threshold, 1, 2, 3, 4), err(gc.set_threshold, 1.5))
print(gc.set_threshold(1000), gc.get_threshold())
print(gc.set_threshold(900, 15), gc.get_threshold())
print(gc.set_threshold(700, 10, 10), gc.get_threshold())
print(err(gc.set_threshold, threshold0=3), err(gc.set_threshold, 10**20))
c = gc.get_count()
print(type(c), len(c), all(type(n) is int and n >= 0 for n in c))
print(gc.get_debug(), gc.set_debug(gc.DEBUG_SAVEALL), gc.get_debug(), gc.set_debug(0), gc.get_debug())
print(err(gc.set_debug), err(gc.set_debug, 'x'), err(gc.set_debug, 2**40))
print(gc.DEBUG_STATS, gc.DEBUG_COLLECTABLE, gc.DEBUG_UNCOLLECTABLE, gc.DEBUG_SAVEALL, gc.DEBUG_LEAK)
print(gc.garbage, gc.callbacks)
stats = gc.get_stats()
print(len(stats), [sorted(s) for s in stats], all(type(v) is int for s in stats for v in s.values()))
before = gc.get_stats()[2]['collections']
gc.collect()
print(gc.get_stats()[2]['collections'] > before)

class C: pass
class S:
    __slots__ = ('a',)
c = C(); c.x = [1]
print([gc.is_tracked(v) for v in (1, 1.5, 'a', b'', None, True, 2+1j, 10**50, ...)])
print([gc.is_tracked(v) for v in ([], {1: []}, c, C, print, gc, (c,), {c}, lambda: 0, iter([]), S())])
print(err(gc.is_tracked), err(gc.is_finalized))
print(gc.is_finalized(c), gc.is_finalized(3))
a, b = [], {}
x = [a, b, 'text']
def ids(seq): return sorted(map(id, seq))
print(ids(gc.get_referents(x)) == ids([a, b, 'text']), gc.get_referents(), gc.get_referents(1, 'a'))
print(ids(gc.get_referents({'k': a})) == ids(['k', a]), ids(gc.get_referents((a, b))) == ids([a, b]))
print(a in gc.get_referents(x), c.x in gc.get_referents(c.__dict__), C in gc.get_referents(c))
print(gc.get_referrers(), any(r is x for r in gc.get_referrers(a)), any(r is x for r in gc.get_referrers(b)), any(r is x for r in gc.get_referrers(C())))
t = (a,)
print(any(r is t for r in gc.get_referrers(a)), sorted(type(r).__name__ for r in gc.get_referrers(a) if r is t or r is x))
class D:
    def __init__(self, v): self.v = v
d = D(a)
print(any(r is d or r is d.__dict__ for r in gc.get_referrers(a)))
objs = gc.get_objects()
print(type(objs), any(o is x for o in objs), any(o is c for o in objs), any(o is C for o in objs), any(type(o) in (int, str, float) for o in objs), any(o is objs for o in objs))
del objs
print(err(gc.get_objects, 'a'), err(gc.get_objects, 5), err(gc.get_objects, -5), err(gc.get_objects, generation=1.5), type(gc.get_objects(generation=None)), type(gc.get_objects(1)), err(gc.get_objects, 1, 2))
gc.freeze(); print(gc.get_freeze_count() > 0); gc.unfreeze(); print(gc.get_freeze_count())
log = []
def cb(phase, info): log.append((phase, sorted(info), type(info['generation']), type(info['collected']), info['uncollectable']))
gc.callbacks.append(cb)
gc.disable()
gc.collect()
gc.collect(1)
gc.callbacks.remove(cb)
gc.enable()
gc.collect()
for l in sorted(set((p, tuple(k), *rest) for p, k, *rest in log), key=str): print(l)
gens = []
gc.callbacks.append(lambda phase, info: gens.append((phase, info['generation'])))
gc.disable()
gc.collect(0); gc.collect(2); gc.collect()
gc.enable()
gc.callbacks.clear()
print(sorted(set(gens)))
class Boom:
    def __call__(self, *a): raise ValueError('boom in callback')
    def __repr__(self): return '<Boom>'
seen = []
def hook(u): seen.append((u.exc_type.__name__, str(u.exc_value), u.err_msg, repr(u.object)))
old = sys.unraisablehook
sys.unraisablehook = hook
gc.callbacks.append(Boom()); gc.callbacks.append(3)
gc.collect()
gc.callbacks.clear()
sys.unraisablehook = old
print(sorted(set(seen)))
print(gc.collect.__doc__ is not None, gc.__doc__.splitlines()[0])
print(sorted(n for n in dir(gc) if not n.startswith('_')))
# Generations: what survived a whole collection is old.
gc.collect(); gc.collect()
print(any(o is x for o in gc.get_objects(2)), any(o is x for o in gc.get_objects(1)))
# Dead cycles are saved if asked for, and nothing of them is lost.
class Knot: pass
def knots(n):
    for _ in range(n):
        one, two = Knot(), Knot()
        one.other, two.other, one.items = two, one, [one]
gc.disable()
gc.set_debug(gc.DEBUG_SAVEALL)
knots(50)
gc.collect()
gc.set_debug(0)
gc.enable()
saved = [v for v in gc.garbage if type(v) is Knot]
# Collections at each safepoint may have found some of them before.
print(len(saved) <= 100, all(v.other.other is v for v in saved))
gc.garbage.clear()
del saved
gc.collect()
print(gc.garbage)
