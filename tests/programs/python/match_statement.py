# The match statement: every kind of pattern, its order of evaluation, what it binds when it fails, and its errors.
import collections
import collections.abc


def show(*args):
    print(*args)


def literals(x):
    match x:
        case 0:
            return "zero"
        case -1 | -2.5:
            return "negative"
        case 1 + 2j | -3 - 1j:
            return "complex"
        case "a" "b":
            return "ab"
        case b"xyz":
            return "bytes"
        case None:
            return "None"
        case True:
            return "True"
        case False:
            return "False"
        case 10_000_000_000_000_000_000_000:
            return "big"
    return "none of them"


for v in [0, 0.0, False, True, 1, -1, -2.5, 1 + 2j, -3 - 1j, "ab", "a", b"xyz", None, 10**22, [], ()]:
    show(repr(v), literals(v))


class Constants:
    A = 1
    class Inner:
        B = "b"


def values(x):
    match x:
        case Constants.A:
            return "A"
        case Constants.Inner.B:
            return "B"
        case other:
            return "other", other


show(values(1), values(True), values("b"), values(2))


def sequences(x):
    match x:
        case []:
            return "empty"
        case [a]:
            return "one", a
        case (0, b):
            return "zero and", b
        case [a, b]:
            return "two", a, b
        case [1, *_, last]:
            return "from one to", last
        case [2, *middle, 9]:
            return "middle", middle
        case [3, _, third, *_]:
            return "third", third
        case first, *rest:
            return "rest", first, rest
        case _:
            return "no sequence"


class Seq(collections.abc.Sequence):
    def __init__(self, *items):
        self.items = items
    def __len__(self):
        return len(self.items)
    def __getitem__(self, n):
        return self.items[n]


class Registered:
    def __len__(self):
        return 2
    def __getitem__(self, n):
        if n < 2:
            return n * 10
        raise IndexError


show(sequences(Registered()))
collections.abc.Sequence.register(Registered)
show(sequences(Registered()))


class Under(Registered):
    pass


for v in [[], (), [5], (0, 7), [1, 2], [1, 2, 3], [2, 3, 4, 9], (2, 9, 9), [3, 4, 5], [3, 4, 5, 6, 7], range(4, 8), "ab", b"ab",
          bytearray(b"ab"), {1, 2}, {1: 2}, iter([1]), Seq(1, 2, 3), collections.deque([8, 9, 10]), memoryview(b"abc"), Under(), 5]:
    show(type(v).__name__, sequences(v))


def mappings(x):
    match x:
        case {"kind": "point", "x": x, "y": y}:
            return "point", x, y
        case {"kind": Constants.A, **rest}:
            return "rest", rest
        case {1: "int" as one, None: two}:
            return one, two
        case {"nested": {"list": [_, {"deep": deep}]}}:
            return "deep", deep
        case {-1: minus, True: yes}:
            return minus, yes
        case {}:
            return "some mapping"
    return "no mapping"


class Map(collections.abc.Mapping):
    def __init__(self, d):
        self.d = d
    def __getitem__(self, k):
        print("get", k)
        return self.d[k]
    def __len__(self):
        return len(self.d)
    def __iter__(self):
        return iter(self.d)


d = collections.defaultdict(list)
d["kind"] = "point"
for v in [{"kind": "point", "x": 1, "y": 2, "z": 3}, {"kind": 1, "a": 2, "b": 3}, {1: "int", None: 4}, {},
          {"nested": {"list": [0, {"deep": "down"}]}}, {-1: "m", 1: "y"}, d, Map({"kind": 1, "w": 2}), [], "kind",
          collections.OrderedDict(kind=1), type.__dict__]:
    show(type(v).__name__, mappings(v))
show(dict(d))


class Point:
    __match_args__ = ("x", "y")
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Point3(Point):
    __match_args__ = ("x", "y", "z")
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z


class Lazy:
    __match_args__ = ("a", "b")
    def __getattr__(self, name):
        print("getattr", name)
        if name == "b":
            raise AttributeError(name)
        return name * 2


class Slotted:
    __slots__ = ("a", "b")
    __match_args__ = ("a", "b")


def classes(x):
    match x:
        case Point3(0, 0, z):
            return "z axis", z
        case Point(0, y=b):
            return "y axis", b
        case Point(x=a, y=0):
            return "x axis", a
        case Point(a, b) if a == b:
            return "diagonal", a
        case Point():
            return "a point"
        case bool(b):
            return "bool", b
        case int(i):
            return "int", i
        case float() as f:
            return "float", f
        case str(real=_):
            return "a str has no real"
        case str(s) | bytes(s) | bytearray(s):
            return "text", s
        case list([1, *rest]):
            return "list", rest
        case tuple((a, b)):
            return "pair", a, b
        case dict({"k": v}):
            return "dict", v
        case Lazy(a, b):
            return "never"
        case Lazy(a):
            return "lazy", a
        case Slotted(a, b):
            return "slots", a, b
        case Slotted(a=1):
            return "slot a"
        case set(s) | frozenset(s):
            return "set", s
    return "nothing"


half = Slotted()
half.a = 1
full = Slotted()
full.a, full.b = 3, 4
for v in [Point3(0, 0, 5), Point3(0, 1, 5), Point(0, 3), Point(4, 0), Point(6, 6), Point(1, 2), True, 12, 2.5, "txt", b"b",
          bytearray(b"x"), [1, 2, 3], [2], (1, 2), {"k": 1}, {}, Lazy(), half, full, {1}, frozenset([2]), None, Slotted()]:
    show(type(v).__name__, classes(v))


class MyInt(int):
    pass


class Named(int):
    __match_args__ = ("real", "imag")


