# What functions of the interface make. The same output on CPython and here.
import struct
import traceback

import making


def attempt(f, *args):
    try:
        return repr(f(*args))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


# Strs in the making, which widen and grow; characters are written without a call when there is room.
print(ascii(making.write()), ascii(making.write("", b"")))
print(making.write("abc", 100, b"ef", ("0123456789", 3, 6)))
print(ascii(making.write("a", 0xE9, "b", 0x20AC, "c", 0x1F40D, "d")))
print(ascii(making.write(("a\u20acb", 0, 1), ("a\u20acb", 2, 3))), making.write(*"piece by piece" * 20) == "piece by piece" * 20)
print(making.write(*[97 + i % 26 for i in range(1000)]) == "".join(chr(97 + i % 26) for i in range(1000)))
print(hash(making.write("k", "ey")) == hash("key"), {"key": 1}[making.write("k", 101, "y")])

# Floats as bytes.
for v in (0.0, -0.0, 1.5, -2.75, 1e-7, 65504.0, 65520.0, 3.4e38, 1e39, float("inf"), 2.0**-24, 2.0**-25, 0.1):
    for size, letter in ((2, "e"), (4, "f"), (8, "d")):
        for little in (False, True):
            try:
                expected = struct.pack("<>"[not little] + letter, v)
            except OverflowError:
                expected = None
            got = attempt(making.pack, v, size, little)
            if expected is None:
                print(v, size, got)
            else:
                back = struct.unpack("<>"[not little] + letter, expected)[0]
                assert got == repr((expected, back)), (v, size, little, got, expected, back)
print(making.pack(float("nan"), 4, True)[1])

# Entries of tracebacks for functions that are not Python's.
def outer(e):
    making.fail(e, "other.lang", "inner_function", 12)


try:
    outer(ValueError("why"))
except ValueError as e:
    for entry in traceback.extract_tb(e.__traceback__):
        print(entry.filename.rpartition("/")[2], entry.lineno if entry.filename == "other.lang" else "", entry.name)
    print(e)
try:
    try:
        outer(KeyError("k"))
    finally:
        print("finally")
except KeyError as e:
    print(len(traceback.extract_tb(e.__traceback__)), traceback.format_exception(e)[-2].strip().splitlines()[0])

# Code objects.
for args in (
    (0, 2, 0, 3, ("a", "b", "local"), "two"),
    (1, 2, 1, 3, ("a", "b", "k"), "<lambda>"),
    (0, 1, 1, 3 | 4 | 8, ("a", "k", "rest", "more"), "all.of"),
    (0, 1, 0, 3 | 32, (".0",), "<genexpr>"),
):
    c = making.code(*args)
    names = c.co_varnames[: c.co_argcount + c.co_kwonlyargcount + bool(c.co_flags & 4) + bool(c.co_flags & 8)]
    print(c.co_name, c.co_qualname, c.co_filename, c.co_firstlineno, c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount,
          [n for n in names if n != ".0" and not n.startswith("_argument")], bool(c.co_flags & 32))
print(attempt(making.code, 3, 2, 0, 3, ("a", "b"), "n").partition(":")[0])

# Imports with a level.
import os.path

print(making.import_level("os.path", {}, (), 0) is os, making.import_level("os.path", {}, ("join",), 0) is os.path)
import importlib

package = {"__name__": "importlib", "__package__": "importlib", "__path__": importlib.__path__}
print(making.import_level("", package, ("util",), 1) is importlib, making.import_level("util", package, ("find_spec",), 1).__name__)
print(attempt(making.import_level, "no_such_module_here", {}, (), 0))
print(attempt(making.import_level, "x", {}, (), 1))

# Numbers and texts of C.
print(making.print_number(64, 2.5), making.print_number(5, 2.5), making.print_number(1, 2.5))
for text in ("1.5", "-1e3", "1e999", "inf", "nan", "", " 1", "1 ", "0x10", "-0X1p3", "1.5x"):
    print(text, attempt(making.number, text))


# Attributes.
class Base:
    there = "base"

    def method(self):
        return self


class Sub(Base):
    there = "sub"


o = Sub()
o.own = 1
print(making.lookup(Sub, "there"), making.lookup(Sub, "method") is Base.__dict__["method"], making.lookup(Sub, "own"), making.lookup(int, "real"))
print(making.generic(o, "own", None, 0), making.generic(o, "nowhere", None, 1), attempt(making.generic, o, "nowhere", None, 0))
print(making.generic(o, "there", {"extra": 3}, 0), making.generic(o, "extra", {"extra": 3}, 0))
print(making.alias(list, int), making.alias(dict, (str, int)).__args__)


class Methods:
    c = making.class_method(lambda cls: cls.__name__)
    s = making.static_method(lambda: "static")


print(Methods.c(), Methods().c(), Methods.s(), Methods().s())

# Texts, weak references, context variables, hashes.
print(making.texts("a.b.c", "."), making.texts("one\ntwo", "\n"), making.texts("very long text", " ")[4])


print(len(making.apart("x\u20ac" * 100_000)), making.apart("x\u20ac\U0001f40d") == list("x\u20ac\U0001f40d"))


class Held:
    pass


held = Held()
reference, seen, proxy = making.weak(held, None)
print(seen is held, reference() is held, type(reference).__name__, proxy.__class__ is Held)
print(attempt(making.weak, 1, None))
print(making.context_variable("name", 1, "two"))
print(making.numbers(2.5, [1], ("a", "b"))[0] == hash(2.5), making.numbers(1e300, [1], ("a", "b"))[1] == hash(b"bytes"))
print(making.numbers(0.0, [1, 2], ("a", "b"))[2:], making.numbers(0.0, "ab", ("a", "q"))[2:])

# Calls by the pointer that an object may have: types, functions, bound methods, methods of builtins, objects that can be called.
class Callable:
    def __call__(self, *args):
        return ("called", args)


for f, args in ((int, ("12",)), (max, (3, 5)), (lambda a: a + 1, (1,)), ([1, 2].count, (2,)), (str.upper, ("up",)),
                (held.__init__, ()), (Callable(), (1, 2)), (Held, ()), (making.number, ("1.5",)), (None, ())):
    print(attempt(making.quick_call, f, *args).partition(" at 0x")[0])
