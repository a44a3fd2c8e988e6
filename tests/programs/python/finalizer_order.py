# needs: collects
# Finalizers run in the order in which objects refer to each other, and never for what another finalizer saved.
import gc
import sys
import warnings
import weakref


def apart(f):
    """Calls f in native frames of its own: a collector that scans the stack sees nothing of it afterwards."""
    return list(map(lambda _: f(), [0]))[0]


def clear_stack(n=12):
    return n and list(map(clear_stack, [n - 1]))


def collect(done=lambda: True):
    for i in range(40):
        clear_stack(i % 15)
        gc.collect()
        if i >= 1 and done():
            break


log = []


class Link:
    def __init__(self, name, *held):
        self.name, self.held = name, held

    def __del__(self):
        log.append((self.name, [h.name for h in self.held]))


def told(*names):
    return lambda: len(log) >= len(names)


# A chain: the one that nobody refers to first, however the objects were made.
def chain():
    c = Link('c')
    b = Link('b', c)
    Link('a', b)


apart(chain)
collect(told('a', 'b', 'c'))
print(log)
log.clear()


def backwards():
    a, b, c, d = Link('a'), Link('b'), Link('c'), Link('d')
    d.held = (c,)
    c.held = (b, a)
    b.held = (a,)


apart(backwards)
collect(told('a', 'b', 'c', 'd'))
print([name for name, _ in log])
log.clear()


# What hangs on a cycle comes after it, and all of the cycle is told.
class Ring:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


def cycle():
    below = Ring('below')
    rings = [Ring('one'), Ring('two'), Ring('three')]
    for n, ring in enumerate(rings):
        ring.next = rings[n - 1]
    rings[1].below = below
    below.last = Ring('last')


apart(cycle)
collect(told(1, 2, 3, 4, 5))
print(sorted(log))
log.clear()


# A finalizer saves what it refers to: that is not finalized until it is dropped again.
pool = []


class Connection:
    closed = False

    def __del__(self):
        self.closed = True
        log.append('closed')


class Lease:
    def __init__(self):
        self.connection = pool.pop() if pool else Connection()

    def __del__(self):
        pool.append(self.connection)
        log.append('back')


apart(Lease)
collect(told(1))
print(log, len(pool), pool[0].closed)
apart(Lease)
collect(told(1, 2))
print(log, len(pool), pool[0].closed)
pool.clear()
collect(told(1, 2, 3))
print(log)
log.clear()


# Weak references to what is finalized, and to what it refers to, do not lead to it.
refs = []


class Watched:
    def __init__(self, part):
        self.part = part

    def __del__(self):
        log.append(('del', type(self.part).__name__))


class Part:
    pass


def watched():
    w = Watched(Part())
    w.me = w
    refs.extend([weakref.ref(w, lambda r: log.append('w')), weakref.ref(w.part, lambda r: log.append('part'))])


apart(watched)
collect(told(1, 2, 3))
print(sorted(map(str, log)), [r() for r in refs])
log.clear()


# A long list does not recurse, and needs no collection for each of its objects.
class Node:
    count = 0
    last = None
    ordered = True

    def __init__(self, n, next):
        self.n, self.next = n, next

    def __del__(self):
        Node.count += 1
        if Node.last is not None and self.n != Node.last - 1:
            Node.ordered = False
        Node.last = self.n


def long_list(n=3000):
    head = None
    for i in range(n):
        head = Node(i, head)
    return n


apart(long_list)
collect(lambda: Node.count >= 3000)
print(Node.count, Node.ordered)


# Generators that were abandoned: the outer one is closed first, and closes the inner one.
def inner():
    try:
        yield 1
    finally:
        log.append('inner')


def outer():
    try:
        yield from inner()
    finally:
        log.append('outer')


class Keeper:
    def __init__(self, g):
        self.g = g

    def __del__(self):
        log.append('keeper')


def abandoned():
    g = outer()
    next(g)
    Keeper(g)


apart(abandoned)
collect(told(1, 2, 3))
print(log)
log.clear()


def in_a_cycle():
    def g(me):
        try:
            yield
        finally:
            log.append(('cycle', me[0] is not None))
    me = [None]
    me[0] = g(me)
    next(me[0])


apart(in_a_cycle)
collect(told(1))
print(log)
log.clear()


# Coroutines and asynchronous generators.
class Pause:
    def __await__(self):
        yield 'paused'


async def work():
    try:
        await Pause()
    finally:
        log.append('coroutine')


def coroutine():
    c = work()
    c.send(None)


apart(coroutine)
collect(told(1))
print(log)
log.clear()


async def never():
    pass


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    apart(lambda: never() and None)
    collect(lambda: caught)
    print([str(w.message) for w in caught])


async def items():
    try:
        yield 1
        yield 2
    finally:
        log.append('asynchronous generator')


def half_done():
    a = items().__aiter__()
    try:
        a.__anext__().send(None)
    except StopIteration as e:
        log.append(e.value)


apart(half_done)
collect(told(1, 2))
print(log)
log.clear()


def finalizer(agen):
    log.append(('hook', agen.__name__))


before = sys.get_asyncgen_hooks()
sys.set_asyncgen_hooks(finalizer=finalizer)
apart(half_done)
collect(told(1, 2))
print(log)
sys.set_asyncgen_hooks(*before)
log.clear()
