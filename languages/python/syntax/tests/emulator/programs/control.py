def loops(n):
    out = []
    for i in range(n):
        if i == 2:
            continue
        if i == 7:
            break
        out.append(i)
    else:
        out.append('else')
    while n > 0:
        n -= 3
        if n == 1: continue
        out.append(n)
    else:
        out.append('done')
    for a, (b, *c) in [(1, (2, 3, 4)), (5, (6,))]:
        out += [a, b, c]
    return out
print(loops(5), loops(10))

def finally_order():
    log = []
    def f(how):
        for i in range(3):
            try:
                try:
                    log.append(('body', i))
                    if how == 'return' and i == 1: return i
                    if how == 'break' and i == 1: break
                    if how == 'continue': continue
                    if how == 'raise' and i == 1: raise ValueError(how)
                    log.append('end')
                except KeyError: log.append('no')
                else: log.append('else')
                finally: log.append(('fin', i))
            except ValueError as e:
                log.append(str(e))
                try:
                    e2 = e
                    raise TypeError('again') from e
                except TypeError as t:
                    log.append((str(t), t.__cause__ is e2))
            finally:
                log.append('outer')
        else:
            log.append('loop else')
        return 'end'
    for how in ('return', 'break', 'continue', 'raise', 'none'):
        log.append(f(how))
    return log
for x in finally_order(): print(x)

def swallow():
    try:
        1 / 0
    finally:
        return 'swallowed'
print(swallow())
def override():
    for i in range(3):
        try:
            return i
        finally:
            if i < 2: continue
    return 'x'
print(override())

def value_kept():
    x = 1
    try:
        return x
    finally:
        x = 2
print(value_kept())

class CM:
    def __init__(self, name, swallow=False): self.name, self.swallow = name, swallow
    def __enter__(self): print('enter', self.name); return self.name
    def __exit__(self, *a): print('exit', self.name, a[0], a[1]); return self.swallow
def withs():
    with CM('a') as a, CM('b', True) as b:
        print(a, b)
        raise KeyError(1)
    print('after')
    for i in range(3):
        with CM(i) as x:
            if i == 0: continue
            if i == 1: break
    with CM('r') as q[0]:
        return 'ret'
q = [0]
print(withs(), q)
try:
    with CM('p'): 1 / 0
except ZeroDivisionError as e: print('caught', e)
try: e
except NameError: print('e is gone')

def unbound(flag):
    if flag: x = 1
    try: return x
    except UnboundLocalError as e: return 'unbound'
print(unbound(0), unbound(1))
def deleted():
    x = 1
    del x
    try: x
    except UnboundLocalError: pass
    else: return 'wrong'
    try: del x
    except UnboundLocalError: return 'right'
print(deleted())

def bare():
    try:
        try: 1 / 0
        except ZeroDivisionError:
            try: {}[1]
            except KeyError: pass
            raise
    except ZeroDivisionError as e: return repr(e)
print(bare())
try: raise
except RuntimeError as e: print(e)

def groups(g):
    out = []
    try:
        try: raise g
        except* ValueError as e: out.append(('value', e.exceptions))
        except* (TypeError, KeyError) as e: out.append(('type', len(e.exceptions))); 
        else: out.append('else')
        finally: out.append('fin')
    except BaseException as e: out.append(type(e).__name__)
    return out
print(groups(ExceptionGroup('g', [ValueError(1), TypeError(2)])))
print(groups(ExceptionGroup('g', [ValueError(1), OSError(2)])))
print(groups(ValueError(3)))

def cond(a, b, c):
    r = []
    r.append(a < b < c); r.append(not a < b); r.append(a and b or c); r.append(a or b and c)
    if a < b <= c and not (c == 3 or b is None): r.append('if')
    elif a is None or b in (1, 2) and c not in [5]: r.append('elif')
    else: r.append('else')
    r.append('t' if (a if b else c) else 'f')
    while not (a or b): break
    if not a == b != c: r.append(1)
    if (a if b else c) and (b or a): r.append(2)
    if a in {1, 2, 3}: r.append(3)
    if a is not None: r.append(4)
    return r
for a in (0, 1, None):
    for b in (1, 2):
        for c in (0, 3, 5):
            try: print(cond(a, b, c))
            except TypeError: print('type error')
def assertion(x):
    try:
        assert x, 'message %s' % x
        assert x > 1
    except AssertionError as e: return repr(e)
    return 'ok'
print(assertion(0), assertion(1), assertion(2))
print([x := 3, x + (x := 1), x], (y := 5) + y)
def walrus():
    x = 1
    z = x + (x := 10) + x
    a = [x, (x := 2), x]
    f = lambda *p: p
    return z, a, f(x, (x := 7), x), x < (x := 8) < x, [w for v in range(5) if (w := v * 2) > 3], w
print(walrus())
def nested_loops():
    out = []
    for i in range(3):
        for j in range(3):
            if j == 1: continue
            for k in 'ab':
                try:
                    if k == 'b': break
                    out.append((i, j, k))
                finally: out.append('.')
            else: out.append('never')
        if i == 1: break
    return out
print(nested_loops())
