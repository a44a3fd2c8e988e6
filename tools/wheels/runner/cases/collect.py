"""Finds the cases below a folder: files, classes, functions, and the parameters of each."""

import importlib
import inspect
import os
import sys
import unittest

from . import marks, provided
from .fixtures import Known, arguments_of, declared_in
from .outcomes import Skipped


class Case:
    """One test with one set of parameters. Its id is the same on every interpreter."""

    def __init__(self, file, module, cls, name, function, known):
        self.module = module
        self.cls = cls
        self.name = name
        self.function = function
        self.known = known
        self.file = file
        self.id = "::".join([file] + ([cls.__qualname__] if cls else []) + [name])
        self.nodeid = self.id
        self.arguments = {}
        self.parameters = {}
        self.fixtures = []
        self.order = ()
        own = marks.of_target(module) + (marks.of_target(cls) if cls else [])
        self.marks = own + marks.of_target(function)

    is_unittest = property(lambda self: self.cls is not None and issubclass(self.cls, unittest.TestCase))
    keywords = property(lambda self: {mark.name: mark for mark in self.marks})

    def iter_markers(self, name=None):
        return [mark for mark in reversed(self.marks) if name is None or mark.name == name]

    def get_closest_marker(self, name, default=None):
        found = self.iter_markers(name)
        return found[0] if found else default

    def add_marker(self, marker, append=True):
        self.marks += marks.plain(marker)

    def with_parameters(self, choices):
        """A copy with one value of each of the case's parameters."""
        case = Case(self.file, self.module, self.cls, self.name, self.function, self.known)
        case.function, case.fixtures = self.function, self.fixtures
        names = []
        for choice in choices:
            case.arguments.update(choice.arguments)
            case.parameters.update(choice.parameters)
            case.marks += choice.marks
            if choice.id:
                names.append(choice.id)
        case.order = tuple(choice.at for choice in choices if choice.is_session)
        if names:
            case.id = case.nodeid = f"{self.id}[{'-'.join(names)}]"
            case.name = f"{self.name}[{'-'.join(names)}]"
        return case


class Choice:
    """One row of one `parametrize`, or one parameter of a fixture."""

    def __init__(self, at, id, marks, arguments=None, parameters=None, is_session=False):
        self.at = at
        self.id = id
        self.marks = marks
        self.arguments = arguments or {}
        self.parameters = parameters or {}
        self.is_session = is_session


class Broken:
    """A file that could not be read: it stands for the cases that nobody knows."""

    def __init__(self, file, error):
        self.id = file
        self.error = error
        self.module = None
        self.order = ()


