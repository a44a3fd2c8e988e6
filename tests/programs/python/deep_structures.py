# Structures deeper than any native stack: built, walked with loops, and dropped.
# stress: 20000
DEPTH = 200_000


class Node:
    __slots__ = ('next', 'item')

    def __init__(self, next, item):
        self.next = next
        self.item = item


class Open:
    pass


def nested_tuple(depth):
    nested = ()
    for n in range(depth):
        nested = (nested, n)
    return nested


def nested_list(depth):
    nested = []
    for n in range(depth):
        nested = [nested, n]
    return nested


def nested_dict(depth):
    nested = {}
    for n in range(depth):
        nested = {'in': nested, 'n': n}
    return nested


def linked(depth):
    node = None
    for n in range(depth):
        node = Node(node, n)
    return node


def linked_open(depth):
    node = None
    for n in range(depth):
        last, node = node, Open()
        node.next, node.item = last, n
    return node


def linked_closures(depth):
    def end():
        return None

    def link(next):
        return lambda: next

    chain = end
    for _ in range(depth):
        chain = link(chain)
    return chain


def walk_pairs(nested):
    depth = total = 0
    while nested:
        nested, n = nested
        total += n
        depth += 1
    return depth, total


def walk_dict(nested):
    depth = total = 0
    while nested:
        total += nested['n']
        nested = nested['in']
        depth += 1
    return depth, total


def walk_nodes(node):
    depth = total = 0
    while node is not None:
        total += node.item
        node = node.next
        depth += 1
    return depth, total


def walk_closures(chain):
    depth = -1
    while chain is not None:
        chain = chain()
        depth += 1
    return depth


for make, walk in ((nested_tuple, walk_pairs), (nested_list, walk_pairs), (nested_dict, walk_dict),
                   (linked, walk_nodes), (linked_open, walk_nodes)):
    deep = make(DEPTH)
    print(make.__name__, walk(deep))
    # Dropped at full depth, with other garbage after it.
    deep = None
    print(sum(len([n] * 10) for n in range(3000)))
    kept, dropped = make(1000), make(DEPTH // 2)
    dropped = None
    print(walk(kept))
print(walk_closures(linked_closures(DEPTH // 4)))
mixed = ()
for n in range(DEPTH // 2):
    mixed = ([mixed], {'m': mixed}, Node(mixed, n))[n % 3]
depth = 0
while mixed != ():
    mixed = mixed[0] if isinstance(mixed, list) else mixed['m'] if isinstance(mixed, dict) else mixed.next
    depth += 1
print(depth)
# Wide and deep: a comb whose teeth are lists.
comb = None
for n in range(DEPTH // 4):
    comb = [comb, [n] * (n % 5)]
teeth = 0
while comb is not None:
    comb, tooth = comb
    teeth += len(tooth)
print(teeth)
