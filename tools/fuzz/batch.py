"""Runs many programs in one process, on CPython and here: `batch.py FILE [AT..]`.

FILE is a JSON list of programs; AT are the numbers of those that run, all of them if none is given. Each has a module of its own.
Before a program a line `MARK number` is written out, so that whoever reads knows which one did not come to its end; what it printed
follows, and `ended NAME: TEXT` if an exception left it. A program that takes longer than `LIMIT_S` on CPython is said to be too long.
"""

import json
import sys

MARK = '\x1e program'
LIMIT_S = 2


class TooLong(BaseException):
    pass


def watch():
    """On CPython: programs that take too long are told from those that hang elsewhere."""
    import signal

    def stop(signum, frame):
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    return signal.alarm


def run(text, name):
    # `exec` makes the globals of a module; functions of the program keep them.
    names = {'__name__': 'fuzzed', '__builtins__': __builtins__}
    try:
        exec(compile(text, name, 'exec'), names)
    except TooLong:
        print('too long')
    except BaseException as error:
        print(f'ended {type(error).__name__}: {error}')


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        programs = json.load(file)
    alarm = watch() if sys.implementation.cache_tag == 'cpython-311' else lambda seconds: None
    for at in [int(at) for at in sys.argv[2:]] or range(len(programs)):
        print(MARK, at, flush=True)
        alarm(LIMIT_S)
        run(programs[at], f'program {at}')
        alarm(0)
    print(MARK, 'end', flush=True)


if __name__ == '__main__':
    main()
