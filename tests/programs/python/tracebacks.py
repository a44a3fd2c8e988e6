# What sys.excepthook writes: carets, anchors, chains, notes, groups, repeated lines, suggestions, syntax errors.
import io
import sys


def show(source):
    try:
        exec(compile(source, '<program>', 'exec'), {'__name__': '__main__'})
    except BaseException as error:
        error.__traceback__ = error.__traceback__.tb_next
        old, sys.stderr = sys.stderr, io.StringIO()
        sys.excepthook(type(error), error, None)
        text, sys.stderr = sys.stderr.getvalue(), old
        print(text)


show('1 / 0')
show('a = 1\ndef f():\n    return undefined\nf()')
show('counter = 1\nprint(countr)')
show('prnt(1)')
show('"text".uper()')
show('class A: colour = 1\nA().color')
show('try:\n    {}["k"]\nexcept KeyError as e:\n    raise ValueError("bad") from e')
show('try:\n    {}["k"]\nexcept KeyError as e:\n    int("x")')
show('try:\n    1 / 0\nexcept Exception:\n    raise TypeError("alone") from None')
show('def r(n):\n    if n:\n        r(n - 1)\n    else:\n        raise IndexError\nr(9)')
show('e = ValueError("noted")\ne.add_note("first")\ne.add_note("second\\nline")\nraise e')
show('e = ValueError("odd")\ne.__notes__ = 5\nraise e')
show('class Bad(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise Bad')
show('class O:\n    class I(Exception): pass\nraise O.I("several\\nlines")')
show('class E(Exception): __module__ = "some.module"\nraise E("q")')
show('raise SyntaxError("message", ("file.py", 3, 5, "abc def ghi\\n", 3, 8))')
show('raise SyntaxError("message", ("file.py", 3, 5, "    abc def ghi", 4, 8))')
show('raise SyntaxError("message", ("file.py", 3, None, None))')
show('raise KeyError')
show('raise Exception("a", 1)')
show('raise ExceptionGroup("eg", [ValueError(1), ExceptionGroup("in", [KeyError("k"), OSError(2, "no")])])')
show('raise ExceptionGroup("many", [ValueError(i) for i in range(20)])')
show('try:\n    raise ExceptionGroup("eg", [ValueError(1), TypeError(2)])\nexcept* ValueError:\n    1 / 0')
show('try:\n    raise ExceptionGroup("eg", [ValueError(1), TypeError(2)])\nexcept* ValueError:\n    raise')
show('def f():\n    try:\n        raise ExceptionGroup("eg", [ValueError(1)])\n    except Exception as e:\n        raise OSError(1) from e\nf()')


# The same lines as a file would show them, from the frames of this one.
class Odd:
    def __add__(self, other):
        return other.missing


def carets(action):
    try:
        for i in range(1500):
            if i == 1400:
                action()
    except Exception as error:
        error.__traceback__ = error.__traceback__.tb_next
        old, sys.stderr = sys.stderr, io.StringIO()
        sys.excepthook(type(error), error, None)
        text, sys.stderr = sys.stderr.getvalue(), old
        # The name of the file is where the test runs.
        print('\n'.join(line for line in text.split('\n') if 'File' not in line))


def numbers():
    yield 1
    raise ValueError('from a generator')


def loop():
    for n in numbers():
        pass


table = {'a': {'b': 1}}
word = 'ü' * 3
carets(lambda: table['a']['c'] + 2)
carets(lambda: word + 1 if word else None)
carets(lambda: [Odd() + 1 for _ in range(1)])
carets(lambda: table.get('x').y.z)
carets(lambda: sorted([1, 2], key=lambda v: v // 0))
carets(lambda: len(
    5))
carets(lambda: word
       + 1)
carets(loop)
