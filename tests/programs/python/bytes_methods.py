# bytes, bytearray, memoryview and the codecs: results and the texts of errors.


def attempt(source):
    try:
        print(source, '->', repr(eval(source)))
    except Exception as error:
        print(source, '->', type(error).__name__, error)


EXPRESSIONS = r'''
b'a'.find('a')
b'a'.find(300)
b'abc'.find(98)
b'a'.index(b'x')
bytearray(b'a').index(b'x')
b'a'.rindex(b'x')
b'a'.count('a')
b'aXaXa'.count(b'a', 1)
b'aaa'.count(b'')
b'a'.startswith('a')
b'a'.endswith(('a',))
b'a'.startswith((b'a',b'b'))
b'a'.join([1])
b'a'.join('ab')
b','.join(1)
b','.join([b'a',b'b'])
b'a'.split('a')
b'a'.split(b'')
b'a b  c'.split(None,1)
b'a b  c '.rsplit(None,1)
b' a b  c '.rsplit()
b' a b  c '.split()
b'a'.strip('a')
b'xxaxx'.strip(b'x')
b' a '.lstrip()
b'a'.replace('a','b')
b'a'.replace(b'a')
b'aaa'.replace(b'a',b'bb',2)
b'a'.translate(b'a')
b'a'.translate('a')
b'abc'.translate(None,b'b')
b'abc'.translate(None,delete=b'b')
b'abc'.translate(bytes.maketrans(b'a',b'b'))
bytes.maketrans(b'a',b'bc')
b'a'.center(5,'x')
b'a'.center(5,b'xy')
b'a'.center('x')
b'a'.ljust(4,b'-')
b'a'.rjust(4,b'-')
b'a'.center(4,b'-')
b'ab'.center(5,b'-')
b'-5'.zfill(4)
b'a'.partition('a')
b'a'.partition(b'')
b'abc'.partition(b'b')
b'abcb'.rpartition(b'b')
b'a'.expandtabs(a=1)
b'a\tb'.expandtabs(tabsize=4)
b'a\nb\r\nc'.splitlines(True)
b'a\nb'.splitlines(keepends=1)
b'a'.hex(':')
b'abc'.hex(':',2)
b'abcde'.hex('-',-2)
b'a'.hex('::')
bytes.fromhex('0 1')
bytes.fromhex('0g')
bytes.fromhex(1)
bytes.fromhex(' 01 0a')
bytearray.fromhex('ff00')
bytes('a')
bytes('é','utf-8')
bytes('é','latin-1')
bytes(1,'a')
bytes(1,errors='a')
bytes(-1)
bytes(3)
bytes(1.0)
bytes([256])
bytes(['a'])
bytes(foo=1)
bytes(b'a','b')
bytes('a',1)
bytes(source=b'x')
bytearray([256])
bytearray('a')
bytearray(foo=1)
bytearray(1.5)
b'a'.decode('x')
b'a'.decode(1)
b'\xff'.decode()
b'\xe4\xb8'.decode()
b'\xe4a'.decode()
b'a\xf0\x80b'.decode()
b'a\xf0\x80b'.decode(errors='replace')
b'a\xf0\x80b'.decode('utf-8','surrogateescape')
b'a\xf0\x80b'.decode('utf-8','backslashreplace')
b'a\xf0b'.decode('ascii','ignore')
b'a\xf0b'.decode('ascii')
b'a\xf0b'.decode('latin1')
'\ud800a'.encode()
'\ud800a'.encode('utf8','surrogatepass')
'\udcffa'.encode('utf8','surrogateescape')
'\u1234\u1235'.encode('latin1')
'a\u1234'.encode('ascii','xmlcharrefreplace')
'a\u1234'.encode('ascii','backslashreplace')
'a\u1234'.encode('ascii','replace')
'\u1234'.encode('ascii','foo')
'a€😀'.encode('utf-16')
'a€😀'.encode('utf-16-be')
'a€😀'.encode('utf-32-le')
'a€😀'.encode('utf-16').decode('utf-16')
b'\x00\xd8a\x00'.decode('utf-16-le')
b'a'.decode('utf-16-le')
b'a'+'a'
b'a'+1
b'a'+bytearray(b'b')
bytearray(b'b')+b'a'
b'a'*'a'
b'ab'*3
3*b'ab'
b'a'[1]
b'abc'[::-1]
b'abc'[1:]
b'abc'[-1]
'a' in b'a'
300 in b'a'
97 in b'a'
b'b' in b'abc'
b'a'==' a'
b'a'<'a'
b'a'<1
b'a'<b'b'
b'a'==bytearray(b'a')
bytearray(b'a')>=b'a'
b'%d'%'a'
b'%s'%'a'
b'%s'%1
b'%c'%300
b'%c'%b'ab'
b'%c%c'%(65,b'z')
b'%d %s %a %r %x %5.2f|%-5d|%05d|%+d %%'%(1,b'x','é',[1],255,1.5,3,4,5)
b'%(a)s'%{b'a':b'x'}
b'%(a)s'%{'a':b'x'}
b'%d'%(1,2)
b'%d %d'%(1,)
b'%y'%1
b'%'%1
b'%b'%b'x'
b'%x'%1.5
b'%d'%1.5
b'%5s|%-5s|%.1s'%(b'ab',b'cd',b'ef')
b'%*d'%(5,1)
bytearray(b'%s')%b'x'
str(b'a')
str(b'abc','ascii')
str(1,'ascii')
b'abc'.removeprefix('a')
b'abc'.removeprefix(b'a')
b'abc'.removesuffix(b'bc')
b"a'b".title()
b'hello wORLD'.title()
b'hello wORLD'.capitalize()
b'aB'.swapcase()
b''.isascii(), b'aB'.isalpha(), b'12'.isdigit(), b' '.isspace(), b'Ab Cd'.istitle(), b'AB1'.isupper(), b'ab'.islower()
bytearray(b'a').append(300)
bytearray(b'a').append('a')
bytearray().pop()
bytearray(b'a').remove(3)
bytearray(b'a').extend(1)
bytearray(b'a').extend('a')
bytearray(b'a').insert(0,b'a')
bytearray(b"a'b")
bytearray(b'a"b')
bytearray(b'a').__reduce__()
b'a'.__getnewargs__()
b'a'.find()
b'a'.find(b'a',1,2,3)
b'a'.find(b'a','x')
b'abcabc'.replace(b'b',b'XX',1)
b'abc'.replace(b'',b'-')
bytes.__new__(int)
b'abc'.lstrip(1)
memoryview(b'abc')+b'a'
b'a'+memoryview(b'b')
b''.join([memoryview(b'a'),bytearray(b'c')])
b'aXbXc'.rsplit(sep=b'X',maxsplit=1)
hash(b'abc')==hash(b'abc'), hash(b'')
{b'a':1}[b'a']
memoryview(b'abc')[1], memoryview(b'abc')[1:].tobytes(), memoryview(b'abcd')[::2].tolist()
memoryview(bytearray(8)).cast('i').tolist()
memoryview(b'abc') == b'abc'
memoryview(b'abc').hex(), len(memoryview(b'abc')), memoryview(b'abc').readonly, memoryview(b'abc').nbytes
memoryview(b'abc')[5]
memoryview('a')
hash(memoryview(b'abc')) == hash(b'abc')
memoryview(bytearray(b'abc')).cast('x')
list(memoryview(b'abc'))
bytes(memoryview(b'abc')[::-1])
int.from_bytes(memoryview(b'\x01\x02'),'big')
[*b'ab'], list(reversed(b'ab')), max(b'ab')
isinstance(b'', bytes), bytes.__name__
bytes(type('X',(),{'__bytes__':lambda s:b'q'})())
bytes(type('X',(),{'__bytes__':lambda s:1})())
type('B',(bytes,),{})(b'ab')[1:]
repr(type('B',(bytes,),{})(b'ab'))
repr(type('B',(bytearray,),{})(b'ab'))
type(type('S',(set,),{})([1])|{2}).__name__, type('S',(set,),{})([1])
'''
for line in EXPRESSIONS.split('\n'):
    if line:
        attempt(line)

