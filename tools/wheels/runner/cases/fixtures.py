"""Fixtures: how they are declared, found, set up once per scope, and torn down."""

import inspect

from . import marks
from .outcomes import Failed

# From the shortest life to the longest.
SCOPES = ("function", "class", "module", "package", "session")


class Options:
    """What the decorator `fixture` was told."""

    def __init__(self, scope="function", params=None, autouse=False, ids=None, name=None):
        if not callable(scope) and scope not in SCOPES:
            raise ValueError(f"{scope!r} is no scope of a fixture: {', '.join(SCOPES)}")
        self.scope = scope if not callable(scope) else "function"
        self.params = None if params is None else list(params)
        self.autouse = autouse
        self.ids = ids
        self.name = name


def fixture(function=None, *, scope="function", params=None, autouse=False, ids=None, name=None):
    options = Options(scope, params, autouse, ids, name)

    def declare(function):
        function.fixture_options = options
        return function

    return declare if function is None else declare(function)


class Definition:
    """A declared fixture, with its place: `level` names the class, module or folder that declares it."""

    def __init__(self, name, function, options, level, needs_self):
        self.name = name
        self.function = function
        self.options = options
        self.level = level
        self.needs_self = needs_self
        self.arguments = arguments_of(function, needs_self)
        self.sets = None
        if options.params is not None:
            self.sets = [marks.ParameterSet.of(it, True) for it in options.params]
            given = None if options.ids is None or callable(options.ids) else list(options.ids)
            maker = options.ids if callable(options.ids) else None
            self.ids = []
            for at, set_ in enumerate(self.sets):
                known = set_.id if set_.id is not None else given and given[at]
                self.ids.append(known or marks.identify(set_.values[0], name, at, maker))
            self.ids = marks.unique(self.ids)


def arguments_of(function, needs_self):
    """Names of the arguments that a fixture or a test asks for: those without a default."""
    parameters = list(inspect.signature(function).parameters.values())
    wanted = [
        it.name
        for it in parameters[1 if needs_self else 0 :]
        if it.default is it.empty and it.kind in (it.POSITIONAL_OR_KEYWORD, it.KEYWORD_ONLY)
    ]
    # Arguments that `unittest.mock.patch` fills are not fixtures.
    patched = [it for it in getattr(function, "patchings", ()) if it.attribute_name is None]
    return wanted[sum(1 for it in patched if getattr(it.new, "name", "") == "DEFAULT") :]


def declared_in(holder, level, needs_self=False):
    """The fixtures that a module or a class declares, by name."""
    found = {}
    for name in dir(holder):
        function = inspect.getattr_static(holder, name, None)
        is_static = isinstance(function, staticmethod)
        function = getattr(function, "__func__", function) if isinstance(holder, type) else function
        options = getattr(function, "__dict__", {}).get("fixture_options")
        if isinstance(options, Options):
            own = options.name or name
            found[own] = Definition(own, function, options, level, needs_self and not is_static)
    return found


class Known:
    """The fixtures that a test sees: declared nearer to it hides what is declared further away."""

    def __init__(self, levels):
        self.levels = levels

    def with_level(self, found):
        return Known(self.levels + [found]) if found else self

    def find(self, name, asking=None):
        """The nearest fixture of the name; a fixture that asks for its own name gets the next one outwards."""
        inside = False
        for level in reversed(self.levels):
            definition = level.get(name)
            if definition is None:
                continue
            if asking is not None and asking.name == name and not inside:
                inside = definition is asking
                continue
            return definition
        return None

    def autouse(self):
        names = []
        for level in self.levels:
            names += [it.name for it in level.values() if it.options.autouse]
        return names

    def closure(self, names, given):
        """All fixtures that these names need, each after those it needs itself."""
        result = []

        def visit(name, asking):
            if name in given or name == "request":
                return
            definition = self.find(name, asking)
            if definition is None or definition in result:
                return
            for argument in definition.arguments:
                visit(argument, definition)
            result.append(definition)

        for name in names:
            visit(name, None)
        return result


class FixtureRequest:
    """The argument `request`: the case that asks, and for a fixture its parameter."""

    def __init__(self, run, case, definition=None):
        self._run = run
        self._case = case
        self._definition = definition
        self.fixturename = definition.name if definition else None
        self.scope = definition.options.scope if definition else "function"
        if definition is not None and definition.name in case.parameters:
            self.param = case.parameters[definition.name].values[0]

    node = property(lambda self: self._case)
    config = property(lambda self: self._run.config)
    module = property(lambda self: self._case.module)
    cls = property(lambda self: self._case.cls)
    function = property(lambda self: self._case.function)
    instance = property(lambda self: self._run.instance)
    keywords = property(lambda self: self._case.keywords)
    fixturenames = property(lambda self: [it.name for it in self._case.fixtures])

    def getfixturevalue(self, argname):
        return self._run.fixture(argname, self._case, self._definition)

    def addfinalizer(self, finalizer):
        self._run.live[-1].finalizers.append(finalizer)

    def applymarker(self, marker):
        self._case.marks += marks.plain(marker)


class Live:
    """A fixture that is set up, and what must be done when it goes."""

    def __init__(self, definition, scope_key, parameter):
        self.definition = definition
        self.scope_key = scope_key
        self.parameter = parameter
        self.finalizers = []
        self.value = None

    def set_up(self, run, case):
        function = self.definition.function
        values = {it: run.fixture(it, case, self.definition) for it in self.definition.arguments}
        if self.definition.needs_self:
            function = function.__get__(run.instance)
        if not inspect.isgeneratorfunction(function):
            self.value = function(**values)
            return
        generator = function(**values)
        self.value = next(generator)
        self.finalizers.append(lambda: finish(generator, self.definition.name))

    def tear_down(self):
        """Runs all finalizers, the last one first; the first error is raised after the others ran."""
        error = None
        while self.finalizers:
            try:
                self.finalizers.pop()()
            except BaseException as raised:
                error = error or raised
        if error is not None:
            raise error


def finish(generator, name):
    for _ in generator:
        raise Failed(f"fixture {name!r} yields more than once")
