# needs: collects
# Finalizers: at most once for each object, also when it comes back; they see whole objects.
import gc


class Plain:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        self.log.append(self.name)


class Returning(Plain):
    log = []
    back = []

    def __del__(self):
        super().__del__()
        self.back.append(self)


def collect():
    forget_the_stack()
    for _ in range(4):
        gc.collect()


def forget_the_stack(depth=0):
    """Calls deeper than those before, so that few stale words in their frames count as references."""
    return depth if depth == 60 else forget_the_stack(depth + 1)


def make(kind, number):
    for n in range(number):
        thing = kind(n)
        thing.itself = thing
        thing.items = [thing, {'thing': thing}]


make(Plain, 300)
collect()
print(len(Plain.log) >= 290, len(set(Plain.log)) == len(Plain.log))

make(Returning, 100)
collect()
log, back = Returning.log, Returning.back
print(len(log) >= 90, len(back) == len(log), all(thing.items[1]['thing'] is thing for thing in back))
print(sorted(thing.name for thing in back) == sorted(log))
for _ in range(3):
    collect()
print(len(set(log)) == len(log) == len(back))
back.clear()
collect()
print(len(set(log)) == len(log), len(back) <= 10)


# What a finalizer refers to is whole, and what it makes lives.
class Holder:
    log = []

    def __init__(self, n):
        self.data = [n, [n + 1, {'n': n + 2}]]
        self.itself = self

    def __del__(self):
        self.log.append([self.data[0], self.data[1][0], self.data[1][1]['n'], [self.data]])


def holders(number):
    for n in range(number):
        Holder(n * 10)


holders(200)
collect()
log = Holder.log
print(len(log) >= 190, all(entry[1] == entry[0] + 1 and entry[2] == entry[0] + 2 and entry[3][0][0] == entry[0] for entry in log))


# Groups of objects that refer to each other: each one is told once.
class Member(Plain):
    log = []


def group(number):
    for n in range(number):
        one, two = Member((n, 1)), Member((n, 2))
        one.other, two.other = two, one


group(150)
collect()
print(len(Member.log) >= 280, len(set(Member.log)) == len(Member.log))


# Objects with finalizers that stay are left alone, however old they get.
class Kept(Plain):
    log = []


kept = [Kept('kept') for _ in range(50)]
for _ in range(5):
    collect()
print(Kept.log, len(kept))
for n in range(3000):
    kept[n % 50].last = [n]
    if n % 500 == 0:
        gc.collect()
print(Kept.log, sum(thing.last[0] for thing in kept))


# An object that comes back again and again is told about once; a new one in its place is not the same.
class Phoenix:
    count = 0
    nest = None

    def __del__(self):
        Phoenix.count += 1
        Phoenix.nest = self


def burn():
    Phoenix.nest = Phoenix()
    Phoenix.nest.itself = Phoenix.nest
    Phoenix.nest = None


burn()
collect()
risen = Phoenix.nest is not None
for _ in range(3):
    Phoenix.nest = None
    collect()
# A stale word may keep it from rising the first time.
print(Phoenix.count <= 1, not risen or Phoenix.count == 1)
