# stress: 50
# Random patterns over random texts, str and bytes, with random flags: every way to look for a match.
# usage: module_re_random.py [SEED [CASES]]; the same seed gives the same cases on every interpreter.
import re
import sys

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 150


class Dice:
    """Numbers that do not depend on the interpreter's own generator."""

    def __init__(self, seed):
        self.state = seed * 2654435761 + 12345 & 0xFFFFFFFFFFFFFFFF

    def __call__(self, n):
        self.state = self.state * 6364136223846793005 + 1442695040888963407 & 0xFFFFFFFFFFFFFFFF
        return (self.state >> 33) % n

    def pick(self, items):
        return items[self(len(items))]


LETTERS = {False: 'aabbcABé日\u017f\u0131İK1_ -\n', True: 'aabbcAB1_ -\n\xe9\xff'}
CLASSES = ['.', '.', r'\w', r'\d', r'\s', r'\W', r'\D', r'\S', '[ab]', '[^a]', '[a-c]', '[^a-b1]', r'[\w-]', r'[^\s]', '[A-Z]', '[ -~]']
WIDE_CLASSES = ['[é日]', '[^é]', '[à-ü]', '[一-龥]', '[a日-]', r'[^\W日]', '[\u017f-\u0180]']
ANCHORS = ['^', '$', r'\A', r'\Z', r'\b', r'\B']
QUANTIFIERS = ['*', '*', '+', '+', '?', '{2}', '{1,2}', '{,2}', '{2,}', '{0}', '{0,3}']


class Maker:
    def __init__(self, dice, is_bytes):
        self.dice = dice
        self.is_bytes = is_bytes
        self.groups = 0
        self.closed = []
        # Loops over groups that are left: nested ones take exponential time.
        self.loops = 3

    def literal(self):
        c = self.dice.pick(LETTERS[self.is_bytes])
        return re.escape(c) if c in ' -\n' else c

    def single(self):
        dice = self.dice
        if dice(3):
            return self.literal()
        if not self.is_bytes and not dice(4):
            return dice.pick(WIDE_CLASSES)
        return dice.pick(CLASSES)

    def fixed(self):
        """Always as long: for looking behind."""
        text = ''.join(self.single() for _ in range(self.dice(3)))
        return text if self.dice(4) else text + '|' + text[::-1] if text.isalpha() else text

    def group(self, depth):
        self.groups += 1
        number = self.groups
        inner = self.pattern(depth)
        self.closed.append(number)
        return inner, number

    def atom(self, depth):
        dice = self.dice
        kind = dice(20) if depth else dice(9)
        if kind < 6:
            return self.single()
        if kind < 7:
            return ''.join(self.literal() for _ in range(2 + dice(2)))
        if kind == 7:
            return dice.pick(ANCHORS)
        if kind == 8:
            return f'\\{dice.pick(self.closed)}(?:)' if self.closed else self.single()
        if kind < 13:
            return f'({self.group(depth - 1)[0]})'
        if kind < 15:
            return f'(?:{self.pattern(depth - 1)})'
        if kind == 15:
            return f'(?{dice.pick(["=", "!"])}{self.pattern(depth - 1)})'
        if kind == 16:
            return f'(?{dice.pick(["<=", "<!"])}{self.fixed()})'
        if kind == 17:
            return f'(?>{self.pattern(depth - 1)})'
        if kind == 18 and self.closed:
            no = '|' + self.sequence(depth - 1) if dice(2) else ''
            return f'(?({dice.pick(self.closed)}){self.sequence(depth - 1)}{no})'
        inner, number = self.group(depth - 1)
        if dice(2):
            return f'(?P<g{number}>{inner})'
        return f'(?{dice.pick(["i", "s", "m", "is"])}:({inner}))'

    def piece(self, depth):
        dice = self.dice
        atom = self.atom(depth)
        if dice(5) < 3 or atom in ANCHORS:
            return atom
        if len(atom) > 1 and atom[0] not in '([\\.' or atom.endswith('(?:)'):
            atom = f'(?:{atom})'
        # Possessive loops over groups are left out: those of CPython 3.11 lose marks and turns (gh-101955, gh-106052).
        kinds = ['', '', '', '?', '?', '+']
        if atom[0] == '(':
            self.loops -= 1
            if self.loops < 0:
                return atom
        return atom + dice.pick(QUANTIFIERS) + dice.pick(kinds if atom[0] != '(' else kinds[:-1])

    def sequence(self, depth):
        return ''.join(self.piece(depth) for _ in range(1 + self.dice(3)))

    def pattern(self, depth):
        return '|'.join(self.sequence(depth) for _ in range(1 + (self.dice(3) == 0) + (self.dice(8) == 0)))


def shown(m):
    return m and (m.regs, m.lastindex, m.groups())


def scan(scanner, method):
    out = []
    for _ in range(20):
        m = getattr(scanner, method)()
        if m is None:
            break
        out.append(m.span())
    return out


def results(p, text, dice):
    template = rb'<\g<0>>' if isinstance(text, bytes) else r'<\g<0>>'
    plain = b'-' if isinstance(text, bytes) else 'é'
    pos, end = dice(len(text) + 2), dice(len(text) + 2)
    yield shown(p.match(text)), shown(p.search(text)), shown(p.fullmatch(text))
    yield p.findall(text), [m.regs for m in p.finditer(text)]
    yield p.sub(template, text), p.subn(plain, text, dice(3)), p.split(text, dice(3))
    yield shown(p.search(text, pos)), shown(p.match(text, pos, end)), p.findall(text, 0, end)
    yield scan(p.scanner(text), 'match'), scan(p.scanner(text, pos), 'search')


def case(dice):
    is_bytes = dice(4) == 0
    maker = Maker(dice, is_bytes)
    pattern = maker.pattern(3)
    letters = LETTERS[is_bytes]
    narrow = [c for c in letters if c < '\x80']
    letters = dice.pick([letters, narrow, 'ab', 'abc\n'])
    texts = [''.join(dice.pick(letters) for _ in range(dice(10))) for _ in range(3)]
    flags = 0
    for flag in (re.I, re.M, re.S, re.A):
        if dice(4) == 0:
            flags |= flag
    if is_bytes:
        pattern, texts = pattern.encode('latin1'), [t.encode('latin1') for t in texts]
    try:
        p = re.compile(pattern, flags)
    except (re.error, ValueError) as e:
        return pattern, flags, str(e)
    try:
        return pattern, flags, [(t, [*results(p, t, dice)]) for t in texts]
    except SystemError:
        # CPython 3.11 loses marks of groups in possessive loops, and notices it here.
        return pattern, flags, 'gave up'


print('seed', SEED)
for n in range(CASES):
    # Each case has dice of its own, so that it can be looked at alone.
    print(n, ascii(case(Dice(SEED * 1000003 + n))))
