# Hash functions and the conversions of bytes to text.
import binascii
import hashlib

data = [b'', b'abc', b'x' * 63, b'y' * 64, b'z' * 129, bytes(range(256)) * 3]
for name in ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3_224', 'sha3_256', 'sha3_384', 'sha3_512', 'blake2b', 'blake2s']:
    h = getattr(hashlib, name)
    for d in data:
        print(name, h(d).hexdigest())
    whole = h(b'ab')
    copy = whole.copy()
    whole.update(b'c')
    print(whole.digest() == h(b'abc').digest(), copy.digest() == h(b'ab').digest(), whole.digest_size, whole.block_size, whole.name)
for name in ['shake_128', 'shake_256']:
    print(name, getattr(hashlib, name)(b'abc').hexdigest(20), getattr(hashlib, name)().digest(3))
print(hashlib.blake2b(b'm', digest_size=20, key=b'key', salt=b'salt', person=b'person').hexdigest())
print(hashlib.blake2s(b'm', digest_size=9, key=b'key', salt=b'salt', person=b'person').hexdigest())
print(hashlib.blake2b(b'm', fanout=2, depth=2, leaf_size=4096, node_offset=1, node_depth=1, inner_size=64, last_node=True).hexdigest())
print(hashlib.blake2b.MAX_KEY_SIZE, hashlib.blake2s.SALT_SIZE)
print(hashlib.new('md5', b'abc').hexdigest())

for d in [b'', b'a', b'ab', b'abc', bytes(range(256))]:
    b64 = binascii.b2a_base64(d)
    print(b64, binascii.a2b_base64(b64) == d, binascii.hexlify(d)[:20], binascii.unhexlify(binascii.hexlify(d)) == d)
    print(binascii.crc32(d), binascii.crc32(d, 12345), binascii.crc_hqx(d, 7))
    for part in (d[:45], d[45:90]):
        uu = binascii.b2a_uu(part)
        print(uu, binascii.a2b_uu(uu) == part, binascii.b2a_uu(part, backtick=True))
    for options in [{}, {'quotetabs': True}, {'istext': False}, {'header': True}]:
        qp = binascii.b2a_qp(d, **options)
        print(qp, binascii.a2b_qp(qp, header='header' in options) == d)
print(binascii.hexlify(b'abcdef', '-', 2), binascii.hexlify(b'abcdef', ':', -4), binascii.b2a_base64(b'x', newline=False))
print(binascii.b2a_qp(b'line one \r\nline\ttwo\t\nlong ' + b'word ' * 30 + b'.\n.\nend '))
print(binascii.a2b_qp(b'a=3D=\nb=\r\nc=XY_'), binascii.a2b_qp('a_b', header=True))
for call in [lambda: binascii.a2b_base64('YWI'), lambda: binascii.a2b_base64('YWJjZ'), lambda: binascii.a2b_base64('YW!Jj'),
             lambda: binascii.a2b_base64('YW!Jj', strict_mode=True), lambda: binascii.a2b_base64('=', strict_mode=True),
             lambda: binascii.a2b_base64('YQ==x', strict_mode=True), lambda: binascii.unhexlify('abc'), lambda: binascii.unhexlify('zz'),
             lambda: binascii.b2a_uu(b'x' * 46), lambda: binascii.a2b_uu(b'\x01'), lambda: binascii.a2b_uu(b' x!'),
             lambda: binascii.a2b_base64('\u20ac'), lambda: binascii.crc32('text')]:
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__, e)
