"""`raises`, `warns`: a block must end with an exception, or warn."""

import re
import traceback
import warnings

from .outcomes import Failed


class ExceptionInfo:
    """What was raised, known once the block has ended."""

    def __init__(self, value=None):
        self.value = value

    type = property(lambda self: type(self.value))
    tb = property(lambda self: self.value.__traceback__)
    typename = property(lambda self: type(self.value).__name__)

    def match(self, pattern):
        text = str(self.value)
        assert re.search(pattern, text), f"pattern {pattern!r} does not match {text!r}"
        return True

    def exconly(self, tryshort=False):
        return "".join(traceback.format_exception_only(type(self.value), self.value)).rstrip()

    def errisinstance(self, exc):
        return isinstance(self.value, exc)

    def __repr__(self):
        return f"<ExceptionInfo {self.value!r}>"


class _Raises:
    def __init__(self, expected, match, check):
        self.expected = expected
        self.pattern = match
        self.check = check
        self.info = ExceptionInfo()

    def __enter__(self):
        return self.info

    def __exit__(self, kind, value, trace):
        if kind is None:
            raise Failed(f"DID NOT RAISE {self.expected!r}")
        if not issubclass(kind, self.expected):
            return False
        self.info.value = value
        if self.pattern is not None:
            self.info.match(self.pattern)
        if self.check is not None:
            assert self.check(value), f"the check of {value!r} does not hold"
        return True


def raises(expected_exception=BaseException, *args, match=None, check=None, **kwargs):
    if args and callable(args[0]):
        context = _Raises(expected_exception, None, None)
        with context as info:
            args[0](*args[1:], **kwargs)
        return info
    if args or kwargs:
        raise TypeError(f"unexpected arguments of raises: {args} {sorted(kwargs)}")
    return _Raises(expected_exception, match, check)


class _Warns:
    def __init__(self, expected, match):
        self.expected = expected
        self.pattern = match

    def __enter__(self):
        self.caught = warnings.catch_warnings(record=True)
        self.list = self.caught.__enter__()
        warnings.simplefilter("always")
        return self

    def __exit__(self, kind, value, trace):
        self.caught.__exit__(kind, value, trace)
        if kind is not None:
            return False
        fitting = [it for it in self.list if issubclass(it.category, self.expected)]
        if self.pattern is not None:
            fitting = [it for it in fitting if re.search(self.pattern, str(it.message))]
        if not fitting:
            raise Failed(f"DID NOT WARN {self.expected!r}: {[str(it.message) for it in self.list]}")
        return False

    def __iter__(self):
        return iter(self.list)

    def __len__(self):
        return len(self.list)

    def __getitem__(self, at):
        return self.list[at]


def warns(expected_warning=Warning, *args, match=None, **kwargs):
    context = _Warns(expected_warning, match)
    if args:
        with context:
            return args[0](*args[1:], **kwargs)
    return context


def deprecated_call(*args, match=None, **kwargs):
    kinds = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
    return warns(kinds, *args, match=match, **kwargs)
