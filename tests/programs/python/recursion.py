# stress: 50
# Recursion: plain, mutual, in data structures, and too deep.
import sys


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


print(fib(17), ackermann(2, 9))


def hanoi(n, source, target, spare, moves):
    if n:
        hanoi(n - 1, source, spare, target, moves)
        moves.append((source, target))
        hanoi(n - 1, spare, target, source, moves)
    return moves


moves = hanoi(9, 'a', 'c', 'b', [])
print(len(moves), moves[:3])


def tree(depth):
    return None if depth == 0 else (tree(depth - 1), depth, tree(depth - 1))


def total(node):
    if node is None:
        return 0
    left, value, right = node
    return total(left) + value + total(right)


print(total(tree(10)))


def permutations(items):
    if len(items) <= 1:
        return [items]
    return [[x] + rest for i, x in enumerate(items) for rest in permutations(items[:i] + items[i + 1:])]


print(len(permutations([1, 2, 3, 4, 5])), permutations('ab' and [1, 2, 3])[3])


def endless(n):
    return endless(n + 1) + 1


caught = 0
for _ in range(3):
    try:
        endless(0)
    except RecursionError as error:
        caught += 1
        message = str(error)
print(caught, message.startswith('maximum recursion depth exceeded'))


class Loop:
    def __getattr__(self, name):
        return getattr(self, name + 'x')

    def __repr__(self):
        return repr(self)


for bad in (lambda: Loop().a, lambda: repr(Loop())):
    try:
        bad()
    except RecursionError:
        print('RecursionError')


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


print(depth(800), sys.getrecursionlimit())
sys.setrecursionlimit(3000)
print(depth(2500))
sys.setrecursionlimit(1000)
nested = []
for _ in range(100000):
    nested = [nested]
try:
    repr(nested)
except RecursionError as error:
    print('repr', str(error)[:32])
while nested:
    nested = nested[0]
print(nested)