def subclasses(x):
    match x:
        case Named(r, i):
            return "named", r, i
        case int(n):
            return "int", n, type(n).__name__


show(subclasses(MyInt(3)), subclasses(Named(4)))


def alternatives(x):
    match x:
        case [("a", n) | (n, "a"), ("b" | "c") as letter]:
            return n, letter
        case {"v": int(v) | str(v)} | [v]:
            return "v", v
        case (1 | 2 | 3) as small:
            return "small", small


for v in [[("a", 1), "b"], [(2, "a"), "c"], [("a", "a"), "c"], {"v": 3}, {"v": "s"}, {"v": 1.0}, [9], 3, 4]:
    show(alternatives(v))


# A pattern that fails binds nothing; a guard sees the names, which stay bound when it is false.
def bindings(x):
    a = b = "unbound"
    match x:
        case [a, 1]:
            return "first", a, b
        case [a, b] if b == 2:
            return "second", a, b
        case [a, b, c] if show("guard", a, b, c):
            return "never"
    return "after", a, b


show(bindings([0, 1]), bindings([5, 2]), bindings([6, 3]), bindings([7, 8, 9]), bindings(1))


# The subject is evaluated once; rebinding its name does not change what the other cases see.
def subject():
    print("subject")
    return [1, 2]


def once():
    x = subject()
    match x:
        case [x, y] if x == 2:
            return "no"
        case [y, x]:
            return y, x


show(once())


# Names of every kind: global, nonlocal, attribute-like privates, and in a class body.
def captures_everywhere():
    cell = 0
    def inner(v):
        global captured
        nonlocal cell
        match v:
            case [captured, cell]:
                pass
        return lambda: cell
    f = inner([1, 2])
    return captured, cell, f()


show(captures_everywhere())


class Body:
    match (1, 2):
        case (first, __second):
            pass


show(Body.first, Body._Body__second)

match {"module": [1, 2, 3]}:
    case {"module": [head, *tail]}:
        show(head, tail)

match 1, 2:
    case a, b:
        show(a, b)
match (yes := [3]), *yes:
    case [[3], three]:
        show(three)


# Soft keywords stay names.
match = case = _ = 1
show(match, case, _)
match[0:0] if False else match
match (match):
    case case:
        show(case)


# Protocol errors.
def raises(f, *args):
    try:
        f(*args)
    except Exception as e:
        show(type(e).__name__, e)
    else:
        show("nothing raised")


def not_a_class(c):
    match 1:
        case c():
            pass


def too_many(x, c):
    match x:
        case c(a, b):
            pass


def twice(x):
    match x:
        case Point(1, x=2):
            pass


def same_key(x, k):
    match x:
        case {Keys.a: _, Keys.b: _}:
            pass


class Keys:
    a = b = "same"


class BadArgs:
    __match_args__ = ["a"]


class BadName:
    __match_args__ = ("a", 1)
    a = 0


class BadLen(collections.abc.Sequence):
    def __len__(self):
        raise ValueError("no length")
    def __getitem__(self, n):
        return 0


class BadMeta(type):
    def __instancecheck__(cls, x):
        raise LookupError("asked about " + repr(x))


class Asked(metaclass=BadMeta):
    pass


raises(not_a_class, "text")
raises(not_a_class, Asked)
raises(too_many, 1, int)
raises(too_many, Point(1, 2), Point)
raises(too_many, Seq(), Seq)
raises(too_many, BadArgs(), BadArgs)
raises(too_many, BadName(), BadName)
raises(twice, Point(1, 2))
raises(same_key, {"same": 1, "other": 2}, "same")
raises(sequences, BadLen())


# In loops, for the tracer: an interpreter of small expressions.
class Num:
    __match_args__ = ("v",)
    def __init__(self, v):
        self.v = v


class Bin:
    __match_args__ = ("op", "left", "right")
    def __init__(self, op, left, right):
        self.op, self.left, self.right = op, left, right


def evaluate(e):
    match e:
        case Num(v):
            return v
        case Bin("+", l, r):
            return evaluate(l) + evaluate(r)
        case Bin("*", Num(1), r):
            return evaluate(r)
        case Bin("*", l, r):
            return evaluate(l) * evaluate(r)
        case Bin(op=op):
            raise ValueError(op)


tree = Bin("+", Bin("*", Num(1), Num(7)), Bin("*", Num(3), Bin("+", Num(2), Num(4))))
show(sum(evaluate(tree) for _ in range(60)))


def machine(program):
    stack, steps = [], 0
    for _ in range(40):
        for ins in program:
            steps += 1
            match ins:
                case ("push", n):
                    stack.append(n)
                case ("add",):
                    stack.append(stack.pop() + stack.pop())
                case ("dup", *_):
                    stack.append(stack[-1])
                case {"op": "drop", "n": int(n)}:
                    del stack[-n:]
                case [_, _, _]:
                    return "too long"
    return steps, stack


show(machine([("push", 1), ("push", 2), ("add",), ("dup", 0), ["push", 5], {"op": "drop", "n": 3}]))


def changing(xs):
    out = []
    for x in xs:
        match x:
            case Point(x=0):
                out.append("p0")
            case Later(x=0):
                out.append("later")
            case [*_]:
                out.append("seq")
            case _:
                out.append("?")
    return out


class Later:
    def __init__(self):
        self.x = 0
    def __len__(self):
        return 0


show(set(changing([Later()] * 60)))
Later.__match_args__ = ("x",)
del Later
class Later:
    pass
show(set(changing([Point(1, 2), 3] * 60)))
q = type("Q", (), {"__len__": lambda s: 0})
objects = [q()] * 60
show(set(changing(objects)))
collections.abc.Sequence.register(q)
show(set(changing(objects)))