class Collector:
    def __init__(self, root, announce=lambda file: None):
        self.root = os.path.abspath(root)
        self.announce = announce
        self.hooks = []

    def cases(self, without=()):
        """All cases, files in the order of their names; `without` names files that are left out."""
        found = []
        self._folder(self.root, Known([provided.all()]), found, set(without))
        # Cases that share a costly fixture run one after the other, as those of one parameter do.
        return sorted(found, key=lambda case: case.order)

    def _folder(self, folder, known, found, without):
        names = sorted(os.listdir(folder))
        if "conftest.py" in names:
            module = self._module(os.path.join(folder, "conftest.py"))
            self.hooks.append(module)
            known = known.with_level(declared_in(module, folder))
        for name in names:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, os.path.dirname(self.root))
            if os.path.isdir(path):
                if not name.startswith(".") and name != "__pycache__":
                    self._folder(path, known, found, without)
            elif is_test_file(name) and relative not in without:
                self.announce(relative)
                found += self._file(path, relative, known)

    def _file(self, path, relative, known):
        try:
            module = self._module(path)
            known = known.with_level(declared_in(module, relative))
            return self._holder(relative, module, None, module, known)
        except (KeyboardInterrupt, SystemExit):
            raise
        except Skipped as error:
            return [Broken(relative, error)]
        except BaseException as error:
            return [Broken(relative, error)]

    def _module(self, path):
        """Imports a file under its name in the outermost package that it is in."""
        folder, name = os.path.split(path)
        parts = [name[: -len(".py")]]
        while os.path.exists(os.path.join(folder, "__init__.py")):
            folder, package = os.path.split(folder)
            parts.insert(0, package)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        return importlib.import_module(".".join(parts))

    def _holder(self, file, module, cls, holder, known):
        """The cases of a module or of a class in it, in the order of the source."""
        found = []
        for name, value in ordered(holder):
            is_class = isinstance(value, type)
            if is_class and cls is None and is_test_class(name, value):
                if value.__module__ == module.__name__ or issubclass(value, unittest.TestCase):
                    level = declared_in(value, value.__qualname__, needs_self=True)
                    found += self._holder(file, module, value, value, known.with_level(level))
            elif is_class and cls is not None and name.startswith("Test"):
                level = declared_in(value, value.__qualname__, needs_self=True)
                found += self._holder(file, module, value, value, known.with_level(level))
            elif not is_class and name.startswith("test"):
                function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
                if callable(function) and not hasattr(function, "fixture_options"):
                    found += self._function(Case(file, module, cls, name, function, known))
        return found

    def _function(self, case):
        """One case for each combination of parameters."""
        if case.is_unittest:
            names, argument_names = case.known.autouse(), []
        else:
            is_method = case.cls is not None and inspect.isfunction(vars_of(case.cls, case.name))
            argument_names = arguments_of(case.function, is_method)
            names = case.known.autouse() + list(argument_names)
        for mark in case.iter_markers("usefixtures"):
            names += mark.args
        read = [marks.Parametrization(mark) for mark in reversed(case.iter_markers("parametrize"))]
        given = {name for it in read for name in it.names if not it.is_indirect(name)}
        case.fixtures = case.known.closure(names, given)
        indirect = {name for it in read for name in it.names if it.is_indirect(name)}
        dimensions = []
        for definition in case.fixtures:
            if definition.sets is not None and definition.name not in indirect:
                dimensions.append(of_fixture(definition))
        # The mark nearest to the function varies slowest.
        for it in reversed(read):
            dimensions.append(of_marks(it))
        combined = [()]
        for dimension in dimensions:
            combined = [choices + (choice,) for choices in combined for choice in dimension]
        cases = [case.with_parameters(choices) for choices in combined]
        for one, id in zip(cases, marks.unique([one.id for one in cases])):
            one.id = one.nodeid = id
        return cases


def of_fixture(definition):
    session = definition.options.scope in ("session", "package", "module")
    return [
        Choice(at, id, set_.marks, parameters={definition.name: set_}, is_session=session)
        for at, (set_, id) in enumerate(zip(definition.sets, definition.ids))
    ]


def of_marks(read):
    choices = []
    for at, (set_, id) in enumerate(zip(read.sets, marks.unique(read.ids))):
        pairs = list(zip(read.names, set_.values))
        arguments = {name: value for name, value in pairs if not read.is_indirect(name)}
        parameters = {
            name: marks.ParameterSet((value,)) for name, value in pairs if read.is_indirect(name)
        }
        choices.append(Choice(at, id, set_.marks, arguments, parameters))
    return choices


def is_test_file(name):
    # `test.py` too: `unittest` discovers it, and packages that use `unittest` name files so.
    stem, extension = os.path.splitext(name)
    return extension == ".py" and (stem.startswith("test") or stem.endswith("_test"))


def is_test_class(name, value):
    if getattr(value, "__test__", True) is False:
        return False
    if issubclass(value, unittest.TestCase):
        return value is not unittest.TestCase
    return name.startswith("Test") and "__init__" not in vars(value)


def vars_of(cls, name):
    """What the class or one of its bases has under the name, without calling a descriptor."""
    return inspect.getattr_static(cls, name, None)


def ordered(holder):
    """Names and values of a module, or of a class and its bases, in the order of their definition."""
    if not isinstance(holder, type):
        return list(vars(holder).items())
    seen = {}
    for base in reversed(holder.__mro__):
        seen.update(vars(base))
    return list(seen.items())
