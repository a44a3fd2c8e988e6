"""The naive multiplication of two square matrices, lists of lists of floats.

    python matmul.py N

multiplies the same two N x N matrices three times, and prints a line of JSON for the first time, which has the
warm-up in it, and for the last. The numbers come from a generator that is written out here, so that every
interpreter, and matmul.c, has the same matrices; they add in the same order, so that the sums are equal to the
last bit.
"""
import sys
import time


def matrix(n, state):
    rows = []
    for i in range(n):
        row = []
        for j in range(n):
            state = (state * 1103515245 + 12345) & 0x7fffffff
            row.append(state / 2147483648.0)
        rows.append(row)
    return rows


def multiply(a, b):
    n = len(a)
    result = []
    for i in range(n):
        row = a[i]
        out = []
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += row[k] * b[k][j]
            out.append(total)
        result.append(out)
    return result


def checksum(rows):
    total = 0.0
    for i in range(len(rows)):
        row = rows[i]
        for j in range(len(row)):
            total += row[j] * (i + 2 * j + 1)
    return '%.17g' % total


def main():
    n = int(sys.argv[1])
    a = matrix(n, 1)
    b = matrix(n, 2)
    for name in ['first multiplication', 'second multiplication', 'third multiplication']:
        start = time.process_time()
        result = multiply(a, b)
        seconds = time.process_time() - start
        print('{"name": "%s", "ns": %.0f, "check": "%s"}' % (name, seconds * 1e9, checksum(result)))


main()
