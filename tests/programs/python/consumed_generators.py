# Builtins that consume generators: results, errors, tracebacks, frames, generators left half read.
import sys
import traceback


def count(n):
    for i in range(n):
        yield i


def mixed(items):
    for x in items:
        yield x


def every(times):
    out = []
    for k in range(times):
        n = k % 7
        out = [
            tuple(x * 2 for x in range(n)),
            list(count(n)),
            set(x % 3 for x in range(n)),
            frozenset(str(x) for x in range(n % 2)),
            sorted(-x for x in range(n)),
            sum(x * x for x in range(n)),
            sum(count(n), 10),
            any(x > 3 for x in range(n)),
            all(x < 3 for x in range(n)),
            min(x * x - 4 * x for x in range(n + 1)),
            max(x * x - 4 * x for x in range(n + 1)),
            ",".join(str(x) for x in range(n)),
        ]
        some = [k]
        some.extend(x + 1 for x in range(n))
        out.append(some)
    return out


print(every(5), every(100))


def half_read():
    left = []
    for k in range(30):
        g = count(10)
        left.append((any(x == k % 12 for x in g), list(g)))
    return left[-12:]


print(half_read())


def failing(n):
    for i in range(n):
        yield i
    raise KeyError(n)


def guarded(what, times=8):
    seen = []
    for k in range(times):
        try:
            what(k)
        except Exception as e:
            t = traceback.extract_tb(e.__traceback__)
            seen.append((type(e).__name__, str(e), [(f.name, f.line) for f in t], e.__context__))
    print(len(seen), seen[-1] if seen else None)


guarded(lambda k: tuple(failing(k)))
guarded(lambda k: sum(failing(k)))
guarded(lambda k: "".join(failing(k)))
guarded(lambda k: "".join(count(k)))
guarded(lambda k: sum(mixed(["a", k])))
guarded(lambda k: sum(mixed([1, "a", k])))
guarded(lambda k: min(count(0)))
guarded(lambda k: max(mixed([])))
guarded(lambda k: max(mixed([1, "x"])))
guarded(lambda k: sorted(mixed([1, "x"])))
guarded(lambda k: set(mixed([[]])))
guarded(lambda k: tuple(count(k), 1))
guarded(lambda k: any(mixed([NoTruth()])))
guarded(lambda k: sorted(count(k), 1))
guarded(lambda k: list(failing(k)).clear())


class NoTruth:
    def __bool__(self):
        raise ValueError("no truth")


guarded(lambda k: any(mixed([NoTruth()])))
guarded(lambda k: all(mixed([0, NoTruth()])))
guarded(lambda k: all(mixed([1, NoTruth()])))


def own_frame():
    def names():
        f = sys._getframe()
        while f:
            yield f.f_code.co_name
            f = f.f_back

    def caller():
        return tuple(names())

    for _ in range(6):
        got = caller()
    return got


print(own_frame())


def running():
    def again():
        yield list(g)

    texts = []
    for _ in range(6):
        g = again()
        try:
            tuple(g)
        except ValueError as e:
            texts.append(str(e))
    return texts


print(running())


def deep(n):
    return 0 if n == 0 else sum(deep(n - 1) + 1 for _ in range(1))


print(deep(50))


class Text(str):
    def join(self, other):
        return "own"


def other_receivers():
    out = []
    for _ in range(8):
        out = [
            Text("-").join(str(x) for x in range(3)),
            str.join(Text("-"), (str(x) for x in range(3))),
            b"-".join(bytes([65 + x]) for x in range(3)),
        ]
        own = Own([1])
        own.extend(count(2))
        out.append(own)
    return out


class Own(list):
    def append(self, x):
        raise AssertionError


print(other_receivers())


def growing():
    items = [0]
    for _ in range(10):
        items.extend(len(items) for _ in range(3))
    return items


print(growing())


def with_cleanup(log):
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


def cleanup():
    log = []
    for _ in range(6):
        try:
            sum(x / 0 for x in with_cleanup(log))
        except ZeroDivisionError:
            log.append("caught")
        g = with_cleanup(log)
        any(g)
        g.close()
    return log


# When a generator that was left is closed depends on the collector.
print(cleanup().count("caught"))


def exceptions_in_flight():
    seen = []
    for _ in range(6):
        try:
            raise KeyError("outer")
        except KeyError:
            seen.append(tuple(sys.exc_info()[0] for _ in range(2)))
            try:
                list(failing(1))
            except KeyError as e:
                seen.append(repr(e.__context__))
    return seen[-2:]


print(exceptions_in_flight())


def rebound():
    import builtins

    keep = builtins.tuple, builtins.set
    try:
        builtins.tuple = builtins.set = None
        return [keep[0](x for x in range(3)) for _ in range(8)][-1], [keep[1](x for x in range(3)) for _ in range(8)][-1]
    finally:
        builtins.tuple, builtins.set = keep


print(rebound())
print([sum(y for y in range(x)) for x in range(40)][-1], max(len(w) for w in "some words of many lengths".split()))
