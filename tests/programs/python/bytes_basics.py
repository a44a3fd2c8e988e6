# bytes and bytearray: literals, indexing, methods, conversion, mutation.
data = b'hello \x00\xff world'
print(data, data[0], data[-5:], len(data), data[::-1][:3], list(data[:3]), b'lo' in data, 104 in data, data + b'!', b'ab' * 3)
total = 0
for i in range(200):
    for byte in data:
        total = (total * 31 + byte) & 0xffffffff
print(total)
print(bytes(3), bytes([65, 66]), bytes('é', 'utf-8'), bytes(range(5)), b'' == bytes(), b'a' < b'b', hash(b'abc') == hash(bytes([97, 98, 99])))
print(data.split(), data.find(b'w'), data.index(b'o'), data.count(b'l'), data.startswith(b'he'), data.replace(b'l', b'L'), data.upper(), b'-'.join([b'a', b'b']))
print(b'a,b'.partition(b','), b' x '.strip(), b'41ff'.isalnum(), bytes.fromhex('41 ff'), b'A\xff'.hex(), b'A'.decode('ascii'), b'\xe2\x82\xac'.decode())
print(repr(b'\'"\n\t\\'), str(b'x'), '%s' % b'y', b'%d-%s' % (5, b'z'), b'abc'.isalpha(), b'%x' % 255)
buffer = bytearray(b'start')
buffer.append(33)
buffer += b'++'
buffer[0] = ord('S')
buffer[1:3] = b'TA!'
del buffer[-1]
print(buffer, buffer.decode(), len(buffer), buffer == b'STA!rt!+', bytes(buffer), buffer.pop(), buffer)
for i in range(1500):
    buffer.append(i % 256)
    if len(buffer) > 300:
        del buffer[:200]
print(len(buffer), sum(buffer), buffer[:5])


def checksum(values):
    a, b = 1, 0
    for value in values:
        a = (a + value) % 65521
        b = (b + a) % 65521
    return (b << 16) | a


print(checksum(b'Wikipedia' * 50), checksum(bytearray(2000)))
encoded = ''.join(chr(97 + (b >> 4)) + chr(97 + (b & 15)) for b in data)
decoded = bytes((ord(encoded[i]) - 97) << 4 | (ord(encoded[i + 1]) - 97) for i in range(0, len(encoded), 2))
print(encoded, decoded == data)
for bad in (lambda: bytes([256]), lambda: b'a' + 'b', lambda: data[100], lambda: b'\xff'.decode(), lambda: bytes('a'), lambda: b'a'.index(b'z'), lambda: bytearray(b'a').append(300)):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, error)
try:
    data[0] = 1
except TypeError as error:
    print(error)
