# Names of arguments that go to **kwargs, and defaults of keyword-only parameters, in hot calls.
def star(*args, **kw):
    return args, list(kw.items())


def mix(a, b=2, *rest, c, d=4, **kw):
    return a, b, rest, c, d, list(kw.items())


def pos(a, /, **kw):
    return a, kw


def only(*, x, y=5):
    return x, y


CALLS = [
    lambda k: star(1, k, z=3, y=k),
    lambda k: star(1, **{"a": k}),
    lambda k: mix(1, c=k),
    lambda k: mix(k, 2, 3, 4, c=5, e=6, d=7),
    lambda k: mix(b=1, a=k, c=3, zz=k),
    lambda k: mix(1),
    lambda k: mix(1, a=2, c=1),
    lambda k: pos(1, a=k, b=2),
    lambda k: pos(a=1),
    lambda k: only(x=k),
    lambda k: only(y=1, x=k),
    lambda k: only(),
    lambda k: only(x=1, z=2),
]


def run(times):
    out = []
    for k in range(times):
        out = []
        for call in CALLS:
            try:
                out.append(call(k))
            except TypeError as e:
                out.append(str(e))
    return out


class Key(str):
    pass


print(run(60))
mix.__kwdefaults__ = {"d": "new", "c": "own"}
print(run(60))
mix.__kwdefaults__ = None
print(run(60))
only.__kwdefaults__ = {Key("y"): 9, 3: 4}
print(run(60))
kept = [star(n=k)[1] for k in range(30)]
print(kept[0], kept[-1])
