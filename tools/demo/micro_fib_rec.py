"""Calls: the Fibonacci function by recursion."""
import pyperf


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


if __name__ == '__main__':
    pyperf.Runner().bench_func('fib_rec', fib, 30)
