# A str that is built in place takes room behind it, but not at the price of an error: what fits alone is built.
def build(piece, times):
    s = piece
    for n in range(times - 1):
        s += piece
    return s


def begin(start, piece):
    # The first addition to a long str: the room behind it would not fit.
    for n in range(1):
        start += piece
    return start


MIB = 1 << 20
# The heap has 64 MiB. The contents and a copy of them fit, the contents and twice the length do not.
s = build('x' * MIB, 24)
assert len(s) == 24 * MIB and s.count('x') == len(s)
s = None
start = 'y' * (24 * MIB)
s = begin(start, 'z')
assert len(s) == len(start) + 1 and s[-1] == 'z'
start = s = None
try:
    build('w' * MIB, 200)
    assert False, 'more than the heap holds'
except MemoryError:
    pass
assert len(build('v' * MIB, 8)) == 8 * MIB
print('ok')
