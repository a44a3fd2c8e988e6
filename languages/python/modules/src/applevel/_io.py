import posix as _os
import _codecs
from _weakref import ref as _ref


class UnsupportedOperation(OSError, ValueError):
    __module__ = 'io'


class _IOBase:
    _closed = False
    _finalized_last = True

    def _unsupported(self, name):
        raise UnsupportedOperation('%s.%s() not supported' % (type(self).__name__, name))

    def seek(self, pos, whence=0):
        self._unsupported('seek')

    def tell(self):
        return self.seek(0, 1)

    def truncate(self, pos=None):
        self._unsupported('truncate')

    def flush(self):
        self._checkClosed()

    def close(self):
        if not self._closed:
            try:
                self.flush()
            finally:
                self._closed = True

    def __del__(self):
        try:
            closed = self.closed
        except AttributeError:
            return
        if not closed:
            try:
                self.close()
            except Exception:
                pass

    def seekable(self):
        return False

    def readable(self):
        return False

    def writable(self):
        return False

    @property
    def closed(self):
        return self._closed

    _closed_text = 'I/O operation on closed file.'

    def _checkClosed(self, msg=None):
        if self.closed:
            raise ValueError(self._closed_text if msg is None else msg)

    def _checkReadable(self, msg=None):
        if not self.readable():
            raise UnsupportedOperation('File or stream is not readable.' if msg is None else msg)

    def _checkWritable(self, msg=None):
        if not self.writable():
            raise UnsupportedOperation('File or stream is not writable.' if msg is None else msg)

    def _checkSeekable(self, msg=None):
        if not self.seekable():
            raise UnsupportedOperation('File or stream is not seekable.' if msg is None else msg)

    def __enter__(self):
        self._checkClosed()
        return self

    def __exit__(self, *args):
        self.close()

    def fileno(self):
        raise UnsupportedOperation('fileno')

    def isatty(self):
        self._checkClosed()
        return False

    def readline(self, size=-1):
        if size is None:
            size = -1
        out = bytearray()
        while size < 0 or len(out) < size:
            b = self.read(1)
            if not b:
                break
            out += b
            if out.endswith(b'\n'):
                break
        return bytes(out)

    def __iter__(self):
        self._checkClosed()
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def readlines(self, hint=None):
        if hint is None or hint <= 0:
            return [*self]
        taken, left = [], hint
        for line in self:
            taken.append(line)
            left -= len(line)
            if left <= 0:
                break
        return taken

    def writelines(self, lines):
        self._checkClosed()
        for line in lines:
            self.write(line)


class _RawIOBase(_IOBase):
    def read(self, size=-1):
        if size is None or size < 0:
            return self.readall()
        b = bytearray(size)
        n = self.readinto(b)
        if n is None:
            return None
        return bytes(b[:n])

    def readall(self):
        chunks = []
        while True:
            data = self.read(65536)
            if not data:
                break
            chunks.append(data)
        return b''.join(chunks)

    def readinto(self, b):
        self._unsupported('readinto')

    def write(self, b):
        self._unsupported('write')


class _BufferedIOBase(_IOBase):
    def read(self, size=-1):
        self._unsupported('read')

    def read1(self, size=-1):
        self._unsupported('read1')

    def readinto(self, b):
        data = self.read(len(b))
        b[:len(data)] = data
        return len(data)

    def readinto1(self, b):
        data = self.read1(len(b))
        b[:len(data)] = data
        return len(data)

    def write(self, b):
        self._unsupported('write')

    def detach(self):
        self._unsupported('detach')


class _TextIOBase(_IOBase):
    def read(self, size=-1):
        self._unsupported('read')

    def write(self, s):
        self._unsupported('write')

    def detach(self):
        self._unsupported('detach')

    encoding = None
    newlines = None
    errors = None


