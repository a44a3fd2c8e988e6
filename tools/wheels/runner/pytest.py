"""Stands in for pytest when test files of others run on an interpreter that has no pytest.

It gives the part of its interface that such files use; `run.py` beside it collects and runs the cases. What is not
here raises AttributeError where a test file asks for it, so that nothing is skipped in silence.
"""

from cases.approx import approx
from cases.fixtures import FixtureRequest, fixture
from cases.marks import Mark, MarkDecorator, hidden_param as HIDDEN_PARAM, mark, param
from cases.outcomes import (
    Exit,
    Failed,
    Skipped,
    XFailed,
    exit,
    fail,
    importorskip,
    skip,
    xfail,
)
from cases.provided import CaptureFixture, MonkeyPatch
from cases.raising import ExceptionInfo, deprecated_call, raises, warns

__version__ = "8.0.0"


class PytestWarning(UserWarning):
    """What pytest warns with; here only so that filters can name it."""


class PytestUnraisableExceptionWarning(PytestWarning):
    """Likewise."""


class UsageError(Exception):
    """Raised by hooks of a conftest file that were told to do what does not work."""


def hookimpl(function=None, **_options):
    """Marks a hook; hooks are found by their names here."""
    return function if function is not None else lambda it: it


def main(*_arguments):
    """Test files call this when they are run as programs, which they are not here."""
    raise RuntimeError("pytest.main is not there: the cases are run by run.py")
