"""Processes that run programs, and what they say."""

import json
import os
import subprocess
import tempfile

from batch import MARK

HERE = os.path.dirname(os.path.abspath(__file__))


class Interpreter:
    """`command` with options; `name` for the reader."""

    def __init__(self, name, command):
        self.name = name
        self.command = command

    def process(self, file, numbers, limit_s):
        """What each program printed, by number, and how the process ended (nothing if it was well)."""
        environment = {**os.environ, 'PYTHONHASHSEED': '0', 'PYTHONWARNINGS': 'ignore'}
        process = subprocess.Popen([*self.command, os.path.join(HERE, 'batch.py'), file, *map(str, numbers)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=tempfile.gettempdir())
        try:
            out, err = process.communicate(timeout=limit_s)
            end = f'exit {process.returncode}'
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            end = 'no end'
        said = {}
        for part in out.decode('utf-8', 'backslashreplace').split(MARK + ' ')[1:]:
            number, _, text = part.partition('\n')
            said[number.strip()] = text
        if 'end' in said and end == 'exit 0':
            return {int(at): text for at, text in said.items() if at != 'end'}, None
        told = [line for line in err.decode('utf-8', 'replace').splitlines() if line.strip()]
        panic = [line for line in told if 'panicked' in line or 'assert' in line or 'verif' in line]
        why = f'{end}: {" | ".join((panic + told[-1:])[:2])[:300]}'
        return {int(at): text for at, text in said.items() if at != 'end'}, why

    def outputs(self, programs, limit_s=120):
        """What each program of the list printed. Where a process died, what its last program printed ends with `DIED ..`."""
        with tempfile.NamedTemporaryFile('w', suffix='.json', encoding='utf-8') as file:
            json.dump(programs, file)
            file.flush()
            left = list(range(len(programs)))
            printed = {}
            while left:
                said, why = self.process(file.name, left, limit_s)
                if why is None:
                    printed.update(said)
                    break
                reached = max(said, default=left[0], key=left.index)
                said[reached] = said.get(reached, '') + f'DIED {why}\n'
                printed.update(said)
                left = left[left.index(reached) + 1:]
        return [printed.get(at, 'did not run\n') for at in range(len(programs))]