class FileIO(_RawIOBase):
    def __init__(self, file, mode='r', closefd=True, opener=None):
        self._fd = -1
        plus = '+' in mode
        kinds = [c for c in mode if c in 'rwxa']
        if len(kinds) != 1 or [c for c in mode if c not in 'rwxab+']:
            raise ValueError('invalid mode: %s' % mode if [c for c in mode if c not in 'rwxab+'] else
                             'Must have exactly one of create/read/write/append mode and at most one plus')
        kind = kinds[0]
        self._readable = kind == 'r' or plus
        self._writable = kind != 'r' or plus
        self._appending = kind == 'a'
        self._created = kind == 'x'
        self._seekable = None
        flags = _os.O_RDWR if self._readable and self._writable else _os.O_WRONLY if self._writable else _os.O_RDONLY
        if kind == 'w':
            flags |= _os.O_CREAT | _os.O_TRUNC
        elif kind == 'a':
            flags |= _os.O_CREAT | _os.O_APPEND
        elif kind == 'x':
            flags |= _os.O_CREAT | _os.O_EXCL
        self._closefd = closefd
        self.name = file
        if isinstance(file, int):
            if file < 0:
                raise ValueError('negative file descriptor')
            self._fd = file
        else:
            if not closefd:
                raise ValueError('Cannot use closefd=False with file name')
            if opener is None:
                fd = _os.open(file, flags, 0o666)
            else:
                fd = opener(file, flags | _os.O_CLOEXEC)
                if not isinstance(fd, int):
                    raise TypeError('expected integer from opener')
                if fd < 0:
                    raise ValueError('opener returned %d' % fd)
            self._fd = fd
        try:
            if _os.fstat(self._fd).st_mode & 0o170000 == 0o040000:
                raise IsADirectoryError(21, _os.strerror(21), file)
        except BaseException:
            if closefd and not isinstance(file, int):
                _os.close(self._fd)
            self._fd = -1
            self._closed = True
            raise
        if self._appending:
            try:
                _os.lseek(self._fd, 0, 2)
            except OSError:
                pass

    @property
    def closefd(self):
        return self._closefd

    @property
    def mode(self):
        if self._created:
            return 'xb+' if self._readable else 'xb'
        if self._appending:
            return 'ab+' if self._readable else 'ab'
        if self._readable:
            return 'rb+' if self._writable else 'rb'
        return 'wb'

    def __repr__(self):
        if self.closed:
            return '<_io.FileIO [closed]>'
        return '<_io.FileIO name=%r mode=%r closefd=%r>' % (self.name, self.mode, self._closefd)

    def fileno(self):
        self._checkClosed()
        return self._fd

    def isatty(self):
        self._checkClosed()
        return _os.isatty(self._fd)

    def readable(self):
        self._checkClosed()
        return self._readable

    def writable(self):
        self._checkClosed()
        return self._writable

    def seekable(self):
        self._checkClosed()
        if self._seekable is None:
            try:
                _os.lseek(self._fd, 0, 1)
                self._seekable = True
            except OSError:
                self._seekable = False
        return self._seekable

    def read(self, size=-1):
        self._checkClosed()
        self._checkReadable()
        if size is None or size < 0:
            return self.readall()
        return _os.read(self._fd, size)

    def readall(self):
        self._checkClosed()
        self._checkReadable()
        chunks = []
        while True:
            data = _os.read(self._fd, 1 << 16)
            if not data:
                return b''.join(chunks)
            chunks.append(data)

    def readinto(self, b):
        data = self.read(len(b))
        b[:len(data)] = data
        return len(data)

    def write(self, b):
        self._checkClosed()
        self._checkWritable()
        return _os.write(self._fd, b)

    def seek(self, pos, whence=0):
        self._checkClosed()
        return _os.lseek(self._fd, pos, whence)

    def tell(self):
        self._checkClosed()
        return _os.lseek(self._fd, 0, 1)

    def truncate(self, size=None):
        self._checkClosed()
        self._checkWritable()
        if size is None:
            size = self.tell()
        _os.ftruncate(self._fd, size)
        return size

    def close(self):
        if not self._closed:
            self._closed = True
            if self._closefd and self._fd >= 0:
                _os.close(self._fd)
            self._fd = -1


