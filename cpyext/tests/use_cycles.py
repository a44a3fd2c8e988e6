# Garbage that refers to itself through objects of both sides. The argument is how many of each kind are made.
import gc, sys, weakref, cycles
from cycles import Box, Cell, Closer, Lazarus, Plain

N = int(sys.argv[1]) if len(sys.argv) > 1 else 20
log = []

def deep(n, *a):
    return deep(n - 1, n, n, n, n, n, n, n, n) if n else [n, n]
def below(n, f):
    # Far down, so that nothing of its frames is left in sight when it has ended.
    return below(n - 1, f) if n else f()
def collect():
    # Frames that ended may leave references behind until others take their places.
    for i in range(3):
        deep(150)
        gc.collect()
def counted(kind):
    return cycles.counts()[kind]
def empty(items):
    # The list itself may stay in sight for a while.
    for i in range(len(items)):
        items[i] = None
    items.clear()
class Thing:
    def __init__(self, *refers):
        self.refers = list(refers)
        self.scene = current
class Told(Thing):
    def __del__(self):
        tell('del', self.scene)
class Back(Thing):
    saved = []
    def __del__(self):
        Back.saved.append(self)

current = ''
def tell(what, scene):
    # What an earlier scene left behind is not this one's.
    if scene == current:
        log.append(what)
def telling(what, scene=None):
    scene = current
    return lambda *a: tell(what() if callable(what) else what, scene)
def about(n, all):
    'A few may stay as long as something on the stack looks like a reference to them.'
    return 'all' if n >= all * 0.7 else 'none' if n <= all * 0.25 else f'{n} of {all}'
def scene(name, kind, build, often=N):
    'Makes garbage, collects it, and tells what went: made, gone, weak references that are clear, what was logged.'
    global current
    current = name
    log.clear()
    before = counted(kind)
    def play():
        return [weakref.ref(o) for i in range(often) for o in build()]
    refs = below(50, play)
    collect()
    now = counted(kind)
    made, gone = now[0] - before[0], now[1] - before[1]
    clear = sum(r() is None for r in refs)
    events = {what: about(log.count(what), often) for what in sorted(set(log))}
    print(f'{name}: {made} {kind} made, {about(gone, made)} gone, {about(clear, len(refs))} of the weak references clear', events or '')

# ---- one of each side
def pair(kind):
    def build():
        c = kind()
        t = Thing(c)
        c.a = t
        return c, t
    return build
scene('static type and object', 'Cell', pair(Cell))
scene('heap type and object', 'Box', pair(Box))
def alone():
    c = Cell()
    c.a = c
    return [c]
scene('itself', 'Cell', alone)
def two():
    a, b = Cell(), Cell()
    a.a, b.a = b, a
    return a, b
scene('two of C', 'Cell', two)
def long_way():
    first = last = Cell()
    all = [first]
    for i in range(10):
        next = Cell()
        t = Thing(next)
        last.a = t
        last = next
        all += [t, next]
    last.b = first
    return all
scene('ten times over the border', 'Cell', long_way)
def through_function():
    c = Cell()
    def f():
        return c
    c.a = f
    c.b = [f, {1: c}]
    return c, f
scene('through a closure', 'Cell', through_function)
def through_method():
    t = Thing()
    c = Cell(t.__init__)
    t.c = c
    return c, t
scene('through a bound method', 'Cell', through_method)
def through_own_method():
    c = Closer()
    c.b = c.__repr__
    return [c]
scene('through a method of its own', 'Closer', through_own_method)
def through_class():
    class Local(Cell):
        pass
    c = Local()
    c.a = c
    c.extra = [c]
    return [c]
scene('instance of a subclass', 'Cell', through_class)
class Sub(Box):
    pass
def sub():
    s = Sub()
    s.me = [s]
    return [s]
scene('attributes of a subclass', 'Box', sub)
def through_exception():
    c = Cell()
    try:
        raise ValueError(c)
    except ValueError as e:
        c.a = e
    return [c]
scene('through an exception', 'Cell', through_exception)

# ---- containers that C made or filled
for make in cycles.list_of, cycles.tuple_of, cycles.dict_of:
    def container():
        c = Cell()
        c.a = make(c)
        return [c]
    scene(f'through {make.__name__}', 'Cell', container)
    def container_seen():
        c = Cell()
        t = Thing()
        t.seen = make(t)
        c.a, t.c = t.seen, c
        return c, t
    scene(f'through {make.__name__}, seen', 'Cell', container_seen)
def list_in_itself():
    t = Told()
    l = [t]
    cycles.put_in(l, l)
    t.l = l
    return [t]
scene('a list in itself', 'Node', list_in_itself)
def list_of_c():
    l = cycles.self_list()
    t = Told(l)
    cycles.put_in(l, t)
    return [t]
scene('a list of C in itself', 'Node', list_of_c)
def list_and_tuple():
    t = Told()
    l = []
    pair = cycles.tuple_of(l)
    cycles.put_in(l, (pair, t))
    t.l = pair
    return [t]
scene('a list and a tuple', 'Node', list_and_tuple)

# ---- what C alone knows
def lost_ring():
    t = Thing()
    cycles.ring(t, 5)
    return [t]
