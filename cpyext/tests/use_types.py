# Types of C, used from Python. The output is the same on CPython.
import gc, weakref, types_in_c as t

def error(f, *a, **k):
    try:
        print('no error:', f(*a, **k))
    except Exception as e:
        print(type(e).__name__, e)
def deep(n, *a):
    return deep(n - 1, n, n, n, n, n) if n else 0
def collect():
    # Frames that ended may leave references behind until others take their places.
    deep(50)
    for i in range(4): gc.collect()

# ---- below list
s = t.Stack([1, 2])
print(s, len(s), s.push(3), s, s[0], s[-1], s['key'], s[0:2], list(s), s == [1, 2, 3], s + [4], sorted(s, reverse=True), 2 in s)
s.append('x'); s.extend((5, 6)); s[0] = 'first'
print(s, s.appended, s.pop(), isinstance(s, list), type(s).__mro__, s.index('x'), [*s])
error(lambda: s.note)
s.note = [s]; print(s.note[0] is s); s.note = 1; del s.note
error(lambda: s.note)
error(delattr, s, 'note')
class PyStack(t.Stack):
    def __init__(self, *a):
        super().__init__(*a)
        self.mine = 5
    def __len__(self): return 99
p = PyStack([7, 8])
print(p, len(p), p.push(9), p.mine, p.appended, p[1], p['k'], isinstance(p, t.Stack), bool(p))
error(t.Stack, 1)
del s, p
def many():
    for i in range(500): t.Stack([i]).push(i); PyStack([i])
many(); collect()
print(t.stacks() < 20)

# ---- below dict
c = t.Counting(a=1)
print(c['a'], c['b'], c.hits, len(c), dict(c), c, c.get('z'), 'a' in c, c | {'q': 2}, list(c))
c['n'] = [1]; print(sorted(c), c['n'], c.hits, isinstance(c, dict))
error(setattr, c, 'hits', 1)
class PyCounting(t.Counting):
    def __missing__(self, k): return 'never'
print(PyCounting(x=1)['y'], PyCounting(x=1))

# ---- below numbers
m = t.Metres(2.5, 7)
print(m, m.unit, m + 1, type(m + m).__name__, m * 2, type(m * 2).__name__, m == 2.5, hash(m) == hash(2.5), int(m), round(m), -m, isinstance(m, float), 1 + m, m.is_integer())
m.unit = 3; print(m.unit, float(m), '%.2f' % m, sum([m, m]))
error(lambda: m + 'x')
class Km(t.Metres): pass
k = Km(1.5); k.attribute = 1; print(k, k.unit, k.attribute, type(k + k).__name__)
f = t.Flag(10**30)
print(f, f + 1, t.Flag(5) == 5, t.Flag('12'), [10, 20][t.Flag(1)], t.Flag(3) << 2, hash(t.Flag(7)), isinstance(f, int), str(t.Flag(2)), f'{t.Flag(3)}')

# ---- below texts, bytes, tuples, sets
g = t.Tagged('a b c'); g.tag = {1}
print(g, g.measure(), g.tag, g.upper(), g == 'a b c', {g: 1}['a b c'], len(g), g[2], isinstance(g, str), g + '!', t.Tagged('é ü€').measure(), t.Tagged('😀 ').measure(), t.Tagged('é').measure(), t.Tagged().measure())
class PyTagged(t.Tagged): pass
h = PyTagged('x y'); h.more = 2; print(h.measure(), h.more, h.tag, h)
b = t.Blob(b'xyz'); print(b, b.first(), b[1:], t.Blob().first(), b == b'xyz', isinstance(b, bytes))
q = t.Pair((1, 'two')); print(q, q.swap(), q[0], len(q), q == (1, 'two'), hash(q) == hash((1, 'two')), isinstance(q, tuple))
x, y = q; print(x, y)
l = t.Limited([1, 2, 2]); l.limit = 5; print(l, l.limit, 1 in l, len(l), l | {3}, l == {1, 2}, isinstance(l, set)); l.add(9); print(sorted(l))

# ---- exceptions
try:
    t.fail(1, 'two')
except ValueError as e:
    print(type(e), e, e.args, e.code, repr(e), e.__traceback__ is not None, isinstance(e, t.Failure))
    e.code = 5; e.extra = 'x'; print(e, e.extra)
e = t.Failure('a'); print(e, e.code, e.args, t.Failure.__mro__[1:3])
class PyFailure(t.Failure):
    pass
try:
    raise PyFailure(1, 2, 3) from KeyError('k')
