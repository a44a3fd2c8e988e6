"""Random expressions, by the type that their value should have.

An expression has the type that was asked for whenever it has a value; it may raise what the operators of its type raise
(division by zero, an index that is not there, an int too large for a float). `any` is a type of its own: a value of which the
program knows nothing. Sizes stay small because operators that make values grow stand only where `Scope.bounded` cuts the result.
"""

TYPES = ('int', 'float', 'str', 'bool', 'ints', 'floats', 'strs', 'tuple', 'dict', 'opt', 'any')

INTS = ('0', '1', '2', '3', '5', '7', '10', '-1', '-2', '-3', '255', '1000', '2147483647', '4611686018427387903',
        '4611686018427387904', '-4611686018427387905', '9223372036854775807', '-9223372036854775808',
        '9223372036854775808', '18446744073709551615', '100000000000000000000')
FLOATS = ('0.0', '-0.0', '1.0', '0.5', '-1.5', '2.25', '3.0', '1e10', '1e-10', '-7.75', '1e308', '1e300', '5e-324',
          '9007199254740993.0', '9.3e18', "float('inf')", "float('-inf')", "float('nan')")
STRS = ("''", "'a'", "'b'", "'ab'", "'abc'", "'xyz'", "'k1'", "'k2'", "'12'", "' pad '", "'A,b,C'", "'é'", "'€uro'",
        "'😀'", "'tab\\t'", "'zz top'")


