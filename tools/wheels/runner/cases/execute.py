"""Runs one case after the other and says how each ended."""

import inspect
import sys
import traceback
import unittest
import warnings

from . import marks
from .collect import Broken
from .fixtures import FixtureRequest, Live
from .outcomes import Failed, Skipped, XFailed


class Result:
    """`outcome` is passed, failed, skipped or xfailed; `needs` names standard modules that are not there."""

    def __init__(self, outcome, detail="", needs=()):
        self.outcome = outcome
        self.detail = detail
        self.needs = list(needs)


class Config:
    """What conftest files ask about the command line: nothing was given."""

    def __init__(self):
        self.option = self

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return None

    def getoption(self, name, default=None, skip=False):
        return default

    def getini(self, name):
        return None

    def addinivalue_line(self, name, line):
        pass


class Run:
    """The state of a run: which fixtures are alive, in the order in which they were set up."""

    def __init__(self, watch):
        self.live = []
        self.instance = None
        self.config = Config()
        self.watch = watch

    def case(self, case):
        """How the case ended. One that does not apply because a module is missing needs that module; what is asked for
        in vain where the case passes tells which modules do not matter."""
        self.watch.in_case = []
        result = self._result(case)
        if result.outcome != "failed":
            asked = self.watch.by_file.get(getattr(case.module, "__file__", None), [])
            result.needs = sorted({*result.needs, *asked, *self.watch.in_case})
        return result

    def _result(self, case):
        if isinstance(case, Broken):
            if isinstance(case.error, Skipped):
                return Result("skipped", str(case.error))
            return describe(case.error)
        for mark in case.iter_markers():
            if mark.name == "skip":
                return Result("skipped", mark.kwargs.get("reason") or "".join(map(str, mark.args[:1])))
            if mark.name == "skipif":
                holds, reason = marks.holds(mark, vars(case.module))
                if holds:
                    return Result("skipped", str(reason))
        return self._expected(case, self._protected(case))

    def _expected(self, case, result):
        """What `xfail` makes of how the case ended."""
        if result.outcome in ("skipped", "xfailed"):
            return result
        for mark in case.iter_markers("xfail"):
            holds, reason = marks.holds(mark, vars(case.module))
            if not holds:
                continue
            if result.outcome == "passed":
                if mark.kwargs.get("strict", False):
                    return Result("failed", f"[XPASS(strict)] {reason}")
                return result
            kinds = mark.kwargs.get("raises")
            if kinds is None or isinstance(self.error, kinds):
                return Result("xfailed", str(reason))
        return result

    def _protected(self, case):
        """Runs the case with its fixtures; nothing that it raises gets out."""
        self.error = None
        try:
            for mark in case.iter_markers("xfail"):
                if mark.kwargs.get("run", True) is False and marks.holds(mark, vars(case.module))[0]:
                    return Result("xfailed", "not run")
            self._retire(case)
            if case.is_unittest:
                return self._unittest(case)
            self._function(case)
            result = Result("passed")
        except (KeyboardInterrupt, SystemExit) as error:
            self.error = error
            result = Result("failed", f"{type(error).__name__}: {error}")
        except BaseException as error:
            self.error = error
            result = describe(error)
        try:
            self._leave("function")
        except BaseException as error:
            if result.outcome == "passed":
                self.error = error
                result = describe(error)
        return result

    def _function(self, case):
        self.instance = case.cls() if case.cls else None
        with warnings.catch_warnings():
            for mark in case.iter_markers("filterwarnings"):
                for line in mark.args:
                    filter_warnings(line)
            for definition in case.fixtures:
                self.fixture(definition.name, case, None)
            set_up = getattr(self.instance, "setup_method", None)
            if set_up is not None:
                call_with(set_up, case.function)
            try:
                self._call(case)
            finally:
                tear_down = getattr(self.instance, "teardown_method", None)
                if tear_down is not None:
                    call_with(tear_down, case.function)

    def _call(self, case):
        name = case.function.__name__ if case.cls else None
        test = getattr(self.instance, case.name.split("[")[0]) if name else case.function
        parameters = inspect.signature(test).parameters
        values = dict(case.arguments)
        for name, parameter in parameters.items():
            known = name == "request" or case.known.find(name) is not None
            if name not in values and (parameter.default is parameter.empty and known):
                values[name] = self.fixture(name, case, None)
        result = test(**values)
        if inspect.iscoroutine(result):
            result.close()
            raise Failed("async tests need a plug-in")

    def _unittest(self, case):
        """A method of a `TestCase`, run by `unittest` itself, fixtures of the session around it."""
        for definition in case.fixtures:
            self.fixture(definition.name, case, None)
        test = case.cls(case.name)
        verdict = Verdict()
        unittest.TestSuite([test]).run(verdict)
        return verdict.result(self)

    def fixture(self, name, case, asking):
        """The value of a fixture, set up first if it is not alive."""
        if name == "request":
            return FixtureRequest(self, case, asking)
        if asking is None and name in case.arguments:
            return case.arguments[name]
        if name in case.arguments and (asking is None or asking.name != name):
            return case.arguments[name]
        definition = case.known.find(name, asking)
        if definition is None:
            raise Failed(f"fixture {name!r} not found")
        for live in self.live:
            if live.definition is definition:
                return live.value
        parameter = case.parameters.get(definition.name)
        live = Live(definition, scope_key(definition.options.scope, case), parameter)
        # What it asks for is set up first and so torn down after it.
        for argument in definition.arguments:
            self.fixture(argument, case, definition)
        self.live.append(live)
        try:
            live.set_up(self, case)
        except BaseException:
            self.live.remove(live)
            raise
        return live.value

    def _retire(self, case):
        """Tears down what does not live on into this case, and all that was set up after it."""
        for at, live in enumerate(self.live):
            name = live.definition.name
            scope = live.definition.options.scope
            other = name in case.parameters and case.parameters[name] is not live.parameter
            if other or live.scope_key != scope_key(scope, case):
                self._tear_down_from(at)
                return

    def _leave(self, scope):
        for at, live in enumerate(self.live):
            if live.definition.options.scope == scope:
                self._tear_down_from(at)
                return

    def _tear_down_from(self, at):
        error = None
        while len(self.live) > at:
            try:
                self.live.pop().tear_down()
            except BaseException as raised:
                error = error or raised
        if error is not None:
            raise error

    def end(self):
        self._tear_down_from(0)


