import _codecs
# needs: collects
import _string
import _thread
import _weakref
import abc
import atexit
import gc
import marshal
import weakref

print(_codecs.utf_8_encode('é'), _codecs.utf_8_decode(b'\xc3\xa9\xc3'), _codecs.latin_1_encode('é'), _codecs.ascii_decode(b'abc'))
print(_codecs.unicode_escape_encode('a\n\xe9\u20ac\U0001f600\\'), _codecs.unicode_escape_decode(r'a\n\xe9\u20ac\101'))
print(_codecs.raw_unicode_escape_encode('\xe9\u20ac'), _codecs.utf_16_le_encode('a\U0001f600'), _codecs.utf_16_le_decode(b'a\x00=\xd8\x00\xde'))
print(_codecs.utf_32_be_encode('a'), _codecs.charmap_encode('ab', 'strict', {97: 1, 98: 2}), _codecs.charmap_decode(b'\x00\x01', 'strict', 'xy'))
for call in ("_codecs.unicode_escape_decode(r'\\x1')", "'é'.encode('ascii')", "b'\\xff'.decode()", "'a'.encode('nonsense')",
             "_codecs.lookup_error('nope')", "b'a\\xff'.decode('ascii', 'replace')", "'é€'.encode('ascii', 'xmlcharrefreplace')"):
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__, e)

for value in (None, True, 5, -2 ** 40, 10 ** 40, -10 ** 40, 1.5, 2j, 'text', 'é€', b'bytes', (1, (2,)), [1, [2]], {'k': [1]}, {1}, frozenset((2,)), ...):
    assert marshal.loads(marshal.dumps(value)) == value, value
print(marshal.loads(marshal.dumps([1, 'a', {'b': (2.5, None)}])), marshal.dumps(5, 2), marshal.loads(b'\xe9\x05\x00\x00\x00'))
try:
    marshal.dumps(object())
except ValueError as e:
    print(e)
try:
    marshal.loads(b'')
except EOFError as e:
    print(e)

print(list(_string.formatter_parser('a{x!r:>{w}}b{{c}}')), _string.formatter_field_name_split('a.b[0][k]')[0],
      list(_string.formatter_field_name_split('a.b[0][k]')[1]))

lock = _thread.allocate_lock()
print(lock.acquire(), lock.acquire(False), lock.locked())
lock.release()
with lock:
    print(lock.locked())
rlock = _thread.RLock()
with rlock:
    with rlock:
        print(rlock._is_owned())
try:
    lock.release()
except RuntimeError as e:
    print(e)


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        ...

    @property
    @abc.abstractmethod
    def name(self):
        ...


class Square(Shape):
    name = 'square'

    def area(self):
        return 4


print(Square().area(), isinstance(Square(), Shape), issubclass(int, Shape))
Shape.register(int)
print(isinstance(5, Shape), issubclass(bool, Shape), issubclass(str, Shape))
try:
    Shape()
except TypeError as e:
    print(e)


class Sized(metaclass=abc.ABCMeta):
    @classmethod
    def __subclasshook__(cls, other):
        return True if any('__len__' in c.__dict__ for c in other.__mro__) else NotImplemented


print(issubclass(list, Sized), isinstance(5, Sized))


class Node:
    def __init__(self, v):
        self.v = v

    def __len__(self):
        return 3


n = Node(1)
r = weakref.ref(n)


def dead_reference():
    return weakref.ref(Node(5))


p = weakref.proxy(n)
print(r() is n, p.v, len(p), weakref.getweakrefcount(n) >= 1)
p.v = 2
print(n.v)
d = weakref.WeakValueDictionary(a=n)
k = weakref.WeakKeyDictionary({n: 'x'})
print(len(d), d['a'] is n, k[n], len(k))
dead = [dead_reference() for _ in range(100)]
gc.collect()
gc.collect()
print(sum(d() is None for d in dead) > 90)
print(gc.isenabled(), gc.disable(), gc.isenabled(), gc.enable(), gc.isenabled())


@atexit.register
def at_end():
    print('at the end')


atexit.register(print, 'with', 'arguments', sep='-')
