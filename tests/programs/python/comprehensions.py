# Comprehensions and generator expressions: nesting, conditions, scopes, unpacking targets.
squares = [x * x for x in range(1500) if x % 3 == 1]
print(len(squares), sum(squares), squares[-1])
print([(x, y) for x in range(4) for y in range(x) if (x + y) % 2], [[y for y in range(x)] for x in range(4)])
print({x % 5 for x in range(50)}, {x: x ** 2 for x in range(6)}, {v: k for k, v in {'a': 1, 'b': 2}.items()})
print(sum(x for x in range(2000)), max(len(w) for w in 'a bcd ef'.split()), any(x > 8 for x in range(10)), all(x for x in (1, 0, 1)))
x = 'outer'
print([x for x in range(3)], x, [(lambda: x)() for _ in range(2)])
print([a + b for a, b in [(1, 2), (3, 4)]], [first for first, *rest in ['abc', 'de']], [i for i, (j, k) in enumerate([(1, 2), (3, 3)]) if j == k])
print([y := 5, y ** 2], [last := n for n in range(4)], last)
grid = [[(r * c) % 7 for c in range(30)] for r in range(30)]
flat = [cell for row in grid for cell in row if cell]
print(len(flat), sum(flat), [sum(row) for row in grid][:5], sum(sum(c for c in row if c % 2) for row in grid))
lazy = (print('made', n) or n for n in range(3))
print('before')
print(next(lazy), list(lazy), list(lazy))
fizz = ['FizzBuzz' if n % 15 == 0 else 'Fizz' if n % 3 == 0 else 'Buzz' if n % 5 == 0 else n for n in range(1, 1001)]
print(fizz[:15], fizz.count('Fizz'), sum(v for v in fizz if isinstance(v, int)))


class Scope:
    base = 3
    values = [base for _ in range(2)] if False else [n for n in range(base)]
    table = {n: n + 1 for n in range(base)}


print(Scope.values, Scope.table)


def local(n):
    offset = 10
    return [offset + i + (lambda j: i * j)(n) for i in range(n)]


total = 0
for n in range(60):
    total += sum(local(n))
print(total)
primes = [n for n in range(2, 400) if all(n % d for d in range(2, int(n ** 0.5) + 1))]
print(len(primes), primes[-3:])
text = 'the cat sat on the mat the end'
print({w: text.split().count(w) for w in text.split()}, sorted({len(w) for w in text.split()}), ''.join(c for c in text if c not in 'aeiou '))
transposed = [[row[i] for row in [[1, 2, 3], [4, 5, 6]]] for i in range(3)]
print(transposed, [*map(list, zip(*transposed))], list(zip(range(3), (c for c in 'xyz'))))
try:
    [n / 0 for n in range(3)]
except ZeroDivisionError as error:
    print(error)
