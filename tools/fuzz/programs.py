"""Random programs: classes, functions, generators, closures, and a main function that prints what they compute.

A program always ends, prints the same each time, and has at least `STATEMENTS` statements. Its names are those of one module;
it needs no other than `math`.
"""

import ast
import random

from scope import BUDGET, Callee, Scope
from statements import Statements, indented

STATEMENTS = 30

HEAD = '''\
import math
counter = 0
STATE = {"n": 0}
turns = [0]
shown = [0]
class Oops(Exception): pass
class Worse(Oops, ValueError): pass
def bump():
    global counter
    counter = (counter + 1) % 50
class Manager:
    def __init__(self, a, swallows):
        self.a, self.swallows = a, swallows
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        turns[0] += 1
        return self.swallows and kind is not None and issubclass(kind, Exception)
'''


class Program(Statements):
    """Writes one program; `budget` is about how many statements each function may run."""

    def __init__(self, seed):
        super().__init__(random.Random(seed))
        self.names = 0
        self.callees = []
        self.generators = []
        self.classes = []
        self.budget = BUDGET // 8
        self.risk = self.dice.choice((2, 5, 15, 40))

    # Objects: all classes have the same attributes and methods, so that an operator meets several of them.

    def plain_obj(self):
        return f'{self.dice.choice(self.classes or ["Base"])}({self.plain_int()}, {self.plain_float()})'

    def of_obj(self, d):
        one = self.dice.choice
        name = self.variable('obj')
        made = f'{one(self.classes or ["Base"])}({self.scope.bounded(self.of("int", d), self)}, {self.of("float", d)})'
        if not name or self.chance(45):
            return made
        return one((f'({name} + {self.of("obj", d)})', f'({name} if {self.of("bool", d)} else {made})',
                    f'max({name}, {self.of("obj", 0)})', f'{name}.again()'))

    def of_int(self, d):
        name = self.variable('obj')
        if name and self.chance(16) and self.method_cost * self.scope.weight < self.budget - self.scope.cost:
            self.scope.pay(self.method_cost)
            return self.dice.choice((f'{name}.a', f'{name}.a', f'{name}.p', f'{name}.m({self.of("int", d)})', f'len({name})',
                                     f'{name}[{self.of("int", d)}]', f'{name}({self.of("int", d)})', f'type({name}).made',
                                     f'sum({name})', f'{name}.over({self.leaf("int")}, k={self.leaf("int")})', 'STATE["n"]', 'counter',
                                     f'getattr({name}, {self.dice.choice(("chr(97)", "chr(112)"))})'))
        return super().of_int(d)

    def of_float(self, d):
        name = self.variable('obj')
        if name and self.chance(15):
            return self.dice.choice((f'{name}.f', f'{name}.f', f'float({name}.f + {self.leaf("float")})'))
        return super().of_float(d)

    def of_bool(self, d):
        name = self.variable('obj')
        if name and self.chance(12):
            other = self.leaf('obj')
            return self.dice.choice((f'({name} < {other})', f'({name} == {other})', f'bool({name})', f'({self.leaf("int")} in {name})',
                                     f'isinstance({name}, {self.dice.choice(self.classes)})', f'({name} is {other})'))
        return super().of_bool(d)

    method_cost = 8

    # Functions.

    def locals_of(self, parameters):
        """Variables of each type, and the lines that give them their first values."""
        wanted = ['int', 'int', 'int', 'float', 'str', 'any'] + self.dice.sample(
            ['float', 'str', 'ints', 'ints', 'floats', 'strs', 'dict', 'dict', 'tuple', 'opt', 'bool', 'obj', 'obj'], 5)
        lines = []
        for kind in wanted:
            if kind == 'obj' and not self.classes:
                continue
            name = self.scope.fresh('v')
            value = self.plain_of(kind)
            lines.append(f'{name} = {value}')
            self.scope.variables[name] = kind
        return lines

    def plain_of(self, kind):
        return getattr(self, 'plain_' + kind)() if self.chance(60) else self.of(kind, 1)

    def function(self):
        name = self.scope_name('f')
        parameters = {self.fresh_name('a'): self.dice.choice(('int', 'int', 'float', 'str', 'ints', 'any', 'obj'))
                      for _ in range(self.dice.randint(1, 3))}
        gives = self.dice.choice(('int', 'int', 'int', 'float', 'str', 'ints', 'any', 'opt'))
        self.scope = Scope(self, parameters)
        self.scope.returns = gives
        extra, form = self.dice.choice((('', ''), ('', ''), (', k=3', 'k'), (', *rest', 'rest'), (', *, k=2', 'k'), (', **more', 'more')))
        lines = self.locals_of(parameters)
        if form == 'k':
            self.scope.variables['k'] = 'int'
        body = lines + self.block(2, 1, 4) + self.loop(2) + self.block(1, 0, 2)
        tail = {'rest': ' if len(rest) < 2 else rest[0]', 'more': ' if "k" not in more else more["k"]'}.get(form, '')
        if gives not in ('int', 'any'):
            tail = ''
        body.append(f'return {self.kept(gives, self.of(gives, 2))}{tail}')
        cost = self.scope.cost

        def call(e):
            args = [e.of(kind, 1) for kind in parameters.values()]
            if e.chance(20) and len(args) > 1 and form != 'rest':
                args = args[:1] + [f'{key}={value}' for key, value in zip(list(parameters)[1:], args[1:])]
                if form in ('k', 'more') and e.chance(50):
                    args.append(f'k={e.of("int", 1)}')
            elif form == 'rest' and e.chance(60):
                args.append(e.dice.choice((e.of('int', 1), f'*{e.of("ints", 1)}', '4, 5')))
            elif form == 'k' and extra[2] != '*' and e.chance(40):
                args.append(e.of('int', 1))
            elif form == 'more' and e.chance(50):
                args.append(e.dice.choice(('k=1', '**{"k": 2}', 'z=1')))
            return f'{name}({", ".join(args)})'

        self.callees.append(Callee(gives, cost + 2, call))
        return [f'def {name}({", ".join(parameters)}{extra}):'] + indented(body)

    def scope_name(self, prefix):
        self.names += 1
        return f'{prefix}{self.names}'

    fresh_name = scope_name

    def recursion(self):
        # No statement assigns to a name that begins with `turn`, so that the recursion ends.
        name, n, x = self.scope_name('r'), self.fresh_name('turn'), self.fresh_name('x')
        gives = self.dice.choice(('int', 'int', 'float', 'str', 'ints'))
        branches = self.dice.choice((1, 1, 2))
        depth = self.dice.choice((5, 12, 30)) if branches == 1 else self.dice.choice((4, 6))
        self.scope = Scope(self, {x: gives, n: 'int'})
        self.scope.returns = gives
        body = self.locals_of({})
        body += [f'if {n} <= 0:', f'    return {self.kept(gives, self.of(gives, 2))}']
        kept_weight, self.scope.weight = self.scope.weight, 3
        body += self.block(1, 1, 3)
        calls = [f'{name}({n} - {1 + i}, {self.kept(gives, self.of(gives, 1))})' for i in range(branches)]
        joined = {'int': ' + ', 'float': ' - ', 'str': ' + ', 'ints': ' + '}[gives].join(calls + ([self.of(gives, 1)] if branches == 1 else []))
        if gives == 'int':
            joined = self.scope.bounded(f'({joined})', self, always=True)
        body.append(f'return {self.kept(gives, joined) if gives != "int" else joined}')
        self.scope.weight = kept_weight
        cost = self.scope.cost * (depth if branches == 1 else 2 ** depth)
        self.callees.append(Callee(gives, cost, lambda e: f'{name}({self.dice.randint(0, depth)}, {e.of(gives, 1)})'))
        return [f'def {name}({n}, {x}):', f'    {n} = min({n}, {depth})'] + indented(body)

    def generator(self):
        name, parameter = self.scope_name('gen'), self.fresh_name('a')
        gives = self.dice.choice(('int', 'int', 'str', 'float', 'any'))
        self.scope = Scope(self, {parameter: 'int'})
        self.scope.yields = gives
        body = self.locals_of({})
        style = self.dice.randrange(4)
        times = self.dice.choice((3, 8, 20))
        turn = self.scope.fresh('turn')
        with self.scope.loop(times):
            self.scope.variables[turn] = 'int'
            inside = self.block(1, 1, 3) + [f'yield {self.kept(gives, self.of(gives, 2))}'] + self.block(1, 0, 2)
        loop = [f'for {turn} in range({times}):'] + indented(inside)
        del self.scope.variables[turn]
        if style == 0:
            loop = ['try:'] + indented(loop) + ['finally:', '    turns[0] += 1']
        elif style == 1 and [it for it in self.generators if it.gives == gives]:
            inner = self.dice.choice([it for it in self.generators if it.gives == gives])
            self.scope.pay(inner.cost)
            loop += [f'yield from {inner.call(self)}']
        elif style == 2 and gives == 'int':
            got = self.scope.fresh('got')
            loop = [f'{got} = 0'] + [f'for {turn} in range({times}):', f'    {got} = (yield {self.of("int", 1)}) or {got}',
                                     f'    if {got}:', f'        {got} = {got} % 1000 + 1']
        callee = Callee(gives, self.scope.cost + 2, lambda e: f'{name}({e.of("int", 1)})')
        self.generators.append(callee)
        items = {'int': 'ints', 'str': 'strs', 'float': 'floats'}.get(gives)
        if items:
            self.callees.append(Callee(items, callee.cost, lambda e: f'list({callee.call(e)})'))
        if gives == 'int':
            self.callees.append(Callee('int', callee.cost, lambda e: f'sum({callee.call(e)})'))
            self.callees.append(Callee('int', callee.cost, lambda e: f'next({callee.call(e)}, -1)'))
            driver = self.scope_name('drive')
            self.callees.append(Callee('int', callee.cost + 20, lambda e: f'{driver}({callee.call(e)})'))
            extra = [f'def {driver}(it):', '    total = next(it, 0)', '    try:', '        while True:',
                     '            total = (total + it.send(total & 7)) % 1000003',
                     f'            if total % 17 == {self.dice.randrange(17)}:', '                it.close()',
                     f'            elif total % 19 == {self.dice.randrange(19)}:', '                total += it.throw(Oops(total))',
                     '    except (StopIteration, Oops) as error:', '        return total']
        else:
            extra = []
        return [f'def {name}({parameter}):'] + indented(body + loop) + extra

    def maker(self):
        """A function that makes closures, and one closure of it in the module."""
        name, held, parameter = self.scope_name('make'), self.fresh_name('c'), self.fresh_name('p')
        gives = self.dice.choice(('int', 'int', 'float', 'str'))
        self.scope = Scope(self, {held: 'int', parameter: 'int'})
        self.scope.returns, self.scope.may_walrus = gives, False
        body = [f'nonlocal {held}'] + self.locals_of({}) + self.block(1, 1, 3)
        body += [f'{held} = {self.scope.bounded(self.of("int", 2), self, always=True)}', f'return {self.kept(gives, self.of(gives, 2))}']
        made = self.scope_name('made')
        self.callees.append(Callee(gives, self.scope.cost + 1, lambda e: f'{made}({e.of("int", 1)})'))
        self.callees.append(Callee(gives, self.scope.cost + 2, lambda e: f'{name}({e.of("int", 1)})({e.of("int", 1)})'))
        return [f'def {name}({held}):', f'    def inner({parameter}):'] + indented(indented(body)) + [
            '    return inner', f'{made} = {name}({self.plain_int()})']

    # Classes.

    def method(self, head, names, gives, tail=()):
        self.scope = Scope(self, names)
        self.scope.returns = gives
        self.scope.variables = dict(names)
        budget, self.budget = self.budget, 12
        body = self.locals_of({})[:2] if self.chance(50) else []
        body = [line for line in body] + self.block(1, 0, 2)
        body.append(f'return {self.kept(gives, self.of(gives, 2))}')
        self.budget = budget
        return [head] + indented(list(tail) + body)

    def attributes(self):
        return {'self.a': 'int', 'self.f': 'float', 'x': 'int'}

    def base(self):
        self.scope = Scope(self, {})
        lines = ['class Base:', '    shared = 1', '    made = 0', '    __match_args__ = ("a", "f")',
                 '    def __init__(self, a=1, f=0.5):', '        self.a = a', '        self.f = f',
                 '    def __repr__(self):', '        return f"{type(self).__name__}({self.a}, {self.f})"',
                 '    def __eq__(self, other):', '        return isinstance(other, Base) and self.a == other.a',
                 '    def __hash__(self):', '        return 7',
                 '    def __lt__(self, other):', '        return self.a < (other.a if isinstance(other, Base) else other)',
                 '    def __gt__(self, other):', '        return self.a > (other.a if isinstance(other, Base) else other)',
                 '    def __len__(self):', '        return abs(self.a) % 7',
                 '    def __getitem__(self, at):', '        if at >= 5:', '            raise IndexError(at)', '        return self.a + at',
                 '    def __setitem__(self, at, value):', '        self.a = (value + at) % 1000003',
                 '    def __add__(self, other):', '        if not isinstance(other, Base):', '            return NotImplemented',
                 '        return type(self)((self.a + other.a) % 1000003, self.f - other.f)',
                 '    def __call__(self, x):', '        self.a = (self.a + 1) % 1000', '        return self.a ^ x',
                 '    def again(self):', '        type(self).made = type(self).made % 100 + 1', '        return self.__class__(self.a, self.f)',
                 '    def over(self, *args, **named):', '        return len(args) + named.get("k", 0)',
                 '    @property', '    def p(self):', '        return self.a % 11',
                 '    @p.setter', '    def p(self, value):', '        self.a = value % 1009']
        lines += indented(self.method('def m(self, x):', self.attributes(), 'int'))
        self.classes.append('Base')
        return lines

    def derived(self):
        name = self.scope_name('C')
        parent = self.dice.choice(self.classes)
        lines = [f'class {name}({parent}):']
        if self.chance(25):
            lines += ['    __slots__ = ()'] if self.chance(50) else ['    __slots__ = ("z",)']
        if self.chance(40):
            lines += ['    def __init__(self, a=2, f=1.5):', '        super().__init__(a, f)', f'        self.a = {self.dice.choice(("a", "a & 255", "-a"))}']
        if self.chance(60):
            names = self.attributes()
            lines += indented(self.method('def m(self, x):', names, 'int', ['x = (x + super().m(x)) % 1000003'] if self.chance(50) else []))
        if self.chance(35):
            lines += indented(self.method('def __add__(self, x):', {'self.a': 'int', 'self.f': 'float'}, 'obj'))
        if self.chance(25):
            lines += ['    def __getattr__(self, name):', '        if name == "x":', '            return self.a',
                      '        raise AttributeError(name)']
        if self.chance(25):
            lines += ['    def __iter__(self):', '        yield self.a', f'        yield {self.plain_int()}']
        if self.chance(20):
            lines += ['    def __bool__(self):', '        return self.a % 2 == 0']
        if self.chance(25):
            lines += ['    @property', '    def p(self):', '        return super().p + 1',
                      '    @p.setter', '    def p(self, value):', '        self.f = float(value % 1009)']
        if self.chance(20):
            lines += ['    @classmethod', '    def over(cls, *args, **named):', '        return len(args) * 2 - cls.made']
        elif self.chance(20):
            lines += ['    @staticmethod', '    def over(x, k=1, *rest):', '        return x - k']
        if len(lines) == 1:
            lines.append('    pass')
        self.classes.append(name)
        return lines

    def main(self):
        self.scope = Scope(self, {})
        self.budget = BUDGET
        self.locals_of({})
        self.locals_of({})
        names = list(self.scope.variables)
        firsts = [f'{name} = {self.first(kind)}' for name, kind in self.scope.variables.items()]
        body = []
        for part in range(self.dice.randint(2, 4)):
            lines = self.block(1, 0, 2) + self.loop(2) + self.block(1, 0, 2)
            body += ['try:'] + indented(lines) + ['except Exception as error:', f'    print({part}, type(error).__name__, error)']
        shown = [f'print({", ".join(names[at:at + 4])})' for at in range(0, len(names), 4)]
        return ['def main():'] + indented(firsts + body + shown + ['print(counter, STATE, Base.shared)', 'return 0']) + ['main()', 'main()']

    def first(self, kind):
        return getattr(self, 'plain_' + kind)() if kind != 'any' else self.plain_float()

    def text(self):
        parts = [self.base()] + [self.derived() for _ in range(self.dice.randint(0, 2))]
        makers = [self.function, self.function, self.recursion, self.generator, self.maker]
        for _ in range(self.dice.randint(2, 4)):
            parts.append(self.dice.choice(makers)())
        parts.append(self.main())
        return HEAD + ''.join(line + '\n' for part in parts for line in part)


def program(seed):
    """The program of this seed."""
    for attempt in range(100):
        text = Program(f'{seed}/{attempt}' if attempt else seed).text()
        tree = ast.parse(text)
        if sum(isinstance(node, ast.stmt) for node in ast.walk(tree)) >= STATEMENTS:
            return text
    raise AssertionError(f'no program from seed {seed}')


if __name__ == '__main__':
    import sys
    print(program(int(sys.argv[1])), end='')