class Expressions:
    """Makes expressions for one scope: `dice` is a `random.Random`, `scope` tells what can be named."""

    def __init__(self, dice):
        self.dice = dice
        self.scope = None

    # How often, in percent, an operator stands where it may raise; each program has its own.
    risk = 10

    def risky(self, text, safe):
        """`text`, which may raise, or `safe`, which does not do so as easily."""
        return text if self.chance(self.risk) else safe

    def chance(self, percent):
        return self.dice.random() * 100 < percent

    def variable(self, kind):
        """A variable of that type, or nothing."""
        names = [name for name, of in self.scope.variables.items() if of == kind]
        return self.dice.choice(names) if names else None

    def of(self, kind, depth=2):
        """An expression of this type with at most `depth` operators inside each other."""
        if depth <= 0 or self.chance(12):
            return self.leaf(kind)
        made = self.called(kind) if self.chance(12) else None
        return made or getattr(self, 'of_' + kind)(depth - 1)

    def leaf(self, kind):
        name = self.variable(kind) if self.chance(75) else None
        return name or getattr(self, 'plain_' + kind)()

    def called(self, kind):
        """A call of a function or method that gives this type, if there is one that may be called here."""
        found = [it for it in self.scope.callables() if it.gives == kind]
        if not found:
            return None
        callee = self.dice.choice(found)
        self.scope.pay(callee.cost)
        return callee.call(self)

    # Values without operators.

    def plain_int(self):
        return self.dice.choice(INTS[:10] if self.chance(70) else INTS)

    def plain_float(self):
        return self.dice.choice(FLOATS[:10] if self.chance(80) else FLOATS)

    def plain_str(self):
        return self.dice.choice(STRS)

    def plain_bool(self):
        return self.dice.choice(('True', 'False'))

    def plain_ints(self):
        return '[%s]' % ', '.join(self.plain_int() for _ in range(self.dice.randrange(6)))

    def plain_floats(self):
        return '[%s]' % ', '.join(self.plain_float() for _ in range(self.dice.randrange(5)))

    def plain_strs(self):
        return '[%s]' % ', '.join(self.plain_str() for _ in range(self.dice.randrange(5)))

    def plain_tuple(self):
        return '(%s, %s, %s)' % (self.plain_int(), self.plain_str(), self.plain_float())

    def plain_dict(self):
        return '{%s}' % ', '.join('%s: %s' % (self.plain_str(), self.plain_int()) for _ in range(self.dice.randrange(5)))

    def plain_opt(self):
        return 'None' if self.chance(40) else self.plain_int()

    def plain_any(self):
        kind = self.dice.choice(TYPES)
        return self.leaf(kind) if kind != 'any' else 'None'

    # Values with operators.

    def of_int(self, d):
        one = self.dice.choice
        a, b = self.of('int', d), self.of('int', d)
        name = self.variable('int')
        choices = [
            lambda: f'({a} {one("+-")} {b})', lambda: f'({a} {one("+-")} {b})', lambda: f'({a} {one("&|^")} {b})',
            lambda: self.scope.bounded(f'({a} * {b})', self, always=True),
            lambda: f'({a} {one(("//", "%"))} ({b} or {one(("1", "3", "-7"))}))',
            lambda: self.risky(f'({a} {one(("//", "%"))} {b})', f'({a} {one(("//", "%"))} {self.dice.choice((3, 7, 10, -4, 1 << 31))})'),
            lambda: self.scope.bounded(f'({a} << ({b} & {one(("7", "63"))}))', self, always=True),
            lambda: f'({a} >> ({b} & 15))',
            lambda: f'({one("-~")}{a})', lambda: f'abs({a})', lambda: f'{one(("min", "max"))}({a}, {b})',
            lambda: f'({a} if {self.of("bool", d)} else {b})',
            lambda: f'len({self.of(one(("str", "ints", "dict", "tuple", "strs")), d)})',
            lambda: f'sum({self.of("ints", d)})',
            lambda: self.item('ints', d), lambda: self.item('ints', d),
            lambda: f'{self.of("dict", d)}.get({self.of("str", d)}, {a})',
            lambda: self.risky(f'{self.of("dict", d)}[{self.of("str", d)}]', f'{self.of("dict", d)}.get({self.of("str", d)}, {b})'),
            lambda: f'{self.of("str", d)}.{one(("find", "count"))}({self.of("str", 0)})',
            lambda: f'round(min(({self.of("float", d)}) % 1e6, 1e7))',
            lambda: self.risky(f'int({self.of("float", d)})', f'int({self.of("float", d)} < {self.of("float", d)})'),
            lambda: f'({self.of("opt", d)} or {a})',
            lambda: f'{self.of("tuple", 0)}[0]',
            lambda: f'divmod({a}, {b} or 9)[{one("01")}]',
            lambda: f'(({a}) % 1000) ** ({b} & 3)',
            lambda: f'int("0" + str({a})[-4:].strip("-"))',
            lambda: f'sum({self.of_genexp("int", d)})',
            lambda: f'max({self.of_genexp("int", d)}, default={b})',
            lambda: f'(lambda p, q={b}: p {one("+-&|^")} q)({a})',
        ]
        if name and self.scope.may_walrus and not name.startswith(('self', 'turn')):
            choices.append(lambda: f'({name} := {self.scope.bounded(a, self)})')
        return one(choices)()

    def of_genexp(self, kind, d):
        name = self.scope.fresh('g')
        return '(%s)' % self.comprehension(kind, name, d)

    def comprehension(self, kind, name, d, element=None):
        """`ELEMENT for NAME in .. [if ..]`; the name holds an int, a float or a str while the element is made."""
        source = self.dice.choice(('range', 'ints', 'str', 'strs', 'floats'))
        over = f'range({self.dice.randrange(1, 9)})' if source == 'range' else self.of(source, min(d, 1))
        held = {'range': 'int', 'ints': 'int', 'str': 'str', 'strs': 'str', 'floats': 'float'}[source]
        with self.scope.inner({name: held}, weight=8):
            made = element(d) if element else self.of(kind, d)
            test = f' if {self.of("bool", min(d, 1))}' if self.chance(40) else ''
        return f'{made} for {name} in {over}{test}'

    def item(self, kind, d):
        items = self.of(kind, min(d, 1))
        if self.chance(50):
            name = self.variable(kind)
            if name:
                return f'{name}[{self.of("int", d)} % (len({name}) or 1)]'
        at = self.dice.choice(("0", "-1", "1", self.leaf("int")))
        return self.risky(f'{items}[{at}]', f'[*{items}, {self.leaf({"ints": "int", "floats": "float", "strs": "str"}[kind])}][{self.dice.choice(("0", "-1"))}]')

    def of_float(self, d):
        one = self.dice.choice
        a, b = self.of('float', d), self.of('float', d)
        number = self.dice.choice((self.leaf('int'), self.of('float', d)))
        choices = [
            lambda: f'({a} {one("+-*")} {b})', lambda: f'({a} {one("+-*")} {b})', lambda: f'({a} {one("+-*")} {b})',
            lambda: f'({a} / ({b} or {one(("1.0", "-3.5"))}))', lambda: self.risky(f'({a} {one(("/", "//", "%"))} {b})', f'({a} {one(("/", "//", "%"))} 2.5)'),
            lambda: f'({number} * {b})', lambda: f'({a} + {number})', lambda: f'({self.of("int", d)} % 100003 / 7)',
            lambda: f'(-{a})', lambda: f'abs({a})', lambda: f'{one(("min", "max"))}({a}, {b})',
            lambda: self.risky(f'float({self.of("int", d)})', f'float({self.of("int", d)} & 0xfffffffffffffff)'), lambda: f'({a} if {self.of("bool", d)} else {b})',
            lambda: f'sum({self.of("floats", d)}, 0.0)', lambda: self.item('floats', d),
            lambda: f'round({a}, {one("0123")})', lambda: f'min(abs({a}), 1e100) ** {one(("0.5", "2", "1.5"))}',
            lambda: f'{self.of("tuple", 0)}[2]', lambda: f'math.{one(("floor", "ceil", "sqrt"))}(min(abs({a}), 1e9)) * 0.5',
            lambda: f'float(str({a}))',
        ]
        return one(choices)()

    def of_str(self, d):
        one = self.dice.choice
        a, b = self.of('str', d), self.of('str', d)
        choices = [
            lambda: f'({a} + {b})', lambda: f'({a} + {b})', lambda: f'({a} * ({self.of("int", d)} & 3))',
            lambda: f'{a}[{self.part(d)}]', lambda: self.risky(f'{a}[{self.leaf("int")}]', f'({a} or "q")[{one(("0", "-1"))}]'),
            lambda: f'{a}.{one(("upper", "lower", "strip", "title", "swapcase"))}()',
            lambda: f'{a}.replace({self.plain_str()}, {b})', lambda: f'{b}.join({self.of("strs", d)})',
            lambda: f'str({self.of(one(("int", "float", "bool")), d)})',
            lambda: f'repr({self.of(one(("str", "ints", "tuple", "opt")), d)})',
            lambda: f'f"{{{self.quoted(d, "int")}}}:{{{self.quoted(d, "float")}:.3f}}"',
            lambda: f'f"{{{self.quoted(d, "str")}!r:>8}}"', lambda: f"'%d/%s' % ({self.of('int', d)}, {b})",
            lambda: f"'{{:>5}}{{!r}}'.format({self.of('int', d)}, {b})",
            lambda: f'chr({one(("97", "97", "230", "0x1f600"))} + {self.of("int", d)} % 26)', lambda: f'({a} if {self.of("bool", d)} else {b})',
            lambda: self.item('strs', d), lambda: f'{self.of("tuple", 0)}[1]',
            lambda: f'type({self.of("any", d)}).__name__', lambda: f'({a} or {b})',
            lambda: f'min({a}, {b})',
        ]
        return one(choices)()

    def quoted(self, d, kind):
        """An expression that may stand in the braces of an f-string of double quotes."""
        text = self.of(kind, d)
        if any(sign in text for sign in '"{}\\!:'):
            text = self.variable(kind) or '1'
        return text

    def part(self, d):
        ends = [self.dice.choice(('', '1', '-2', '3', self.leaf('int'))) for _ in range(2)]
        step = self.dice.choice(('', '', '', ':2', ':-1'))
        return ':'.join(ends) + step

    def of_bool(self, d):
        one = self.dice.choice
        compare = ('<', '<=', '==', '!=', '>', '>=')
        kind = one(('int', 'int', 'int', 'float', 'str', 'ints', 'tuple'))
        choices = [
            lambda: f'{self.of(kind, d)} {one(compare)} {self.of(kind, d)}',
            lambda: f'{self.of("int", d)} {one(compare)} {self.of("float", d)}',
            lambda: f'{self.of("int", d)} {one(compare)} {self.of("int", 0)} {one(compare)} {self.of("int", d)}',
            lambda: f'({self.of("bool", d)} {one(("and", "or"))} {self.of("bool", d)})',
            lambda: f'(not {self.of("bool", d)})', lambda: f'{self.of("opt", d)} is {one(("", "not "))}None',
            lambda: f'{self.of("str", d)} {one(("in", "not in"))} {self.of(one(("str", "strs", "dict")), d)}',
            lambda: f'{self.of("int", d)} in {self.of("ints", d)}',
            lambda: f'{self.of("any", d)} {one(("==", "!="))} {self.of("any", d)}',
            lambda: f'isinstance({self.of("any", d)}, {one(("int", "float", "str", "(int, str)", "list", "dict"))})',
            lambda: f'bool({self.of(one(("any", "ints", "float")), d)})',
            lambda: f'{one(("any", "all"))}({self.of_genexp("bool", d)})',
            lambda: f'{self.of("str", d)}.{one(("startswith", "endswith"))}({self.plain_str()})',
            lambda: f'{self.of("int", d)} % {one("234")} == {one("012")}',
            lambda: f'{self.of("int", d)} % {one("234")} == {one("012")}',
        ]
        return f'({one(choices)()})'

    def of_items(self, kind, element, d):
        one = self.dice.choice
        a = self.of(kind, d)
        choices = [
            lambda: '[%s]' % ', '.join(self.of(element, d) for _ in range(self.dice.randrange(5))),
            lambda: f'[{self.comprehension(element, self.scope.fresh("c"), d)}]',
            lambda: f'[{self.comprehension(element, self.scope.fresh("c"), d)}]',
            lambda: f'{a}[{self.part(d)}]', lambda: f'({a} + {self.of(kind, d)})[:20]',
            lambda: f'({a} * ({self.of("int", 0)} & 3))[-12:]', lambda: f'[*{a}, {self.of(element, d)}][-15:]',
            lambda: f'list(reversed({a}))', lambda: f'list({a})',
            lambda: f'sorted({a}{one(("", ", reverse=True"))})',
            lambda: f'({a} if {self.of("bool", d)} else {self.of(kind, d)})',
            lambda: self.mapped(kind, element, d),
        ]
        return one(choices)()

    def mapped(self, kind, element, d):
        name = self.scope.fresh('p')
        over = self.of(kind, d)
        with self.scope.inner({name: element}, weight=8):
            how = self.dice.choice(('map', 'filter', 'sorted'))
            body = self.of({'map': element, 'filter': 'bool', 'sorted': self.dice.choice(('int', 'str'))}[how], d)
        if how == 'sorted':
            return f'sorted({over}, key=lambda {name}: {body})'
        return f'list({how}(lambda {name}: {body}, {over}))'

    def of_ints(self, d):
        if self.chance(15):
            return f'list(range({self.of("int", d)} % 12))'
        return self.of_items('ints', 'int', d)

    def of_floats(self, d):
        return self.of_items('floats', 'float', d)

    def of_strs(self, d):
        if self.chance(20):
            return f'{self.of("str", d)}.split({self.dice.choice(("", chr(39) + "," + chr(39), chr(39) + "a" + chr(39)))})'
        return self.of_items('strs', 'str', d)

    def of_tuple(self, d):
        if self.chance(20):
            return f'({self.of("int", d)}, *{self.of("tuple", d)}[1:])'
        return f'({self.of("int", d)}, {self.of("str", d)}, {self.of("float", d)})'

    def of_dict(self, d):
        one = self.dice.choice
        pair = lambda d: f'{self.of("str", d)}: {self.of("int", d)}'
        choices = [
            lambda: '{%s}' % ', '.join(pair(d) for _ in range(self.dice.randrange(4))),
            lambda: '{%s}' % self.comprehension('int', self.scope.fresh('c'), d, element=pair),
            lambda: f'{{**{self.of("dict", d)}, {pair(d)}}}', lambda: f'({self.of("dict", d)} | {self.of("dict", d)})',
            lambda: f'dict(zip({self.of("strs", d)}, {self.of("ints", d)}))', lambda: f'{self.of("dict", d)}.copy()',
            lambda: f'dict(sorted({self.of("dict", d)}.items()))',
        ]
        return one(choices)()

    def of_opt(self, d):
        if self.chance(50):
            return f'({self.of("int", d)} if {self.of("bool", d)} else None)'
        return self.of('int', d) if self.chance(60) else 'None'

    def of_any(self, d):
        kind = self.dice.choice(TYPES[:-1])
        return self.of(kind, d)
