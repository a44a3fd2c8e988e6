# Views of several dimensions: casts to them and back, items, order, comparison, what is refused.
def error(f, *a):
    try:
        print(f(*a))
    except Exception as e:
        print(type(e).__name__, e)

b = bytearray(range(24))
v = memoryview(b)
m = v.cast('B', [2, 3, 4])
print(m.shape, m.strides, m.ndim, m.nbytes, len(m), m.itemsize, m.format, m.contiguous, m.c_contiguous, m.f_contiguous)
print(m.tolist(), m[1, 2, 3], m[-1, -3, -4], m.tobytes() == bytes(b), m.hex())
m[0, 1, 2] = 200
print(b[6], m.tolist()[0][1], v[6])
error(lambda: m[0]); error(lambda: m[0, 1]); error(lambda: m[0, 1, 2, 3]); error(lambda: m[2, 0, 0]); print(m[1:].tolist(), m[::-1].shape, m[::-1].strides, m[::-1].tolist()[0], m[0:0].tolist()); error(lambda: m['x', 0, 0])
error(lambda: list(m)); error(m.__setitem__, 0, 1); error(m.__setitem__, slice(0, 1), m); error(m.__setitem__, (0, 0, 0), 256); error(m.__setitem__, (0, 0, 0), 'x')
print(m == v, m == m.cast('B').cast('B', [2, 3, 4]), m == m.cast('B').cast('B', [3, 2, 4]), m.cast('B') == v, memoryview(m) == m, m.toreadonly().readonly)
i = v.cast('i'); print(i.shape, i.strides, v.cast('i', [2, 3]).tolist(), v.cast('i', (6,)).tolist() == i.tolist(), v.cast('H', [3, 4])[2, 3])
error(v.cast, 'B', [5, 5]); error(v.cast, 'B', 5); error(m.cast, 'B', [4, 6]); error(v[::2].cast, 'B', [3, 4]); error(v.cast, 'i', [4, 6])
z = memoryview(b'\1\0\0\0').cast('i', ())
print(z.shape, z.strides, z.ndim, z.nbytes, z.tolist(), z[()], z.tobytes())
error(lambda: len(z)); error(lambda: z[0]); error(lambda: z[0,])
print(v[3:9:2].tolist(), v[::-5].tolist(), v[2:2].tolist(), v[::-5].strides, v[::-5].contiguous, v[5:6].contiguous, bytes(v[::-5]))
w = memoryview(b'')
print(w.contiguous, w.tolist(), w.cast('i').shape)
