"""Runs the test files of a folder, with the pytest that stands beside this file, and writes a line of JSON for each
case into a file.

Usage: run.py TESTS OUT [--from N] [--one-in N] [--only PART] [--without FILE]..

A line is written before a file is read and before a case is run, so that whoever started this program knows which one
ended the process, and starts it again behind that case (`--from`) or without that file.
"""

import argparse
import json
import os
import sys
import time

# The case runs in this process: what it writes to standard output must not be taken for a result.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cases.collect import Collector
from cases.execute import Run
from cases.missing import Watch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tests")
    parser.add_argument("out")
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--one-in", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--without", action="append", default=[])
    options = parser.parse_args()
    out = os.open(options.out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(**line):
        os.write(out, (json.dumps(line) + "\n").encode())

    watch = Watch(os.path.abspath(options.tests))
    sys.meta_path.append(watch)
    collector = Collector(options.tests, lambda file: say(reads=file))
    cases = collector.cases(options.without)
    ids = [case.id for case in cases]
    run = Run(watch)
    for hooks in collector.hooks:
        modify = getattr(hooks, "pytest_collection_modifyitems", None)
        if modify is not None:
            given = {"session": run, "config": run.config, "items": cases}
            wanted = modify.__code__.co_varnames[: modify.__code__.co_argcount]
            modify(**{name: given[name] for name in wanted})
    for at, case in enumerate(cases):
        if at < options.first or not chosen(ids[at], options):
            continue
        say(at=at, starts=ids[at])
        start = time.perf_counter()
        result = run.case(case)
        seconds = round(time.perf_counter() - start, 4)
        say(at=at, case=ids[at], outcome=result.outcome, detail=result.detail, needs=result.needs, seconds=seconds)
    try:
        run.end()
    except BaseException as error:
        say(warning=f"at the end: {error!r}")
    say(end=len(cases))


def chosen(id, options):
    """Whether a case is in the sample: by its name, so that every interpreter takes the same ones."""
    if options.only not in id:
        return False
    value = 2166136261
    for byte in id.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return (value >> 8) % options.one_in == 0


if __name__ == "__main__":
    main()
