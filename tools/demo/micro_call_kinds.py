"""Calls of every kind: positional, defaults, keywords, stars, closures, methods."""
import pyperf


def plain(a, b):
    return a + b


def defaults(a, b=2, c=3):
    return a + b * c


def keyword_only(a, *, scale=1):
    return a * scale


def star(*args):
    return len(args)


def make_adder(k):
    def add(x):
        return x + k
    return add


class Tool:
    def method(self, a):
        return a + 1

    @staticmethod
    def static(a):
        return a + 2

    @classmethod
    def of_class(cls, a):
        return a + 3


def call_kinds(n):
    adder = make_adder(5)
    tool = Tool()
    bound = tool.method
    total = 0
    for i in range(n):
        total += plain(i, 1)
        total += defaults(i) - defaults(i, c=1)
        total += keyword_only(i, scale=2)
        total += star(i, i, i) + star(*(i, 1))
        total += adder(i) - bound(i)
        total += tool.method(i) - Tool.static(i) + tool.of_class(i)
    return total


if __name__ == '__main__':
    pyperf.Runner().bench_func('call_kinds', call_kinds, 150000)
