"""Subclasses of builtin classes in loops: items, membership, lengths, methods and iteration are those of the builtin class unless
the class says otherwise. Attributes that are deleted, and context managers whose methods take whatever they get."""
from collections import Counter, OrderedDict, defaultdict, namedtuple

Point = namedtuple('Point', 'x y z', defaults=(7,))


class Env(dict):
    def __init__(self, names=(), values=(), outer=None):
        self.update(zip(names, values))
        self.outer = outer

    def find(self, name):
        return self if name in self else self.outer.find(name)


class Counting(dict):
    def __missing__(self, key):
        return len(self)


class Odd(dict):
    def __getitem__(self, key):
        return 'own %s' % key

    def __contains__(self, key):
        return key == 'odd'

    def __len__(self):
        return 77

    def __iter__(self):
        return iter(['i'])


class Stack(list):
    def push(self, x):
        self.append(x)
        return len(self)


class Loud(list):
    def append(self, x):
        super().append(x * 2)

    def __getitem__(self, n):
        return -list.__getitem__(self, n)


class Word(str):
    def __len__(self):
        return 1000


class Pair(tuple):
    def __new__(cls, a, b):
        return super().__new__(cls, (a, b))

    @property
    def both(self):
        return self[0] + self[1]


class Later:
    def __init__(self, n):
        self.a = n
        self.b = n + 1
        self.c = n + 2


class Scope:
    def __init__(self, log):
        self.log = log

    def __enter__(self, *more, key=3):
        return key

    def __exit__(self, *args):
        self.log.append(args[0] and args[0].__name__)
        return args[0] is KeyError


def main():
    total = 0
    globals_ = Env(['one', 'two'], [1, 2])
    counting, odd, counts = Counting(a=1), Odd(a=1), defaultdict(int)
    for n in range(60):
        p = Point(n, y=2)
        total += p.x + p.y + p.z + p[0] + p[-1] + len(p) + sum(p) + (n in p)
        a, b, c = p
        total += a + b + c + p._replace(x=1).x
        inner = Env(['n'], (n,), globals_)
        total += inner.find('n')['n'] + inner.find('two')['two'] + len(inner) + inner.get('n', 5) + inner.get('no', 5)
        total += counting['a'] + counting['missing'] + len(odd) + len(odd['k']) + ('odd' in odd) + ('a' in odd)
        counts['k%d' % (n % 5)] += n
        total += len(list(odd)) + len([k for k in inner])
        stack, loud, pair = Stack(), Loud(), Pair(n, 1)
        total += stack.push(n) + stack.push(1) + stack[0] + stack[-1] + stack.pop() + len(stack)
        loud.append(n)
        list.append(loud, n)
        total += loud[0] + loud[-1] + list.__getitem__(loud, 0) + pair.both + pair[1] + tuple.__getitem__(pair, 0)
        word = Word('abc%d' % n)
        total += len(word) + word.find('c') + word.count('b') + len(word.upper()) + ('b' in word) + len(word[1])
    print(total, sorted(counts.items()), len(counts))
    for bad in (lambda: Point(1, 2)[5], lambda: Env()['zz'], lambda: Stack()[0], lambda: Pair(1, 2)[2], lambda: Env().find('q')):
        try:
            print(bad())
        except Exception as error:
            print(type(error).__name__, error)
    # Attributes go and come back.
    for n in range(60):
        x = Later(n)
        del x.b
        if n % 2:
            x.b = 5
        names = list(vars(x))
        if n % 7 == 0:
            del x.a, x.c
        kept = x
        try:
            del x.b
        except AttributeError as error:
            text = str(error)
    print(names, vars(kept), text)
    log = []
    for n in range(60):
        with Scope(log) as k:
            total += k
        with Scope(log):
            if n % 3 == 0:
                raise KeyError(n)
    print(total, len(log), log[:5])
    words = Counter()
    ordered = OrderedDict()
    for w in ('a b c a b a d e f a b' * 5).split():
        words[w] += 1
        ordered[w] = ordered.get(w, 0) + 1
        ordered.move_to_end(w)
    print(words.most_common(3), list(ordered.items())[-3:])
    # The class changes while it is in use.
    seen = []
    for n in range(40):
        if n == 20:
            Env.__getitem__ = lambda self, key: 'changed'
        if n == 30:
            Stack.__len__ = lambda self: 99
        seen.append((globals_['one'], len(Stack([1]))))
    print(seen[19:21], seen[29:31])


main()
