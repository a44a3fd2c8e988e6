"""Allocates objects that escape, and times it.

    python gc_allocate.py N [sizes]

Makes N objects of each kind. The last 1,024 live, in a list, so that no compiler can do without them. A line of JSON for each
kind: nanoseconds of CPU time an object, and what was made, as a check. `sizes` makes only those that take 16, 32 and 64 bytes in
Ouro, and names them so.
"""
import json
import sys
import time

WINDOW = 1024


def floats(count, window):
    x = 0.5
    for n in range(count):
        x += 1.0
        window[n & 1023] = x
    return window[5]


def pairs(count, window):
    for n in range(count):
        window[n & 1023] = (window, n)
    return window[5][1]


def twins(count, window):
    for n in range(count):
        window[n & 1023] = (window, window)
    return len(window[5])


def six(count, window):
    for n in range(count):
        window[n & 1023] = (window, window, window, window, window, window)
    return len(window[5])


class Point:
    __slots__ = ('x', 'y')

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Open:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def points(count, window):
    for n in range(count):
        window[n & 1023] = Point(n, window)
    return window[5].x


def instances(count, window):
    for n in range(count):
        window[n & 1023] = Open(n, window)
    return window[5].x


def lists(count, window):
    for n in range(count):
        window[n & 1023] = [n]
    return window[5][0]


SIZES = [('16 B', floats), ('32 B', twins), ('64 B', six)]
KINDS = [('float', floats), ('tuple of two', pairs), ('tuple of six', six), ('instance with __slots__', points),
         ('instance with __dict__', instances), ('list of one', lists)]

count = int(sys.argv[1])
for name, make in SIZES if 'sizes' in sys.argv else KINDS:
    start = time.process_time()
    made = make(count, [None] * WINDOW)
    spent = time.process_time() - start
    # The other allocators have numbers in their objects, which these have not: their check is the sum of those.
    first = max(0, count - WINDOW)
    check = sum(range(first, count)) if 'sizes' in sys.argv else made
    print(json.dumps({'name': name, 'ns': spent / count * 1e9, 'check': str(check)}))
