# Programs that make much short-lived garbage beside long-lived data, cycles included.
class Node:
    def __init__(self, left, right):
        self.left, self.right = left, right


def build(depth):
    return Node(None, None) if depth == 0 else Node(build(depth - 1), build(depth - 1))


def check(node):
    return 1 if node.left is None else 1 + check(node.left) + check(node.right)


kept = build(8)
print([check(build(depth)) for depth in range(2, 9)], check(kept))
ring = []
for i in range(1500):
    a, b = Node(None, None), Node(None, None)
    a.left, b.left = b, a
    a.right = [a, b, {'self': a}]
    if i % 100 == 0:
        ring.append(a)
print(len(ring), all(r.left.left is r for r in ring), ring[3].right[2]['self'] is ring[3])
cache = {}
for i in range(3000):
    cache[i % 50] = [i, str(i), (i, float(i)), {'n': i}]
print(sum(v[0] for v in cache.values()), cache[7][1], cache[49][3])
text = ''
pieces = []
for i in range(1500):
    text = (text + str(i))[-40:]
    pieces.append(text[:5])
print(text, len(set(pieces)))
history = [0.0]
for i in range(2500):
    history = history[-9:] + [history[-1] / 2 + i]
print(history[-1], len(history))


def churn(n):
    live = None
    for i in range(n):
        live = (i, live if i % 40 else None)
    depth = 0
    while live:
        live = live[1]
        depth += 1
    return depth


print(churn(3000), check(kept))
big = [[j for j in range(i % 20)] for i in range(700)]
print(sum(len(row) for row in big), sum(map(sum, big)))
del big[::2]
print(len(big), [len(row) for row in big[:12]])
