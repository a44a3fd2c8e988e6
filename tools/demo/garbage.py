"""Much garbage of many shapes: what a collector meets in long-running programs.

* trees: binary trees are built and dropped while some are kept;
* rings: doubly linked nodes in cycles, some of them still referred to;
* watched: weak references with callbacks, and a dictionary whose values may go away;
* deep: linked lists, nested tuples, lists and dictionaries, longer than any native stack allows;
* cache: the least recently used entries are dropped, after some time in use;
* history: old containers are written to again and again, with young values;
* letters: short-lived strings and numbers beside a table that lives.

When an object goes away differs between interpreters, so whatever depends on it is printed only after
`gc.collect()`, and with room for the few that a conservative scan of the stack may keep.

The argument is a size: each part makes some thousands of objects per unit.
"""
import gc
import weakref

import pyperf


class Tree:
    __slots__ = ('left', 'right')

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        if self.left is None:
            return 1
        return 1 + self.left.count() + self.right.count()


def tree(depth):
    if depth == 0:
        return Tree(None, None)
    depth -= 1
    return Tree(tree(depth), tree(depth))


def trees(size):
    kept = tree(9)
    total = 0
    for round in range(size):
        total += tree(5 + round % 6).count()
        if round % 16 == 0:
            # The old tree dies in the middle of its life, and an old node gets a young subtree.
            kept = Tree(kept.left, tree(8))
    return total, kept.count()


class Node:
    def __init__(self, item):
        self.item = item
        self.previous = self.next = self

    def insert_after(self, other):
        self.previous, self.next = other, other.next
        other.next.previous = self
        other.next = self

    def remove(self):
        self.previous.next = self.next
        self.next.previous = self.previous
        self.previous = self.next = self


def ring(length):
    first = Node(0)
    last = first
    for item in range(1, length):
        node = Node([item, first])
        node.insert_after(last)
        last = node
    return first


def rings(size):
    total, kept = 0, []
    for round in range(size * 6):
        first = ring(8 + round % 13)
        node = first.next
        while node is not first:
            total += node.item[0]
            node = node.next
        if round % 9 == 0:
            kept.append(first.previous)
            if len(kept) > 12:
                kept.pop(0).remove()
    alive = 0
    for last in kept:
        assert last.item[1] is last.next
        alive += last.item[0]
    return total, alive


class Thing:
    def __init__(self, number, other):
        self.number = number
        self.other = other


def watched(size):
    gone = []
    names = weakref.WeakValueDictionary()
    references = []
    kept = []
    number = size * 40
    last = None
    for at in range(number):
        thing = Thing(at, last)
        last = thing if at % 4 else None
        if at % 3 == 0:
            thing.own = thing
        references.append(weakref.ref(thing, lambda reference, at=at: gone.append(at)))
        names[at] = thing
        if at % 10 == 0:
            kept.append(thing)
    found = 0
    for thing in kept:
        found += names[thing.number] is thing and references[thing.number]() is thing
    thing = last = None
    for _ in range(3):
        gc.collect()
    # What a kept thing refers to lives, all else is gone.
    living = set()
    for thing in kept:
        while thing is not None:
            living.add(thing.number)
            thing = thing.other
    called = set(gone)
    assert len(called) == len(gone), 'each callback is called once'
    assert not called & living, 'no callback for what lives'
    late = number - len(living) - len(called)
    dead = sum([reference() is None for reference in references])
    room = number // 50 + 20
    return found, len(living), late <= room, dead == len(gone), 0 <= len(names) - len(living) <= room


def deep(size):
    length = size * 150
    linked, nested, boxes, table = None, (), [], {}
    for at in range(length):
        linked = Node(linked)
        nested = (nested, at)
        boxes = [boxes]
        table = {at: table}
    total, depth = 0, 0
    while nested:
        nested, at = nested
        total += at
    node = linked
    while node is not None:
        node = node.item
        depth += 1
    while boxes:
        boxes = boxes[0]
        depth += 1
    # The list of nodes and the dictionary are dropped as they are, at their full depth.
    return total, depth, len(table)


class Cache:
    """The least recently used entry goes first."""

    def __init__(self, size):
        self.size = size
        self.table = {}
        self.order = Node(None)
        self.hits = self.misses = 0

    def get(self, key):
        node = self.table.get(key)
        if node is None:
            self.misses += 1
            if len(self.table) >= self.size:
                oldest = self.order.next
                oldest.remove()
                del self.table[oldest.item[0]]
            node = self.table[key] = Node((key, {'key': key, 'squares': [key, key * key], 'text': str(key)}))
        else:
            self.hits += 1
            node.remove()
        node.insert_after(self.order.previous)
        return node.item[1]


def cache(size):
    recent = Cache(1500)
    state, total = 99, 0
    for _ in range(size * 55):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        key = (state >> 8) % 2500
        entry = recent.get(key if key < 2000 else key % 100)
        total += entry['squares'][1] + len(entry['text'])
    return total, recent.hits, recent.misses, len(recent.table)


def history(size):
    """An old list, an old dictionary and old instances hold what was made last."""
    slots = [None] * 1000
    table = {}
    owners = [Thing(number, None) for number in range(100)]
    for at in range(size * 90):
        value = (at, [at])
        slots[at * 7 % 1000] = value
        owners[at % 100].other = value
        table[at % 777] = value
        if at % 500 == 0:
            slots.reverse()
            del slots[at % 100]
            slots.insert(at % 90, [at])
            table = dict(table)
    total = sum([slot[0] for slot in slots if slot is not None])
    return total, sum([value[1][0] for value in table.values()]), sum([o.other[0] for o in owners])


def letters(size):
    table, text, total = {}, '', 0
    for at in range(size * 60):
        text = (text + str(at))[-30:]
        pieces = [text[:at % 20], text[at % 10:], '%d/%d' % (at, at % 7)]
        total += len('-'.join(pieces)) + (at * 1.5 > total)
        table.setdefault(pieces[0][:2], []).append(pieces[2])
        if at % 1000 == 999:
            table = {key: table[key][-5:] for key in table}
    return total, len(table), sum([len(of_key) for of_key in table.values()])


def garbage(size):
    """All parts, one after the other, and what they found."""
    parts = [trees, rings, watched, deep, cache, history, letters]
    return [part(size) for part in parts]


if __name__ == '__main__':
    pyperf.Runner().bench_func('garbage', garbage, 700)
