# `importlib` in source stands in for the frozen modules: once it is there, they are its own parts.
import sys


def _find(name):
    package = sys.modules.get('importlib')
    if package is None:
        # It asks for the frozen modules itself, and has to find that there are none.
        del sys.modules[name]
        import importlib as package
    part = vars(package).get(name.replace('_frozen_importlib', '_bootstrap'))
    if part is None:
        raise ImportError('importlib has no frozen part', name=name)
    sys.modules[name] = part


_find(__name__)
