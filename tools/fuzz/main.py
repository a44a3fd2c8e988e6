"""Random programs on CPython and here: `main.py --ouro PROGRAM [--count N] [--seed S] ..`; `./x fuzz` starts it.

Programs run in batches, one process for each interpreter and mode. Where the outputs differ, the program runs alone; if it still
differs, it is made smaller and kept; if it does not, the programs before it that it needs are looked for.
"""

import argparse
import os
import re
import sys
import time

import modes
from programs import program
from running import Interpreter
from shrinking import shrink


class Hunt:
    def __init__(self, options):
        self.options = options
        self.cpython = Interpreter('CPython', [sys.executable])
        self.failures = 0
        self.seen = {}

    def ouro(self, mode):
        return Interpreter(' '.join(mode), [self.options.ouro, *(word for option in mode for word in ('-X', option))])

    def differing(self, programs, mode, limit_s=60):
        """For each program whether it prints something else than on CPython, and what both printed."""
        wanted = self.cpython.outputs(programs, limit_s)
        got = self.ouro(mode).outputs(programs, limit_s)
        return [(usable(a) and a != b, a, b) for a, b in zip(wanted, got)]

    def batch(self, number, first, count):
        """The differences of one batch; the number of comparisons."""
        seeds = range(first, first + count)
        programs = [program(seed) for seed in seeds]
        wanted = self.cpython.outputs(programs)
        sound = [at for at in range(count) if usable(wanted[at])]
        chosen = [modes.limited(tuple(self.options.mode))] if self.options.mode else modes.of_batch(number)
        for mode in chosen:
            got = self.ouro(mode).outputs(programs, self.options.limit)
            for at in sound:
                if got[at] != wanted[at]:
                    self.failed(seeds, programs, at, mode, wanted[at], got[at])
                    if self.failures >= self.options.most:
                        return len(sound), len(chosen)
        return len(sound), len(chosen)

    def failed(self, seeds, programs, at, mode, wanted, got):
        shown = first_difference(wanted, got)
        if self.seen.get(seeds[at]) == shown:
            print(f'fuzz: seed {seeds[at]} differs likewise with -X {" -X ".join(mode)}', flush=True)
            return None
        self.seen[seeds[at]] = shown
        self.failures += 1
        print(f'fuzz: DIFFERS: seed {seeds[at]} with -X {" -X ".join(mode)}\n{shown}', flush=True)
        alone, _, _ = self.differing([programs[at]], mode)[0]
        if not alone:
            return self.together(seeds, programs, at, mode)
        if self.options.shrink == 0:
            return None
        what = kind(wanted, got)
        alike = lambda some: [differs and kind(a, b) == what for differs, a, b in self.differing(some, mode)]
        small = shrink(programs[at], alike, self.options.shrink, time.monotonic)
        _, wanted, got = self.differing([small], mode)[0]
        print(f'{small}\n{first_difference(wanted, got)}', flush=True)
        self.keep(seeds[at], mode, small)

    def together(self, seeds, programs, at, mode):
        """The programs before it without which the last one does not fail, found by leaving out halves, quarters, .."""
        before = list(range(at))
        size = len(before)
        fails = lambda some: self.differing([programs[n] for n in some] + [programs[at]], mode)[-1][0]
        if not fails(before):
            print('fuzz: it differs neither alone nor after those before it', flush=True)
            return
        while size:
            for start in range(0, len(before), size):
                rest = before[:start] + before[start + size:]
                if fails(rest):
                    before = rest
                    break
            else:
                size //= 2
        print(f'fuzz: together with seeds {[seeds[n] for n in before]}', flush=True)

    def keep(self, seed, mode, small):
        if not self.options.keep:
            return
        os.makedirs(self.options.keep, exist_ok=True)
        path = os.path.join(self.options.keep, f'fuzzed_{seed}.py')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'# Found by ./x fuzz, seed {seed}, -X {" -X ".join(mode)}.\n{small}\n')
        print(f'fuzz: kept as {path}', flush=True)


def usable(wanted):
    """Whether what CPython printed can be expected of others: no address, no limit of its own."""
    return not any(sign in wanted for sign in ('too long', ' at 0x', 'recursion depth', 'DIED', 'did not run', 'MemoryError'))


def kind(wanted, got):
    """What sort of difference it is, so that a program that is made smaller does not come to differ in something else."""
    lines = first_difference(wanted, got).split('\n')
    return 'DIED' in got, [sorted(set(re.findall('[A-Za-z]+Error|ended|the end', line))) for line in lines]


def first_difference(wanted, got):
    a, b = wanted.splitlines(), got.splitlines()
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    line = lambda lines: lines[same][:300] if same < len(lines) else '(the end)'
    return f'  line {same + 1} on CPython: {line(a)}\n  line {same + 1} here:       {line(b)}'


def main():
    parser = argparse.ArgumentParser(prog='./x fuzz', description='random Python programs on CPython and here')
    parser.add_argument('--ouro', required=True, help=argparse.SUPPRESS)
    parser.add_argument('--count', type=int, default=1000, help='programs (1000)')
    parser.add_argument('--seed', type=int, help='of the first program; a new one unless given')
    parser.add_argument('--fresh', type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument('--batch', type=int, default=100, help='programs in a process (100)')
    parser.add_argument('--mode', action='append', default=[], help='a -X option, instead of the modes in turn; may be repeated')
    parser.add_argument('--shrink', type=int, default=120, help='seconds for making a failure small (120); 0: not at all')
    parser.add_argument('--most', type=int, default=10, help='end after so many failures (10)')
    parser.add_argument('--limit', type=int, default=300, help='seconds for a batch in a mode (300)')
    parser.add_argument('--keep', help='the folder for failures that were made small')
    parser.add_argument('--show', action='store_true', help='print the program of --seed and end')
    options = parser.parse_args()
    seed = options.fresh if options.seed is None else options.seed
    if options.show:
        print(program(seed), end='')
        return 0
    print(f'fuzz: {options.count} programs from --seed {seed} on', flush=True)
    hunt = Hunt(options)
    done = compared = runs = 0
    while done < options.count and hunt.failures < options.most:
        count = min(options.batch, options.count - done)
        sound, modes_run = hunt.batch((seed + done) // options.batch, seed + done, count)
        done += count
        compared += sound
        runs += sound * modes_run
        print(f'fuzz: {done} programs, {compared} compared, {runs} runs, {hunt.failures} differ', flush=True)
    return 1 if hunt.failures else 0


if __name__ == '__main__':
    sys.exit(main())
