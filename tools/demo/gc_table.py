"""A large table of small records lives, and random records are replaced: what caches and servers do."""
import pyperf


class Record:
    __slots__ = ('key', 'values', 'near')

    def __init__(self, key, near):
        self.key = key
        self.values = (key, key + 1)
        self.near = near


def table(size):
    records = [None] * size
    for key in range(size):
        records[key] = Record(key, None)
    state = 42
    for step in range(size * 2):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        at = (state >> 8) % size
        # A record knows another one, but no chain of records gets longer than two.
        near = records[(at * 31 + 7) % size]
        near.near = None
        records[at] = Record(step, near)
    total = 0
    for record in records:
        total += record.values[0] + (record.near is None)
    return total


if __name__ == '__main__':
    pyperf.Runner().bench_func('gc_table', table, 100000)
