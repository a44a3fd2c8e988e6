# Functions that call themselves or each other often enough to be compiled, and are called by compiled code: results of
# several classes, exceptions, the limit of recursion, arguments that change their class, collections in the middle.
# stress: 60
import gc
import sys


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


print(fib(20), fib(20), fib(9))


def fib_float(x):
    if x < 2.0:
        return x
    return fib_float(x - 1.0) + fib_float(x - 2.0)


print(fib_float(18.0))
# The same code with another class, and with both.
print(fib(17.0), fib(True), fib(18))


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __lt__(self, other):
        return self.cents < other

    def __sub__(self, other):
        return Money(self.cents - other)

    def __add__(self, other):
        return Money(self.cents + other.cents)


print(fib(Money(13)).cents)


# Values beyond 64 bits come out of calls that expect small ones.
def power(n):
    if n == 0:
        return 1
    return 3 * power(n - 1)


print([len(str(power(n))) for n in range(0, 200, 9)])


def collatz(n, steps):
    if n == 1:
        return steps
    if n % 2:
        return collatz(3 * n + 1, steps + 1)
    return collatz(n // 2, steps + 1)


print(max((collatz(n, 0), n) for n in range(1, 900)))


# Results of several classes from one function.
def mixed(n):
    if n == 0:
        return None
    inner = mixed(n - 1)
    if n % 5 == 0:
        return "five"
    if n % 7 == 0:
        return 7.5
    if inner is None or isinstance(inner, str):
        return n
    return inner + n


print([mixed(n) for n in range(40)] * 3 == [mixed(n) for n in range(40)] * 3, [mixed(n) for n in range(25)])


# Exceptions that pass through compiled callers, are caught in the middle, and replaced.
class Deep(Exception):
    pass


def thrower(n):
    if n == 0:
        raise Deep("bottom")
    if n % 13 == 0:
        try:
            return thrower(n - 1)
        except Deep as e:
            raise Deep(f"{e} {n}") from None
    return thrower(n - 1) + 1


def catcher(n):
    try:
        return thrower(n)
    except Deep as e:
        tb, lines = e.__traceback__, []
        while tb is not None:
            lines.append(tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno)
            tb = tb.tb_next
        return str(e), len(lines), lines[-1]


for n in (3, 14, 40, 100):
    results = {catcher(n) for _ in range(60)}
    print(n, results)


def sometimes(n):
    if n <= 0:
        return 0
    try:
        if n % 9 == 4:
            raise KeyError(n)
        return sometimes(n - 1) + 1
    except KeyError:
        return sometimes(n - 2) + 1000


print(sum(sometimes(n) for n in range(120)))


# The limit of recursion is met at the same depth, whatever is compiled.
def endless(n):
    global deepest
    deepest = n
    return endless(n + 1) + 1


depths = set()
for _ in range(30):
    deepest = 0
    try:
        endless(0)
    except RecursionError as e:
        depths.add(deepest)
print(len(depths), 900 < max(depths) < 1000)


def deep(n):
    if n == 0:
        return 0
    return deep(n - 1) + 1


sys.setrecursionlimit(30000)
print(deep(25000), deep(20000))


def limit_changes(n):
    if n == 300:
        sys.setrecursionlimit(2000)
    if n == 0:
        return 0
    return limit_changes(n - 1) + 1


for _ in range(4):
    sys.setrecursionlimit(1000)
    print(limit_changes(700), sys.getrecursionlimit())
    try:
        deep(1990)
    except RecursionError:
        print("too deep")
    print(deep(1500))
sys.setrecursionlimit(1000)
try:
    print(deep(1100))
except RecursionError:
    print("too deep")


# Many arguments, of which some are on the stack of the caller; floats and references among them.
def many(n, a, b, c, d, e):
    if n == 0:
        return a + b + c + d + len(e)
    return many(n - 1, b, c, d, a, e) + n * 0.5


print(many(40, 1, 2.5, 3, 4.25, "xyz"), many(40, 1, 2, 3, 4, []))


def defaults(n, step=1, *rest, key=2, **more):
    if n <= 0:
        return len(rest) + key + len(more)
    return defaults(n - step, step, *rest, 1, key=key + 1, **more)


print([defaults(n, 2, key=n) for n in range(40)][-3:])


# Objects are made on the way down and on the way up, and collected meanwhile.
class Tree:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        if self.left is None:
            return 1
        return self.left.count() + self.right.count() + 1


def make(depth):
    if depth == 0:
        return Tree(None, None)
    return Tree(make(depth - 1), make(depth - 1))


for _ in range(6):
    tree = make(9)
    gc.collect()
    print(tree.count(), make(7).count())


def lists(n):
    if n == 0:
        gc.collect()
        return []
    mine = [n, str(n)]
    inner = lists(n - 1)
    return [mine, inner]


for _ in range(20):
    depth, at = 0, lists(60)
    while at:
        assert at[0] == [60 - depth, str(60 - depth)]
        depth, at = depth + 1, at[1]
print(depth)


# Functions that call each other, closures, methods.
def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


print([even(n) for n in range(90, 100)], sum(even(n) for n in range(300)))


def counter():
    total = 0

    def walk(n):
        nonlocal total
        total += n
        if n > 0:
            walk(n - 1)
            walk(n - 3)

    walk(18)
    return total


print(counter(), counter())


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


print(ackermann(2, 9), ackermann(2, 30))


# What a function is bound to changes while it runs.
def changing(n):
    if n == 0:
        return 0
    return changing(n - 1) + 1


original = changing


def other(n):
    return 1000


def switch(n):
    global changing
    if n == 0:
        changing = other
        return 0
    return changing(n) + switch(n - 1)


print(switch(50), changing(5))
changing = original
print(changing(50))


def rebound(n):
    global hook
    if n == 40:
        hook = str
    if n == 0:
        return ""
    return hook(n) + rebound(n - 1)


hook = lambda n: "<%d>" % n
print(len(rebound(80)), len(rebound(80)))


# Loops inside of functions that are called, and recursion inside of loops.
def permutations(items):
    if len(items) < 2:
        return [items]
    found = []
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1:]):
            found.append([items[i]] + rest)
    return found


print(len(permutations([1, 2, 3, 4, 5, 6])), permutations([1, 2, 3]))


def total(n):
    s = 0
    for i in range(n):
        s += i * fib(i % 9)
    return s


print(total(500))


def hanoi(n, a, b, c):
    if n == 0:
        return 0
    return hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


print(hanoi(12, "a", "b", "c"))

