# `_csv`: readers and writers of comma-separated values.

__version__ = '1.0'
QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE = range(4)

_dialects = {}
_limit = 131072


class Error(Exception):
    pass


def _check_char(name, value, none_allowed=True):
    if value is None and none_allowed:
        return None
    if not isinstance(value, str):
        what = 'string or None' if none_allowed else 'string'
        raise TypeError(f'"{name}" must be {what}, not {type(value).__name__}')
    if len(value) != 1:
        raise TypeError(f'"{name}" must be a 1-character string')
    return value


class Dialect:
    __slots__ = ('_delimiter', '_doublequote', '_escapechar', '_lineterminator', '_quotechar', '_quoting', '_skipinitialspace',
                 '_strict')

    def __new__(cls, dialect=None, delimiter=None, doublequote=None, escapechar=None, lineterminator=None, quotechar=None,
                quoting=None, skipinitialspace=None, strict=None):
        given = {'delimiter': delimiter, 'doublequote': doublequote, 'escapechar': escapechar, 'lineterminator': lineterminator,
                 'quotechar': quotechar, 'quoting': quoting, 'skipinitialspace': skipinitialspace, 'strict': strict}
        return _make_dialect(cls, dialect, {k: v for k, v in given.items() if v is not None})

    delimiter = property(lambda self: self._delimiter)
    doublequote = property(lambda self: self._doublequote)
    escapechar = property(lambda self: self._escapechar)
    lineterminator = property(lambda self: self._lineterminator)
    quotechar = property(lambda self: self._quotechar)
    quoting = property(lambda self: self._quoting)
    skipinitialspace = property(lambda self: self._skipinitialspace)
    strict = property(lambda self: self._strict)

    def __reduce_ex__(self, protocol):
        raise TypeError(f"cannot pickle '{type(self).__name__}' instances")


_DEFAULTS = {'delimiter': ',', 'doublequote': True, 'escapechar': None, 'lineterminator': '\r\n', 'quotechar': '"',
             'quoting': QUOTE_MINIMAL, 'skipinitialspace': False, 'strict': False}


def _make_dialect(cls, dialect, given):
    if isinstance(dialect, str):
        dialect = get_dialect(dialect)
    if isinstance(dialect, Dialect) and not given:
        return dialect
    values = dict(_DEFAULTS)
    for name in values:
        if name in given:
            values[name] = given[name]
        elif dialect is not None and hasattr(dialect, name):
            values[name] = getattr(dialect, name)
    unknown = [name for name in given if name not in values]
    if unknown:
        raise TypeError(f"'{unknown[0]}' is an invalid keyword argument for this function")
    self = object.__new__(cls)
    self._delimiter = _check_char('delimiter', values['delimiter'], False)
    self._doublequote = bool(values['doublequote'])
    self._escapechar = _check_char('escapechar', values['escapechar'])
    self._quotechar = _check_char('quotechar', values['quotechar'])
    self._skipinitialspace = bool(values['skipinitialspace'])
    self._strict = bool(values['strict'])
    quoting = values['quoting']
    if type(quoting) is not int:
        raise TypeError('"quoting" must be an integer')
    if not 0 <= quoting <= 3:
        raise TypeError('bad "quoting" value')
    if quoting != QUOTE_NONE and 'quotechar' in given and given['quotechar'] is None and 'quoting' not in given:
        quoting = QUOTE_NONE
    self._quoting = quoting
    if quoting != QUOTE_NONE and self._quotechar is None:
        raise TypeError('quotechar must be set if quoting enabled')
    terminator = values['lineterminator']
    if terminator is None:
        raise TypeError('lineterminator must be set')
    if not isinstance(terminator, str):
        raise TypeError('"lineterminator" must be a string')
    self._lineterminator = terminator
    return self


def register_dialect(name, dialect=None, **fmtparams):
    if not isinstance(name, str):
        raise TypeError('dialect name must be a string')
    _dialects[name] = _make_dialect(Dialect, dialect, fmtparams)


def unregister_dialect(name):
    if name not in _dialects:
        raise Error('unknown dialect')
    del _dialects[name]


def get_dialect(name):
    try:
        return _dialects[name]
    except KeyError:
        raise Error('unknown dialect') from None


def list_dialects():
    return list(_dialects)


def field_size_limit(limit=None):
    global _limit
    old = _limit
    if limit is not None:
        if not isinstance(limit, int):
            raise TypeError('limit must be an integer')
        _limit = limit
    return old


