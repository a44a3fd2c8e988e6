"""Long linked lists: the last few live, each dies as a whole when it is old."""
import pyperf


class Link:
    __slots__ = ('number', 'rest')

    def __init__(self, number, rest):
        self.number = number
        self.rest = rest


def build(length):
    rest = None
    for number in range(length):
        rest = Link(number, rest)
    return rest


def total(link):
    sum = 0
    while link is not None:
        sum += link.number
        link = link.rest
    return sum


def lists(length):
    living = []
    sum = 0
    for _ in range(12):
        link = build(length)
        sum += total(link)
        living.append(link)
        if len(living) > 5:
            living.pop(0)
    return sum, len(living)


if __name__ == '__main__':
    pyperf.Runner().bench_func('gc_lists', lists, 40000)
