# while/for with else, break, continue, nested loops, chained conditions, pass.
def first_factor(n):
    for d in range(2, n):
        if d * d > n:
            return n
        if n % d == 0:
            return d
    else:
        return n


print([first_factor(n) for n in (2, 9, 15, 49, 97, 1001)], sum(first_factor(n) for n in range(2, 1200)))
for n in range(3):
    if n == 5:
        break
else:
    print('no break')
while True:
    n += 1
    if n < 10:
        continue
    break
else:
    print('never')
print(n)

# A state machine: branches whose frequency changes over time.
state, log = 'idle', {}
for tick in range(5000):
    if state == 'idle':
        state = 'work' if tick % 3 == 0 else 'idle'
    elif state == 'work':
        if tick % 7 == 0:
            state = 'error'
        elif tick % 5 == 0:
            state = 'idle'
        elif tick > 4000 and tick % 2:
            state = 'late'
    elif state == 'error':
        state = 'idle'
    else:
        state = 'work'
    log[state] = log.get(state, 0) + 1
print(sorted(log.items()))

grid = 0
for i in range(60):
    for j in range(60):
        if j > i:
            break
        if (i + j) % 3 == 0:
            continue
        grid += i ^ j
    else:
        grid += 1000
print(grid)


def truth(value):
    if not value:
        return 'empty'
    return 'full' if value and True else 'never'


print([truth(v) for v in (0, 1, '', 'a', [], [0], {}, None, 0.0, (), range(0), range(1))])
print(0 or 'x', 1 and 'y', None or [] or 'z', 0 and 1, not 0, not [1], 1 if [] else 2, (1 or 2) and 3)


def noisy(x):
    print('noisy', x, end='; ')
    return x


print(noisy(1) < noisy(3) < noisy(2) < noisy(9))
print(noisy(0) and noisy(1) or noisy(2))


i = 0
while i < 3000:
    i += 1
    if i % 2: continue
    if i % 1000 == 0: print(i, end=' ')
else:
    print('done', i)
assert i == 3000, 'counted'
try:
    assert i < 0, f'i is {i}'
except AssertionError as error:
    print('AssertionError', error)