except t.Failure as e:
    print(e, e.code, repr(e.__cause__), type(e).__name__)
Plain, Both = t.exception_classes()
print(Plain, Plain.__module__, Plain.__bases__, Both, Both.__doc__, Both.level, Both.__bases__, repr(Both('x')))
try:
    raise Both('k')
except OSError as e:
    print('caught', type(e).__name__, e.args)

# ---- metatypes
class C(metaclass=t.Meta):
    a = 1
class D(C): pass
print(type(C), C.made, isinstance(C(), C), C().a, C.made, D.made, type(D).__name__, D().a, isinstance(C, type), t.Meta.__mro__[1])
C.made = 7; print(C.made, D.made, t.Meta('E', (), {'z': 3}).z)

# ---- fields
o = t.Fields(1)
print(t.log())
names = 'c byte truth ubyte s us i ui l ul ll ull n f d text inplace o none fixed'.split()
print([getattr(o, n) for n in names])
for n, v in dict(byte=-3, truth=True, ubyte=200, s=-30000, us=60000, i=-2**31, ui=2**32 - 1, l=-2**63, ul=2**64 - 1, ll=2**62, ull=2**63, n=5, f=0.5, d=1e300, o=[1], x='x').items():
    setattr(o, n, v)
print([getattr(o, n) for n in names + ['x']])
for n, v in [('text', 'a'), ('inplace', 'b'), ('none', 1), ('fixed', 1), ('truth', 1), ('i', 'x'), ('i', 2**40), ('l', 2**70), ('d', 'x'), ('c', 5), ('c', 'xy'), ('i', 1.5), ('n', None)]:
    error(setattr, o, n, v)
o.c = 'z'; o.i = 21
error(delattr, o, 'i'); error(delattr, o, 'text'); error(delattr, o, 'fixed')
del o.o; print(o.o, o.c, o.double, o.more)
del o.x; error(lambda: o.x)
o.double = 100; print(o.i)
error(delattr, o, 'double'); error(setattr, o, 'more', 1); error(lambda: o.hidden); error(lambda: o.nothing); error(lambda: t.Fields.i.__get__(5)); error(lambda: t.Fields.double.__set__(5, 1))
print(type(t.Fields.double), type(t.Fields.i), t.Fields.double.__doc__, t.Fields.double.__name__, t.Fields.i.__objclass__, t.Fields.double.__qualname__, t.Fields.fixed.__doc__, repr(t.Fields.i), repr(t.Fields.more), t.Fields.double.__get__(o))
print(t.Fields.__doc__, t.Fields.__text_signature__, t.Fields.__module__, t.Fields.__qualname__, t.Fields.__name__, t.Fields)
o.free_form = 'yes'; print(o.__dict__, vars(o), 'free_form' in dir(o)); del o.free_form
error(lambda: o.free_form)
t.log()
def life(kind, n):
    refs = []
    for i in range(n):
        o = kind(1)
        o.i = i
        refs.append(weakref.ref(o))
    print(refs[-1]() is o)
    return refs
# The last ones may still be named by registers that are free, and by frames of the native stack in debug builds.
refs = life(t.Fields, 10); collect()
log = t.log(); print(log[:3], log[-3:], sum(r() is None for r in refs) > 7)
dels = []
class Derived(t.Fields):
    __slots__ = ('slot',)
    def __del__(self): dels.append(self.i)
d = Derived(); d.slot = 3; d.i = 4; d.other = 5; print(d.slot, d.i, d.other, t.log()[-2:]); del d
refs = life(Derived, 10); collect()
print(len(dels) > 5, t.log().count('dealloc') > 5, sum(r() is None for r in refs) > 5)
class Slotted(t.Top):
    __slots__ = ('a', '__weakref__')
z = Slotted(); z.a = 1; print(z.a, weakref.ref(z)() is z)
error(setattr, z, 'b', 1)

# ---- chains and several bases
for k in (t.Top, t.Middle, t.Bottom, t.Other):
    i = k()
    print(k.__mro__[:-1], i.name(), i.hello(), i == k(), i == 5)
error(hash, t.Other()); print(hash(t.Top()), hash(t.Bottom()), t.Bottom() == t.Top(), t.Top() == t.Bottom())
class Mix:
    def name(self): return 'mix'
