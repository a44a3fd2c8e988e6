# Functions that look at the frames of their callers, which are compiled meanwhile: names, lines and locals are right each time.
# stress: 600
import io
import logging
import sys
import warnings
from collections import Counter


def where(level):
    f = sys._getframe(level)
    return f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno, sorted(f.f_locals.items())[0]


def direct(i):
    here = i * 2
    return where(1), here


def through(i):
    there = direct(i)
    return there, where(2)[0], where(1)


def loop(n):
    seen = Counter()
    for at in range(n):
        (((name, line, local), here), outer, mine) = through(at)
        assert local == ("here", 2 * at) and here == 2 * at, (local, here, at)
        assert mine[2] == ("i", at), (mine, at)
        seen[name, line, outer, mine[:2]] += 1
    return seen


print(loop(900))


def chain(n):
    if n == 0:
        f, names = sys._getframe(), []
        while f is not None:
            names.append(f.f_code.co_name)
            f = f.f_back
        return names
    return chain(n - 1)


for n in (3, 30, 3, 30):
    depths = []
    for _ in range(300):
        depths.append(len(chain(n)))
    print(Counter(depths))

out = io.StringIO()
logging.basicConfig(stream=out, format="%(funcName)s:%(lineno)d", level=logging.INFO)
log = logging.getLogger("frames")


def a(i):
    log.info("a %d", i)
    return b(i)


def b(i):
    if i % 3 == 0:
        log.warning("b %d", i)
    return i


def main():
    s = 0
    for i in range(600):
        s += a(i)
        log.info("main")
    return s


print(main(), sorted(Counter(out.getvalue().split()).items()))


def old(i):
    warnings.warn("old", DeprecationWarning, stacklevel=2)
    return i


def uses(n):
    s = 0
    for i in range(n):
        s += old(i)
        s -= old(1)
    return s


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    uses(300)
print(sorted(Counter((w.lineno, w.filename == __file__) for w in caught).items()))
