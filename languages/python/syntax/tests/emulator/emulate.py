"""Runs register code with CPython's objects: the meaning of each instruction, written down a second time.

Usage: emulate.py DUMP, where DUMP is a Python expression of the code object. Tracebacks, __context__ and asynchronous generators
are not emulated.
"""
import builtins, operator, sys, types

NULL = type('NULL', (), {'__repr__': lambda s: 'NULL'})()
CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS, CO_GENERATOR, CO_COROUTINE = 1, 4, 8, 0x20, 0x80
BIN = dict(Add='add', Sub='sub', Mul='mul', TrueDiv='truediv', FloorDiv='floordiv', Mod='mod', Pow='pow', LShift='lshift',
           RShift='rshift', And='and_', Or='or_', Xor='xor', MatMul='matmul')
BIN = {k: getattr(operator, v) for k, v in BIN.items()}
IBIN = {k: getattr(operator, 'i' + f.__name__.strip('_')) if k not in ('And', 'Or') else getattr(operator, 'iand' if k == 'And' else 'ior') for k, f in BIN.items()}
CMP = dict(Lt=operator.lt, Le=operator.le, Eq=operator.eq, Ne=operator.ne, Gt=operator.gt, Ge=operator.ge)
VALUE = dict(CMP, Is=operator.is_, IsNot=operator.is_not, In=lambda a, b: a in b, NotIn=lambda a, b: a not in b)


class Code:
    def __init__(self, **kw):
        self.__dict__.update(kw)


def Str(b):
    return b.decode('utf-8', 'surrogatepass')


class Function:
    def __init__(self, code, globals, defaults, kwdefaults, annotations, closure):
        self.__code__, self.__globals__ = code, globals
        self.__defaults__, self.__kwdefaults__ = defaults or (), kwdefaults or {}
        self.__closure__ = closure or ()
        self.__annotations__ = dict(zip(annotations[::2], annotations[1::2])) if annotations else {}
        self.__name__, self.__qualname__ = code.name, code.qualname
        self.__doc__ = code.consts[0] if code.consts and isinstance(code.consts[0], str) else None
        self.__dict__.setdefault('__module__', globals.get('__name__'))

    def __get__(self, obj, cls=None):
        return self if obj is None else types.MethodType(self, obj)

    def bind(self, args, kw):
        c = self.__code__
        names = c.varnames
        n, total = c.argcount, c.argcount + c.kwonlyargcount
        regs = [NULL] * c.nregs
        regs[0] = self
        for i, a in enumerate(args[:n]):
            regs[1 + i] = a
        at = 1 + total
        if c.flags & CO_VARARGS:
            regs[at] = tuple(args[n:])
            at += 1
        elif len(args) > n:
            raise TypeError('too many arguments')
        rest = {}
        for k, v in kw.items():
            if k in names[c.posonlyargcount:total]:
                i = names.index(k)
                if regs[1 + i] is not NULL:
                    raise TypeError('multiple values')
                regs[1 + i] = v
            elif c.flags & CO_VARKEYWORDS:
                rest[k] = v
            else:
                raise TypeError('unexpected keyword ' + k)
        if c.flags & CO_VARKEYWORDS:
            regs[at] = rest
        d = self.__defaults__
        for i in range(n):
            if regs[1 + i] is NULL:
                if i < n - len(d):
                    raise TypeError('missing argument')
                regs[1 + i] = d[i - n + len(d)]
        for i in range(n, total):
            if regs[1 + i] is NULL:
                if names[i] not in self.__kwdefaults__:
                    raise TypeError('missing keyword argument')
                regs[1 + i] = self.__kwdefaults__[names[i]]
        return regs

    def __call__(self, *args, **kw):
        return run(self, self.bind(args, kw))

    def with_namespace(self, ns):
        regs = [NULL] * self.__code__.nregs
        regs[0], regs[1] = self, ns
        return run(self, regs)


def run(f, regs):
    g = execute(f, regs, 0)
    try:
        next(g)
    except StopIteration as e:
        return e.value
    raise RuntimeError('yield outside of a generator')


