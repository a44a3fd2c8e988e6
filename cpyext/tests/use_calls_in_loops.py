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

def named(n):
    # Calls with names: few and many, of functions, methods, bound methods and classes; texts and sizes change on the way.
    box, s, seen = calls.Box(1), 0, []
    bound = box.gather
    for i in range(n):
        s += calls.total(i, x=i) + calls.total(a=1, b=i, c=2, d=i, e=3) + calls.total(i, i, i, i, i, f=i)
        s += calls.total_dict(i, x=i) + calls.total_dict(a=1, b=i, c=2, d=i, e=3, f=4, g=5, h=6, i=7)
        got = [box.gather(x=i), box.gather(i, 'y', z=2.5), bound(i, None, q=box), box.collect(i, k=[i]), box.collect(z=i),
            calls.Box.gather(box, i, u=1, v=2, w=3), calls.fastkeywords(i, x=i, y=-i), calls.named(i, deep=(i, [i]))]
        if i % 97 == 0: seen.append(repr(got))
        s += len(got[0][1]) + got[1][1][2].__class__.__name__.count('t') + got[3][1]['k'][0] + got[6][1]['y']
    return s, len(seen), seen[-1]
print(named(N))

def wrong_names(n):
    box, seen = calls.Box(1), set()
    for i in range(n):
        for call in (lambda: calls.noargs(x=1), lambda: calls.varargs(1, x=1), lambda: calls.fastcall(x=i), lambda: calls.keywords(1, e=2),
                lambda: calls.keywords(a='x'), lambda: calls.keywords(1, a=2), lambda: calls.Box.gather(box=box), lambda: box.add(o=1),
                lambda: calls.total(i, x='y'), lambda: calls.total_dict(x=None), lambda: calls.keywords(1, 2.0, 3, 4, d=5)):
            try: call()
            except (TypeError, ValueError) as e: seen.add(text(e))
    return sorted(seen)
print(wrong_names(N // 10))

def same_names(n):
    # C gets the very same names from each call.
    def one(i): return calls.named(first=i, second=2)
    def other(i): return calls.named(first=i, second=3)
    k = 0
    for i in range(n):
        a, b = one(i), other(i)
        for x, y in zip(a, b): k += x is y
        k += a['first'] == b['first'] and list(a) == ['first', 'second']
    return k
print(same_names(N))

def unused(n):
    # Nobody looks at what these give; what goes wrong is seen all the same.
    k, errors = 0, set()
    box = calls.Box(1)
    for i in range(n):
        calls.fastcall(i, None)
        calls.fastkeywords(i, x=i)
        calls.Box(i)
        calls.allocate_str()
        calls.callback(lambda a, b: [a, b], i)
        len(box)
        box.add(i)
        try: calls.vary(i)
        except KeyError as e: errors.add(text(e))
        try: calls.both()
        except SystemError as e: errors.add(text(e))
        try: calls.null()
        except SystemError as e: errors.add(text(e))
        try: calls.poke(out, i)
        except LookupError: k += 1
    return k, len(box), len(errors), sorted(errors)[-2:]
def out(i):
    if i % 13 == 0: raise LookupError(i)
print(unused(N))

class Noisy:
    def __init__(self, log): self.log = log
    def __del__(self): self.log.append(len(self.log))
def unused_objects(n):
    # What goes with a result that nobody looks at may be an object of the interpreter.
    log = []
    for i in range(n): calls.fastcall(Noisy(log), i)
    import gc
    for i in range(4): gc.collect()
    # A few may still be named by words of the native stack that nobody has written over.
    return len(log) > n - 16
print(unused_objects(N))

def given_dicts(n):
    # A dict that C gives away takes room for its entries only: it grows and shrinks like any other.
    all = 0
    for i in range(n):
        k = i % 9
        d = calls.fastkeywords(i, **{f'k{j}': j for j in range(k)})[1] if k else calls.keywords(a=i)
        before = len(d)
        d['one'] = 1
        d[i] = 2
        assert d['one'] == 1 and d[i] == 2 and len(d) == before + 2, d
        if k: assert [d[f'k{j}'] for j in range(k)] == list(range(k)) and 'other' not in d, d
        for key in list(d)[::2]: del d[key]
        d |= {j: j for j in range(k)}
        all += len(d)
    return all
print(given_dicts(N))

def kept_boxes(n):
    # What stands for a structure of C is the same object as long as it lives, whoever gives it.
    last, kept = None, []
    for i in range(n):
        box = calls.Box(i)
        assert box.add(i) is box and len(box) == 2 and box is not last
        if i % 7 == 0: kept.append(box)
        last = box
    return len(kept), sum(box[0] for box in kept), len({id(box) for box in kept})
print(kept_boxes(N))
