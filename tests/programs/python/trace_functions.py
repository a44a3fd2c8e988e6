# What trace functions may do, and what frame objects show them.
import sys


def show(frame, event, arg):
    print(frame.f_code.co_name, event, frame.f_lineno, type(arg).__name__)
    return show


# A local trace function may be another one, or none.
def only_calls(frame, event, arg):
    print('call of', frame.f_code.co_name, frame.f_lineno)


def other(frame, event, arg):
    print('other', event, frame.f_lineno)
    if event == 'line' and frame.f_lineno % 2:
        return None
    return other


def choose(frame, event, arg):
    return other if frame.f_code.co_name == 'work' else None


def work(n):
    a = n
    b = a + 1
    return helper(b)


def helper(n):
    return n * 2


sys.settrace(only_calls)
work(1)
sys.settrace(choose)
work(2)
sys.settrace(None)
print(sys.gettrace(), sys.getprofile())


# A trace function that raises is switched off.
def fails(frame, event, arg):
    if event == 'line':
        raise KeyError(event)
    return fails


def body():
    try:
        x = 1
        x = 2
    except KeyError as e:
        return 'caught', e
    return 'not raised'


sys.settrace(fails)
try:
    print(body())
except KeyError as e:
    print('outside', e)
print(sys.gettrace())


def fails_at_call(frame, event, arg):
    raise ValueError(event)


sys.settrace(fails_at_call)
try:
    body()
except ValueError as e:
    print('raised', e, sys.gettrace())


def fails_at_return(frame, event, arg):
    if event == 'return':
        raise ValueError(event)
    return fails_at_return


sys.settrace(fails_at_return)
try:
    print('result', helper(3))
except ValueError as e:
    print('raised', e, sys.gettrace())


# Frames that run already are told of when they have an f_trace.
def outer():
    x = 1
    inner()
    x = 2
    x = 3
    sys.settrace(None)
    x = 4
    return x


def inner():
    f = sys._getframe(1)
    f.f_trace = show
    sys.settrace(show)


outer()

# Frame objects are the same each time, and show what their frames hold.
seen = {}


def identity(frame, event, arg):
    name = frame.f_code.co_name
    if name not in ('first', 'second', 'gen'):
        return None
    same = seen.setdefault((name, frame.f_locals.get('k')), frame)
    print(name, event, same is frame, sorted(frame.f_locals.items()), frame.f_back.f_code.co_name)
    return identity


def first(k):
    a = 1
    second(k + 1)
    a = 2
    return a


def second(k):
    b = sys._getframe(1).f_lineno
    assert sys._getframe().f_back is sys._getframe(1)
    assert sys._getframe() is sys._getframe()
    del k
    return None


def gen(k):
    yield k
    yield -k


sys.settrace(identity)
first(5)
g = gen(9)
next(g)
next(g)
g.close()
sys.settrace(None)
for key, frame in sorted(seen.items(), key=str):
    print(key, frame.f_lineno, sorted(frame.f_locals.items()))


# A debugger may change variables.
def changes(frame, event, arg):
    if event == 'line' and 'v' in frame.f_locals:
        frame.f_locals['v'] = 'changed'
        if 'cell' in frame.f_locals:
            frame.f_locals['cell'] = 'cell changed'
    return changes


def changed(v):
    cell = v
    def inner():
        return cell
    w = v
    return v, w, inner()


sys.settrace(changes)
r = changed(1)
sys.settrace(None)
print(r)


# Lines may be left out; single instructions may be told of.
def no_lines(frame, event, arg):
    frame.f_trace_lines = False
    print(frame.f_code.co_name, event, frame.f_trace_lines, frame.f_trace_opcodes)
    return no_lines


sys.settrace(no_lines)
work(3)
sys.settrace(None)
count = [0]


def instructions(frame, event, arg):
    frame.f_trace_opcodes = True
    count[0] += event == 'opcode'
    return instructions


sys.settrace(instructions)
work(4)
sys.settrace(None)
print(count[0] > 4)
try:
    sys._getframe().f_trace_lines = 3
except TypeError as e:
    print(e)


# A loop that has been running for long is told of as soon as tracing begins.
def long(n):
    total = 0
    for i in range(n):
        total += step(i)
        if i == n - 3:
            sys.settrace(show)
    sys.settrace(None)
    return total


def step(i):
    return i & 3


print(long(5000))


# Tracing is off while a trace function runs, on again where it wants that.
def nested(frame, event, arg):
    if event == 'call' and frame.f_code.co_name == 'work':
        helper(1)
        print(sys.call_tracing(helper, (5,)))
    print(frame.f_code.co_name, event)
    return None


sys.settrace(nested)
work(6)
sys.settrace(None)


# Exceptions pass through frames; generators end in for loops.
def thrower():
    for x in numbers():
        try:
            raise ValueError(x)
        finally:
            x = None


def numbers():
    return iter((1, 2))


def generated():
    try:
        yield 1
    finally:
        pass


sys.settrace(show)
try:
    thrower()
except ValueError:
    pass
for x in generated():
    pass
sys.settrace(None)


class Iterator:
    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


sys.settrace(show)
list(Iterator())
for x in Iterator():
    pass
sum(generated())
sorted([3, 1, 2], key=helper)
sys.settrace(None)

# Modules of the library that are made of this.
import bdb
import io
import trace


class Debugger(bdb.Bdb):
    def user_call(self, frame, args):
        print('debugger: call', frame.f_code.co_name)

    def user_line(self, frame):
        print('debugger: line', frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals))
        self.set_step()

    def user_return(self, frame, value):
        print('debugger: return', frame.f_code.co_name, value)


debugger = Debugger()
print(debugger.runcall(work, 7))
tracer = trace.Trace(count=1, trace=0, ignoremods=[])
tracer.runfunc(work, 8)
counts = tracer.results().counts
print(sorted((line, n) for (name, line), n in counts.items() if name == __file__))

import pdb
script = io.StringIO('next\nargs\nstep\np b\nstep\nargs\nreturn\ncontinue\n')
output = io.StringIO()
pdb.Pdb(stdin=script, stdout=output, nosigint=True, readrc=False).runcall(work, 9)
print(output.getvalue().replace(__file__, 'FILE').split('\n', 1)[1])
