# Exceptions raised and caught in hot loops: what is seen of them must not depend on where the loop runs.
import sys
import traceback


class MyError(Exception):
    pass


def risky(i):
    if i % 5 == 0:
        raise MyError(i, 'five')
    return i


def plain(n):
    s = 0
    for i in range(n):
        try:
            s += risky(i)
        except MyError as e:
            s -= e.args[0] & 7
        finally:
            s += 1
    return s


def handled_is_seen(n):
    # A call looks at the exception that is being handled.
    seen = []
    for i in range(n):
        try:
            risky(i)
        except MyError:
            kind, e, tb = sys.exc_info()
            if i % 100 == 0:
                seen.append((kind.__name__, e.args, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
        if sys.exc_info()[0] is not None:
            seen.append('left behind')
    return seen


def kept(n):
    last = None
    for i in range(n):
        try:
            risky(i)
        except MyError as e:
            last = e
    frames = traceback.extract_tb(last.__traceback__)
    return last.args, [(f.name, f.line) for f in frames], last.__context__


def nested(n):
    s = 0
    contexts = []
    for i in range(n):
        try:
            try:
                risky(i)
            except MyError:
                {}[i]
        except KeyError as e:
            s += e.args[0] + e.__context__.args[0]
            if i % 150 == 0:
                contexts.append((type(e.__context__).__name__, e.__context__.__context__, e.__suppress_context__))
    return s, contexts


def again(n):
    s = 0
    for i in range(n):
        try:
            try:
                risky(i)
            except MyError:
                s += 1
                raise
        except MyError as e:
            s += len(e.args)
    return s


def leaves(n, at):
    # The handler itself leaves the loop, at first never, then with the exception being handled.
    for i in range(n):
        try:
            risky(i)
        except MyError as e:
            if i == at:
                return e, sys.exc_info()[1] is e
    return None, sys.exc_info()[1]


def polymorphic(n, items):
    # The guard in the handler fails later than the exception was put aside.
    out = []
    for i in range(n):
        try:
            if i % 3 == 0:
                raise MyError(i)
        except MyError as e:
            x = items[i * len(items) // n]
            out.append(x + x)
            if len(out) > 20:
                out.clear()
            assert sys.exc_info()[1] is e
    return out


def in_generator(n):
    for i in range(n):
        try:
            risky(i)
        except MyError as e:
            yield e.args[0], sys.exc_info()[1] is e
        else:
            yield i, sys.exc_info()[1] is None


class Holder:
    def __init__(self):
        self.box = None
        self.count = 0


def stored(h, n):
    # Objects that are stored somewhere and replaced before anybody looks.
    for i in range(n):
        h.box = (i, i + 1)
        if h.box[0] % 97 == 96:
            h.count += h.box[1]
        h.box = None
    h.box = [h.box, n]
    return h.box, h.count


def stored_twice(h, g, n):
    s = 0
    for i in range(n):
        h.box = (i, 1)
        g.box = (i, 2)
        s += h.box[1]
        if i % 50 == 49:
            s += seen(h, g)
    return s


def seen(h, g):
    return sum(h.box) + sum(g.box)


print(plain(2000))
print(handled_is_seen(500))
print(kept(700))
print(nested(600))
print(again(600))
for at in (-1, 300, 5):
    e, same = leaves(400, at)
    print(repr(e), same)
print(polymorphic(400, [1, 2.5, 'x', (1,), None.__class__.__name__]))
print(sum(a for a, b in in_generator(700)), all(b for a, b in in_generator(700)))
print(stored(Holder(), 3000))
h = Holder()
print(stored_twice(h, h, 500), stored_twice(h, Holder(), 500))
