"""A `while` loop over ints: the least a loop can be."""
import pyperf


def int_while_sum(n):
    total = i = 0
    while i < n:
        total += i & 7
        i += 1
    return total


if __name__ == '__main__':
    pyperf.Runner().bench_func('int_while_sum', int_while_sum, 2300000)
