_get = object.__getattribute__


def _target(p):
    target = _get(p, '_ref')()
    if target is None:
        raise ReferenceError('weakly-referenced object no longer exists')
    return target


class ProxyType:
    """Behaves like the object it refers to, weakly."""

    __slots__ = ('_ref',)
    __hash__ = None

    def __getattribute__(self, name):
        return getattr(_target(self), name)

    def __setattr__(self, name, value):
        setattr(_target(self), name, value)

    def __delattr__(self, name):
        delattr(_target(self), name)

    def __repr__(self):
        target = _get(self, '_ref')()
        return '<weakproxy at %#x to %s at %#x>' % (id(self), type(target).__name__, id(target))

    def __str__(self):
        return str(_target(self))

    def __bool__(self):
        return bool(_target(self))

    def __len__(self):
        return len(_target(self))

    def __contains__(self, item):
        return item in _target(self)

    def __getitem__(self, key):
        return _target(self)[key]

    def __setitem__(self, key, value):
        _target(self)[key] = value

    def __delitem__(self, key):
        del _target(self)[key]

    def __iter__(self):
        return iter(_target(self))

    def __next__(self):
        return next(_target(self))


class CallableProxyType(ProxyType):
    __slots__ = ()

    def __call__(self, /, *args, **kwargs):
        return _target(self)(*args, **kwargs)


def _add_operators():
    import _operator

    def plain(value):
        return _target(value) if type(value) in (ProxyType, CallableProxyType) else value

    def binary(function, swapped):
        if swapped:
            return lambda self, other: function(plain(other), _target(self))
        return lambda self, other: function(_target(self), plain(other))

    def unary(function):
        return lambda self: function(_target(self))

    for name in ('add', 'sub', 'mul', 'matmul', 'truediv', 'floordiv', 'mod', 'pow', 'lshift', 'rshift', 'and', 'or', 'xor'):
        function = getattr(_operator, name + '_' if name in ('and', 'or') else name)
        in_place = getattr(_operator, 'i' + name)
        setattr(ProxyType, '__%s__' % name, binary(function, False))
        setattr(ProxyType, '__r%s__' % name, binary(function, True))
        setattr(ProxyType, '__i%s__' % name, binary(in_place, False))
    for name in ('lt', 'le', 'eq', 'ne', 'gt', 'ge'):
        setattr(ProxyType, '__%s__' % name, binary(getattr(_operator, name), False))
    for name in ('neg', 'pos', 'abs', 'invert', 'index'):
        setattr(ProxyType, '__%s__' % name, unary(getattr(_operator, name)))
    for name, function in (('int', int), ('float', float)):
        setattr(ProxyType, '__%s__' % name, unary(function))


_add_operators()
ProxyType.__hash__ = None
del _add_operators


def proxy(object, callback=None, /):
    """A proxy of an object; callback, if given, is called with the proxy when the object dies."""
    p = _new(CallableProxyType if callable(object) else ProxyType)
    if callback is None:
        reference = ref(object)
    else:
        reference = ref(object, lambda _: callback(p))
    _set(p, reference)
    return p


_new = object.__new__
_set = ProxyType._ref.__set__
