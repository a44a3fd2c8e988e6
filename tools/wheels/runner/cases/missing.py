"""Which modules of the standard library the tests ask for in vain.

A test file often swallows the error (`try: import mmap`) and skips its cases, which then look as if they did not apply.
"""

import sys


class Watch:
    """The last finder of `sys.meta_path`: whatever it is asked for was found nowhere else."""

    def __init__(self, root):
        self.root = root
        # By the file that asks.
        self.by_file = {}
        self.in_case = []

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.stdlib_module_names:
            file = self._asking()
            if file is not None:
                self.by_file.setdefault(file, []).append(name)
                self.in_case.append(name)
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
