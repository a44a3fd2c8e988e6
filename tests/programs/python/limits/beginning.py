# The first addition to a long str, of which the contents and a copy fit into the heap of 64 MiB, but not with room behind.
# A program of its own: a word of the native stack may look like a reference to a long str that is gone.
def begin(start, piece):
    for n in range(1):
        start += piece
    return start


MIB = 1 << 20
start = 'y' * (24 * MIB)
s = begin(start, 'z')
assert len(s) == len(start) + 1 and s[-1] == 'z'
print('ok')
