# importlib and the finders of sys.meta_path.
# stress: 20000
import importlib
import importlib.util
import os
import sys
import tempfile

folder = tempfile.mkdtemp()


def write(name, text):
    path = os.path.join(folder, *name.split('/'))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f:
        f.write(text)


write('plain_one.py', 'value = 1\n')
write('pack/__init__.py', 'kind = "package"\n')
write('pack/inner.py', 'from . import other\nvalue = 2\n')
write('pack/other.py', 'value = 3\n')
write('spread/part.py', 'value = 4\n')
write('fails.py', 'raise ZeroDivisionError("while imported")\n')
sys.path.insert(0, folder)
importlib.invalidate_caches()

print(importlib.import_module('plain_one').value)
inner = importlib.import_module('.inner', 'pack')
print(inner.__name__, inner.__package__, inner.value, inner.other.value)
print(sys.modules['pack'].inner is inner, importlib.import_module('pack').kind)
part = importlib.import_module('spread.part')
print(part.value, sys.modules['spread'].__file__ if hasattr(sys.modules['spread'], '__file__') else None)
print(importlib.import_module('colorsys').rgb_to_hsv(0, 0, 0), importlib.import_module('_stat').S_IFDIR)
for name in ('no_such_module', 'pack.missing', 'plain_one.sub'):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as e:
        print(e, e.name)
for _ in range(2):
    try:
        importlib.import_module('fails')
    except ZeroDivisionError as e:
        print(e, 'fails' in sys.modules)

spec = importlib.util.find_spec('pack.other')
print(spec.name, spec.parent, os.path.basename(spec.origin), spec.has_location, spec.submodule_search_locations)
spec = importlib.util.find_spec('pack')
print(spec.parent, spec.submodule_search_locations == [os.path.join(folder, 'pack')])
print(importlib.util.find_spec('no_such_module'), importlib.util.find_spec('errno').origin)
spec = importlib.util.find_spec('plain_one')
again = importlib.util.module_from_spec(spec)
spec.loader.exec_module(again)
print(again.value, again is sys.modules['plain_one'])
sys.modules['plain_one'].value = 10
print(importlib.reload(sys.modules['plain_one']).value)


class Made:
    """Makes modules out of nothing."""

    def __init__(self, names):
        self.names = names
        self.asked = []

    def find_spec(self, name, path=None, target=None):
        if path is None:
            self.asked.append(name)
        if name in self.names:
            return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.made_by = self.names[module.__name__]


first = Made({'plain_two': 'first', 'made_up': 'first'})
last = Made({'colorful': 'last', 'html': 'last'})
write('plain_two.py', 'made_by = "file"\n')
importlib.invalidate_caches()
sys.meta_path.insert(0, first)
sys.meta_path.append(last)
import plain_two, made_up, colorful, html

print(plain_two.made_by, made_up.made_by, colorful.made_by, hasattr(html, 'made_by'))
try:
    import nowhere_at_all
except ImportError as e:
    print(e)
print([name for name in first.asked if name in ('plain_two', 'colorful', 'nowhere_at_all')], last.asked)
sys.meta_path.remove(first)
sys.meta_path.remove(last)
print(len(sys.stdlib_module_names) > 250, 'zlib' in sys.stdlib_module_names, 'numpy' in sys.stdlib_module_names,
      type(sys.stdlib_module_names).__name__)
