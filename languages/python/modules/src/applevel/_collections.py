class defaultdict(dict):
    """dict subclass that calls a factory function to supply missing values."""

    __slots__ = ('default_factory',)
    __module__ = 'collections'

    def __init__(self, default_factory=None, /, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError('first argument must be callable or None')
        dict.__init__(self, *args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key):
        factory = self.default_factory
        if factory is None:
            raise KeyError(key)
        self[key] = value = factory()
        return value

    def __repr__(self):
        return '%s(%s, %s)' % (type(self).__name__, _factory_repr(self), dict.__repr__(self))

    def copy(self):
        return type(self)(self.default_factory, self)

    __copy__ = copy

    def __reduce__(self):
        factory = self.default_factory
        return type(self), () if factory is None else (factory,), None, None, iter(self.items())

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = self.copy()
        new.update(other)
        return new

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = type(self)(self.default_factory, other)
        new.update(self)
        return new


_showing = []


def _factory_repr(owner):
    # The factory may be a method of the dict itself.
    factory = owner.default_factory
    for shown in _showing:
        if shown is owner:
            return '...'
    _showing.append(owner)
    try:
        return repr(factory)
    finally:
        _showing.pop()


class _tuplegetter:
    # The attribute of a named tuple: item `index` of the tuple.
    def __init__(self, index, doc):
        self.index = index
        self.__doc__ = doc

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        if not isinstance(instance, tuple):
            raise TypeError("descriptor for index '%d' for tuple subclasses doesn't apply to '%s' object"
                            % (self.index, type(instance).__name__))
        return tuple.__getitem__(instance, self.index)

    def __set__(self, instance, value):
        raise AttributeError("can't set attribute" if value is not None else "can't delete attribute")

    def __delete__(self, instance):
        raise AttributeError("can't delete attribute")

    def __reduce__(self):
        return type(self), (self.index, self.__doc__)

    def __repr__(self):
        return '%s(%r, %r)' % (type(self).__name__, self.index, self.__doc__)
