# How a program is started: a file, a folder, a zip file, a module, `-c`, standard input.
# stress: 2000
import os
import subprocess
import sys
import tempfile
import zipfile

with tempfile.TemporaryDirectory() as folder:
    folder = os.path.realpath(folder)

    def write(name, text):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(text)

    def run(*words, source=''):
        done = subprocess.run([sys.executable, *words], cwd=folder, input=source, capture_output=True, text=True)
        show = lambda text: text.replace(folder, 'DIR').replace(sys.executable, 'EXE')
        print(words, done.returncode)
        print(show(done.stdout), end='')
        # The frames of runpy do not belong to the program.
        lines = [line for line in show(done.stderr).splitlines() if '<frozen runpy>' not in line]
        print('\n'.join(lines))

    tell = ('import sys\nspec = globals().get("__spec__")\n'
            'print(__name__, __file__, sys.argv, sys.path[0], repr(__package__), spec and (spec.name, spec.parent))\n')
    write('script.py', tell + 'def f():\n    1/0\nf()\n')
    write('main/__main__.py', tell + 'import beside\n')
    write('main/beside.py', 'print("beside", __file__)\n')
    write('package/__init__.py', 'print("init", __name__)\n')
    write('package/inner/__init__.py', '')
    write('package/inner/__main__.py', tell + 'from . import part\n')
    write('package/inner/part.py', 'print(__name__, __package__)\n')
    write('package/module.py', tell)
    write('names/deep.py', tell)
    with zipfile.ZipFile(os.path.join(folder, 'app.zip'), 'w') as archive:
        archive.writestr('__main__.py', tell + 'import inside.part\n')
        archive.writestr('inside/__init__.py', '')
        archive.writestr('inside/part.py', 'print(__name__, __file__)\n')

    run('script.py', 'a', '-b')
    run('./script.py')
    run('main', 'x')
    run('app.zip', 'y')
    run('-m', 'package.module', 'z')
    run('-m', 'package.inner')
    run('-m', 'package')
    run('-m', 'names')
    run('-m', 'names.deep')
    run('-m', 'package.missing')
    run('-m', 'missing')
    run('-m', 'missing.part')
    run('-m', 'package.module.py')
    run('-m', '.relative')
    run('-m', 'sys')
    run('package/inner/part.py')
    run('names')
    run('-c', 'import sys; print(sys.argv, sys.path[0], __name__)\n1/0', 'w')
    run('-', 'v', source='import sys; print(sys.argv, __file__)\n1/0\n')
    run(source='import sys; print(sys.argv)')
    run('-m', 'json.tool', source='{"a": [1, 2]}')
    write('test_it.py', 'import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        print("tested")\n')
    done = subprocess.run([sys.executable, '-m', 'unittest', 'test_it'], cwd=folder, capture_output=True, text=True)
    print(done.returncode, done.stdout, done.stderr.splitlines()[-1])
    done = subprocess.run([sys.executable, '-m', 'timeit', '-n', '2', '-r', '1', 'pass'], cwd=folder, capture_output=True, text=True)
    print(done.returncode, done.stdout.split(',')[0], done.stderr)
