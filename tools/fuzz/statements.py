"""Random statements: lists of lines, without indentation for the outermost."""

from expressions import Expressions, TYPES

ERRORS = ('ZeroDivisionError', 'IndexError', 'KeyError', 'ValueError', 'TypeError', 'OverflowError', 'LookupError',
          'ArithmeticError', 'AttributeError', 'Oops', 'Worse', 'Exception')


def indented(lines):
    return ['    ' + line for line in lines]


class Statements(Expressions):
    """Makes statements for the function whose scope is `scope`."""

    def block(self, depth, least=1, most=4):
        lines = []
        for _ in range(self.dice.randint(least, most)):
            lines += self.statement(depth)
        return lines

    def statement(self, depth):
        self.scope.pay(1)
        simple = (self.assign, self.assign, self.assign, self.augment, self.augment, self.unpack, self.mutate_list,
                  self.mutate_dict, self.mutate_object, self.show, self.poly, self.leave, self.optional, self.slot)
        nested = (self.branch, self.branch, self.branch_on_turn, self.loop, self.loop, self.loop, self.guarded, self.guarded,
                  self.match, self.managed, self.closure)
        if depth > 0 and self.chance(38):
            return self.dice.choice(nested)(depth - 1)
        return self.dice.choice(simple)()

    # Simple statements.

    def target(self):
        names = [(name, kind) for name, kind in self.scope.variables.items() if not name.startswith('turn')]
        return self.dice.choice(names)

    def kept(self, kind, text):
        """The value as it may be stored in a variable: no text or list grows with each turn."""
        if kind == 'int':
            return self.scope.bounded(text, self)
        if kind in ('str', 'ints', 'floats', 'strs'):
            return f'({text})[:24]' if self.scope.in_loop or self.chance(20) else text
        return text

    def assign(self):
        name, kind = self.target()
        if self.chance(6):
            other = self.target()[0] if kind == 'any' else name
            return [f'{name} = {other} = {self.kept(kind, self.of(kind))}']
        return [f'{name} = {self.kept(kind, self.of(kind))}']

    def augment(self):
        kind = self.dice.choice(('int', 'int', 'int', 'float', 'float', 'str', 'ints'))
        name = self.variable(kind)
        if not name or name.startswith('turn'):
            return self.assign()
        if kind == 'int':
            sign = self.dice.choice(('+', '+', '+', '-', '*', '//', '%', '&', '|', '^', '>>', '<<'))
            value = self.of('int', 2)
            if sign in ('>>', '<<'):
                value = f'({value}) & 15'
            lines = [f'{name} {sign}= {value}']
            if sign in ('*', '<<') or self.scope.weight > 1 and self.chance(50):
                lines.append(f'{name} = {self.scope.bounded(name, self, always=True)}')
            return lines
        if kind == 'float':
            return [f'{name} {self.dice.choice("+-*")}= {self.of(self.dice.choice(("float", "int")), 2)}']
        if kind == 'str':
            return [f'{name} += {self.of("str", 1)}', f'{name} = {name}[-40:]']
        return [f'{name} += {self.of("ints", 1)}', f'del {name}[25:]']

    def unpack(self):
        if self.chance(40):
            kind = self.dice.choice(('int', 'float', 'str', 'ints', 'any', 'opt'))
            a, b = self.variable(kind), self.variable(kind)
            if a and b and a != b and 'turn' not in a + b:
                return [f'{a}, {b} = {b}, {self.kept(kind, self.of(kind, 2))}']
        a, b, c = self.variable('int'), self.variable('str'), self.variable('float')
        if a and b and c and not a.startswith('turn'):
            return [f'{a}, {b}, {c} = {self.of("tuple", 2)}', f'{b} = {b}[:30]',
                    f'{a} = {self.scope.bounded(a, self, always=True)}']
        return self.assign()

    def mutate_list(self):
        kind, element = self.dice.choice((('ints', 'int'), ('ints', 'int'), ('floats', 'float'), ('strs', 'str')))
        name = self.variable(kind)
        if not name:
            return self.assign()
        value = self.kept(element, self.of(element, 2))
        at = f'{self.of("int", 1)} % len({name})'
        return self.dice.choice((
            [f'if len({name}) < 30:', f'    {name}.append({value})'], [f'if len({name}) < 30:', f'    {name}.append({value})'],
            [f'if {name}:', f'    {name}[{at}] = {value}'], [f'if {name}:', f'    {name}.pop({at})'],
            [f'if {name}:', f'    {name}.pop()'], [f'{name}.reverse()'], [f'{name}[1:3] = {self.of(kind, 1)}[:9]'],
            [f'if len({name}) < 30:', f'    {name}.insert({self.of("int", 1)}, {value})'],
            [f'{name}.sort(key=lambda it: (it != it, it))'], [f'del {name}[{self.part(1)}]'],
            [f'{name}.extend({self.of(kind, 2)}[:5])', f'del {name}[30:]'],
            [f'if {value} in {name}:', f'    {name}.remove({name}[0])'],
        ))

    def mutate_dict(self):
        name = self.variable('dict')
        if not name:
            return self.assign()
        key, value = self.of('str', 1), self.kept('int', self.of('int', 2))
        return self.dice.choice((
            [f'if len({name}) < 20:', f'    {name}[{key}] = {value}'],
            [f'if len({name}) < 20:', f'    {name}[{key}] = {name}.get({key}, 0) + {self.plain_int()}'],
            [f'{name}.pop({key}, None)'], [f'if {key} in {name}:', f'    del {name}[{key}]'],
            [f'if len({name}) < 20:', f'    {name}.setdefault({key}, {value})'],
            [f'{name}.update({self.of("dict", 1)})', f'while len({name}) > 20:', f'    {name}.popitem()'],
        ))

    def mutate_object(self):
        name = self.variable('obj')
        if not name:
            return self.assign()
        value = self.scope.bounded(self.of('int', 2), self)
        return self.dice.choice((
            [f'{name}.a = {value}'], [f'{name}.a += {self.leaf("int")}', f'{name}.a %= 1000003'],
            [f'{name}.f = {self.of("float", 2)}'], [f'{name}.f {self.dice.choice("+-*")}= {self.leaf("float")}'],
            [f'{name}.x = {self.of("any", 2)}'], [f'{name}.p = {value}'],
            [f'setattr({name}, {self.dice.choice(("chr(97)", "chr(120)"))}, {value})'],
            [f'type({name}).made = type({name}).made % 1000 + 1'], [f'{name}[{self.leaf("int")}] = {value}'],
            [f'{name} = {self.of("obj", 2)}'], [f'if hasattr({name}, "x"):', f'    del {name}.x'],
        ))

    def show(self):
        shown = ', '.join(self.of(self.dice.choice(TYPES), 2) for _ in range(self.dice.randint(1, 3)))
        if self.scope.weight > 60:
            return ['shown[0] += 1', f'if shown[0] % {self.scope.weight // 20 + 1} == 0:', f'    print({shown})']
        return [f'print({shown})']

    def poly(self):
        """A variable that may hold anything meets an operator that may not know it."""
        name = self.variable('any')
        if not name:
            return self.assign()
        with_any = self.dice.choice((
            '{n} + {v}', '{v} - {n}', '{n} * 2', '{n}[0]', 'len({n})', '{n} < {v}', '-{n}', '{n}.a', '{n}.upper()', 'abs({n})',
            '{n} // {v}', '[*{n}]', '{n} % {v}', 'int({n})', '{n}.m({v})', 'float({n})', '{n} & {v}', '{v} in {n}', 'hash({n}) == 1',
            'sorted({n})', '{n}({v})', 'str({n})', '{n} ** 2',
        )).format(n=name, v=self.leaf(self.dice.choice(('int', 'int', 'float', 'str', 'any'))))
        self.scope.pay(3)
        body = [f'{name} = {with_any}'] if self.chance(40) else [f'print({with_any})']
        caught = self.dice.choice(('(TypeError, AttributeError, LookupError, ValueError, ArithmeticError)', 'Exception'))
        handler = [f'except {caught} as error:', f'    print(type(error).__name__)', f'    {name} = {self.of("any", 1)}']
        if body[0].startswith(name):
            body += [f'if isinstance({name}, (int, str, list)) and len(str({name})) > 60:', f'    {name} = 1']
        return ['try:'] + indented(body) + handler

    def leave(self):
        """Something that ends the turn, the loop or the function, under a condition."""
        scope = self.scope
        ways = []
        if scope.in_loop:
            ways += ['break', 'continue', 'continue']
        if scope.returns:
            ways += [f'return {self.of(scope.returns, 2)}']
        if scope.yields:
            ways += [f'yield {self.of(scope.yields, 2)}'] * 4
        if self.chance(self.risk * 3) or not ways:
            ways += [f'raise {self.dice.choice(("Oops", "Worse", "ValueError", "KeyError"))}({self.of("any", 1)})']
        way = self.dice.choice(ways)
        if way.startswith('yield'):
            return [way]
        return [f'if {self.of("bool", 2)}:', f'    {way}']

    def optional(self):
        name, kept = self.variable('opt'), self.variable('int')
        if not name or not kept or kept.startswith('turn'):
            return self.assign()
        lines = [f'if {name} is {self.dice.choice(("", "not "))}None:', f'    {kept} = {self.scope.bounded(self.of("int", 2), self)}',
                 f'    {name} = {self.of("opt", 2)}']
        if self.chance(50):
            lines += ['else:', f'    {name} = {self.of("opt", 1)}']
        return lines

    def slot(self):
        """Something of the module, which traces take for constant."""
        return self.dice.choice((
            [f'STATE["n"] = {self.scope.bounded(self.of("int", 2), self)}'], ['bump()'],
            [f'Base.shared = {self.of(self.dice.choice(("int", "float")), 1)}'], [f'print(Base.shared, counter, STATE)'
             if self.scope.weight < 30 else 'bump()'],
        ))

    # Statements with statements in them.

    def branch(self, depth):
        lines = [f'if {self.of("bool")}:'] + indented(self.block(depth))
        while self.chance(25):
            lines += [f'elif {self.of("bool", 2)}:'] + indented(self.block(depth))
        if self.chance(50):
            lines += ['else:'] + indented(self.block(depth))
        return lines

    def branch_on_turn(self, depth):
        """A way that a loop goes only now and then, after it was compiled."""
        turns = [name for name in self.scope.variables if name.startswith('turn')]
        if not turns:
            return self.branch(depth)
        turn = self.dice.choice(turns)
        test = self.dice.choice(('{} % 7 == 3', '{} > 12', '{} & 4', '{} == 9', '{} % 3', '5 < {} < 11')).format(turn)
        return [f'if {test}:'] + indented(self.block(depth)) + (['else:'] + indented(self.block(depth)) if self.chance(40) else [])

    def loop(self, depth):
        times = self.scope.affordable(self.dice.choice((3, 8, 15, 30, 60)))
        turn = self.scope.fresh('turn')
        one = self.dice.choice
        kind = one(('range', 'range', 'range', 'while', 'while', 'items', 'enumerate', 'zip', 'pairs', 'text', 'generated'))
        held = {turn: 'int'}
        before = []
        if kind == 'range':
            head = f'for {turn} in {one((f"range({times})", f"range({times}, 0, -1)", f"range(0, {times * 3}, 3)", f"range(-2, {times})"))}:'
        elif kind == 'while':
            before, head = [f'{turn} = 0'], f'while {turn} < {times}:'
            if self.chance(40):
                head = f'while {turn} < {times} and {self.of("bool", 2)}:'
        elif kind == 'items':
            element = self.scope.fresh('el')
            over, held = one((('ints', 'int'), ('floats', 'float'), ('strs', 'str')))
            head, held = f'for {element} in {self.of(over, 2)} * {1 + times // 8}:', {element: held}
        elif kind == 'enumerate':
            element = self.scope.fresh('el')
            head = f'for {turn}, {element} in enumerate({self.of("ints", 2)} * {1 + times // 8}):'
            held[element] = 'int'
        elif kind == 'zip':
            element = self.scope.fresh('el')
            head = f'for {turn}, {element} in zip(range({times}), {self.of("strs", 2)} * {1 + times // 4}):'
            held[element] = 'str'
        elif kind == 'pairs':
            key = self.scope.fresh('key')
            head = f'for {key}, {turn} in sorted({self.of("dict", 2)}.items()):'
            held[key] = 'str'
        elif kind == 'text':
            element = self.scope.fresh('ch')
            head, held = f'for {element} in {self.of("str", 2)}[:9] * {1 + times // 9}:', {element: 'str'}
        else:
            found = [it for it in self.scope.program.generators if it.cost * self.scope.weight < self.scope.program.budget / 4]
            if not found:
                return self.loop(depth)
            made = one(found)
            self.scope.pay(made.cost)
            element = self.scope.fresh('el')
            times = 10
            head, held = f'for {element} in {made.call(self)}:', {element: made.gives}
        with self.scope.loop(max(1, times)):
            kept = dict(self.scope.variables)
            self.scope.variables.update(held)
            body = self.block(depth, 1, 5)
            self.scope.variables = kept
        if kind == 'while':
            body = [f'{turn} += 1'] + body
        lines = before + [head] + indented(body)
        if self.chance(12):
            lines += ['else:'] + indented(self.block(0, 1, 2))
        return lines

    def guarded(self, depth):
        lines = ['try:'] + indented(self.block(depth, 1, 4))
        for error in self.dice.sample(ERRORS, self.dice.randint(0, 2)):
            lines += [f'except {error} as error:']
            lines += indented(['print(type(error).__name__, error)' if self.scope.weight < 100 else 'turns[0] += 1'])
            lines += indented(self.block(max(0, depth - 1), 1, 2))
            if self.chance(8):
                lines += ['    raise']
        if len(lines) > 1 and any(line.startswith('except') for line in lines) and self.chance(20):
            lines += ['else:'] + indented(self.block(0, 1, 2))
        if not any(line.startswith('except') for line in lines) or self.chance(25):
            lines += ['finally:'] + indented(self.finish())
        return lines

    def finish(self):
        """What stands after `finally`: it does not leave, which would hide what is raised far too often."""
        if self.scope.yields:
            # When an abandoned generator is closed differs, so nobody may see it.
            return [f'{self.variable("any")} = {self.plain_int()}' if self.variable('any') else 'pass']
        lines = self.assign() + self.augment()
        return lines + (['turns[0] += 1'] if self.chance(50) else [])

    def match(self, depth):
        subject = self.of(self.dice.choice(('any', 'int', 'tuple', 'ints', 'dict', 'obj')), 2)
        one = self.scope.fresh('m')
        patterns = [f'[{one}, *_]', f'{{"a": {one}}}', f'int({one})', f'str({one})', f'(0 | 1) as {one}', f'[1, {one}]',
                    f'Base(a={one})', f'float({one})', f'({one}, str(), _)']
        lines = [f'match {subject}:']
        for pattern in self.dice.sample(patterns, self.dice.randint(1, 3)):
            kept = dict(self.scope.variables)
            self.scope.variables[one] = 'any'
            guard = f' if {self.of("bool", 1)}' if self.chance(30) else ''
            lines += [f'    case {pattern}{guard}:'] + indented(indented(self.block(depth, 1, 2)))
            self.scope.variables = kept
        return lines + ['    case _:'] + indented(indented(self.block(0, 1, 1)))

    def managed(self, depth):
        name = self.scope.fresh('w')
        return [f'with Manager({self.of("int", 1)}, {self.plain_bool()}) as {name}:'] + indented(
            self.block(depth, 1, 3) + [f'{name}.a += 1'])

    def closure(self, depth):
        """A function in the function, which shares a variable with it."""
        from scope import Callee, Scope
        shared = self.variable('int')
        if not shared or shared.startswith('turn') or '.' in shared or self.scope.outer:
            return self.assign()
        name, parameter = self.scope.fresh('inner'), self.scope.fresh('p')
        gives = self.dice.choice(('int', 'int', 'float', 'str'))
        outer = self.scope
        inner = Scope(outer.program, {k: v for k, v in outer.variables.items() if '.' not in k and not k.startswith(('turn', 'el', 'ch', 'key', 'm'))})
        inner.outer, inner.returns, inner.may_walrus = outer, gives, False
        frozen = dict(inner.variables)
        inner.variables = {parameter: 'int', shared: 'int'}
        self.scope = inner
        body = [f'nonlocal {shared}'] + self.block(max(0, depth - 1), 1, 3)
        inner.variables = {**frozen, **inner.variables}
        body += [f'return {self.of(gives, 2)}']
        self.scope = outer
        # Not known further on: the place where it is defined may not have run.
        callee = Callee(gives, inner.cost + 1, lambda e: f'{name}({e.of("int", 1)})')
        outer.local_callees.append(callee)
        calls = self.loop(depth) if self.chance(50) else self.assign()
        outer.local_callees.remove(callee)
        kept = self.variable(gives)
        if kept and not kept.startswith('turn'):
            calls.append(f'{kept} = {self.kept(gives, callee.call(self))}')
            outer.pay(inner.cost)
        return [f'def {name}({parameter}):'] + indented(body) + calls
