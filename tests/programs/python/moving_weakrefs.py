# needs: collects
# Weak references over collections: what they answer, who is told, in which order, how often.
import gc
import weakref


class Thing:
    def __init__(self, name):
        self.name = name
        self.other = None


def collect():
    for _ in range(3):
        gc.collect()


def forget_the_stack(depth=0):
    """Calls deeper than those before, so that no stale word in their frames counts as a reference."""
    return depth if depth == 60 else forget_the_stack(depth + 1)


told = []


def living():
    kept = [Thing(n) for n in range(200)]
    references = [weakref.ref(thing, lambda reference: told.append('never')) for thing in kept]
    for _ in range(4):
        collect()
        assert all(reference() is thing for reference, thing in zip(references, kept))
    return kept, references


kept, references = living()
print(len(told), sum(reference() is not None for reference in references))
print(references[3] == weakref.ref(kept[3]), weakref.ref(kept[3]) is weakref.ref(kept[3]), weakref.getweakrefcount(kept[4]))
print(hash(references[5]) == hash(kept[5]), {references[5]: 1}[references[5]])


def dying(number):
    references = []
    for n in range(number):
        thing = Thing(n)
        if n % 2:
            thing.other = thing
        references.append(weakref.ref(thing, lambda reference, n=n: told.append(n)))
    thing = None
    return references


references = dying(500)
forget_the_stack()
collect()
gone = sum(reference() is None for reference in references)
print(gone >= 480, len(told) == gone, len(set(told)) == len(told))
del told[:]


# A reference that dies with its object tells nothing; a few may be kept by stale words of the stack.
def forgotten():
    thing = Thing('forgotten')
    thing.own = weakref.ref(thing, lambda reference: told.append('with its object'))
    thing.other = thing


for _ in range(100):
    forgotten()
forget_the_stack()
collect()
print(len(told) <= 5)


# Weak dictionaries and sets.
def tables():
    values, keys, members = weakref.WeakValueDictionary(), weakref.WeakKeyDictionary(), weakref.WeakSet()
    alive = []
    for n in range(300):
        thing = Thing(n)
        thing.other = thing
        values[n] = thing
        keys[thing] = n
        members.add(thing)
        if n % 3 == 0:
            alive.append(thing)
    return values, keys, members, alive


values, keys, members, alive = tables()
for _ in range(3):
    forget_the_stack()
    collect()
    assert all(values[thing.name] is thing and keys[thing] == thing.name and thing in members for thing in alive)
print([100 <= len(table) <= 110 for table in (values, keys, members)])
alive.clear()
forget_the_stack()
collect()
print([len(table) <= 10 for table in (values, keys, members)])

# A proxy follows its object; a weak method its function and its instance.
thing = Thing('proxy')
proxy = weakref.proxy(thing)
method = weakref.WeakMethod(thing.__init__)
for _ in range(3):
    collect()
    proxy.count = getattr(proxy, 'count', 0) + 1
print(proxy.name, thing.count, method().__self__ is thing)

# Finalizers with arguments.
done = []


def finalized():
    thing = Thing('finalize')
    thing.other = thing
    return weakref.finalize(thing, done.append, 'done')


# Called by a builtin function, so that no trace is recorded through it: a recording that checks itself keeps what it saw.
finalizer, = map(lambda _: finalized(), [0])
forget_the_stack()
collect()
print(finalizer.alive, done, finalizer(), done)

# Churn: many references to young objects, few of which grow old.
count = 0
survivors = []
for n in range(4000):
    thing = Thing(n)
    reference = weakref.ref(thing)
    count += reference() is thing
    if n % 100 == 0:
        survivors.append((thing, reference))
print(count, len(survivors), all(reference() is thing for thing, reference in survivors))
