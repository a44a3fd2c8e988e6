"""Times calls of the C module `simple`.

    python calls.py N FOLDER

FOLDER has the compiled module. Each call is made N times in a loop of its own, whose cost is part of the figure,
and one line of JSON says what one call cost and what it gave.
"""
import sys
import time

sys.path.insert(0, sys.argv[2])
import simple


def module_noargs(n, obj):
    for i in range(n):
        result = simple.noargs()
    return result


def module_onearg_none(n, obj):
    for i in range(n):
        result = simple.onearg(None)
    return result


def module_onearg_int(n, obj):
    for i in range(n):
        result = simple.onearg(i)
    return result


def module_varargs(n, obj):
    for i in range(n):
        result = simple.varargs(None, None)
    return result


def module_allocate_int(n, obj):
    for i in range(n):
        result = simple.allocate_int()
    return result


def module_allocate_tuple(n, obj):
    for i in range(n):
        result = simple.allocate_tuple()
    return result


def object_noargs(n, obj):
    for i in range(n):
        result = obj.noargs()
    return result


def object_onearg_none(n, obj):
    for i in range(n):
        result = obj.onearg(None)
    return result


def object_onearg_int(n, obj):
    for i in range(n):
        result = obj.onearg(i)
    return result


def object_varargs(n, obj):
    for i in range(n):
        result = obj.varargs(None, None)
    return result


def object_len(n, obj):
    for i in range(n):
        result = len(obj)
    return result


def object_item(n, obj):
    for i in range(n):
        result = obj[0]
    return result


ALL = [
    ('simple.noargs', module_noargs),
    ('simple.onearg(None)', module_onearg_none),
    ('simple.onearg(i)', module_onearg_int),
    ('simple.varargs', module_varargs),
    ('simple.allocate_int', module_allocate_int),
    ('simple.allocate_tuple', module_allocate_tuple),
    ('Foo().noargs', object_noargs),
    ('Foo().onearg(None)', object_onearg_none),
    ('Foo().onearg(i)', object_onearg_int),
    ('Foo().varargs', object_varargs),
    ('len(Foo())', object_len),
    ('Foo()[0]', object_item),
]


def main():
    n = int(sys.argv[1])
    obj = simple.Foo()
    for name, loop in ALL:
        start = time.process_time()
        result = loop(n, obj)
        seconds = time.process_time() - start
        print('{"name": "%s", "ns": %.3f, "check": "%s"}' % (name, seconds * 1e9 / n, result))


main()
