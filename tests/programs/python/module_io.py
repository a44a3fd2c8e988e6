import io
import os
import sys

path = '/tmp/ouro_module_io_%d' % os.getpid()
with open(path, 'w') as f:
    print(f.write('first\n'), f.write('second é\n'), f.writable(), f.readable(), f.mode, f.encoding)
    print('third', 3, file=f)
    f.writelines(['a\n', 'b'])
print(f.closed)
with open(path) as f:
    print(f.readline(), end='')
    print(f.read(3), f.tell())
    print(f.readlines())
    print(repr(f.read()))
with open(path) as f:
    print([line.rstrip() for line in f])
with open(path, 'rb') as f:
    data = f.read()
    print(data, f.tell(), f.seek(2), f.read(3), f.readline(), f.seek(-1, 2), f.read())
with open(path, 'ab') as f:
    f.write(b'\r\nlast\r')
with open(path, newline='') as f:
    print(f.readlines())
with open(path) as f:
    print(f.readlines(), f.newlines)
with open(path, 'r+b') as f:
    f.seek(6)
    f.write(b'SECOND')
    f.seek(0)
    print(f.readline(), f.readline())
    f.truncate(5)
print(os.path.getsize(path), os.stat(path).st_size)
with open(path, 'w', encoding='latin-1') as f:
    f.write('é\n')
with open(path, 'rb', buffering=0) as f:
    print(f.read(), type(f).__name__)
with open(path, encoding='latin-1') as f:
    print(f.read() == 'é\n')
for call in ('open("/nonexistent/file")', 'open(path, "q")', 'open(path, "rw")', 'open(path, "x")', 'open("/tmp")',
             'open(path, "rb", encoding="utf-8")', 'open(path, encoding="utf-8").read()', 'open(path).write("a")', 'f.read()'):
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__, str(e).replace(path, 'PATH'))
os.remove(path)
print(os.path.exists(path))

s = io.StringIO()
print(s.write('hello\n'), s.write('world'), s.getvalue())
s.seek(0)
print(repr(s.readline()), repr(s.read(2)), s.tell(), repr(s.read()), repr(s.read()))
s.seek(0)
s.write('J')
s.truncate(3)
print(s.getvalue(), list(io.StringIO('a\nb\nc')), io.StringIO('a\r\nb', newline=None).read())
print('x', 'y', file=s)
print(repr(s.getvalue()))
b = io.BytesIO(b'abc\ndef')
print(b.readline(), b.read(1), b.tell(), b.getvalue(), b.seek(0, 2), b.write(b'!'), b.getvalue(), list(io.BytesIO(b'1\n2\n')))
with io.StringIO('q') as closed:
    pass
try:
    closed.read()
except ValueError as e:
    print(e)
old = sys.stdout
sys.stdout = io.StringIO()
print('captured')
text = sys.stdout.getvalue()
sys.stdout = old
print(repr(text), sys.stdout.writable(), sys.stdin.readable(), sys.stderr.fileno(), sys.stdout.encoding)
w = io.TextIOWrapper(io.BytesIO(), encoding='utf-8', newline='\r\n')
w.write('a\nb\n')
w.flush()
print(w.buffer.getvalue())
r = io.BufferedReader(io.BytesIO(b'x' * 20000))
print(len(r.peek()), len(r.read(10000)), len(r.read()), r.read())
sys.stdout.flush()
sys.stdout.buffer.write(b'bytes\n')
sys.stdout.buffer.flush()
print(isinstance(s, io.TextIOBase), isinstance(b, io.BufferedIOBase), isinstance(b, io.IOBase), io.DEFAULT_BUFFER_SIZE)

# BytesIO: positions, views, subclasses, errors
b = io.BytesIO(b'abc\ndef\n')
print(b.read(2), b.tell(), b.readline(), b.readlines(), b.read(), b.seek(0), list(b))
b.seek(10)
print(b.write(b'xy'), b.getvalue(), b.truncate(3), b.getvalue(), b.tell(), b.flush())
v = b.getbuffer()
try:
    b.write(b'long enough' * 10)
except BufferError as e:
    print(e)
v[0] = 65
v.release()
print(b.write(bytearray(b'12')), b.write(memoryview(b'12345')[1:]), b.getvalue())
for f in (lambda: b.write('x'), lambda: b.write(memoryview(b'12345')[::2]), lambda: b.read('x'), lambda: b.read1(3), lambda: b.seek(-1),
          lambda: b.seek(0, 5), lambda: b.seek(-100, 1), lambda: b.truncate(-2), lambda: b.seek(1.5), lambda: b.write(),
          lambda: io.BytesIO(3), lambda: b.truncate('a'), lambda: io.BytesIO(initial_byte=3), lambda: b.readline(None), lambda: b.seek(0) or b.readline(1)):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


class Noisy(io.BytesIO):
    def __init__(self, *a):
        super().__init__(*a)
        self.x = 1

    def close(self):
        print('closing')
        super().close()


c = Noisy(b'hi')
print(c.read(), c.x, c.closed, c.__getstate__())
c.close()
with io.BytesIO(b'x') as f:
    print(f.read(), f.readable(), f.seekable(), f.isatty())
for g in (f.read, f.tell, f.getvalue, lambda: f.write(b'')):
    try:
        g()
    except ValueError as e:
        print(e)
d = io.BytesIO()
d.__setstate__((b'12345', 2, {'y': 3}))
print(d.read(), d.y, isinstance(d, io.BufferedIOBase), type(d))
