class attrgetter:
    """attrgetter(attr, ...): a callable that fetches the given attributes from its operand."""

    __slots__ = ('_attrs', '_call')
    __module__ = 'operator'

    def __init__(self, attr, /, *attrs):
        attrs = (attr,) + attrs
        for name in attrs:
            if not isinstance(name, str):
                raise TypeError('attribute name must be a string')
        self._attrs = attrs
        if len(attrs) == 1 and '.' not in attr:
            def get(obj):
                return getattr(obj, attr)
        elif len(attrs) == 1:
            path = attr.split('.')

            def get(obj):
                for name in path:
                    obj = getattr(obj, name)
                return obj
        else:
            getters = [attrgetter(name) for name in attrs]

            def get(obj):
                return tuple([getter(obj) for getter in getters])
        self._call = get

    def __call__(self, obj, /):
        return self._call(obj)

    def __repr__(self):
        return 'operator.attrgetter(%s)' % ', '.join(map(repr, self._attrs))

    def __reduce__(self):
        return type(self), self._attrs


class itemgetter:
    """itemgetter(item, ...): a callable that fetches the given items from its operand."""

    __slots__ = ('_items', '_call')
    __module__ = 'operator'

    def __init__(self, item, /, *items):
        self._items = (item,) + items
        if not items:
            def get(obj):
                return obj[item]
        else:
            all_items = self._items

            def get(obj):
                return tuple([obj[i] for i in all_items])
        self._call = get

    def __call__(self, obj, /):
        return self._call(obj)

    def __repr__(self):
        return 'operator.itemgetter(%s)' % ', '.join(map(repr, self._items))

    def __reduce__(self):
        return type(self), self._items


class methodcaller:
    """methodcaller(name, ...): a callable that calls the given method on its operand."""

    __slots__ = ('_name', '_args', '_kwargs')
    __module__ = 'operator'

    def __init__(self, name, /, *args, **kwargs):
        if not isinstance(name, str):
            raise TypeError('method name must be a string')
        self._name = name
        self._args = args
        self._kwargs = kwargs

    def __call__(self, obj, /):
        return getattr(obj, self._name)(*self._args, **self._kwargs)

    def __repr__(self):
        parts = [repr(self._name)]
        parts.extend(map(repr, self._args))
        parts.extend(['%s=%r' % item for item in self._kwargs.items()])
        return 'operator.methodcaller(%s)' % ', '.join(parts)

    def __reduce__(self):
        if not self._kwargs:
            return type(self), (self._name,) + self._args
        from functools import partial
        return partial(type(self), self._name, **self._kwargs), self._args


def call(obj, /, *args, **kwargs):
    """Same as obj(*args, **kwargs)."""
    return obj(*args, **kwargs)
