# needs: collects
# No instruction keeps native frames: what a loop made before is gone while the loop still runs.
import gc


class Told:
    count = 0

    def __del__(self):
        Told.count += 1


def tuples(n):
    for k in range(n):
        t = (k, k + 1)
        kept = Told()


def closures(n):
    for k in range(n):
        f = lambda: k
        kept = Told()


def stars(n):
    for k in range(n):
        a, *b = k, 1, 2
        kept = Told()


def texts(n):
    for k in range(n):
        t = str(k)[0] == '1', {'a': k}, [k, 2].pop(0), 'a' in str(k)
        kept = Told()


def missing(n):
    d = {}
    for k in range(n):
        try:
            d[k]
        except KeyError as e:
            t = e.args
        kept = Told()


for work in (tuples, closures, stars, texts, missing):
    Told.count = 0
    work(200)
    for _ in range(5):
        gc.collect()
    print(work.__name__, Told.count >= 180)