class _Buffered(_BufferedIOBase):
    """What the buffers over one raw stream share."""

    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        if buffer_size <= 0:
            raise ValueError('invalid buffer size')
        self._raw = raw
        self.buffer_size = buffer_size
        self._read_buf = b''
        self._read_pos = 0
        self._write_buf = bytearray()

    @property
    def raw(self):
        return self._raw

    @property
    def closed(self):
        return self._raw.closed

    @property
    def name(self):
        return self._raw.name

    @property
    def mode(self):
        return self._raw.mode

    def __repr__(self):
        try:
            return '<_io.%s name=%r>' % (type(self).__name__, self.name)
        except AttributeError:
            return '<_io.%s>' % type(self).__name__

    def detach(self):
        if self._raw is None:
            raise ValueError('raw stream already detached')
        self.flush()
        raw = self._raw
        self._raw = None
        return raw

    def fileno(self):
        return self._raw.fileno()

    def isatty(self):
        return self._raw.isatty()

    def readable(self):
        return self._raw.readable()

    def writable(self):
        return self._raw.writable()

    def seekable(self):
        return self._raw.seekable()

    def close(self):
        if self._raw is not None and not self._raw.closed:
            try:
                self.flush()
            finally:
                self._raw.close()

    # Reading

    def _drop_read(self):
        ahead = len(self._read_buf) - self._read_pos
        self._read_buf = b''
        self._read_pos = 0
        if ahead:
            self._raw.seek(-ahead, 1)

    def _fill(self):
        if self._write_buf:
            self._flush_write()
        self._read_buf = self._raw.read(self.buffer_size) or b''
        self._read_pos = 0
        return self._read_buf

    def read(self, size=-1):
        self._checkClosed('read of closed file')
        self._checkReadable('read')
        if self._write_buf:
            self._flush_write()
        rest = self._read_buf[self._read_pos:] if self._read_pos else self._read_buf
        if size is None or size < 0:
            self._read_buf = b''
            self._read_pos = 0
            readall = getattr(self._raw, 'readall', None)
            return rest + ((self._raw.read() if readall is None else readall()) or b'')
        if size <= len(rest):
            self._read_pos += size
            return rest[:size]
        chunks = [rest]
        left = size - len(rest)
        self._read_buf = b''
        self._read_pos = 0
        while left > 0:
            if left >= self.buffer_size:
                data = self._raw.read(left)
                if not data:
                    break
                chunks.append(data)
                left -= len(data)
            else:
                data = self._fill()
                if not data:
                    break
                part = data[:left]
                self._read_pos = len(part)
                chunks.append(part)
                left -= len(part)
        return b''.join(chunks)

    def read1(self, size=-1):
        self._checkReadable('read1')
        if size is None or size < 0:
            size = self.buffer_size
        if size == 0:
            return b''
        if self._read_pos >= len(self._read_buf):
            self._fill()
        data = self._read_buf[self._read_pos:self._read_pos + size]
        self._read_pos += len(data)
        return data

    def peek(self, size=0):
        self._checkReadable('peek')
        if self._read_pos >= len(self._read_buf):
            self._fill()
        return self._read_buf[self._read_pos:]

    def readline(self, size=-1):
        self._checkReadable('readline')
        if size is None:
            size = -1
        chunks = []
        n = 0
        while size < 0 or n < size:
            if self._read_pos >= len(self._read_buf) and not self._fill():
                break
            end = self._read_buf.find(b'\n', self._read_pos) + 1
            stop = end or len(self._read_buf)
            if size >= 0:
                stop = min(stop, self._read_pos + size - n)
            part = self._read_buf[self._read_pos:stop]
            self._read_pos = stop
            chunks.append(part)
            n += len(part)
            if part.endswith(b'\n'):
                break
        return b''.join(chunks)

    # Writing

    def _flush_write(self):
        while self._write_buf:
            n = self._raw.write(bytes(self._write_buf))
            if n is None:
                raise BlockingIOError(11, 'write could not complete without blocking', 0)
            del self._write_buf[:n]

    def write(self, b):
        self._checkClosed('write to closed file')
        if isinstance(b, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        self._checkWritable('write')
        if self._read_buf:
            self._drop_read()
        data = bytes(b)
        self._write_buf += data
        if len(self._write_buf) > self.buffer_size:
            self._flush_write()
        return len(data)

    def flush(self):
        self._checkClosed('flush of closed file')
        if self._write_buf:
            self._flush_write()
        self._raw.flush()

    def seek(self, pos, whence=0):
        self._checkClosed('seek of closed file')
        if whence not in (0, 1, 2):
            raise ValueError('whence value %d unsupported' % whence)
        if self._write_buf:
            self._flush_write()
        if whence == 1:
            pos -= len(self._read_buf) - self._read_pos
        self._read_buf = b''
        self._read_pos = 0
        return self._raw.seek(pos, whence)

    def tell(self):
        self._checkClosed('tell of closed file')
        return self._raw.tell() - (len(self._read_buf) - self._read_pos) + len(self._write_buf)

    def truncate(self, pos=None):
        self.flush()
        if pos is None:
            pos = self.tell()
        return self._raw.truncate(pos)


class BufferedReader(_Buffered):
    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        if not raw.readable():
            raise OSError('File or stream is not readable.')
        super().__init__(raw, buffer_size)


class BufferedWriter(_Buffered):
    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        if not raw.writable():
            raise OSError('File or stream is not writable.')
        super().__init__(raw, buffer_size)


class BufferedRandom(_Buffered):
    def __init__(self, raw, buffer_size=DEFAULT_BUFFER_SIZE):
        raw._checkSeekable()
        super().__init__(raw, buffer_size)


class BufferedRWPair(_BufferedIOBase):
    def __init__(self, reader, writer, buffer_size=DEFAULT_BUFFER_SIZE):
        self.reader = BufferedReader(reader, buffer_size)
        self.writer = BufferedWriter(writer, buffer_size)

    def read(self, size=-1):
        return self.reader.read(size)

    def read1(self, size=-1):
        return self.reader.read1(size)

    def peek(self, size=0):
        return self.reader.peek(size)

    def write(self, b):
        return self.writer.write(b)

    def readable(self):
        return self.reader.readable()

    def writable(self):
        return self.writer.writable()

    def flush(self):
        return self.writer.flush()

    def isatty(self):
        return self.reader.isatty() or self.writer.isatty()

    def close(self):
        try:
            self.writer.close()
        finally:
            self.reader.close()

    @property
    def closed(self):
        return self.writer.closed


class BytesIO(BytesIO, _BufferedIOBase):
    def __getstate__(self):
        return self.getvalue(), self.tell(), self.__dict__.copy() or None

    def __setstate__(self, state):
        if type(state) is not tuple or len(state) != 3:
            raise TypeError('%s.__setstate__ argument should be 3-tuple, got %s'
                            % (type(self).__name__, type(state).__name__))
        value, position, more = state
        self.__init__(value)
        if not isinstance(position, int):
            raise TypeError('second item of state must be an integer, not %s' % type(position).__name__)
        if position < 0:
            raise ValueError('position value cannot be negative')
        self.seek(position)
        if more is not None:
            if not isinstance(more, dict):
                raise TypeError('third item of state should be a dict, got a %s' % type(more).__name__)
            self.__dict__.update(more)


class IncrementalNewlineDecoder:
    def __init__(self, decoder, translate, errors='strict'):
        self.decoder = decoder
        self.translate = translate
        self.errors = errors
        self._seen = 0
        self._pending = False

    def decode(self, input, final=False):
        text = input if self.decoder is None else self.decoder.decode(input, final)
        if self._pending and (text or final):
            text = '\r' + text
            self._pending = False
        if text.endswith('\r') and not final:
            text = text[:-1]
            self._pending = True
        crlf = text.count('\r\n')
        cr = text.count('\r') - crlf
        lf = text.count('\n') - crlf
        self._seen |= (lf and 1) | (cr and 2) | (crlf and 4)
        if self.translate:
            if crlf:
                text = text.replace('\r\n', '\n')
            if cr:
                text = text.replace('\r', '\n')
        return text

    def getstate(self):
        return b'', int(self._pending)

    def setstate(self, state):
        self._pending = bool(state[1])

    def reset(self):
        self._seen = 0
        self._pending = False

    @property
    def newlines(self):
        seen = [s for bit, s in ((2, '\r'), (1, '\n'), (4, '\r\n')) if self._seen & bit]
        return None if not seen else seen[0] if len(seen) == 1 else tuple(seen)


class _TextBuffer(_TextIOBase):
    """Text that was read ahead: `_text` from `_at` on. Subclasses fill it by `_more`."""

    _text = ''
    _at = 0

    def read(self, size=-1):
        self._checkClosed()
        if size is None:
            size = -1
        while (size < 0 or len(self._text) - self._at < size) and self._more(size):
            pass
        stop = len(self._text) if size < 0 else self._at + size
        part = self._text[self._at:stop]
        self._at += len(part)
        return part

    def readline(self, size=-1):
        self._checkClosed()
        if size is None:
            size = -1
        start = self._at
        while True:
            end = self._line_end(start)
            if end >= 0:
                break
            if 0 <= size <= len(self._text) - self._at:
                break
            start = max(self._at, len(self._text) - 1)
            kept = self._at
            if not self._more(-2):
                end = len(self._text)
                break
            start -= kept - self._at
        stop = len(self._text) if end < 0 else end
        if size >= 0:
            stop = min(stop, self._at + size)
        line = self._text[self._at:stop]
        self._at = stop
        return line

    def _line_end(self, start):
        newline = self._newline
        if newline is None or newline == '\n':
            return self._text.find('\n', start) + 1 or -1
        if newline == '':
            cr = self._text.find('\r', start)
            lf = self._text.find('\n', start)
            if cr < 0 or 0 <= lf < cr:
                return lf + 1 or -1
            if cr + 1 == len(self._text) and self._more(-2):
                return self._line_end(self._at)
            return cr + 2 if self._text[cr + 1:cr + 2] == '\n' else cr + 1
        at = self._text.find(newline, start)
        return -1 if at < 0 else at + len(newline)


class StringIO(_TextBuffer):
    _closed_text = 'I/O operation on closed file'

    def __init__(self, initial_value='', newline='\n'):
        if newline is not None and not isinstance(newline, str):
            raise TypeError('newline must be str or None, not %s' % type(newline).__name__)
        if newline not in (None, '', '\n', '\r', '\r\n'):
            raise ValueError('illegal newline value: %r' % (newline,))
        if initial_value is not None and not isinstance(initial_value, str):
            raise TypeError('initial_value must be str or None, not %s' % type(initial_value).__name__)
        self._newline = newline
        self._parts = None
        self._text = ''
        self._at = 0
        if initial_value:
            self.write(initial_value)
            self._settle()
            self._at = 0

    def _settle(self):
        # Writes at the end are collected in a list.
        if self._parts is not None:
            self._text = ''.join(self._parts)
            self._parts = None
            self._at = len(self._text)

    def _more(self, size):
        return False

    def write(self, s):
        if self._closed:
            raise ValueError(self._closed_text)
        if not isinstance(s, str):
            raise TypeError('string argument expected, got %r' % type(s).__name__)
        n = len(s)
        if not n:
            return 0
        newline = self._newline
        if newline is None:
            s = s.replace('\r\n', '\n').replace('\r', '\n')
        elif newline not in ('', '\n'):
            s = s.replace('\n', newline)
        if self._parts is not None:
            self._parts.append(s)
        elif self._at == len(self._text):
            self._parts = [self._text, s]
        else:
            text, at = self._text, self._at
            if at > len(text):
                text += '\0' * (at - len(text))
            self._text = text[:at] + s + text[at + len(s):]
            self._at = at + len(s)
        return n

    def flush(self):
        if self._closed:
            raise ValueError(self._closed_text)

    def getvalue(self):
        if self._closed:
            raise ValueError(self._closed_text)
        self._settle()
        return self._text

    def read(self, size=-1):
        self._settle()
        return super().read(size)

    def readline(self, size=-1):
        self._settle()
        return super().readline(size)

    def seek(self, pos, whence=0):
        if self._closed:
            raise ValueError(self._closed_text)
        self._settle()
        if whence not in (0, 1, 2):
            raise ValueError('Invalid whence (%d, should be 0, 1 or 2)' % whence)
        if whence == 0:
            if pos < 0:
                raise ValueError('Negative seek position %r' % (pos,))
        elif pos != 0:
            raise OSError("Can't do nonzero cur-relative seeks")
        else:
            pos = self._at if whence == 1 else len(self._text)
        self._at = pos
        return pos

    def tell(self):
        if self._closed:
            raise ValueError(self._closed_text)
        self._settle()
        return self._at

    def truncate(self, pos=None):
        if self._closed:
            raise ValueError(self._closed_text)
        self._settle()
        if pos is None:
            pos = self._at
        elif pos < 0:
            raise ValueError('Negative size value %r' % (pos,))
        self._text = self._text[:pos]
        return pos

    def close(self):
        self._closed = True

    def readable(self):
        if self._closed:
            raise ValueError(self._closed_text)
        return True

    def writable(self):
        if self._closed:
            raise ValueError(self._closed_text)
        return True

    def seekable(self):
        if self._closed:
            raise ValueError(self._closed_text)
        return True

    @property
    def line_buffering(self):
        return False


class TextIOWrapper(_TextBuffer):
    def __init__(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False):
        if newline is not None and not isinstance(newline, str):
            raise TypeError('newline must be str or None, not %s' % type(newline).__name__)
        if newline not in (None, '', '\n', '\r', '\r\n'):
            raise ValueError('illegal newline value: %s' % (newline,))
        if encoding is None or encoding == 'locale':
            encoding = 'UTF-8'
        if not isinstance(encoding, str):
            raise ValueError('invalid encoding: %r' % (encoding,))
        if errors is None:
            errors = 'strict'
        self._buffer = buffer
        self._encoding = encoding
        self._errors = errors
        self._newline = newline
        self._line_buffering = line_buffering
        self._write_through = write_through
        self._undecoded = b''
        self._out = []
        self._out_len = 0
        ''.encode(encoding, errors)
        self._decoder = None
        if newline is None or newline == '':
            self._decoder = IncrementalNewlineDecoder(None, newline is None)

    @property
    def encoding(self):
        return self._encoding

    @property
    def errors(self):
        return self._errors

    @property
    def line_buffering(self):
        return self._line_buffering

    @property
    def write_through(self):
        return self._write_through

    @property
    def buffer(self):
        return self._buffer

    @property
    def newlines(self):
        return self._decoder.newlines if self._decoder else None

    @property
    def name(self):
        return self._buffer.name

    @property
    def closed(self):
        return self._buffer.closed

    def __repr__(self):
        text = '<_io.TextIOWrapper'
        for field in ('name', 'mode'):
            try:
                text += ' %s=%r' % (field, getattr(self, field))
            except AttributeError:
                pass
        return text + ' encoding=%r>' % self._encoding

    def reconfigure(self, *, encoding=None, errors=None, newline=Ellipsis, line_buffering=None, write_through=None):
        self.flush()
        if encoding is not None:
            self._encoding = encoding
            self._errors = 'strict' if errors is None else errors
        elif errors is not None:
            self._errors = errors
        if newline is not Ellipsis:
            self._newline = newline
            self._decoder = IncrementalNewlineDecoder(None, newline is None) if not newline else None
        if line_buffering is not None:
            self._line_buffering = line_buffering
        if write_through is not None:
            self._write_through = write_through

    def readable(self):
        return self._buffer.readable()

    def writable(self):
        return self._buffer.writable()

    def seekable(self):
        return self._buffer.seekable()

    def fileno(self):
        return self._buffer.fileno()

    def isatty(self):
        return self._buffer.isatty()

    def detach(self):
        self.flush()
        buffer = self._buffer
        self._buffer = None
        return buffer

    def close(self):
        if self._buffer is not None and not self.closed:
            try:
                self.flush()
            finally:
                self._buffer.close()

    def _write_out(self):
        if self._out:
            data = ''.join(self._out).encode(self._encoding, self._errors)
            self._out = []
            self._out_len = 0
            self._buffer.write(data)

    def flush(self):
        self._checkClosed()
        self._write_out()
        self._buffer.flush()

    def write(self, s):
        self._checkClosed('write to closed file')
        if not isinstance(s, str):
            raise TypeError('write() argument must be str, not %s' % type(s).__name__)
        if not self._buffer.writable():
            raise UnsupportedOperation('not writable')
        n = len(s)
        newline = self._newline
        flush = self._line_buffering and ('\n' in s or '\r' in s)
        if newline and newline != '\n':
            s = s.replace('\n', newline)
        if self._text:
            self._text = ''
            self._at = 0
        self._out.append(s)
        self._out_len += n
        if flush:
            self.flush()
        elif self._write_through or self._out_len > 8192:
            self._write_out()
        return n

    def _more(self, size):
        if not self._buffer.readable():
            raise UnsupportedOperation('not readable')
        self._write_out()
        if size == -1:
            data = self._buffer.read()
        else:
            data = self._buffer.read1(8192)
        final = not data or size == -1
        data = self._undecoded + data
        text, used = _decode(data, self._encoding, self._errors, final)
        self._undecoded = data[used:]
        if self._decoder is not None:
            text = self._decoder.decode(text, final)
        if self._at:
            self._text = self._text[self._at:]
            self._at = 0
        self._text += text
        return bool(text) or not final

    def read(self, size=-1):
        if self._buffer is not None and not self._buffer.readable():
            raise UnsupportedOperation('not readable')
        return super().read(size)

    def tell(self):
        self._checkClosed()
        self.flush()
        ahead = len(self._text[self._at:].encode(self._encoding, self._errors)) + len(self._undecoded)
        return self._buffer.tell() - ahead

    def seek(self, pos, whence=0):
        self._checkClosed()
        if not self.seekable():
            raise UnsupportedOperation('underlying stream is not seekable')
        self.flush()
        if whence == 1:
            if pos != 0:
                raise UnsupportedOperation("can't do nonzero cur-relative seeks")
            pos = self.tell()
            whence = 0
        elif whence == 2 and pos != 0:
            raise UnsupportedOperation("can't do nonzero end-relative seeks")
        if whence == 0 and pos < 0:
            raise ValueError('negative seek position %r' % (pos,))
        self._text = ''
        self._at = 0
        self._undecoded = b''
        return self._buffer.seek(pos, whence)

    def truncate(self, pos=None):
        self.flush()
        if pos is None:
            pos = self.tell()
        return self._buffer.truncate(pos)

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line


def _decode(data, encoding, errors, final):
    name = encoding.lower().replace('_', '-')
    if name in ('utf-8', 'utf8', 'u8', 'cp65001'):
        return _codecs.utf_8_decode(data, errors, final)
    if name in ('latin-1', 'latin1', 'iso-8859-1', 'iso8859-1', 'ascii', 'us-ascii', '646', 'l1'):
        return data.decode(encoding, errors), len(data)
    if not final:
        return '', 0
    return data.decode(encoding, errors), len(data)


def text_encoding(encoding, stacklevel=2, /):
    return 'locale' if encoding is None else encoding


def open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if not isinstance(file, int):
        file = _os.fspath(file)
    if not isinstance(mode, str):
        raise TypeError("open() argument 'mode' must be str, not %s" % type(mode).__name__)
    if not isinstance(buffering, int):
        raise TypeError("'%s' object cannot be interpreted as an integer" % type(buffering).__name__)
    modes = set(mode)
    if modes - set('axrwb+t') or len(mode) > len(modes):
        raise ValueError('invalid mode: %r' % mode)
    binary = 'b' in modes
    kinds = [c for c in 'xrwa' if c in modes]
    if binary and 't' in modes:
        raise ValueError("can't have text and binary mode at once")
    if len(kinds) != 1:
        raise ValueError('must have exactly one of create/read/write/append mode')
    if binary and encoding is not None:
        raise ValueError("binary mode doesn't take an encoding argument")
    if binary and errors is not None:
        raise ValueError("binary mode doesn't take an errors argument")
    if binary and newline is not None:
        raise ValueError("binary mode doesn't take a newline argument")
    updating = '+' in modes
    raw = FileIO(file, kinds[0] + ('+' if updating else ''), closefd, opener)
    result = raw
    try:
        terminal = buffering < 0 and raw.isatty()
        line_buffering = buffering == 1 or terminal
        if buffering == 0:
            if binary:
                return raw
            raise ValueError("can't have unbuffered text I/O")
        size = DEFAULT_BUFFER_SIZE if buffering in (-1, 1) else buffering
        if size < 0:
            raise ValueError('invalid buffering size')
        if kinds[0] != 'r' or updating:
            _remember(raw)
        kind = BufferedRandom if updating else BufferedReader if kinds[0] == 'r' else BufferedWriter
        result = buffer = kind(raw, size)
        raw._above = _ref(buffer)
        if binary:
            return buffer
        result = text = TextIOWrapper(buffer, encoding, errors, newline, line_buffering)
        raw._above = _ref(text)
        text.mode = mode
        return text
    except BaseException:
        result.close()
        raise


_written = []
_prune_at = 64


def _remember(raw):
    # Files that are open for writing: what is in their buffers is written when the program ends.
    global _prune_at
    if len(_written) >= _prune_at:
        _written[:] = [r for r in _written if r() is not None and not r().closed]
        _prune_at = 2 * len(_written) + 64
    _written.append(_ref(raw))


def _flush_all():
    for reference in _written:
        raw = reference()
        if raw is None or raw.closed:
            continue
        above = getattr(raw, '_above', None)
        above = above and above()
        if above is not None and not above.closed:
            try:
                above.flush()
            except Exception:
                pass


def open_code(path):
    return open(path, 'rb')


class _StreamBytes(_RawIOBase):
    """The bytes below a standard stream: what was written as text before is written first."""

    def __init__(self, stream):
        self._stream = stream
        self.name = stream.name
        self.mode = 'rb' if stream.fileno() == 0 else 'wb'
        self.raw = self

    def fileno(self):
        return self._stream.fileno()

    def isatty(self):
        return self._stream.isatty()

    def readable(self):
        return self._stream.fileno() == 0

    def writable(self):
        return self._stream.fileno() != 0

    def flush(self):
        self._stream.flush()

    def write(self, b):
        self._stream.flush()
        data = bytes(b)
        done = 0
        while done < len(data):
            done += _os.write(self._stream.fileno(), data[done:])
        return len(data)

    def read(self, size=-1):
        if size is None or size < 0:
            return self.readall()
        return _os.read(self._stream.fileno(), size)

    read1 = read

    def readall(self):
        chunks = []
        while True:
            data = _os.read(self._stream.fileno(), 1 << 16)
            if not data:
                return b''.join(chunks)
            chunks.append(data)

    def readinto(self, b):
        data = self.read(len(b))
        b[:len(data)] = data
        return len(data)

    def close(self):
        self._stream.flush()

    def __del__(self):
        pass


def _binary_of_stream(stream):
    return _StreamBytes(stream)


for _class in (_IOBase, _RawIOBase, _BufferedIOBase, _TextIOBase, FileIO, BufferedReader, BufferedWriter, BufferedRandom,
               BufferedRWPair, BytesIO, StringIO, TextIOWrapper, IncrementalNewlineDecoder):
    _class.__module__ = '_io'
del _class
