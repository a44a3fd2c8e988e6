"""Times calls into and out of a C module (calls.c): nanoseconds per call, without the cost of a loop over a range.

    python time_calls.py [--count=N] [--repeat=N] [--only=TEXT] [--no-check]

writes one JSON object per line: {"name": "onearg(i)", "ns": 21.53}. Each figure is the least of the repetitions, which go
round all loops, so that a slow moment of the machine does not hit one of them alone.
"""
import calls
import sys
from time import process_time_ns

def empty(n):
    for i in range(n): pass

def noargs(n):
    f = calls.noargs
    for i in range(n): f()

def onearg_none(n):
    f = calls.onearg
    for i in range(n): f(None)

def onearg(n):
    f = calls.onearg
    for i in range(n): f(i)

def varargs(n):
    f = calls.varargs
    for i in range(n): f(i)

def varargs_three(n):
    f = calls.varargs
    for i in range(n): f(i, None, i)

def keywords(n):
    f = calls.keywords
    for i in range(n): f(a=i, d=2)

def fastcall(n):
    f = calls.fastcall
    for i in range(n): f(i, None)

def fastkeywords(n):
    f = calls.fastkeywords
    for i in range(n): f(i, x=i)

def allocate_int(n):
    f = calls.allocate_int
    for i in range(n): f()

def allocate_int_sum(n):
    f = calls.allocate_int
    s = 0
    for i in range(n): s += f()
    assert s == 2000 * n

def allocate_float(n):
    f = calls.allocate_float
    for i in range(n): f()

def allocate_tuple(n):
    f = calls.allocate_tuple
    for i in range(n): f()

def allocate_str(n):
    f = calls.allocate_str
    for i in range(n): f()

def box_new(n):
    f = calls.Box
    for i in range(n): f()

def box_noargs(n):
    box = calls.Box()
    for i in range(n): box.noargs()

def box_onearg(n):
    box = calls.Box()
    for i in range(n): box.onearg(i)

def box_len(n):
    box = calls.Box(1, 2)
    for i in range(n): len(box)

def box_item(n):
    box = calls.Box(1, 2)
    for i in range(n): box[0]

def iteration(n):
    for i in calls.Counter(n): pass

def callback(n):
    f = calls.callback
    def g(a, b): return a
    for i in range(n): f(g, i)

# The same with a result that is kept until the next one comes.
def fastcall_kept(n):
    f = calls.fastcall
    for i in range(n): x = f(i, None)

def fastkeywords_kept(n):
    f = calls.fastkeywords
    for i in range(n): x = f(i, x=i)

def tuple_kept(n):
    f = calls.allocate_tuple
    for i in range(n): x = f()

def str_kept(n):
    f = calls.allocate_str
    for i in range(n): x = f()

def box_kept(n):
    f = calls.Box
    for i in range(n): x = f()

LOOPS = {
    'noargs()': noargs,
    'onearg(None)': onearg_none,
    'onearg(i)': onearg,
    'varargs(i)': varargs,
    'varargs(i, None, i)': varargs_three,
    'keywords(a=i, d=2)': keywords,
    'fastcall(i, None)': fastcall,
    'fastkeywords(i, x=i)': fastkeywords,
    'allocate_int()': allocate_int,
    's += allocate_int()': allocate_int_sum,
    'allocate_float()': allocate_float,
    'allocate_tuple()': allocate_tuple,
    'allocate_str()': allocate_str,
    'Box()': box_new,
    'box.noargs()': box_noargs,
    'box.onearg(i)': box_onearg,
    'len(box)': box_len,
    'box[0]': box_item,
    'for x in Counter(n)': iteration,
    'callback(g, i)': callback,
    'x = fastcall(i, None)': fastcall_kept,
    'x = fastkeywords(i, x=i)': fastkeywords_kept,
    'x = allocate_tuple()': tuple_kept,
    'x = allocate_str()': str_kept,
    'x = Box()': box_kept,
}

# Loops that are not over a range, so that its cost is no part of them.
WHOLE = {'for x in Counter(n)'}

def check():
    """What the loops call gives what it should."""
    box = calls.Box(1, 2)
    got = [calls.noargs(), calls.onearg(None), calls.onearg(5), calls.varargs(5), calls.varargs(5, None, 6),
        calls.keywords(a=1, d=2), calls.fastcall(1, None), calls.fastkeywords(1, x=3), calls.allocate_int(),
        calls.allocate_float(), calls.allocate_tuple(), calls.allocate_str(), box.noargs(), box.noargs(),
        box.onearg(7), len(box), box[0], list(calls.Counter(4)), calls.callback(lambda a, b: (a, b), 3)]
    assert got == [None, None, 5, (5, None, 7, 'none'), (5, None, 6, 'none'), {'a': 1, 'b': 0.5, 'c': None, 'd': 2},
        [None, 1], (1, {'x': 3}), 2000, 1.5, (1000, 2000, 'x'), 'text-42-None-000ff', 1, 2, 7, 2, 1,
        [0, 1, 2, 3], (3, 1)], got

def main(words):
    options = {'count': '200000', 'repeat': '7', 'only': '', 'no-check': ''}
    for word in words:
        key, _, value = word.removeprefix('--').partition('=')
        if key not in options: sys.exit(f'{word}: known are ' + ', '.join('--' + k for k in options))
        options[key] = value or 'yes'
    if not options['no-check']: check()
    count, best = int(options['count']), {}
    loops = [('', empty)] + [l for l in LOOPS.items() if options['only'] in l[0]]
    for _ in range(int(options['repeat'])):
        for name, loop in loops:
            start = process_time_ns()
            loop(count)
            spent = process_time_ns() - start
            best[name] = min(spent, best.get(name, spent))
    for name, loop in loops[1:]:
        around = 0 if name in WHOLE else best['']
        print('{"name": "%s", "ns": %.2f}' % (name, max(best[name] - around, 0) / count))

main(sys.argv[1:])
