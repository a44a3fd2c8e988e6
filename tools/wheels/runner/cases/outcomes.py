"""How a case ends other than by returning, as exceptions that no `except Exception` of a test swallows."""

import importlib
import sys


class Outcome(BaseException):
    def __init__(self, msg="", pytrace=True):
        BaseException.__init__(self, msg)
        self.msg = msg


class Skipped(Outcome):
    def __init__(self, msg="", allow_module_level=False):
        Outcome.__init__(self, msg)
        self.allow_module_level = allow_module_level


class Failed(Outcome):
    pass


class XFailed(Outcome):
    pass


class Exit(Exception):
    pass


def skip(reason="", *, allow_module_level=False, msg=None):
    raise Skipped(msg or reason, allow_module_level)


def fail(reason="", pytrace=True, msg=None):
    raise Failed(msg or reason)


def xfail(reason=""):
    raise XFailed(reason)


def exit(reason="", returncode=None):
    raise Exit(reason)


# Test files ask for the type of these exceptions by the function that raises them.
skip.Exception = Skipped
fail.Exception = Failed
xfail.Exception = XFailed
exit.Exception = Exit


def importorskip(modname, minversion=None, reason=None, *, exc_type=ImportError):
    try:
        importlib.import_module(modname)
    except exc_type as error:
        raise Skipped(reason or f"could not import {modname!r}: {error}", True) from None
    module = sys.modules[modname]
    if minversion is not None:
        found = getattr(module, "__version__", "0")
        if _numbers(found) < _numbers(minversion):
            raise Skipped(f"module {modname!r} has version {found}, {minversion} is wanted", True)
    return module


def _numbers(version):
    numbers = []
    for part in version.split("."):
        digits = "".join(character for character in part if character.isdigit())
        numbers.append(int(digits or 0))
    return numbers
