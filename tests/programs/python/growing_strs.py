# s += t in loops: what is built is a str for everybody who looks.
import sys


def plain(n):
    s = ""
    for i in range(n):
        s += "xy"
    return s


def pieces(items):
    out = "start:"
    for x in items:
        out += str(x)
        out += ","
    return out


def looked_at(n):
    s = "-" * 600
    seen = 0
    for i in range(n):
        s += "abc"
        if i % 10 == 3:
            seen += len(s) + s.count("b") + hash(s) * 0
        if i % 50 == 7:
            t = s
            s += "!"
            seen += t == s
            seen += len(t)
    return seen, s[-5:], len(s)


def each_time(n):
    s = "-" * 600
    total = 0
    for i in range(n):
        s += "z"
        total += ord(s[-1]) + len(s)
    return total


def aliases(n):
    s = "q" * 700
    kept = []
    for i in range(n):
        s += "1"
        kept.append(s)
        s += "2"
    return [k[-3:] for k in kept[:3]], kept[0] == s, len(kept[-1]), len(s)


def wide(n):
    s = "\u00e9" * 300
    for i in range(n):
        s += "\u20ac\U0001f600a"
    return len(s), s[-4:], s.encode()[-8:]


def itself(n):
    s = "ab" * 300
    for i in range(n):
        s += s[:1]
        s += "c"
    s += s
    return len(s), s.count("a"), s[-6:]


def wrong(n, other):
    s = "w" * 600
    for i in range(n):
        try:
            s += "v" if i < n - 3 else other
        except TypeError as e:
            s += str(e)
    return s[595:]


class Right:
    def __radd__(self, left):
        return "%s|%d" % (left[-2:], len(left))


class Text(str):
    def __add__(self, other):
        return Text("own(" + str(self)[-3:] + str(other) + ")")


def classes(n):
    s = "m" * 600
    for i in range(n):
        s += "n"
        if i == n - 1:
            s += Right()
    t = Text("t" * 600)
    for i in range(n):
        t += "u"
    r = "r" * 600
    for i in range(5):
        r += Text("sub")
    return s, t, r[598:], type(r).__name__


def numbers(n):
    total = 0
    items = []
    for i in range(n):
        total += i
        if total > 10**6:
            total += -(10**6)
        items += [i, total]
    return total, len(items), items[-1]


def locals_seen(n):
    s = "l" * 600
    lengths = []
    for i in range(n):
        s += "k"
        if i % 20 == 19:
            lengths.append(len(locals()["s"]))
            lengths.append(len(sys._getframe().f_locals["s"]))
    return lengths, type(locals()["s"]).__name__


def suspended(n):
    s = "g" * 600
    for i in range(n):
        s += "h"
        if i % 15 == 0:
            yield i
    yield s


def generators():
    g = suspended(60)
    seen = []
    for v in g:
        f = g.gi_frame
        seen.append(v if isinstance(v, int) else len(v))
        seen.append(len(f.f_locals["s"]) if f else None)
    return seen


def handlers(n):
    s = "e" * 600
    for i in range(n):
        try:
            s += "f"
            if i % 9 == 0:
                raise ValueError(s[-2:])
        except ValueError as e:
            s += e.args[0]
        finally:
            s += "."
    return s[600:640], len(s)


def unbound():
    try:
        for i in range(3):
            s += "x"
    except UnboundLocalError as e:
        return str(e)


def deleted(n):
    s = "d" * 600
    for i in range(n):
        s += "d"
    del s
    try:
        return s
    except UnboundLocalError as e:
        return str(e)


def two(n):
    a = b = "t" * 600
    for i in range(n):
        a += "1"
        b += "22"
        if i % 40 == 39:
            a, b = b, a
    return len(a), len(b), a[-3:], b[-3:], a == b


def closure(n):
    s = "c" * 600

    def look():
        return len(s)

    for i in range(n):
        s += "o"
    return look()


def nested(n):
    out = ""
    for i in range(n):
        line = ""
        for j in range(n):
            line += chr(97 + j % 26)
        out += line
        out += "\n"
    return len(out), out[:5], out.count("\n")


def params(s, n):
    for i in range(n):
        s += "p"
    return s


for times in (3, 60, 400):
    print(plain(times)[-4:], len(plain(times)), pieces(range(times))[-20:])
    print(looked_at(times), each_time(times), aliases(times), wide(times), itself(times))
    print(wrong(times, 3), wrong(times, None), wrong(times, b"x"), classes(times))
    print(numbers(times), locals_seen(times), handlers(times), unbound(), deleted(times), two(times))
    print(closure(times), nested(times), params("x" * 600, times)[-3:], params(b"", 0))
print(generators())
print(len(plain(60000)), hash(plain(1000)) == hash("xy" * 1000), plain(1000) == "xy" * 1000, {plain(1000): 1}["xy" * 1000])
