# A str that is built in place takes room behind it, but not at the price of an error: what fits alone is built.
def build(piece, times):
    s = piece
    for n in range(times - 1):
        s += piece
    return s


MIB = 1 << 20
# The heap has 64 MiB. The contents and a copy of them fit, the contents and twice the length do not.
s = build('x' * MIB, 24)
assert len(s) == 24 * MIB and s.count('x') == len(s)
s = None
try:
    build('w' * MIB, 200)
    assert False, 'more than the heap holds'
except MemoryError:
    pass
assert len(build('v' * MIB, 8)) == 8 * MIB
print('ok')
