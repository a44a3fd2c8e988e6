import storage, gc, sys

def error(f, *a, **k):
    try:
        print(f(*a, **k))
    except Exception as e:
        print(type(e).__name__, e)

TINY = '--tiny' in sys.argv
def size(n):
    return max(n // 50, 20) if TINY else n

def churn(n=30):
    for i in range(1 if TINY else n):
        [[str(j), j * 1.5] for j in range(10 if TINY else 1000)]
    gc.collect()

class Thing:
    def __init__(self, n): self.n = n
    def __repr__(self): return f'Thing({self.n})'
    def __lt__(self, other): return self.n < other.n

print('-- lists: changes of C are seen here')
l = [1, 2.5, 'x', None, Thing(4)]
same = l
storage.list_put(l, 0, 100000); print(l, same is l, len(l))
storage.list_push(l, 'pushed'); print(l, len(l), l[-1], l[5])
for i in range(40): storage.list_push(l, i * 1000)
print(len(l), l[6:10], l[-3:], sum(l[6:]), 39000 in l, l.index('pushed'), l.count(None))
print(storage.list_drop(l), len(l), storage.list_drop(l), len(l))
while len(l) > 5: storage.list_drop(l)
print(l, bool(l))
storage.list_put(l, 1, l); print(l, l[1] is l); l[1] = 2
print('-- lists: changes here are seen by C')
l[:] = [1, 2.5, 3]; print(storage.list_sum(l))
l.append(1000000); l[0] = 0.5; print(storage.list_sum(l), l)
l.extend([1, 2]); l += (3,); l.extend(range(5)); l.insert(1, 7); print(storage.list_sum(l), l)
del l[0]; l.pop(); l.pop(0); del l[::2]; print(storage.list_sum(l), l)
l *= 2; print(l, l * 2, l + [1], [0] + l); l.reverse(); print(l); l.sort(); print(l, sorted(l, reverse=True))
l[1:3] = [10, 20, 30]; l[::2] = range(len(l[::2])); print(l, l[::-1], l[1:-1:2], storage.list_sum(l))
l.clear(); print(l, bool(l), len(l), not l, storage.list_sum(l), [x for x in l], [*l], list(l), l == [], tuple(l))
[] = l
storage.list_push(l, 5); storage.list_push(l, 6); x, y = l; print(x, y, bool(l), not l, l == [5, 6], [5, 6] < l, l.copy())
print([x for x in l], list(reversed(l)), list(zip(l, l)), list(enumerate(l)), dict.fromkeys(l), max(l), min(l), sum(l))
error(lambda: [] == storage and None)
error(lambda: l[7]); error(lambda: l.pop(9)); error(l.remove, 99); error(l.index, 99); error(l.__setitem__, 9, 1)
try:
    (a, b, c) = l
except ValueError as e: print(e)
match l:
    case [first, *rest]: print(first, rest)
l = [Thing(3), Thing(1), Thing(2)]; kept = l[:]
storage.list_sum(l); l.sort(); print(l, l[0] is kept[1]); l.sort(key=lambda t: -t.n); print(l)
def grow(t):
    l.append(0)
    return 1
error(l.sort, key=grow); print(l, [t is k for t, k in zip(sorted(l), sorted(kept))])
storage.list_sort(l); print(l)
def bad(t): raise ValueError('key')
error(l.sort, key=bad); print(l)
for f in (storage.list_api,):
    l = [1, 2, 3, 4]; print(f(l), l)
class Sub(list): pass
s = Sub([1, 2, 3]); s.attribute = 5; storage.list_push(s, 4); print(s, len(s), s[3], s.attribute, type(s).__name__); s.append(5); print(storage.list_sum(s))
t = storage.list_fill(5); print(t, t is not storage.list_fill(5)); storage.list_push(t, 1); print(t)
storage.keep(t); t = None; churn()
print(storage.kept_push('more'), storage.give(), storage.kept_push(storage.give()), storage.give()[-1] is storage.give())
inner = []; outer = [inner, (inner, [inner])]; storage.keep(outer); storage.list_push(inner, 1); print(outer, storage.give() is outer, outer[1][1][0] is inner)
loop = []; tup = (loop,); loop.append(tup); storage.keep(tup); print(storage.give() is tup, tup[0][0] is tup); storage.drop()
strs = ['a', 'bc', 'long text', b'bytes', ('tuple', 1), 10**30, 1j, True]
storage.list_sum(strs); print(strs, all(x is y for x, y in zip(strs, strs)), strs[4] is strs[4])

print('-- lists in hot loops')
def work(l, n):
    total = 0
    for i in range(n):
        l.append(i)
        total += l[-1] + len(l)
        if l: total += 1
        for v in l: total += v
        if len(l) > 5:
            total += l.pop()
            l.pop(0)
        l[0] = i & 3
    return total
def change(l, n):
    total = 0
    for i in range(n):
        if i == n // 2: storage.list_push(l, 5)
        if i % 100 == 7 and i > n // 2: storage.list_put(l, 0, i); storage.list_drop(l)
        l.append(i)
        total += sum(l) + len(l)
        if len(l) > 6: del l[1:4]
    return total
print(work([], size(3000)), work([1.5], 100)); c = []; storage.list_sum(c); print(work(c, size(3000)), c, storage.list_sum(c))
print(change([], size(4000)), change([1.0], size(3000)), change(['x'], 0))
def truth(ls, n):
    k = 0
    for i in range(n):
        for x in ls:
            if not x: k += 1
            k += len(x)
    return k
e, f = [], [1]; storage.list_sum(e); storage.list_sum(f); print(truth([[], [1], e, f], size(1000))); storage.list_drop(f); storage.list_push(e, 3); print(truth([[], [1], e, f], size(1000)))

print('-- borrowed references')
class Object:
    def __repr__(self): return 'Object'
l, d = [10**6, 2.5, 10**30, Object()], {'int': 7 * 10**6, 'float': 7.25, 'big': 10**40, 'object': Object()}
l[0] += 1; d['int'] += 1; l[1] += 1; d['float'] += 1
storage.borrow_list(l); storage.borrow_dict(d); churn()
print(storage.lent(), storage.same_loans(l, d))
n = 0
for i in range(size(1000) if '--short' in sys.argv or TINY else 1000000):
    n += storage.lent_sum()
    if i % (500 if TINY else 100000) == 0: churn(2)
print(n, storage.lent(), storage.same_loans(l, d))
d2 = {}; print(storage.stored(d2), d2); churn(); print(storage.next_items(d2), storage.next_items({1000: 2000, 1.5: 'x', (1, 2): None}))
d3 = {}; print(storage.store_many(d3, size(5000)), d3); churn(3); print(d3, storage.dict_used(d3))
for i in range(size(2000)): d['int'] = i; storage.borrow_dict(d)
print(storage.lent()[4:])

print('-- dicts')
d = {'a': 1}; storage.watch(d); print(storage.changed())
def step(what):
    print(what, *storage.changed())
step('nothing'); d['b'] = 2; step('new'); d['a'] = 5; step('replaced'); d.get('a'); 'a' in d; step('read'); del d['b']; step('deleted')
d.update(x=1, y=2); step('update'); d.setdefault('x', 3); d.setdefault('z', 3); step('setdefault'); d.pop('z'); step('pop'); d.popitem(); step('popitem')
d |= {'q': 1}; step('or'); d.clear(); step('clear'); d.update({'m': 1, 'n': 2}); step('merged'); exec('k = 1', d); step('exec')
print(storage.watched_call(lambda: d.update(w=1)), storage.watched_call(lambda: d.get('w')), storage.dict_used(d) == len(d))
class D(dict): pass
d = D(a=1); storage.watch(d); d['b'] = 1; step('subclass'); dict.__setitem__(d, 'c', 1); step('by the base'); d.attribute = 1; step('attribute')
def hot(d, n):
    seen = []
    for i in range(n):
        d[i & 3] = i
        if i % 50 == 0: seen.append(storage.changed())
    return seen
d = {}; storage.watch(d); print(hot(d, size(3000)))
g = 0
def bump(n):
    global g
    seen = []
    for i in range(n):
        g += 1
        if i % 50 == 0: seen.append(storage.changed()[0])
    return seen
def bump_quietly(n):
    global g
    for i in range(n): g += 1
bump_quietly(size(3000))
storage.watch(globals()); print(bump(size(3000)), g); bump_quietly(10); print(storage.changed()[0]); h = 1; print(storage.changed()[0]); del h; print(storage.changed()[0])
g = 5; print(storage.cached_global(globals(), 'g')[0]); print(storage.cached_global(globals(), 'g'))
g = 6; print(storage.cached_global(globals(), 'g')[0]); bump_quietly(100); print(storage.cached_global(globals(), 'g')[0], g)
s = {1, 2}; print(storage.set_used(s)); s.add(3); storage.keep(s); print(storage.set_used(s)); s.discard(1); s.update('abc'); print(storage.set_used(s)); s.clear(); print(storage.set_used(s), storage.set_used(frozenset('ab')))
print(storage.set_items({3000, 1, 2000}), storage.set_items(frozenset('abc')), storage.set_items(set()), frozenset() == set())
f, s, refused, n = storage.set_filled((1, 2000, 'x', 1)); print(f == s == {1, 2000, 'x'}, type(f).__name__, refused, n, len(frozenset()), storage.set_used(f)); error(storage.set_filled, ([],))
print('-- hashes', storage.hashes('a' * 3), storage.hashes(b'abc'))
text = ''.join(['not ', 'hashed', ' yet']); storage.keep(text); print(storage.hash_kept()); hash(text); print(storage.hash_kept(), {text: 1}[text])
raw = b''.join([b'not ', b'hashed']); storage.keep(raw); print(storage.hash_kept()); hash(raw); print(storage.hash_kept())

print('-- bytearrays')
b = bytearray(b'hello'); storage.bytes_upper(b); print(b, len(b), b[0], bytes(b), b == b'HELLO', b'LL' in b)
b += b' and more'; b[0:1] = b'xyz'; storage.bytes_upper(b); print(b, len(b), b.upper(), b.find(b'AND'), b[::-1], hash(bytes(b)) == hash(bytes(b)))
b.clear(); print(b, len(b), bool(b)); b.extend(b'again'); storage.bytes_upper(b); print(b, list(b)); b.insert(0, 33); b.append(34); b.pop(1); b.reverse(); print(b)
print(storage.bytearray_api())
print(storage.hold(b)); storage.poke(0, 65); print(b, storage.peek()); b[1] = 66; print(storage.peek())
error(b.append, 1); error(b.clear); error(b.__delitem__, 0); error(b.extend, b'x'); error(b.resize) if hasattr(b, 'resize') else None
b[:] = b'z' * len(b); print(storage.peek()); storage.let_go(); b.append(1); print(b)
v = memoryview(b); storage.hold(b); v.release(); error(b.append, 2); storage.let_go(); b.append(2); print(b)
v0 = memoryview(b); v = v0[2:4]; v0.release(); print(storage.hold(v)); storage.poke(0, 33); print(b); error(b.append, 3); error(v.release); storage.let_go(); v.release(); b.append(3); print(b)
class B(bytearray): pass
s = B(b'sub'); storage.bytes_upper(s); s.append(33); print(s, storage.take('y*', s))
for how in 'y*', 's*', 'z*', 'w*', 's#', 'y#', 'z#':
    for o in 'text é', b'bytes', bytearray(b'array'), memoryview(b'view')[1:3], memoryview(bytearray(b'writable')), 5:
        print(how, end=' '); error(storage.take, how, o)
a = bytearray(b'abc'); storage.take('w*', a); print(a); a.append(1)
error(storage.hold, b'bytes'); error(storage.hold, 'text'); error(storage.hold, [1]); print(storage.hold(b'bytes', 0)); print(storage.peek()); storage.let_go()
big = bytearray(1 << (16 if TINY else 20)); storage.hold(big); storage.poke(12345, 77); churn(5); storage.poke(54321, 78); print(big[12345], big[54321], len(big), sum(big)); storage.let_go()

print('-- memoryviews')
for o in b'abcdef', bytearray(b'abcdef'), memoryview(b'abcdef')[::2], memoryview(b'abcdef')[::-1]:
    a, v, c, copy, n, dims, whole = storage.views(o)
    print(bytes(a), a.readonly, v.tolist(), v.obj is o or v.obj, bytes(c), copy, n, dims, whole)
a[0] = 122; print(bytes(a)); a2 = storage.views(b'')[0]; print(bytes(a2)); a[0] = 97
print(storage.helpers())
g = storage.Grid(); v = memoryview(g)
print(v.format, v.itemsize, v.shape, v.strides, v.ndim, v.nbytes, v.readonly, v.obj is g, v.contiguous, g.exports)
print(v.tolist(), v[3], v[-1], v[2:4].tolist(), v[::-3].tolist(), len(v)); v[5] = -7; print(g.data); v[0:2] = v[3:5]; print(g.data)
print(v == memoryview(g), bytes(v)[:8], v.cast('B')[4], v.tobytes() == bytes(g), bytearray(g) == bytes(v), b'' + v == bytes(g), b''.join([v]) == bytes(g))
g = storage.Grid(); v = memoryview(g); w = v[2:]; v.release(); print(g.exports); error(lambda: v[0]); print(w[0]); w.release(); print(g.exports)
with memoryview(g) as v, v.toreadonly() as w: print(g.exports, w.readonly)
print(g.exports)
def forgotten():
    for i in range(size(100)): memoryview(g), memoryview(g)[3:]
forgotten(); churn(); churn(1); print(g.exports < 10)
g = storage.Grid()
print(storage.hold(g)); storage.poke(0, 9); print(memoryview(g)[0]); storage.let_go()
m = memoryview(g); print(storage.hold(m)); storage.let_go(); m.release()
g = storage.Grid(2); v = memoryview(g); print(v.shape, v.strides, v.ndim, v.tolist(), v[1, 2], v.tobytes() == bytes(g), v.nbytes, len(v), v.c_contiguous, v.f_contiguous)
v[2, 3] = 5; print(g.data, v.tolist()[2]); error(lambda: v[0]); error(lambda: v[3, 0]); error(lambda: v[0, 1, 2]); print(v.cast('B').shape, v == memoryview(g))
error(memoryview, 5)
print('-- array.array')
import array
a = array.array('h', range(6)); v = memoryview(a)
print(v.format, v.itemsize, v.shape, v.tolist(), v.obj is a, v.readonly, bytes(v) == a.tobytes())
v[2] = -5; print(a); error(a.append, 1); error(a.pop); error(a.__delitem__, 0); error(a.extend, [1, 2]); a[1] = 7; print(v[1])
w = v[1:4]; v.release(); error(a.append, 1); w.release(); a.append(8); print(a)
a = array.array('B', b'abcdef')
print(storage.hold(a)); storage.poke(0, 90); print(a); a[1] = 91; error(a.append, 1); error(a.insert, 0, 1); storage.let_go(); a.append(1); print(a)
for n in range(size(300)):
    storage.hold(a); storage.poke(n % 7, n % 256); a[(n + 1) % 7] = n % 251; [[i] for i in range(9)]; storage.let_go()
print(a, len(a), a.tobytes(), a == array.array('B', a.tobytes()))
class Sub(array.array): pass
b = Sub('B', b'xyz'); print(storage.hold(b)); storage.poke(1, 65); storage.let_go(); print(b.tobytes())
with memoryview(b) as v: print(v.tolist())
v = memoryview(b); print(storage.hold(v)); storage.poke(2, 66); storage.let_go(); v.release(); b.append(67); print(b.tobytes())

print('-- types of C below builtins')
class More(storage.Rows): pass
for l in storage.Rows([1, 2.5]), storage.rows(3), More('ab'):
    storage.list_push(l, 10**6); l.append('x'); storage.list_put(l, 0, 'first'); churn(1)
    print(list(l), len(l), l[-1], storage.list_sum(l), type(l).__name__, [x for x in l] == l[:]); l.sort(key=str); print(l[:], storage.list_drop(l), len(l))
l = storage.rows(4); churn(2); print(storage.mark(l), l[3]); storage.keep(l); l = None; churn(2); print(storage.mark(storage.give()), storage.give()[:]); storage.drop()
d = storage.Table(a=1); storage.watch(d); step('table'); d['b'] = 2; step('table set'); print(dict(d), storage.dict_used(d), storage.stored(d) == tuple(d.values())[2:])
t = storage.Text(b'text'); storage.bytes_upper(t); t += b'!'; storage.hold(t); storage.poke(0, 97); error(t.append, 1); storage.let_go(); t.append(66); print(bytes(t), len(t))