scene('a ring of nodes', 'Node', lost_ring)
def ring_and_object():
    t = Thing()
    n = cycles.node(t)
    t.n = n
    cycles.ring(t, 3)
    return n, t
scene('a ring and an object', 'Node', ring_and_object)

# ---- finalizers
def told():
    c = Cell()
    t = Told(c)
    c.a = t
    return c, t
scene('__del__ in a cycle', 'Cell', told)
def boxes():
    a, b = Box(), Box()
    a.a, b.a = b, a
    a.b = b.b = telling('finalize')
    return a, b
scene('tp_finalize in a cycle', 'Box', boxes)
def finalizer_of_a_method():
    b = Box()
    t = Told(b)
    b.a = t
    b.b = telling(lambda: f'finalize {len(t.refers)}')
    return b, t
scene('tp_finalize finds all whole', 'Box', finalizer_of_a_method)
def back():
    c = Cell()
    t = Back(c)
    c.a = t
    return c, t
scene('__del__ brings a cycle back', 'Cell', back)
print(about(len(Back.saved), N), all(t.refers[0].a is t for t in Back.saved))
before = counted('Cell')
below(50, lambda: empty(Back.saved))
collect()
print('later', about(counted('Cell')[1] - before[1], N))
def lazarus():
    z = Lazarus()
    t = Thing(z)
    z.a = t
    return z, t
scene('tp_finalize brings a cycle back', 'Lazarus', lazarus)
def look():
    risen = cycles.take_risen()
    print(about(len(risen), N), all(z.a.refers[0] is z for z in risen), {cycles.is_finalized(z) for z in risen})
    empty(risen)
before = counted('Lazarus')
below(50, look)
collect()
now = counted('Lazarus')
print('later', about(now[1] - before[1], N), about(now[3] - before[3], N), about(len(cycles.take_risen()), N))
def risen_alone():
    # Whether a weak reference is clear by then depends on who finds it dead.
    Lazarus()
    return []
scene('tp_finalize from the destructor', 'Lazarus', risen_alone)
def look():
    risen = cycles.take_risen()
    print(about(len(risen), N))
    empty(risen)
before = counted('Lazarus')
below(50, look)
collect()
print('later', about(counted('Lazarus')[1] - before[1], N))

# ---- weak references
def with_callback():
    c = Cell()
    t = Thing(c)
    c.a = t
    keep.extend([weakref.ref(c, telling('callback of C')), weakref.ref(t, telling('callback'))])
    return []
keep = []
scene('callbacks', 'Cell', with_callback)
keep.clear()
def callback_inside():
    c = Cell()
    t = Thing(c)
    c.a = t
    t.ref = weakref.ref(c, telling('never'))
    return c, t
scene('a callback that dies too', 'Cell', callback_inside)

# ---- what is kept
def plain():
    p = Plain()
    t = Thing(p)
    p.a = t
    return p, t
scene('no tp_traverse', 'Plain', plain)
def behind_plain():
    c = Cell()
    t = Thing(c)
    c.a = t
    p = Plain(t)
    t.p = p
    return c, t, p
scene('behind one without tp_traverse', 'Cell', behind_plain)
def untracked():
    n = cycles.node(None, None, False)
    n.a = Thing(n)
    return n, n.a
scene('not tracked', 'Node', untracked)
def held():
    c = Cell()
    t = Thing(c)
    c.a = t
    all = cycles.let_go()
    all[all.index(None)] = t
    cycles.hold(all)
    return c, t
# Lists of a fixed length: the former items of one that grew would be seen together by a stale word.
cycles.let_go()
cycles.hold([None] * N)
scene('held by C', 'Cell', held)
before = counted('Cell')
below(50, lambda: empty(cycles.let_go()))
collect()
print('let go', about(counted('Cell')[1] - before[1], N))
rooted = [None] * N
def root():
    for i in range(N):
        c = Cell()
        c.a = Thing(c)
        c.b = cycles.tuple_of(c.a)
        rooted[i] = c
below(50, root)
collect()
print(all(c.a.refers[0] is c and c.b[0] is c.a for c in rooted))
before = counted('Cell')
below(50, lambda: empty(rooted))
collect()
print('let go', about(counted('Cell')[1] - before[1], N))

# ---- without a cycle a destructor finds what it needs
def closing():
    t = Thing('whole')
    return [Closer(telling(lambda: f'closed {t.refers[0]}'))]
scene('a destructor calls', 'Closer', closing)
def closing_chain():
    t = Thing(Closer(telling('inner')))
    return [Closer(telling(lambda: f'outer {len(t.refers)}'))]
scene('destructors one after the other', 'Closer', closing_chain)

# ---- bits
c = Cell()
print(cycles.is_tracked(c), cycles.is_tracked(cycles.node()), cycles.is_tracked(cycles.node(None, None, False)))
cycles.untrack(c)
print(cycles.is_tracked(c), cycles.is_tracked(1), cycles.is_tracked([]), cycles.is_finalized(c))
print(gc.isenabled(), gc.garbage)

# ---- many
scene('many', 'Cell', pair(Cell), 50 * N)
def big():
    c = Cell()
    t = Thing(c)
    for i in range(5 * N):
        n = Cell(t)
        t = Thing(n)
    c.a = t
    return c, t
scene('long ones', 'Cell', big)
