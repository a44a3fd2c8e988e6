from __future__ import annotations
def f(a: Dict[str, int], b: "quoted", c: (1 + 2) * 3, d: x[1:2, ...], *e: *Ts, g: lambda x, *y, z=1, **k: x + 1 = 0,
      h: a or b and not c, i: f(x, *y, k=1, **z), j: -x ** 2, k: (a, b), l: [1, 'x\n"', b'\x00'], m: {1: 2, **d}, n: {1},
      o: x if y else z, p: a < b is not c, q: [i for i in x if i if j], r: (x.y).z[0]('a'), t: not (a == b),
      u: (yield_ for yield_ in x), v: f(i for i in x), w: 1.5, x: ~(a | b & c) << 2, y: (lambda: 0)(), z: 2 ** -1, A: (), B: (1,),
      C: tuple[()], D: Callable[[int], str] | None, E: a @ b % c // d, F: (await_).x, G: a[b, c], H: a[(b, c):d]) -> int: pass
for k, v in f.__annotations__.items(): print(k, v)
class C:
    x: int | None = None
    y: List[  'str'  ]
    def m(self, q: C) -> C: pass
print(C.__annotations__, C.m.__annotations__)
z: undefined[0] = 1
print(__annotations__)
