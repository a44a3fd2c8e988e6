import array
import struct

for code in 'bBhHiIlLqQfd':
    a = array.array(code, [1, 2, 100])
    a.append(7)
    print(a, a.typecode, a.itemsize, len(a), a[1], a[-1], a.tobytes())
a = array.array('i', range(10))
print(a[2:5], a[::-3], a.index(4), a.count(3), 5 in a, a.pop(), a.pop(0), a.tolist())
a[1:3] = array.array('i', [50, 60, 70])
a[::2] = array.array('i', [0] * len(a[::2]))
print(a)
del a[0]
del a[1:3]
a.insert(1, -5)
a.remove(-5)
a.reverse()
a.extend([1, 2])
a.fromlist([3])
print(a, a + a, a * 2, a == array.array('d', a), a < array.array('i', [100]), list(a))
b = array.array('B', b'hello')
b.frombytes(b'!!')
b[0] += 1
print(b, b.tobytes(), bytes(b))
h = array.array('H', [1, 256])
h.byteswap()
print(h)
print(array.array('u', 'h\xe9llo').tounicode(), array.array('d', (x / 2 for x in range(3))), array.typecodes)
for call in ("array.array('x')", "array.array('B', [256])", "array.array('b', [-129])", "array.array('i', ['a'])",
             "array.array('f', ['a'])", "array.array('i')[0]", "array.array('i').pop()", "array.array('i', 'abc')",
             "array.array('h', b'abc')", "array.array('L', [-1])", "array.array('q', [2**63])", "array.array(5)", "a['x']"):
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__, e)


class Samples(array.array):
    pass


s = Samples('d', [1.5])
s.unit = 'V'
print(s, s.unit, isinstance(s, array.array))

print(struct.pack('<bhiq', -1, -2, 3, 2 ** 40), struct.pack('>HIQ', 1, 2, 3), struct.pack('=5s?c', b'abc', True, b'x'))
print(struct.unpack('<3h', b'\x01\x00\x02\x00\xff\xff'), struct.unpack('>d', struct.pack('>d', 3.14)), struct.unpack('<f', struct.pack('<f', 0.1)))
print([struct.calcsize(f) for f in ('bi', '=bi', 'bq', '10s', '3h2x', 'P', 'bdb', '<bdb')])
print(struct.pack('e', 1.5), struct.unpack('<e', b'\x00\x3e'), struct.pack('4p', b'abcdef'), struct.unpack('4p', b'\x02abc'))
print(struct.unpack_from('<h', b'\x00\x01\x02\x03', 1), list(struct.iter_unpack('<H', b'\x01\x00\x02\x00')))
buffer = bytearray(6)
struct.pack_into('>H', buffer, 2, 0xabcd)
print(buffer)
s = struct.Struct('<IB')
print(s.size, s.format, s.pack(7, 8), s.unpack(s.pack(7, 8)))
for call in ("struct.pack('B', 256)", "struct.pack('b', 'a')", "struct.pack('h')", "struct.unpack('i', b'')", "struct.pack('y', 1)",
             "struct.pack('i', 1.5)", "struct.pack('c', b'ab')", "struct.pack('h', 40000)", "struct.pack('I', -1)", "struct.calcsize('5')"):
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__, e)

# What does not fit
for code, value in (('<Q', 1 << 70), ('<q', 1 << 70), ('<Q', -1), ('Q', -1), ('q', -(1 << 70)), ('l', 1 << 70), ('L', -1), ('<L', -1),
                    ('<l', 1 << 70), ('<l', 1 << 40), ('<i', -(1 << 31) - 1), ('<I', 1 << 32), ('I', -1), ('B', -1), ('B', 1 << 70), ('h', 1 << 15),
                    ('H', 1 << 16), ('n', 1 << 70), ('N', -1), ('z', 1), (3, 1), ('i', 'a')):
    try:
        print(struct.pack(code, value))
    except (struct.error, TypeError) as e:
        print(code, value, type(e).__name__, e)
# A format is read once; many formats push each other out.
for n in range(250):
    assert struct.pack('<%dB' % (n % 130), *range(n % 130)) == bytes(range(n % 130))
    assert struct.calcsize(b'<%dH' % n) == 2 * n
