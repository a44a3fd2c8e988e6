# Keys that come and go beside keys that stay: removing the last key, and adding the next, must not fill a table.
# stress: 5
table = {'stays': 0}
for n in range(5000):
    table[n] = n
    del table[n]
print(len(table), 5000 in table, list(table))
members = {'stays'}
for n in range(5000):
    members.add(n)
    members.discard(n)
print(len(members), 5000 in members, members)
kept = {}
for n in range(6000):
    kept[n] = [n]
    if n % 10:
        del kept[n]
print(len(kept), sum(value[0] for value in kept.values()), 5999 in kept, 5990 in kept)
stack = {}
for n in range(300):
    for m in range(20):
        stack[n, m] = m
    for m in range(19):
        stack.popitem()
print(len(stack), list(stack)[:3], list(stack)[-1], (299, 19) in stack)
while len(stack) > 1:
    stack.popitem()
print(stack)
mixed = dict.fromkeys(range(50))
for n in range(3000):
    del mixed[n]
    mixed[n + 50] = n
    if n % 3 == 0:
        mixed.popitem()
        mixed[n + 50] = -n
print(len(mixed), min(mixed), max(mixed), [mixed.get(n) for n in (3002, 3049, 3050)])
queue = {}
for n in range(2000):
    queue[n] = n
    if n >= 5:
        assert queue.pop(n - 5) == n - 5
print(list(queue))
