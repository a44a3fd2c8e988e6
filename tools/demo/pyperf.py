"""A stand-in for pyperf: runs a benchmark of pyperformance in this process, a fixed number of times.

It lies beside the unmodified program, which imports it. It imports only `sys` and `time`, and uses
no other module, so that a young interpreter can run it. Options of its own start with `--demo-` and
are taken out of `sys.argv`:

  --demo-iterations=N   how often the benchmark is run (1)
  --demo-loops=N        how many calls of the benchmark's function are one iteration (1)
  --demo-check          also print a checksum of what the program computes but does not return
  --demo-argument=N     replaces the argument of the benchmark's function, an int
  --demo-global=NAME=N  sets a global variable of the program, an int

For each iteration a line `ITER index cpu-seconds wall-seconds result` is printed, and with
--demo-check a last line `CHECK text`. Checking wraps functions of the program, so its times are
not comparable: measure without it.
"""
import sys
import time

perf_counter = time.perf_counter
cpu_counter = time.process_time

ITERATIONS = 1
LOOPS = 1
CHECK = False
ARGUMENT = None
GLOBALS = {}

_rest = []
for _arg in sys.argv[1:]:
    if _arg.startswith('--demo-iterations='):
        ITERATIONS = int(_arg[18:])
    elif _arg.startswith('--demo-loops='):
        LOOPS = int(_arg[13:])
    elif _arg == '--demo-check':
        CHECK = True
    elif _arg.startswith('--demo-argument='):
        ARGUMENT = int(_arg[16:])
    elif _arg.startswith('--demo-global='):
        _name, _value = _arg[14:].split('=')
        GLOBALS[_name] = int(_value)
    else:
        _rest.append(_arg)
sys.argv[1:] = _rest


def checksum(text):
    """FNV-1a of a string, so that long results compare as short lines."""
    value = 2166136261
    for char in text:
        value = ((value ^ ord(char)) * 16777619) & 0xffffffff
    return 'fnv=%08x,length=%d' % (value, len(text))


def describe(result):
    """One word for a result: equal results give equal words on every interpreter."""
    if result is None or isinstance(result, (bool, int, float)):
        return repr(result)
    return checksum(repr(result))


# --- What the programs compute without returning it --------------------------------------------
# Each function here gets the program's globals before the run, may wrap some of them, and answers
# a function that describes the outcome after the run.

def _check_nbody(program):
    return lambda: repr(program['report_energy']())


def _check_spectral_norm(program):
    wrapped = program['eval_AtA_times_u']
    last = []

    def eval_AtA_times_u(u):
        last[:] = wrapped(u)
        return last[:]

    program['eval_AtA_times_u'] = eval_AtA_times_u
    return lambda: repr(last)


def _check_nqueens(program):
    wrapped = program['n_queens']
    solutions = []

    def n_queens(queen_count):
        for solution in wrapped(queen_count):
            solutions.append(solution)
            yield solution

    program['n_queens'] = n_queens
    return lambda: repr(solutions)


def _check_chaos(program):
    pictures = []

    def write_ppm(picture, filename):
        pictures.append(''.join([repr(row) for row in picture]))

    program['write_ppm'] = write_ppm
    sys.argv.append('--filename=unused')
    return lambda: ''.join(pictures)


def _check_raytrace(program):
    pictures = []

    def write_ppm(canvas, filename):
        pictures.append(repr(list(canvas.bytes)))

    program['Canvas'].write_ppm = write_ppm
    sys.argv.append('--filename=unused')
    return lambda: ''.join(pictures)


_CHECKS = {
    'nbody': _check_nbody,
    'spectral_norm': _check_spectral_norm,
    'nqueens': _check_nqueens,
    'chaos': _check_chaos,
    'raytrace': _check_raytrace,
}


# --- The part of pyperf's interface that the programs use --------------------------------------

class Arguments:
    pass


class ArgumentParser:
    """Long options with one value each: all that these programs have."""

    def __init__(self):
        self.options = {}

    def add_argument(self, name, type=str, default=None, help=None, metavar=None):
        self.options[name] = (type, default)

    def parse(self, argv):
        arguments = Arguments()
        for name in self.options:
            setattr(arguments, name[2:].replace('-', '_'), self.options[name][1])
        for arg in argv:
            name, equals, value = arg.partition('=')
            if name not in self.options or not equals:
                sys.exit('pyperf stand-in: unknown option ' + arg)
            setattr(arguments, name[2:].replace('-', '_'), self.options[name][0](value))
        return arguments


class Runner:
    def __init__(self, add_cmdline_args=None):
        self.metadata = {}
        self.argparser = ArgumentParser()
        self.program = sys.modules['__main__'].__dict__
        self.describe_outcome = None
        self.arguments = None
        if CHECK:
            # Before the program reads its options and hands over its functions.
            for name in _CHECKS:
                if 'bm_' + name + '/' in sys.argv[0]:
                    self.describe_outcome = _CHECKS[name](self.program)
        for name in GLOBALS:
            self.program[name] = GLOBALS[name]

    def parse_args(self):
        if self.arguments is None:
            self.arguments = self.argparser.parse(sys.argv[1:])
        return self.arguments

    def bench_func(self, name, function, *args):
        """`function(*args)` is one loop."""
        if ARGUMENT is not None:
            args = (ARGUMENT,)

        def iteration():
            for _ in range(LOOPS):
                result = function(*args)
            return result

        self._run(iteration)

    def bench_time_func(self, name, function, *args):
        """`function(loops, *args)` does all loops and returns seconds, which are not a result."""
        def iteration():
            function(LOOPS, *args)

        self._run(iteration)

    def _run(self, iteration):
        self.parse_args()
        for index in range(ITERATIONS):
            wall = perf_counter()
            cpu = cpu_counter()
            result = iteration()
            cpu = cpu_counter() - cpu
            wall = perf_counter() - wall
            print('ITER %d %.6f %.6f %s' % (index, cpu, wall, describe(result)))
        if self.describe_outcome is not None:
            print('CHECK ' + checksum(self.describe_outcome()))
