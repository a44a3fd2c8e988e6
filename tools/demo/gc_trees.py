"""Binary trees of many depths are built, counted and dropped while a large one lives (after Boehm's GCBench)."""
import pyperf


class Node:
    __slots__ = ('left', 'right')

    def __init__(self, left, right):
        self.left = left
        self.right = right


def tree(depth):
    if depth == 0:
        return Node(None, None)
    return Node(tree(depth - 1), tree(depth - 1))


def count(node):
    if node.left is None:
        return 1
    return 1 + count(node.left) + count(node.right)


def trees(depth):
    living = tree(depth)
    counts = []
    for small in range(4, depth + 1, 2):
        total = 0
        for _ in range(1 << (depth - small)):
            total += count(tree(small))
        counts.append(total)
    return counts, count(living)


if __name__ == '__main__':
    pyperf.Runner().bench_func('gc_trees', trees, 16)
