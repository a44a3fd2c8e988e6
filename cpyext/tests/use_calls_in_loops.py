"""Calls into C in loops that are compiled: results that are not what was expected, exceptions, and calls back into Python
that change what the loop stands on."""
import calls, sys

N = int(sys.argv[1]) if len(sys.argv) > 1 else 3000

def text(e): return f'{type(e).__name__}: {e}'

def varied(n):
    total, others, errors = 0, [], []
    for i in range(n):
        try:
            v = calls.vary(i)
        except KeyError as e:
            errors.append(e.args[0])
            continue
        if type(v) is int: total += v
        else: others.append(v)
    return total, others[:9], others[-3:], len(others), errors[:2], errors[-1], len(errors)
print(varied(N))

def summed(n):
    # The sum itself changes its type.
    s = 0
    for i in range(n):
        if i % 50 in (19, 23, 31, 37): continue
        s += calls.vary(i)
    return s
print(summed(N))

def raising(n):
    k, last = 0, None
    for i in range(n):
        try: calls.fail(i)
        except ValueError as e: k, last = k + 1, text(e)
    return k, last
print(raising(N))

def broken(f, n):
    seen = set()
    for i in range(n):
        try: f()
        except SystemError as e: seen.add((text(e), text(e.__cause__) if e.__cause__ else None))
    return seen
print(broken(calls.null, N), broken(calls.both, N))

def contexts(n):
    # Exceptions of C get the context of the one that is handled.
    k = 0
    for i in range(n):
        try:
            try: raise IndexError(i)
            except IndexError as a: calls.fail(a)
        except ValueError as e:
            k += e.__context__.args[0]
    return k
print(contexts(N))

step = 1
def change(i):
    global step
    if i % 100 == 99: step += 1
def globals_change(n):
    s = 0
    for i in range(n):
        s += calls.poke(change, i) * step
    return s, step
print(globals_change(N))

def swap(i):
    if i == N // 2: calls.onearg = lambda x: x * 1000
    if i == N // 2 + 10: del calls.onearg; calls.onearg = original
original = calls.onearg
def functions_change(n):
    s = 0
    for i in range(n):
        calls.poke(swap, i)
        s += calls.onearg(i)
    return s
print(functions_change(N))

class C:
    def __init__(self): self.n = 0
    def up(self, by): self.n += by
def attributes_change(n):
    c, s = C(), 0
    for i in range(n):
        calls.poke(c.up, i)
        s += c.n
    return s
print(attributes_change(N))

def deep(i):
    if i % 7 == 0: return sum(calls.onearg(k) for k in range(5))
    return [[k] for k in range(3)]
def nested(n):
    s = 0.5
    for i in range(n):
        s += calls.onearg(i * 0.5) + calls.poke(deep, i)
    return s
print(nested(N))

def out_of_callback(n):
    def f(i):
        if i % 11 == 0: raise LookupError(i)
    s = 0
    for i in range(n):
        try: s += calls.poke(f, i)
        except LookupError as e: s += e.args[0]
    return s
print(out_of_callback(N))

def wide(n):
    # Ints over the sizes that C's ints have digits for.
    s, v = 0, 1
    for i in range(n):
        v = (v * 3 + i) & (1 << 62) - 1
        if calls.onearg(v) != v or calls.onearg(-v) != -v: return i
        s ^= calls.onearg(v)
    return s
print(wide(N))

def boxes(n):
    box, s = calls.Box(1, 2.5, 'x', None), 0
    for i in range(n):
        v = box[i % 4]
        s += len(box) + (v if type(v) is int else 0)
        if box[-1] is not None: return i
        try: box[4 + i % 3]
        except IndexError as e: s += len(str(e))
    return s
print(boxes(N))

class Sub(calls.Box):
    def __len__(self): return 7
def subclasses(n):
    objects, s = [calls.Box(1), Sub(2, 3), calls.Box(), Sub()], 0
    for i in range(n):
        o = objects[i % 4]
        s += len(o) + o.noargs() + o.onearg(i) * 2
    return s
print(subclasses(N))

def made(n):
    s = 0
    for i in range(n):
        box = calls.Box(i, i + 1)
        s += box[1] + len(box)
        if i % 64 == 0:
            try: calls.Box(a=1)[0]
            except (IndexError, TypeError) as e: s += len(text(e))
    return s
print(made(N))

def counted(n):
    s, c = 0, calls.Counter(n)
    for x in c: s += x
    for x in c: s += 1000000
    c = calls.Counter(3)
    seen = [next(c), next(c), next(c)]
    try: next(c)
    except StopIteration as e: seen.append(e.args)
    return s, seen, [list(calls.Counter(i)) for i in range(4)], next(calls.Counter(0), 'end')
print(counted(N))

def bound(n):
    f, s = calls.Box().noargs, 0
    for i in range(n): s += f()
    return s
print(bound(N))

def wrong(n):
    seen = set()
    for i in range(n):
        for call in (lambda: calls.noargs(1), lambda: calls.onearg(), lambda: calls.onearg(1, 2), lambda: calls.Box.onearg(5, 6),
                lambda: calls.Box.onearg(), lambda: calls.vary('x'), lambda: calls.noargs(a=1)):
            try: call()
            except TypeError as e: seen.add(str(e))
    return sorted(seen)
print(wrong(N // 20))

def seen(d):
    if 'c' in d: raise ValueError('twice')
    d['c'] = list(d.items())
    del d['b']
    [[k] for k in range(3)]
def fails(d):
    d.clear(); d['a'] = 1000; raise KeyError('stop')
def dicts(n):
    s = 0
    for i in range(n):
        d = calls.dicts(seen)
        s += len(d) + d['n11'] + d['a']
        m = calls.mixed(i)
        s += len(m) + m[i] + len(m['k9'])
        k = calls.named(a=i, b=[i])
        k['c'] = k['a']
        s += k['b'][0] + len(k)
        try: calls.mixed([])
        except TypeError as e: s += len(str(e))
        try: calls.dicts(fails)
        except KeyError: s += 1
    return s, list(d), list(m)[3:8], k, calls.named(), calls.named(**{f'x{i}': i for i in range(12)})
print(dicts(N // 10))