def scope_key(scope, case):
    """Two cases share a fixture of a scope exactly if their keys are equal."""
    return {
        "function": case.id,
        "class": (case.file, case.cls),
        "module": case.file,
        "package": case.file.rpartition("/")[0],
        "session": None,
    }[scope]


def call_with(method, function):
    """`setup_method` may ask for the test or not."""
    method(function) if inspect.signature(method).parameters else method()


def filter_warnings(line):
    action, message, category = (line.split(":") + ["", ""])[:3]
    kind = Warning
    if category:
        place, _, name = category.rpartition(".")
        kind = getattr(__import__(place or "builtins", fromlist=[name]), name)
    warnings.filterwarnings(action, message, kind)


class Verdict(unittest.TestResult):
    """What `unittest` says of one test method."""

    def __init__(self):
        unittest.TestResult.__init__(self)
        self.said = None
        self.raised = None

    def addError(self, test, err):
        self._note(err)

    def addFailure(self, test, err):
        self._note(err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._note(err)

    def _note(self, err):
        if self.raised is None:
            self.raised = err[1]

    def addSkip(self, test, reason):
        self.said = self.said or Result("skipped", reason)

    def addExpectedFailure(self, test, err):
        self.said = Result("xfailed")

    def addUnexpectedSuccess(self, test):
        self.said = Result("failed", "unexpected success")

    def result(self, run):
        if self.raised is not None:
            run.error = self.raised
            return describe(self.raised)
        return self.said or Result("passed")


def describe(error):
    """The result of a case that raised; a missing module of the standard library is told apart."""
    if isinstance(error, Skipped):
        return Result("skipped", error.msg)
    if isinstance(error, XFailed):
        return Result("xfailed", error.msg)
    needs = []
    seen = error
    while seen is not None:
        if isinstance(seen, ModuleNotFoundError) and seen.name:
            top = seen.name.partition(".")[0]
            if top in sys.stdlib_module_names:
                needs.append(seen.name)
        seen = seen.__cause__ or seen.__context__
    lines = traceback.format_exception_only(type(error), error)
    places = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({places[0].filename.rpartition('/')[2]}:{places[0].lineno} {places[0].line})" if places else ""
    return Result("failed", ("".join(lines).strip() + place)[:600], needs)
