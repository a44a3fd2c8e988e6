"""Marks on functions, classes and modules, and the parameters of `parametrize`."""

import enum
import os
import platform
import sys


class Mark:
    def __init__(self, name, args=(), kwargs=None):
        self.name = name
        self.args = tuple(args)
        self.kwargs = dict(kwargs or {})

    def __repr__(self):
        return f"Mark(name={self.name!r}, args={self.args!r}, kwargs={self.kwargs!r})"


class MarkDecorator:
    """What `pytest.mark.NAME` is: called with arguments it keeps them, called with a test it marks it."""

    def __init__(self, mark):
        self.mark = mark

    name = property(lambda self: self.mark.name)
    args = property(lambda self: self.mark.args)
    kwargs = property(lambda self: self.mark.kwargs)

    def with_args(self, *args, **kwargs):
        own = self.mark
        return MarkDecorator(Mark(own.name, own.args + args, {**own.kwargs, **kwargs}))

    def __call__(self, *args, **kwargs):
        target = args[0] if len(args) == 1 and not kwargs else None
        is_test = isinstance(target, type) or (callable(target) and hasattr(target, "__code__"))
        if is_test and getattr(target, "__name__", "") != "<lambda>":
            # Of its own list only: a class must not write into the one of its base.
            own = list(vars(target).get("pytestmark", ()))
            target.pytestmark = own + [self.mark]
            return target
        return self.with_args(*args, **kwargs)


class _Marks:
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return MarkDecorator(Mark(name))


mark = _Marks()
hidden_param = object()


def plain(given):
    """The marks behind one decorator, one mark, or a list of either."""
    if isinstance(given, (MarkDecorator, Mark)):
        given = [given]
    return [getattr(it, "mark", it) for it in given]


class ParameterSet:
    """The values of one case of `parametrize`, or of one parameter of a fixture."""

    def __init__(self, values, marks=(), id=None):
        self.values = tuple(values)
        self.marks = plain(marks)
        self.id = id

    @classmethod
    def of(cls, given, single):
        if isinstance(given, cls):
            return given
        return cls((given,) if single else tuple(given))


def param(*values, marks=(), id=None):
    return ParameterSet(values, marks, id)


def of_target(target):
    """The marks of a function, a module or a class, those of its bases first."""
    if isinstance(target, type):
        classes = [it for it in reversed(target.__mro__) if "pytestmark" in vars(it)]
        return [mark for it in classes for mark in plain(vars(it)["pytestmark"])]
    return plain(getattr(target, "pytestmark", ()))


def identify(value, name, at, ids=None):
    """The part of a case's name that one value gives."""
    if callable(ids):
        given = ids(value)
        if given is not None:
            return escaped(str(given))
    if isinstance(value, (str, bytes)):
        return escaped(value)
    if value is None or isinstance(value, (int, float, complex, bool)):
        return str(value)
    if isinstance(value, enum.Enum):
        return str(value)
    if hasattr(value, "pattern") and isinstance(value.pattern, (str, bytes)):
        return escaped(value.pattern)
    own = getattr(value, "__name__", None)
    return own if isinstance(own, str) else f"{name}{at}"


def escaped(text):
    """A name that stays on one line and that every terminal can show."""
    if isinstance(text, bytes):
        return text.decode("ascii", "backslashreplace")
    return text.encode("unicode_escape").decode("ascii")


class Parametrization:
    """One `parametrize` mark, read."""

    def __init__(self, mark):
        given = list(mark.args) + [None] * 2
        names = mark.kwargs.get("argnames", given[0])
        values = mark.kwargs.get("argvalues", given[1])
        self.names = [it.strip() for it in names.split(",")] if isinstance(names, str) else list(names)
        self.names = [name for name in self.names if name]
        single = isinstance(names, str) and len(self.names) == 1
        self.sets = [ParameterSet.of(value, single) for value in values]
        self.indirect = mark.kwargs.get("indirect", False)
        ids = mark.kwargs.get("ids")
        ids = ids if ids is None or callable(ids) else list(ids)
        self.ids = [self._id(set_, at, ids) for at, set_ in enumerate(self.sets)]

    def _id(self, set_, at, ids):
        if set_.id is not None:
            return "" if set_.id is hidden_param else escaped(str(set_.id))
        if isinstance(ids, list) and ids[at] is not None:
            return escaped(str(ids[at]))
        if len(set_.values) != len(self.names):
            raise ValueError(f"{self.names} has {len(self.names)} names, but {set_.values!r} are the values")
        maker = ids if callable(ids) else None
        pairs = zip(self.names, set_.values)
        return "-".join(identify(value, name, at, maker) for name, value in pairs)

    def is_indirect(self, name):
        return self.indirect is True or (self.indirect and name in self.indirect)


def unique(ids):
    """Names that differ: those that occur twice are numbered."""
    numbers = {}
    result = []
    for name in ids:
        if ids.count(name) > 1:
            numbers[name] = numbers.get(name, -1) + 1
            name = f"{name}{numbers[name]}" if not name[-1:].isdigit() else f"{name}_{numbers[name]}"
        result.append(name)
    return result


def holds(mark, names):
    """Whether a condition of `skipif` or `xfail` holds, and the reason that it gives."""
    conditions = list(mark.args)
    if "condition" in mark.kwargs:
        conditions.append(mark.kwargs["condition"])
    reason = mark.kwargs.get("reason", "")
    if not conditions:
        return True, reason
    for condition in conditions:
        if isinstance(condition, str):
            given = {"os": os, "sys": sys, "platform": platform, **names}
            reason = reason or f"condition: {condition}"
            condition = eval(condition, given)
        if condition:
            return True, reason
    return False, reason