class _Reader:
    def __init__(self, iterable, dialect, fmtparams):
        self._lines = iter(iterable)
        self.dialect = _make_dialect(Dialect, dialect, fmtparams)
        self.line_num = 0

    def __iter__(self):
        return self

    # A state machine over characters; a field that is quoted may go on in the next line.
    def __next__(self):
        d = self.dialect
        delimiter, quote, escape = d._delimiter, d._quotechar, d._escapechar
        quoted, strict = d._quoting != QUOTE_NONE, d._strict
        fields, field, numeric, state = [], [], False, 'record'

        def save():
            nonlocal field, numeric
            text = ''.join(field)
            fields.append(float(text) if numeric else text)
            field, numeric = [], False

        while True:
            try:
                line = next(self._lines)
            except StopIteration:
                if field or state in ('in quoted', 'escape in quoted'):
                    if strict:
                        raise Error('unexpected end of data') from None
                    save()
                    return fields
                if state != 'record':
                    save()
                    return fields
                raise
            if not isinstance(line, str):
                raise Error(f'iterator should return strings, not {type(line).__name__} (the file should be opened in text mode)')
            self.line_num += 1
            # The empty text at the end stands for the end of the line.
            for c in (*line, ''):
                newline = c in ('\n', '\r', '')
                if state == 'record':
                    if c == '':
                        break
                    if newline:
                        state = 'eat'
                        continue
                    state = 'field'
                if state == 'field':
                    if newline:
                        save()
                        state = 'record' if c == '' else 'eat'
                    elif c == quote and quoted:
                        state = 'in quoted'
                    elif c == escape:
                        state = 'escaped'
                    elif c == ' ' and d._skipinitialspace:
                        pass
                    elif c == delimiter:
                        save()
                    else:
                        numeric = d._quoting == QUOTE_NONNUMERIC
                        field.append(c)
                        state = 'in field'
                elif state == 'escaped':
                    if c in ('\n', '\r'):
                        field.append(c)
                        state = 'after escaped newline'
                    else:
                        field.append(c or '\n')
                        state = 'in field'
                elif state in ('in field', 'after escaped newline'):
                    if state == 'after escaped newline' and c == '':
                        break
                    if newline:
                        save()
                        state = 'record' if c == '' else 'eat'
                    elif c == escape:
                        state = 'escaped'
                    elif c == delimiter:
                        save()
                        state = 'field'
                    else:
                        field.append(c)
                elif state == 'in quoted':
                    if c == '':
                        pass
                    elif c == escape:
                        state = 'escape in quoted'
                    elif c == quote and quoted:
                        state = 'quote in quoted' if d._doublequote else 'in field'
                    else:
                        field.append(c)
                elif state == 'escape in quoted':
                    field.append(c or '\n')
                    state = 'in quoted'
                elif state == 'quote in quoted':
                    if quoted and c == quote:
                        field.append(c)
                        state = 'in quoted'
                    elif c == delimiter:
                        save()
                        state = 'field'
                    elif newline:
                        save()
                        state = 'record' if c == '' else 'eat'
                    elif not strict:
                        field.append(c)
                        state = 'in field'
                    else:
                        raise Error(f"'{delimiter}' expected after '{quote}'")
                elif state == 'eat':
                    if c == '':
                        state = 'record'
                    elif not newline:
                        raise Error('new-line character seen in unquoted field - do you need to open the file in universal-newline mode?')
                if len(field) > _limit:
                    raise Error(f'field larger than field limit ({_limit})')
            if state == 'record':
                return fields


class _Writer:
    def __init__(self, fileobj, dialect, fmtparams):
        write = getattr(fileobj, 'write', None)
        if not callable(write):
            raise TypeError('argument 1 must have a "write" method')
        self._write = write
        self.dialect = _make_dialect(Dialect, dialect, fmtparams)

    def writerow(self, row, /):
        try:
            items = iter(row)
        except TypeError:
            raise Error(f'iterable expected, not {type(row).__name__}') from None
        d = self.dialect
        out = []
        for item in items:
            numeric = isinstance(item, (int, float)) or hasattr(item, '__float__') and not isinstance(item, str)
            text = item if isinstance(item, str) else '' if item is None else str(item)
            quoted = d._quoting == QUOTE_ALL or d._quoting == QUOTE_NONNUMERIC and not numeric
            out.append(self._field(text, quoted))
        if len(out) == 1 and not out[0]:
            if d._quoting == QUOTE_NONE:
                raise Error('single empty field record must be quoted')
            out[0] = d._quotechar * 2
        return self._write(d._delimiter.join(out) + d._lineterminator)

    def _field(self, text, quoted):
        d = self.dialect
        quote, escape = d._quotechar, d._escapechar
        special = {d._delimiter, escape, quote, *d._lineterminator}
        special.discard(None)
        if not any(c in special for c in text):
            return quote + text + quote if quoted else text
        out = []
        for c in text:
            if c in special:
                want_escape = False
                if d._quoting == QUOTE_NONE:
                    want_escape = True
                else:
                    if c == quote:
                        if d._doublequote:
                            out.append(quote)
                        else:
                            want_escape = True
                    elif c == escape:
                        want_escape = True
                    if not want_escape:
                        quoted = True
                if want_escape:
                    if escape is None:
                        raise Error('need to escape, but no escapechar set')
                    out.append(escape)
            out.append(c)
        text = ''.join(out)
        return quote + text + quote if quoted else text

    def writerows(self, rows, /):
        for row in rows:
            self.writerow(row)


def reader(iterable, dialect=None, **fmtparams):
    return _Reader(iterable, dialect, fmtparams)


def writer(fileobj, dialect=None, **fmtparams):
    return _Writer(fileobj, dialect, fmtparams)


for _class, _name in ((_Reader, 'reader'), (_Writer, 'writer')):
    _class.__name__ = _class.__qualname__ = _name
    _class.__module__ = '_csv'
del _class, _name
