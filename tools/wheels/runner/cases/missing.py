"""Which modules of the standard library the tests ask for in vain.

A test file often swallows the error (`try: import mmap`) and skips its cases, which then look as if they did not apply.
"""

import sys


class Watch:
    """The last finder of `sys.meta_path`: whatever it is asked for was found nowhere else."""

    def __init__(self, root):
        self.root = root
        # By the file that asks while it is read; what a case asks for is its own affair.
        self.by_file = {}
        # What the running case asks for; None while files are read.
        self.in_case = None

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        # CPython ships modules for trying things out without listing them.
        if top in sys.stdlib_module_names or top.startswith("_xx"):
            file = self._asking()
            if file is not None:
                asked = self.by_file.setdefault(file, []) if self.in_case is None else self.in_case
                asked.append(name)
        return None

    def _asking(self):
        """The file of the import statement, if it belongs to the tests."""
        frame = sys._getframe(2)
        while frame is not None:
            file = frame.f_code.co_filename
            if "importlib" not in file and not file.startswith("<"):
                return file if file.startswith(self.root) else None
            frame = frame.f_back
        return None
