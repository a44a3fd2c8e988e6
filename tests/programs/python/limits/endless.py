# Structures that grow without end: the error is caught, what was kept is dropped, and the program goes on.
def report(name, reached):
    assert reached, name
    print(name, 'survived')


def lists():
    kept = []
    try:
        while True:
            kept.append([len(kept)] * 100)
    except MemoryError:
        return len(kept) > 10_000


def nested():
    nested, depth = None, 0
    try:
        while True:
            nested = (nested, depth)
            depth += 1
    except MemoryError:
        return depth > 100_000


def dictionaries():
    kept = {}
    try:
        while True:
            kept[len(kept)] = str(len(kept))
    except MemoryError:
        return len(kept) > 100_000 and kept[99_999] == '99999'


class Node:
    def __init__(self, next):
        self.next = next
        self.back = None
        if next is not None:
            next.back = self


def nodes():
    node, count = None, 0
    try:
        while True:
            node = Node(node)
            count += 1
    except MemoryError:
        return count > 50_000


def text():
    text = 'ab'
    try:
        while True:
            text += text
    except MemoryError:
        return len(text) > 1_000_000 and text[:4] == 'abab'


def growing_bytes():
    data = bytearray(b'x' * 1000)
    try:
        while True:
            data += data
    except MemoryError:
        return len(data) > 1_000_000 and data[-1] == 120


def deep_calls_in_full_memory():
    kept, failed = [], 0

    def inner(depth):
        if depth:
            return inner(depth - 1) + 1
        kept.append(bytearray(1_000_000))
        return 0

    while failed < 3:
        try:
            # A heap that is full says so at a safepoint, which the end of a turn is, too.
            while True:
                inner(20)
        except MemoryError:
            failed += 1
            del kept[10:]
    return len(kept) == 10


for round in range(2):
    for part in (lists, nested, dictionaries, nodes, text, growing_bytes, deep_calls_in_full_memory):
        report(part.__name__, part())
print(sum(len([n] * 5) for n in range(10_000)))
print('ok')
