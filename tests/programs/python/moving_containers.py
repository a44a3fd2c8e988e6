# Old containers that are changed in place while collections move what is put into them.
# stress: 100
import gc

gc.collect()


class Item:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        # Comparing allocates, so that a sort is interrupted by collections.
        return [self.n] < [other.n]

    def __eq__(self, other):
        return isinstance(other, Item) and self.n == other.n

    def __hash__(self):
        return self.n % 61

    def __repr__(self):
        return 'Item(%d)' % self.n


def waste(n):
    return [[i] for i in range(n)]


old = [Item(n * 7919 % 3001) for n in range(3000)]
gc.collect()
old.sort()
print(old[:3], old[-3:], all(old[i].n <= old[i + 1].n for i in range(2999)))
old.sort(key=lambda item: (item.n % 10, waste(3), -item.n) and (item.n % 10, -item.n))
print(old[:4], old[-4:])
old.reverse()
print(old[:4], len(old))
for n in range(500):
    old.insert(n * 5, Item(-n))
    if n % 100 == 0:
        gc.collect()
print(len(old), sum(item.n for item in old), old[10], old[2495])
old[100:200] = [Item(n) for n in range(300)]
old[::2] = [Item(-item.n) for item in old[::2]]
gc.collect()
print(len(old), sum(item.n for item in old))
del old[50:1500:3]
print(len(old), sum(item.n for item in old), old[49:52])
old += [Item(n) for n in range(1000)]
old *= 2
gc.collect()
print(len(old), sum(item.n for item in old), old[5] is old[5 + len(old) // 2])
while len(old) > 10:
    old.pop()
    old.pop(0)
print(len(old), old[0], old.index(old[7]))
rows = [[None] * 50 for _ in range(50)]
gc.collect()
for n in range(20000):
    rows[n % 50][n * 7 % 50] = (n, [n])
    if n % 3000 == 0:
        gc.collect()
print(sum(cell[0] for row in rows for cell in row if cell), sum(cell[1][0] for row in rows for cell in row if cell))

# Dictionaries that grow and shrink while they are old.
table = {}
gc.collect()
for n in range(4000):
    table[Item(n)] = [n]
    if n % 1000 == 0:
        gc.collect()
print(len(table), table[Item(77)], Item(4000) in table)
for n in range(0, 4000, 2):
    del table[Item(n)]
for n in range(4000, 5000):
    table[Item(n)] = [Item(n)]
gc.collect()
print(len(table), table[Item(4999)], sum(key.n for key in table))
for key in list(table):
    table[key] = (key, table.pop(key))
print(len(table), all(value[0] is key for key, value in table.items()))
table = {key.n: value for key, value in table.items()}
table.update({n: str(n) for n in range(100)})
gc.collect()
print(len(table), table[5], table[4001][1])

# A dictionary changed by the comparison of its keys.
class Sly(Item):
    victim = None

    def __eq__(self, other):
        if self.victim is not None:
            victim, Sly.victim = Sly.victim, None
            for n in range(300):
                victim[n] = waste(2)
        return isinstance(other, Item) and self.n == other.n

    __hash__ = Item.__hash__


sly = {Sly(5): 'five', Sly(66): 'sixty-six'}
Sly.victim = sly
print(sly[Sly(66)], len(sly), sly[7])

# Sets.
members = set()
gc.collect()
for n in range(4000):
    members.add(Item(n))
    members.discard(Item(n - 1000))
print(len(members), Item(3999) in members, Item(2) in members)
other = {Item(n) for n in range(3500, 4500)}
gc.collect()
print(len(members & other), len(members | other), len(members ^ other), len(members - other))
members &= other
members |= {Item(-1)}
print(sorted(members)[:2], len(members))

# Byte arrays and strings that grow, and instances whose classes change.
data = bytearray()
for n in range(3000):
    data += b'%d,' % n
    data[n % len(data)] = 65
    if n % 1000 == 0:
        gc.collect()
view = data[::-1]
del data[10:-10]
print(len(data), bytes(data), len(view), data.find(b','))


class A:
    kind = 'a'

    def who(self):
        return self.kind, self.n


class B:
    kind = 'b'

    def who(self):
        return self.n, self.kind


things = [A() for _ in range(300)]
for n, thing in enumerate(things):
    thing.n = n
gc.collect()
for n, thing in enumerate(things):
    if n % 3 == 0:
        thing.__class__ = B
    thing.extra = [n]
A.more = lambda self: [self.who()]
B.more = property(lambda self: [self.n])
gc.collect()
print(things[3].who(), things[4].who(), things[4].more(), things[3].more, things[3].__class__ is B)
for n, thing in enumerate(things):
    del thing.n
    setattr(thing, 'n%d' % (n % 20), n)
    thing.__dict__['z'] = [n]
gc.collect()
print(sorted(things[25].__dict__.items()), sum(thing.z[0] for thing in things), things[299].extra)
for n in range(200):
    setattr(A, 'made%d' % n, [n])
    A.kind = [n]
gc.collect()
print(A.made150, things[1].made7, things[1].kind, len([name for name in dir(A) if name.startswith('made')]))
