# stress: 3
# Pure library modules, and the import statement in its forms.
import bisect
import heapq
import textwrap
import keyword as kw
from functools import reduce, partial
from collections import OrderedDict, deque
import collections.abc
import os.path as path
import sys
import string

heap = []
for i in range(600):
    heapq.heappush(heap, (i * 7919) % 1009)
    if i % 3 == 0:
        heapq.heappop(heap)
print([heapq.heappop(heap) for _ in range(5)], len(heap), heapq.nlargest(3, heap), list(heapq.merge([1, 4], [2, 3])))
items = []
for i in range(500):
    bisect.insort(items, (i * 31) % 257)
print(items[:6], bisect.bisect_left(items, 100), bisect.bisect(items, 100), items == sorted(items))
print(textwrap.fill('The quick brown fox jumps over the lazy dog. ' * 2, 30))
print(repr(textwrap.dedent('  a\n    b\n  c')), textwrap.shorten('hello big wide world', 12))
print(kw.iskeyword('for'), kw.iskeyword('four'), string.ascii_lowercase, string.capwords('a bc d'))
print(reduce(lambda a, b: a * b, range(1, 10)), partial(pow, 2)(10), partial(int, base=2)('101'))
queue = deque(maxlen=5)
for i in range(1000):
    queue.append(i)
    if i % 4 == 0:
        queue.rotate(1)
print(queue, queue.popleft(), len(queue), OrderedDict(a=1, b=2))
print(isinstance([], collections.abc.Sequence), isinstance({}, collections.abc.Mapping), isinstance(iter([]), collections.abc.Iterator), hasattr(collections, 'abc'))
print(path.join('a', 'b'), path.basename('/x/y.py'), path.splitext('f.tar.gz'), path.normpath('a/../b//c'))
print('heapq' in sys.modules, sys.modules['bisect'] is bisect, heapq.__name__, __name__)


def inner():
    import heapq as again
    from bisect import bisect_right as right
    return again is heapq, right([1, 2], 1)


print(inner())
for name in ('no_such_module', 'collections.nope', 'heapq.sub'):
    try:
        __import__(name)
    except ImportError as error:
        print(type(error).__name__, error)
try:
    from heapq import nothing_here
except ImportError as error:
    print(str(error).split(' (')[0])
