"""Compares names, flags and argument counts of code objects with CPython's. Usage: compare.py OURS; prints the number compared and differing."""
import sys, types, warnings

warnings.simplefilter('ignore')
ours = {}
for line in open(sys.argv[1], encoding='utf-8').read().split('\n'):
    if line.startswith('FILE '):
        current = ours[line[5:]] = set()
    elif line:
        current.add(line)


def walk(c, out):
    n = c.co_argcount + c.co_kwonlyargcount + bool(c.co_flags & 4) + bool(c.co_flags & 8)
    names = c.co_varnames
    out.add('|'.join(map(str, [
        c.co_qualname, c.co_firstlineno, c.co_argcount, c.co_posonlyargcount, c.co_kwonlyargcount, c.co_flags,
        ','.join(names[:n]), ','.join(sorted(names[n:])), ','.join(c.co_cellvars), ','.join(c.co_freevars)])))
    for k in c.co_consts:
        if isinstance(k, types.CodeType):
            walk(k, out)


total = different = 0
for name, have in ours.items():
    want = set()
    walk(compile(open(name, 'rb').read(), name, 'exec'), want)
    total += len(want)
    for row in sorted(want ^ have):
        different += 1
        print(name, 'CPython' if row in want else 'ours', row, file=sys.stderr)
print(total, different)
