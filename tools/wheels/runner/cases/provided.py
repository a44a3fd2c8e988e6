"""Fixtures that every test may ask for."""

import io
import os
import pathlib
import shutil
import sys
import tempfile

from .fixtures import Definition, Options

_missing = object()


class MonkeyPatch:
    """Changes that are undone at the end of the test."""

    def __init__(self):
        self._undo = []

    @classmethod
    def context(cls):
        return _MonkeyPatchContext(cls())

    def setattr(self, target, name, value=_missing, raising=True):
        if value is _missing:
            path, value = target, name
            place, name = path.rsplit(".", 1)
            __import__(place)
            target = sys.modules[place]
        old = getattr(target, name, _missing)
        if old is _missing and raising:
            raise AttributeError(f"{target!r} has no attribute {name!r}")
        if isinstance(target, type):
            old = vars(target).get(name, _missing)
        self._undo.append(lambda: self._restore_attribute(target, name, old))
        setattr(target, name, value)

    def delattr(self, target, name, raising=True):
        old = vars(target).get(name, _missing)
        if old is _missing and raising:
            raise AttributeError(name)
        self._undo.append(lambda: self._restore_attribute(target, name, old))
        if old is not _missing:
            delattr(target, name)

    @staticmethod
    def _restore_attribute(target, name, old):
        if old is _missing:
            delattr(target, name)
        else:
            setattr(target, name, old)

    def setitem(self, mapping, name, value):
        old = mapping.get(name, _missing)
        self._undo.append(lambda: self._restore_item(mapping, name, old))
        mapping[name] = value

    def delitem(self, mapping, name, raising=True):
        if name not in mapping and raising:
            raise KeyError(name)
        old = mapping.pop(name, _missing)
        self._undo.append(lambda: self._restore_item(mapping, name, old))

    @staticmethod
    def _restore_item(mapping, name, old):
        if old is _missing:
            mapping.pop(name, None)
        else:
            mapping[name] = old

    def setenv(self, name, value, prepend=None):
        if prepend and name in os.environ:
            value = value + prepend + os.environ[name]
        self.setitem(os.environ, name, str(value))

    def delenv(self, name, raising=True):
        self.delitem(os.environ, name, raising)

    def syspath_prepend(self, path):
        old = list(sys.path)
        self._undo.append(lambda: sys.path.__setitem__(slice(None), old))
        sys.path.insert(0, str(path))

    def chdir(self, path):
        old = os.getcwd()
        self._undo.append(lambda: os.chdir(old))
        os.chdir(path)

    def undo(self):
        while self._undo:
            self._undo.pop()()


class _MonkeyPatchContext:
    def __init__(self, patch):
        self.patch = patch

    def __enter__(self):
        return self.patch

    def __exit__(self, *_):
        self.patch.undo()


class CaptureFixture:
    """Standard output and error of the test, as text."""

    def __init__(self):
        self.real = (sys.stdout, sys.stderr)
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()

    def readouterr(self):
        result = Captured(sys.stdout.getvalue(), sys.stderr.getvalue())
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        return result

    def close(self):
        sys.stdout, sys.stderr = self.real


class Captured(tuple):
    def __new__(cls, out, err):
        return tuple.__new__(cls, (out, err))

    out = property(lambda self: self[0])
    err = property(lambda self: self[1])


class TemporaryFolders:
    def __init__(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="ouro-case-"))

    def mktemp(self, basename, numbered=True):
        at = 0
        while (self.base / f"{basename}{at}").exists():
            at += 1
        folder = self.base / (f"{basename}{at}" if numbered else basename)
        folder.mkdir()
        return folder

    def getbasetemp(self):
        return self.base

    def remove(self):
        shutil.rmtree(self.base, ignore_errors=True)


class Benchmark:
    """What benchmark plug-ins give: it calls once, because only the result is looked at here."""

    def __call__(self, function, *args, **kwargs):
        return function(*args, **kwargs)

    def pedantic(self, target, args=(), kwargs=None, setup=None, **_options):
        given = setup() if setup else None
        args, kwargs = given or (args, kwargs)
        return target(*args, **(kwargs or {}))


def monkeypatch():
    patch = MonkeyPatch()
    yield patch
    patch.undo()


def capsys():
    capture = CaptureFixture()
    yield capture
    capture.close()


def tmp_path_factory():
    folders = TemporaryFolders()
    yield folders
    folders.remove()


def tmp_path(tmp_path_factory):
    return tmp_path_factory.mktemp("case")


def benchmark():
    return Benchmark()


def pytestconfig(request):
    return request.config


def all():
    """The fixtures of this module, as the outermost level."""
    functions = (monkeypatch, capsys, tmp_path, tmp_path_factory, benchmark, pytestconfig)
    level = {}
    for function in functions:
        name = function.__name__
        scope = "session" if name in ("tmp_path_factory", "pytestconfig") else "function"
        level[name] = Definition(name, function, Options(scope), "provided", False)
    return level
