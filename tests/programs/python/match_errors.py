# What the compiler says of patterns that make no sense.
for source in """
case x: pass | case 1: pass
case _: pass | case 1: pass
case (x | 1): pass
case (1 | _ | 2): pass
case [x, x]: pass
case [x] | [y]: pass
case ([x] | [x, y]): pass
case [x] | [y] | [z]: pass
case {"a": x, "a": y}: pass
case {1: x, True: y}: pass
case {1: x, -1: z, 1.0: y}: pass
case f"a": pass
case [*a, *b]: pass
case Point(x=1, x=2): pass
case Point(x=1, 2): pass
case 1 as _: pass
case 1 as a.b: pass
case 1 as x, x: pass
case {**rest, "a": 1}: pass
case {**_}: pass
case *x: pass
case 1 + 1: pass
case 1j + 1j: pass
case -x: pass
case x.y(1)(2): pass
case __debug__: pass
case 1 | 2
case 1:
case {a: 1}: pass
case +1: pass
case [x, [y, [x]]]: pass
case {"k": v, **v}: pass
case (x as y) as y: pass
case _ | 1: pass
case x if x: pass | case _: pass
""".strip().splitlines():
    cases = source.replace("pass | case", "pass\n  case")
    text = "match 0:\n  " + cases + "\n"
    try:
        compile(text, "t", "exec")
    except SyntaxError as e:
        print(source, "->", type(e).__name__, e.msg, e.lineno)
    else:
        print(source, "-> fine")
for text in ["match 0:\npass\n", "match 0\n  case 1: pass\n", "match 0:\n  pass\n", "match 0:\n  case 1 pass\n"]:
    try:
        compile(text, "t", "exec")
    except SyntaxError as e:
        print(repr(text), type(e).__name__, e.msg, e.lineno)
