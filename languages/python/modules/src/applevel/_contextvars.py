class Token:
    MISSING = type('Token.MISSING', (), {'__repr__': lambda self: '<Token.MISSING>'})()

    def __init__(self, context, var, old):
        self._context = context
        self.var = var
        self.old_value = old
        self._used = False

    def __repr__(self):
        return '<Token%s var=%r at %#x>' % (' used' if self._used else '', self.var, id(self))


class ContextVar:
    def __init__(self, name, /, **kwargs):
        if not isinstance(name, str):
            raise TypeError('context variable name must be a str')
        if kwargs and list(kwargs) != ['default']:
            raise TypeError("ContextVar() got an unexpected keyword argument")
        self._name = name
        self._has_default = 'default' in kwargs
        self._default = kwargs.get('default')

    @property
    def name(self):
        return self._name

    def get(self, *default):
        values = _current._values
        if self in values:
            return values[self]
        if default:
            return default[0]
        if self._has_default:
            return self._default
        raise LookupError(self)

    def set(self, value):
        context = _current
        token = Token(context, self, context._values.get(self, Token.MISSING))
        context._values = {**context._values, self: value}
        return token

    def reset(self, token):
        if token._used:
            raise RuntimeError('%r has already been used once' % (token,))
        if token.var is not self:
            raise ValueError('%r was created by a different ContextVar' % (token,))
        if token._context is not _current:
            raise ValueError('%r was created in a different Context' % (token,))
        token._used = True
        values = dict(_current._values)
        if token.old_value is Token.MISSING:
            values.pop(self, None)
        else:
            values[self] = token.old_value
        _current._values = values

    def __repr__(self):
        shown = ' default=%r' % (self._default,) if self._has_default else ''
        return '<ContextVar name=%r%s at %#x>' % (self._name, shown, id(self))

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


class Context:
    def __init__(self):
        self._values = {}
        self._entered = False

    def run(self, callable, /, *args, **kwargs):
        global _current
        if self._entered:
            raise RuntimeError('cannot enter context: %r is already entered' % (self,))
        outer = _current
        self._entered = True
        _current = self
        try:
            return callable(*args, **kwargs)
        finally:
            _current = outer
            self._entered = False

    def copy(self):
        twin = Context()
        twin._values = self._values
        return twin

    def get(self, var, default=None):
        return self._values.get(var, default)

    def __getitem__(self, var):
        if not isinstance(var, ContextVar):
            raise TypeError("a ContextVar key was expected, got %r" % (var,))
        return self._values[var]

    def __contains__(self, var):
        if not isinstance(var, ContextVar):
            raise TypeError("a ContextVar key was expected, got %r" % (var,))
        return var in self._values

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def keys(self):
        return self._values.keys()

    def values(self):
        return self._values.values()

    def items(self):
        return self._values.items()

    def __eq__(self, other):
        if not isinstance(other, Context):
            return NotImplemented
        return self._values == other._values

    __hash__ = None


_current = Context()


def copy_context():
    return _current.copy()
