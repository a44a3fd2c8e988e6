# needs: collects
# stress: 5
# Identity does not change when objects are moved: id, default hashes, dictionaries and sets of instances.
import gc


class Plain:
    pass


class Slotted:
    __slots__ = ('value',)

    def __init__(self, value):
        self.value = value


class Equal:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other.value

    def __hash__(self):
        return hash(self.value)


def function():
    pass


def generator():
    yield 1


things = [Plain(), Slotted(1), function, generator(), [], {}, set(), (1, []), 'a' * 1000, b'b' * 1000, bytearray(10),
          lambda: 1, Plain, object(), ValueError(1), range(5), slice(1), Plain().__init__, gc, iter([]), 10 ** 40]
ids = [id(thing) for thing in things]
print(len(set(ids)) == len(ids))
hashable = [thing for thing in things if type(thing).__hash__ and type(thing) not in (tuple, slice)]
hashes = [hash(thing) for thing in hashable]
for _ in range(4):
    gc.collect()
    garbage = [[Plain(), []] for _ in range(2000)]
    del garbage
    assert [id(thing) for thing in things] == ids
    assert [hash(thing) for thing in hashable] == hashes
print('ids and hashes stay')
print(repr(things[0]).replace('x0', 'x').lower().endswith('%x>' % ids[0]))

# Keys by identity, in tables that are grown, shrunk and read between collections.
keys = [Plain() for _ in range(300)] + [Slotted(i) for i in range(300)]
table = {key: number for number, key in enumerate(keys)}
members = set(keys)
print(all(table[key] == number for number, key in enumerate(keys)))
for round in range(5):
    gc.collect()
    fresh = [Plain() for _ in range(200)]
    for key in fresh:
        table[key] = round
        members.add(key)
    gc.collect()
    assert all(table[key] == number for number, key in enumerate(keys))
    assert all(key in members for key in keys)
    assert not any(Plain() in members for _ in range(50))
    for key in fresh:
        assert table.pop(key) == round
        members.remove(key)
    fresh = None
print(len(table), len(members), all(key in table for key in members))
frozen = frozenset(keys)
gc.collect()
print(len(frozen & members), frozen == members, keys[7] in frozen, Plain() in frozen)

# Keys by value are found again too, and by another equal object.
table = {Equal(n): n for n in range(200)}
for _ in range(3):
    gc.collect()
    assert all(table[Equal(n)] == n for n in range(200))
print(len(table), Equal(200) in table)

# Young keys, hashed before and after they moved.
total = 0
living = {}
for n in range(6000):
    key = Plain()
    living[key] = key
    if n % 10:
        del living[key]
    total += id(key) == id(key) and hash(key) == hash(key)
print(total, len(living), all(living[key] is key for key in living))

# The same object through many paths is one object.
shared = Plain()
paths = {'list': [shared], 'tuple': (shared,), 'dict': {'k': shared}, 'closure': lambda: shared, 'bound': [shared].append}
number = id(shared)
for _ in range(3):
    gc.collect()
print(paths['list'][0] is paths['tuple'][0] is paths['dict']['k'] is paths['closure']() is shared, id(shared) == number)
ids = set()
for n in range(2000):
    ids.add(id(shared))
    [n] * 50
print(len(ids))
pairs = sorted([(id(key), n) for n, key in enumerate(keys)])
gc.collect()
print(pairs == sorted([(id(key), n) for n, key in enumerate(keys)]))
