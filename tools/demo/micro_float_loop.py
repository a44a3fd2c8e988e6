"""A `for` loop with float arithmetic and a branch."""
import pyperf


def float_loop(n):
    x = 0.5
    total = 0.0
    for _ in range(n):
        x = 3.75 * x * (1.0 - x)
        if x > 0.5:
            total += x
        else:
            total -= 0.25
    return total


if __name__ == '__main__':
    pyperf.Runner().bench_func('float_loop', float_loop, 1600000)
