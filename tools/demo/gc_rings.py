"""Rings of doubly linked nodes: some thousands live, each dies old and as a cycle, so that counting alone frees none."""
import pyperf

LENGTH = 10


class Node:
    __slots__ = ('item', 'next', 'previous')


def ring(length):
    first = last = Node()
    first.item = 0
    for item in range(1, length):
        node = Node()
        node.item = item
        node.previous = last
        last.next = node
        last = node
    last.next = first
    first.previous = last
    return first


def rings(count):
    living = [ring(LENGTH) for _ in range(count // 20)]
    total = 0
    for at in range(count):
        first = ring(LENGTH)
        living[at * 7919 % len(living)] = first
        total += first.previous.item
    return total, sum([first.next.item for first in living])


if __name__ == '__main__':
    pyperf.Runner().bench_func('gc_rings', rings, 60000)