class A(Mix, t.Bottom): pass
class B(t.Bottom, Mix): pass
class E(t.Middle, t.Other): pass
print(A().name(), A().hello(), B().name(), E.__mro__[1:4], E().name(), A() != B())
error(lambda: type('X', (t.Stack, t.Counting), {}))
error(lambda: type('X', (t.Stack, dict), {}))
error(lambda: type('X', (t.Final,), {}))
error(setattr, t.Final, 'a', 1); error(setattr, t.Top, 'a', 1); error(t.Abstract)

class F: d = t.Descr()
f = F(); print(f.d, F.d); f.d = 9; print(f.was_set); error(delattr, f, 'd')
n = t.Dyn(); print(n.anything, n.last(), n(1, a=2)); n.q = 3; print(n.last()); del n.q; print(n.last())
class PyDyn(t.Dyn):
    def __getattr__(self, name): return 'never'
    known = 1
print(PyDyn().unknown, PyDyn().known)

# ---- by specifications
i = t.Spec(); i.x = 3; i.new = 4
print(i.x, i.new, i.state()[0], i.state()[1] is t, i.by_def(), t.Spec.__doc__, t.Spec.__module__, t.Spec, weakref.ref(i)() is i)
t.Spec.added = 5; print(i.added); del t.Spec.added
class SubSpec(t.Spec):
    def more(self): return self.state()[0] + 1
print(SubSpec().more(), SubSpec().by_def())
error(lambda: i.nothing); error(lambda: i + 1); error(lambda: i < i); error(lambda: i[0]); error(lambda: i()); error(len, i); error(iter, i)

# ---- what C sees of classes of Python
class Full:
    def __repr__(self): return 'full'
    def __hash__(self): return 5
    def __len__(self): return 3
    def __getitem__(self, i): return ('item', i)
    def __add__(self, o): return 'added'
    def __iadd__(self, o): return 'in place'
    def __bool__(self): return False
    def __iter__(self): return iter([1])
    def __call__(self): pass
    def __eq__(self, o): return 'equal'
    def __get__(self, o, c): return ('get', o)
def show(d): print({k: v for k, v in d.items() if k not in ('str', 'iter')} | {'iter': type(d.get('iter')).__name__})
show(t.use_slots(Full()))
class Less: __hash__ = None
show({k: v for k, v in t.use_slots(Less()).items() if k != 'repr'})
Less.__len__ = lambda self: 8; Less.__repr__ = lambda self: 'less'; Less.__hash__ = lambda self: 3
show(t.use_slots(Less()))
class Least(Less): pass
show(t.use_slots(Least()))
Less.__repr__ = lambda self: 'again'; Least.__add__ = lambda self, o: 'late'
show(t.use_slots(Least()))
del Least.__add__, Less.__len__
show(t.use_slots(Least()))
class PyStack2(t.Stack):
    def __repr__(self): return 'mine'
print(t.use_slots(PyStack2([1, 2]))['repr'], t.use_slots(PyStack2([1, 2]))['length'], t.use_slots(t.Stack([5, 6]))['item'], t.use_slots([5, 6])['item'], t.use_slots(t.Flag(4))['add'], t.use_slots(3)['add'])
for k in (int, str, list, dict, tuple, set, float, object, type, Full, Less, property, bytes, range):
    print(k.__name__, t.filled(k))
print(t.make(t.Stack, [1]), t.make(list, 'ab'), t.make(int, '12'), t.make(Full), t.make(PyStack2, [3]), t.make(dict, [(1, 2)]), t.make(str, 5), t.make(t.Metres, 1.0), t.make(ValueError, 'v'), t.make(tuple, 'xy'))
print(t.in_dict(t.Stack, 'push'), t.in_dict(t.Fields, 'double'), t.in_dict(Full, '__len__'), t.in_dict(Full, 'nothing'), t.in_dict(list, 'append'))

Full.added, Full.lost = 1, 2
del Full.lost
print(t.in_dict(Full, 'added'), t.in_dict(Full, 'lost'))
for k in (Full, t.Spec, t.Stack):
    t.add_to_dict(k); print(k.first_of_c, k.second_of_c)
Full.later = 3
print(Full.first_of_c, Full().second_of_c, t.in_dict(Full, 'first_of_c'), t.in_dict(Full, 'later'))

# ---- capsules, struct sequences
print(t.capsules(), type(t.thing).__name__)
p = t.point()
print(p, p.x, p.y, p.hidden, len(p), tuple(p), p[0], t.Point.n_fields, t.Point.n_sequence_fields, isinstance(p, tuple), t.Point.__doc__, t.Point((1, 2)).x, p == (1000, 'why'))
error(t.Point, (1,))
