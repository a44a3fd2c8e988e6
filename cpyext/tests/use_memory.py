# What objects and memory do over the border. The argument is the number of paired objects; ten times as many ints cross.
# Run with `figures` as second argument it prints what it measured.
import gc, sys, time, weakref, memory

N = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
figures = len(sys.argv) > 2
# CPython has no links.
pair_stats = getattr(gc, '_pair_stats', lambda: {'linked': 0, 'made': 0})

def resident():
    'KiB in memory now.'
    with open('/proc/self/statm') as f:
        return int(f.read().split()[1]) * 4
def figure(*words):
    if figures:
        print('   ', *words)
def deep(n, *a):
    return deep(n - 1, n, n, n, n, n, n, n, n) if n else [n, n]
def collect():
    # Frames that ended may leave references behind until others take their places; a destructor may leave work to the next
    # collection.
    deep(100)
    for i in range(4):
        gc.collect()
def churn():
    for i in range(2 + N // 40_000):
        [[j] for j in range(10_000)]
    collect()

class Thing: pass
class Sub(memory.Block):
    def __init__(self, size):
        self.extra = [size]

# ---- ints leave nothing behind
def ints(n):
    x, y, z = 10**6, -2**40, 0
    for i in range(n // 2):
        x = memory.next(x)
        z += memory.add(i, y)
    return x, z
ints(N)
collect()
made, before, start = pair_stats()['made'], resident(), time.time()
result = ints(10 * N)
seconds = time.time() - start
after, links = resident(), pair_stats()['made'] - made
figure(10 * N, 'calls with ints:', round(seconds, 2), 's,', links, 'links made, resident', before, 'and', after, 'KiB')
print('ints', result == (10**6 + 5 * N, sum(range(5 * N)) - 2**40 * 5 * N), links == 0, after < before + 8192)

# ---- calls with names, and containers that C makes, leave nothing behind
def flat(what, f, n):
    f(N // 10)
    collect()
    linked, before, start = pair_stats()['linked'], resident(), time.time()
    good = f(n)
    seconds = time.time() - start
    collect()
    left, after = pair_stats()['linked'] - linked, resident()
    figure(n, what, round(seconds, 2), 's,', left, 'links left, resident', before, 'and', after, 'KiB')
    print(what, good, left < 16, after < before + 8192)
def names(n):
    s = 0
    for i in range(n // 4):
        s += memory.named(i, x=i) + memory.named(a=1, b=i, c=2, d=3, e=4) + memory.named_dict(i, k=i) + memory.named_dict(1, 2, 3, 4, y=i)
    return s == n // 4 * 14
flat('names', names, N)
def kept(n):
    for i in range(n): made = memory.containers(i)
    return made == [{'key': n - 1, 'list': [n - 1, None]}, (n - 1, 'some text')]
flat('containers', kept, N)
def dropped(n):
    for i in range(n): memory.containers([i])
    return True
flat('containers dropped', dropped, N)

# ---- pairs die on both sides
def pairs(n):
    ring = [None] * 64
    for i in range(n // 4):
        ring[i & 63] = memory.Block(i & 31)
        Sub(7)
        o = Thing()
        o.me = [o]
        memory.see(o)
        memory.see([i])
        ring[(i + 17) & 63] = memory.make(3)
    # A word of the native stack may still name the ring: it shall keep nothing.
    for i in range(64): ring[i] = None
def measured_pairs(n):
    collect()
    linked, made, blocks, before, start = pair_stats()['linked'], pair_stats()['made'], memory.counts(), resident(), time.time()
    pairs(n)
    seconds = time.time() - start
    collect()
    churn()
    now = memory.counts()
    figure(n, 'pairs:', round(seconds, 2), 's,', pair_stats()['made'] - made, 'links made,', pair_stats()['linked'] - linked, 'left;',
           now[0] - blocks[0], 'blocks made,', now[1] - blocks[1], 'destroyed; resident', before, 'and', resident(), 'KiB')
    return pair_stats()['linked'] - linked, now[0] - blocks[0], now[1] - blocks[1], resident() - before
measured_pairs(N // 10)
# How many dead pairs wait for the end of a cycle of the collector differs from cycle to cycle, and so does the memory for them,
# which stays. A pair that leaked would take 32 bytes at least.
measured_pairs(N)
left, made, gone, grown = measured_pairs(N)
# The last ones, and a ring that was given up, may still be named by words of the native stack.
print('pairs', left < 100, made == N // 4 * 3, made - gone < 100, grown < 24 * 1024)

# ---- what C alone keeps lives, and is the same object
def function(): return function.answer
def build(n):
    rows = []
    for i in range(n):
        thing, block, sub = Thing(), memory.Block(i), Sub(i)
        thing.i = i
        block.other = [i]
        sub.more = {i: thing}
        thing.sub = sub
        rows.append([(memory.keep(o), id(o), weakref.ref(o)) for o in (thing, block, sub)])
    for o in ([n, [n]], {n: [n]}, lambda: n, ValueError(n), (n, [n]), type('T', (), {'n': n})):
        rows.append([(memory.keep(o), id(o), None)])
    return rows
def look(rows):
    good = True
    for i, row in enumerate(rows):
        for k, number, ref in row:
            o = memory.give(k)
            good = good and id(o) == number and o is memory.give(k) and (ref is None or ref() is o)
        if len(row) == 3:
            thing, block, sub = [memory.give(k) for k, _, _ in row]
            good = good and thing.i == i and thing.sub is sub and block.other == [i] and sub.more == {i: thing} and sub.extra == [i]
            good = good and block.sum() == sub.sum() == i * (i % 251)
    return good
rows = build(min(500, N // 10))
print('kept by C', look(rows))
churn()
print('after collections', look(rows), all(ref() is not None for row in rows for _, _, ref in row if ref))
memory.release()
churn()
# A few may still be named by words of the native stack.
print('released', sum(ref() is not None for row in rows for _, _, ref in row if ref) < 32)
del rows
churn()
print('all gone', memory.counts()[0] - memory.counts()[1] < 100)

# ---- what Python alone keeps lives
blocks = [memory.make(i) for i in range(2000)]
subs = [Sub(i) for i in range(1000)]
churn()
print('kept by Python', sum(b.sum() for b in blocks) == sum(i * (i % 251) for i in range(2000)),
      all(s.extra == [i] and s.sum() == i * (i % 251) for i, s in enumerate(subs)))
del blocks, subs

# ---- borrowed references of items
l = [12345678, 'x']
d = {'k': 87654321, 'x': l}
memory.lend(l, d)
good = 0
start = time.time()
for i in range(N):
    good += memory.lent(l, d)
    if i % (N // 5) == N // 10:
        churn()
figure(N, 'calls with borrowed items:', round(time.time() - start, 2), 's')
print('borrowed over calls', good == N)
print('borrowed inside a call', memory.borrowed(l, d, N // 2, lambda: [l, d]) == N // 2 * (12345678 - 87654321))
mixed = [2.5, 7, 'x', 10**6]
unboxed = [10**6 + i for i in range(100)]
for l in (unboxed, [10**7], mixed[3:]):
    memory.lend(l, d)
    churn()
    print(memory.lent(l, d), end=' ')
print()

# ---- memory of C counts: dead objects that hold much of it are found in time
def big(n, size, held):
    ring = [None] * held
    for i in range(n):
        ring[i % held] = memory.Block(size)
def peak(n, size, held):
    before, most = resident(), 0
    for i in range(20):
        big(n // 20, size, held)
        most = max(most, resident())
    figure(n, 'blocks of', size, 'bytes,', held, 'held: at most', most - before, 'KiB more')
    return most - before
collect()
start = time.time()
print('pressure', peak(max(N, 20_000), 16 << 10, 1) < 200 << 10, peak(N // 10, 16 << 10, 2000) < 300 << 10,
      peak(max(N // 500, 400), 1 << 20, 3) < 200 << 10)
figure('pressure:', round(time.time() - start, 2), 's')
churn()
print('in the end', memory.counts()[0] - memory.counts()[1] < 100)