def build_class(body, name, *bases, metaclass=None, **kw):
    resolved = types.resolve_bases(bases)
    if metaclass is not None:
        kw['metaclass'] = metaclass
    meta, ns, kw = types.prepare_class(name, resolved, kw)
    cell = body.with_namespace(ns)
    if resolved is not bases:
        ns['__orig_bases__'] = bases
    cls = meta(name, resolved, ns, **kw)
    if isinstance(cell, types.CellType):
        assert cell.cell_contents is cls
    return cls


@types.coroutine
def as_coroutine(g):
    return (yield from g)


HANDLED = []  # of the thread: the innermost frame that handles an exception comes last


def execute(f, regs, pc):
    code = f.__code__
    names, consts = code.names, code.consts
    glob = f.__globals__
    ins = code.ins
    handled = None
    R = regs
    live_from = code.nlocals

    def cell(r, name, free):
        try:
            return R[r].cell_contents
        except ValueError:
            raise (NameError if free else UnboundLocalError)(name) from None

    def load(name):
        if name in glob:
            return glob[name]
        try:
            return getattr(builtins, name)
        except AttributeError:
            raise NameError(name) from None

    def call(w, fn, args, kw={}):
        if fn is super and not args:
            return super(R[code.locals.index('__class__') + 1].cell_contents, first_argument())
        if fn is builtins.__build_class__:
            return build_class(*args, **kw)
        if fn is locals:
            return R[1]
        if fn is globals:
            return glob
        return fn(*args, **kw)

    def first_argument():
        v = R[1]
        return v.cell_contents if isinstance(v, types.CellType) else v

    while True:
        op, a, b, c, d, e = ins[pc]
        # Temporaries that are not live hold rubbish: a read of one is seen.
        live = code.live[pc]
        for r in range(live_from, len(R)):
            if r not in live:
                R[r] = 'DEAD'
        nxt = pc + 1
        try:
            k = op[:-1] if op.endswith('K') else op
            if op == 'Nop': pass
            elif op == 'Move': R[a] = R[b]
            elif op == 'LoadConst':
                R[a] = consts[d]
            elif op == 'Flatten':
                pass  # nothing is built in place here
            elif op == 'CheckBound':
                if R[a] is NULL: raise UnboundLocalError(names[d])
            elif op == 'DeleteLocal':
                if R[a] is NULL: raise UnboundLocalError(names[d])
                R[a] = NULL
            elif op == 'MakeCell':
                R[a] = types.CellType() if R[a] is NULL else types.CellType(R[a])
            elif op == 'CopyFreeVars':
                assert len(f.__closure__) == c
                for i, x in enumerate(f.__closure__): R[a + i] = x
            elif op == 'LoadDeref': R[a] = cell(b, names[d], c)
            elif op == 'StoreDeref': R[b].cell_contents = R[a]
            elif op == 'DeleteDeref':
                cell(b, names[d], c)
                del R[b].cell_contents
            elif op == 'LoadClassDeref': R[a] = R[1][names[d]] if names[d] in R[1] else cell(b, names[d], 1)
            elif op == 'LoadGlobal': R[a] = load(names[d])
            elif op == 'StoreGlobal': glob[names[d]] = R[a]
            elif op == 'DeleteGlobal':
                if names[d] not in glob: raise NameError(names[d])
                del glob[names[d]]
            elif op == 'LoadName': R[a] = R[1][names[d]] if names[d] in R[1] else load(names[d])
            elif op == 'StoreName': R[1][names[d]] = R[a]
            elif op == 'DeleteName':
                if names[d] not in R[1]: raise NameError(names[d])
                del R[1][names[d]]
            elif op == 'LoadBuildClass': R[a] = builtins.__build_class__
            elif op == 'LoadAssertionError': R[a] = AssertionError
            elif op == 'SetupAnnotations': R[1].setdefault('__annotations__', {})
            elif k in BIN: R[a] = BIN[k](R[b], consts[d] if op != k else R[c])
            elif k[1:] in IBIN and k[0] == 'I': R[a] = IBIN[k[1:]](R[b], consts[d] if op != k else R[c])
            elif op == 'Neg': R[a] = -R[b]
            elif op == 'Pos': R[a] = +R[b]
            elif op == 'Invert': R[a] = ~R[b]
            elif op == 'Not': R[a] = not R[b]
            elif op in VALUE: R[a] = VALUE[op](R[b], R[c])
            elif op in ('Jump', 'Loop'): nxt = pc + d
            elif op == 'Poll': pass
            elif op == 'JumpIfTrue': nxt = pc + d if R[a] else nxt
            elif op == 'JumpIfFalse': nxt = nxt if R[a] else pc + d
            elif op == 'JumpIfNone': nxt = pc + d if R[a] is None else nxt
            elif op == 'JumpIfNotNone': nxt = pc + d if R[a] is not None else nxt
            elif op == 'JumpIfIs': nxt = pc + d if R[a] is R[b] else nxt
            elif op == 'JumpIfIsNot': nxt = pc + d if R[a] is not R[b] else nxt
            elif op == 'JumpUnlessExcMatch':
                if not isinstance(R[a], R[b]): nxt = pc + d
            elif op.startswith('JumpIf') and k[6:] in CMP:
                if CMP[k[6:]](R[a], R[b] if op == k else consts[e]): nxt = pc + d
            elif op.startswith('JumpUnless'):
                if not CMP[k[10:]](R[a], R[b] if op == k else consts[e]): nxt = pc + d
            elif op == 'GetIter': R[a] = iter(R[b])
            elif op == 'ForIter':
                try: R[a] = next(R[b])
                except StopIteration: nxt = pc + d
            elif op == 'LoadAttr': R[a] = getattr(R[b], names[d])
            elif op == 'StoreAttr': setattr(R[a], names[d], R[b])
            elif op == 'DeleteAttr': delattr(R[a], names[d])
            elif op == 'LoadItem': R[a] = R[b][R[c]]
            elif op == 'LoadItemK': R[a] = R[b][consts[d]]
            elif op == 'StoreItem': R[a][R[b]] = R[c]
            elif op == 'DeleteItem': del R[a][R[b]]
            elif op == 'BuildTuple': R[a] = tuple(R[b:b + c])
            elif op == 'BuildList': R[a] = R[b:b + c]
            elif op == 'BuildSet': R[a] = set(R[b:b + c])
            elif op == 'BuildDict': R[a] = dict(zip(R[b:b + 2 * c:2], R[b + 1:b + 2 * c:2]))
            elif op == 'BuildSlice': R[a] = slice(*R[b:b + c])
            elif op == 'BuildString': R[a] = ''.join(R[b:b + c])
            elif op == 'ListAppend': R[a].append(R[b])
            elif op == 'SetAdd': R[a].add(R[b])
            elif op == 'MapAdd': R[a][R[b]] = R[c]
            elif op == 'ListExtend': R[a].extend(R[b])
            elif op == 'SetUpdate': R[a].update(R[b])
            elif op == 'DictUpdate': R[a].update(R[b])
            elif op == 'DictMerge':
                if R[a].keys() & R[b].keys(): raise TypeError('multiple values')
                R[a].update(R[b])
            elif op == 'ListToTuple': R[a] = tuple(R[b])
            elif op == 'UnpackSequence':
                v = list(R[b])
                if len(v) != c: raise ValueError('unpack')
                R[a:a + c] = v
            elif op == 'UnpackEx':
                v = list(R[b])
                if len(v) < c + d: raise ValueError('unpack')
                end = len(v) - d
                R[a:a + c + 1 + d] = v[:c] + [v[c:end]] + v[end:]
            elif op in ('FormatValue', 'FormatSpec'):
                v = R[b]
                if d: v = {'s': str, 'r': repr, 'a': ascii}[chr(d)](v)
                R[a] = format(v, R[c] if op == 'FormatSpec' else '')
            elif op == 'MakeFunction':
                parts, at = [], b
                for bit in (1, 2, 4, 8):
                    parts.append(R[at] if c & bit else None)
                    at += bool(c & bit)
                R[a] = Function(consts[d], glob, *parts)
            elif op == 'LoadMethod':
                o = R[b]
                R[a + 1], R[a + 2] = NULL, getattr(o, names[d])
                m = R[a + 2]
                if isinstance(m, types.MethodType) and m.__self__ is o and isinstance(m.__func__, Function):
                    R[a + 1], R[a + 2] = m.__func__, o
            elif op in ('Call', 'CallKw', 'CallMethod', 'CallMethodKw'):
                fn, args = R[b + 2], R[b + 3:b + 3 + c]
                for r in range(b + 3 + c, len(R)): assert R[r] == 'DEAD' or r < live_from
                if op.startswith('CallMethod') and R[b + 1] is not NULL:
                    fn, args = R[b + 1], [R[b + 2]] + args
                kw = {}
                if op.endswith('Kw'):
                    ks = consts[d]
                    kw = dict(zip(ks, args[len(args) - len(ks):]))
                    args = args[:len(args) - len(ks)]
                R[a] = call(b, fn, args, kw)
            elif op == 'StarArgs': R[a] = R[b] if type(R[b]) in (tuple, list) else list(R[b])
            elif op == 'CallEx': R[a] = call(e, R[b], R[c], R[d] if d >= 0 else {})
            elif op in ('Return', 'GenReturn'): return R[a]
            elif op == 'ReturnConst': return consts[d]
            elif op == 'ImportName': R[a] = __import__(names[d], glob, None, R[b], e)
            elif op == 'ImportFrom': R[a] = getattr(R[b], names[d])
            elif op == 'Raise': raise R[a]
            elif op == 'RaiseFrom': raise R[a] from R[b]
            elif op == 'RaiseBare':
                if not HANDLED: raise RuntimeError('No active exception to reraise')
                raise HANDLED[-1]
            elif op == 'Reraise': raise R[a]
            elif op == 'PushExc':
                R[a] = len(HANDLED)
                HANDLED.append(R[b])
            elif op == 'PopExc': del HANDLED[R[a]:]
            elif op == 'ExcGroupMatch':
                g, t = R[b], R[c]
                if g is None: m = r = None
                elif isinstance(g, t): m, r = (g if isinstance(g, BaseExceptionGroup) else BaseExceptionGroup('', [g])), None
                elif isinstance(g, BaseExceptionGroup): m, r = g.split(t)
                else: m, r = None, g
                R[a], R[a + 1] = m, r
            elif op == 'PrepReraiseStar':
                left = [x for x in R[c] if x is not None]
                R[a] = None if not left else left[0] if len(left) == 1 else BaseExceptionGroup('', left)
            elif op == 'BeforeWith':
                m = R[b]
                t = type(m)
                R[a], R[a + 1] = NULL, t.__exit__.__get__(m, t)
                R[c + 1], R[c + 2] = NULL, t.__enter__.__get__(m, t)
            elif op == 'BeforeAsyncWith':
                m = R[b]
                t = type(m)
                R[a], R[a + 1] = NULL, t.__aexit__.__get__(m, t)
                R[c + 1], R[c + 2] = NULL, t.__aenter__.__get__(m, t)
            elif op == 'ExcInfoArgs': R[a:a + 3] = [type(R[b]), R[b], R[b].__traceback__]
            elif op == 'MakeGenerator':
                g = execute(f, R, pc + 1)
                return as_coroutine(g) if code.flags & CO_COROUTINE else g
            elif op == 'Yield': R[a] = yield R[b]
            # Python's own delegation goes on by itself: the Delegate that follows, for frames that were resumed, is passed over.
            elif op == 'YieldFrom': R[a], nxt = (yield from R[b]), pc + 2
            elif op == 'GetYieldFromIter': R[a] = iter(R[b])
            elif op == 'GetAwaitable': R[a] = R[b] if isinstance(R[b], types.GeneratorType) else R[b].__await__()
            elif op == 'GetAiter': R[a] = R[b].__aiter__()
            elif op == 'GetAnext':
                x = R[b].__anext__()
                R[a] = x if isinstance(x, types.GeneratorType) else x.__await__()
            elif op == 'EndAsyncFor':
                if not isinstance(R[a], StopAsyncIteration): raise R[a]
            elif op == 'PrintExpr': sys.displayhook(R[a])
            else: raise SystemError('no such instruction ' + op)
        except BaseException as exc:
            if isinstance(exc, (SystemError, AssertionError)) and op.startswith('Call') and not exc.args: raise
            for lo, hi, target, reg in code.handled:
                if lo <= pc < hi:
                    R[reg] = exc
                    nxt = target
                    exc = None
                    break
            else:
                raise
        pc = nxt


def main():
    code = eval(open(sys.argv[1], encoding='utf-8').read())
    g = {'__name__': '__main__', '__builtins__': builtins}
    g['__annotations__'] = {}
    Function(code, g, None, None, None, None).with_namespace(g)


sys.setrecursionlimit(20000)
main()
