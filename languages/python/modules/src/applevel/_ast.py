# The classes of syntax trees, made from a table: base class, its attributes, and each class with its fields (`?`: may be missing).
# Trees are made by programs only so far: `compile` does not give any.

_POSITION = ('lineno', 'col_offset', 'end_lineno', 'end_col_offset')


class AST:
    _fields = ()
    _attributes = ()
    __match_args__ = ()
    __module__ = 'ast'

    def __init__(self, *args, **kwargs):
        fields = self._fields
        if len(args) > len(fields):
            s = '' if len(fields) == 1 else 's'
            name = type(self).__name__
            raise TypeError(f'{name} constructor takes at most {len(fields)} positional argument{s}')
        for name, value in zip(fields, args):
            setattr(self, name, value)
        for name, value in kwargs.items():
            if name in fields[:len(args)]:
                raise TypeError(f'{type(self).__name__} got multiple values for argument {name!r}')
            setattr(self, name, value)

    def __reduce__(self):
        return type(self), (), dict(self.__dict__)


def _define():
    table = '''
AST: mod stmt@ expr@ expr_context boolop operator unaryop cmpop comprehension(target iter ifs is_async) excepthandler@
 arguments(posonlyargs args vararg? kwonlyargs kw_defaults kwarg? defaults) arg@(arg annotation? type_comment?)
 keyword@(arg? value) alias@(name asname?) withitem(context_expr optional_vars?) match_case(pattern guard? body) pattern@
 type_ignore
mod: Module(body type_ignores) Interactive(body) Expression(body) FunctionType(argtypes returns)
stmt: FunctionDef(name args body decorator_list returns? type_comment?)
 AsyncFunctionDef(name args body decorator_list returns? type_comment?) ClassDef(name bases keywords body decorator_list)
 Return(value?) Delete(targets) Assign(targets value type_comment?) AugAssign(target op value)
 AnnAssign(target annotation value? simple) For(target iter body orelse type_comment?)
 AsyncFor(target iter body orelse type_comment?) While(test body orelse) If(test body orelse)
 With(items body type_comment?) AsyncWith(items body type_comment?) Match(subject cases) Raise(exc? cause?)
 Try(body handlers orelse finalbody) TryStar(body handlers orelse finalbody) Assert(test msg?) Import(names)
 ImportFrom(module? names level?) Global(names) Nonlocal(names) Expr(value) Pass Break Continue
expr: BoolOp(op values) NamedExpr(target value) BinOp(left op right) UnaryOp(op operand) Lambda(args body)
 IfExp(test body orelse) Dict(keys values) Set(elts) ListComp(elt generators) SetComp(elt generators)
 DictComp(key value generators) GeneratorExp(elt generators) Await(value) Yield(value?) YieldFrom(value)
 Compare(left ops comparators) Call(func args keywords) FormattedValue(value conversion format_spec?) JoinedStr(values)
 Constant(value kind?) Attribute(value attr ctx) Subscript(value slice ctx) Starred(value ctx) Name(id ctx) List(elts ctx)
 Tuple(elts ctx) Slice(lower? upper? step?)
expr_context: Load Store Del
boolop: And Or
operator: Add Sub Mult MatMult Div Mod Pow LShift RShift BitOr BitXor BitAnd FloorDiv
unaryop: Invert Not UAdd USub
cmpop: Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn
excepthandler: ExceptHandler(type? name? body)
pattern: MatchValue(value) MatchSingleton(value) MatchSequence(patterns) MatchMapping(keys patterns rest?)
 MatchClass(cls patterns kwd_attrs kwd_patterns) MatchStar(name?) MatchAs(pattern? name?) MatchOr(patterns)
type_ignore: TypeIgnore(lineno tag)
'''
    space = globals()
    for line in table.strip().replace('\n ', ' ').split('\n'):
        base, _, classes = line.partition(': ')
        base = space[base]
        for entry in classes.replace(') ', ')\n').replace('(', '<').split('\n'):
            # What stands before the entry with fields are classes without any.
            *plain, last = entry.partition('<')[0].split()
            fields = entry.partition('<')[2].rstrip(')').split()
            for name, fields in [(name, ()) for name in plain] + [(last, fields)]:
                namespace = {'__module__': 'ast'}
                names = tuple(f.rstrip('?') for f in fields)
                namespace['_fields'] = namespace['__match_args__'] = names
                for field in fields:
                    if field.endswith('?'):
                        namespace[field[:-1]] = None
                if name.endswith('@'):
                    name = name[:-1]
                    namespace['_attributes'] = _POSITION
                    namespace['end_lineno'] = namespace['end_col_offset'] = None
                elif base is AST:
                    namespace['_attributes'] = ()
                namespace['__doc__'] = f'{name}({", ".join(names)})' if names else name
                space[name] = type(name, (base,), namespace)


_define()
del _define, _POSITION

PyCF_ONLY_AST = 1024
PyCF_TYPE_COMMENTS = 4096
PyCF_ALLOW_TOP_LEVEL_AWAIT = 8192
