

class partial:
    """partial(func, *args, **keywords): a function with some arguments given in advance."""

    __slots__ = ('func', 'args', 'keywords', '__dict__', '__weakref__')
    __module__ = 'functools'

    def __new__(cls, /, *args, **keywords):
        if not args:
            raise TypeError("type 'partial' takes at least one argument")
        func = args[0]
        args = args[1:]
        if not callable(func):
            raise TypeError('the first argument must be callable')
        if type(func) is partial and not func.__dict__:
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self = super().__new__(cls)
        self.func = func
        self.args = args
        self.keywords = keywords
        return self

    def __call__(self, /, *args, **keywords):
        if keywords or self.keywords:
            return self.func(*self.args, *args, **{**self.keywords, **keywords})
        return self.func(*self.args, *args)

    def __repr__(self):
        name = type(self).__qualname__
        if type(self).__module__ == 'functools':
            name = 'functools.' + name
        for shown in _showing:
            if shown is self:
                return '...'
        _showing.append(self)
        try:
            parts = [repr(self.func)]
            parts.extend([repr(x) for x in self.args])
            parts.extend(['%s=%r' % item for item in self.keywords.items()])
            return '%s(%s)' % (name, ', '.join(parts))
        finally:
            _showing.pop()

    def __reduce__(self):
        return type(self), (self.func,), (self.func, self.args, self.keywords or None, self.__dict__ or None)

    def __setstate__(self, state):
        if not isinstance(state, tuple) or len(state) != 4:
            raise TypeError('invalid partial state')
        func, args, keywords, namespace = state
        if not callable(func) or not isinstance(args, tuple) or (keywords is not None and not isinstance(keywords, dict)):
            raise TypeError('invalid partial state')
        self.func = func
        self.args = tuple(args)
        self.keywords = {} if keywords is None else dict(keywords)
        self.__dict__ = {} if namespace is None else namespace

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


_showing = []


class _Key:
    __slots__ = ('cmp', 'obj')
    __hash__ = None

    def __init__(self, cmp, obj):
        self.cmp = cmp
        self.obj = obj

    def __lt__(self, other):
        return self.cmp(self.obj, other.obj) < 0

    def __gt__(self, other):
        return self.cmp(self.obj, other.obj) > 0

    def __eq__(self, other):
        return self.cmp(self.obj, other.obj) == 0

    def __le__(self, other):
        return self.cmp(self.obj, other.obj) <= 0

    def __ge__(self, other):
        return self.cmp(self.obj, other.obj) >= 0


def cmp_to_key(mycmp):
    """Convert a cmp= function into a key= function."""
    def key(obj):
        return _Key(mycmp, obj)
    return key


class _Marker:
    __slots__ = ()

_kwd_mark = _Marker()
_missing = _Marker()


class _HashedKey(list):
    """The key of a call; its hash is computed once."""

    __slots__ = 'hashvalue'

    def __init__(self, items):
        self[:] = items
        self.hashvalue = hash(items)

    def __hash__(self):
        return self.hashvalue


def _make_key(args, kwds, typed):
    if kwds:
        key = args + (_kwd_mark,)
        for item in kwds.items():
            key += item
        if typed:
            key += tuple([type(v) for v in args]) + tuple([type(v) for v in kwds.values()])
    elif typed:
        key = args + tuple([type(v) for v in args])
    elif len(args) == 1 and type(args[0]) in (int, str):
        return args[0]
    else:
        key = args
    return _HashedKey(key)


class _lru_cache_wrapper:
    """A function whose results are remembered. The dict is in order of use, the oldest first."""

    def __init__(self, user_function, maxsize, typed, cache_info_type):
        if not callable(user_function):
            raise TypeError('the first argument must be callable')
        if maxsize is not None and type(maxsize) is not int:
            raise TypeError('maxsize should be integer or None')
        self._function = user_function
        self._limit = None if maxsize is None else max(maxsize, 0)
        self._typed = typed
        self._info = cache_info_type
        self._cache = {}
        self._hits = self._misses = 0

    def __call__(self, /, *args, **kwds):
        limit = self._limit
        if limit == 0:
            self._misses += 1
            return self._function(*args, **kwds)
        key = _make_key(args, kwds, self._typed)
        cache = self._cache
        result = cache.get(key, _missing)
        if result is not _missing:
            self._hits += 1
            if limit is not None:
                # Used now: it goes to the end of the order.
                cache.pop(key, None)
                cache[key] = result
            return result
        self._misses += 1
        result = self._function(*args, **kwds)
        if limit is not None and key not in cache and len(cache) >= limit:
            for oldest in cache:
                break
            cache.pop(oldest, None)
        cache[key] = result
        return result

    def cache_info(self):
        """Report cache statistics"""
        return self._info(self._hits, self._misses, self._limit, len(self._cache))

    def cache_clear(self):
        """Clear the cache and cache statistics"""
        self._cache.clear()
        self._hits = self._misses = 0

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        from types import MethodType
        return MethodType(self, instance)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return self.__qualname__