array = bytearray(b'hello')
array[1:3] = b'XYZ'
print(array)
array[::2] = b'abc'
print(array)
del array[0]
del array[::2]
print(array)
array += b'zz'
array *= 2
array.reverse()
print(array, array.pop(), array.pop(0))
array.insert(1, 65)
array.extend([1, 2])
array.extend(b'q')
array.remove(65)
copy = array.copy()
array.clear()
print(array, copy)
view = memoryview(copy)
try:
    copy.append(1)
except BufferError as error:
    print(error)
view[0] = 65
view[1:3] = b'zz'
print(copy)
view.release()
copy.append(1)
print(copy)
try:
    view[0]
except ValueError as error:
    print(error)
with memoryview(copy) as view:
    print(view.obj is copy, view.format, view.shape, view.strides, view.ndim)
try:
    memoryview(b'a')[0] = 1
except TypeError as error:
    print(error)

# A loop that gets hot: a checksum over slices, searches and translations.
table = bytes.maketrans(b'abc', b'bca')
text = b'abcabcabdabc' * 5
total = 0
for i in range(3000):
    text = text.translate(table)
    at = i % len(text)
    total += text[at] * (i & 7) + text.find(b'ab', at) + len(text[at:at + 5].split(b'c'))
print(total, text[:12])
