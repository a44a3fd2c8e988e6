import _random

for seed in (0, 1, 42, -7, 2 ** 40 + 3, 10 ** 50):
    r = _random.Random(seed)
    print(seed, [r.random() for _ in range(3)], [r.getrandbits(k) for k in (1, 5, 31, 32, 33, 64, 100)])
r = _random.Random()
r.seed(12345)
for _ in range(1000):
    r.random()
state = r.getstate()
a = [r.random() for _ in range(5)]
r.setstate(state)
print(a == [r.random() for _ in range(5)], len(state), state[-1], a)
print(r.getrandbits(0))
for call in ('r.getrandbits(-1)', 'r.setstate((1,))', 'r.setstate([])', 'r.random(1)'):
    try:
        print(eval(call))
    except Exception as e:
        print(type(e).__name__)


class Mine(_random.Random):
    pass


m = Mine(5)
n = _random.Random(5)
print([m.random() for _ in range(3)] == [n.random() for _ in range(3)])

import random
random.seed(1234)
print(random.random(), random.randrange(100), random.randint(1, 6), random.choice('abcdef'), random.uniform(1, 2))
items = list(range(10))
random.shuffle(items)
print(items, random.sample(range(100), 5), random.choices('abc', [1, 2, 3], k=8))
print(random.gauss(0, 1), random.normalvariate(0, 1), random.expovariate(2), random.betavariate(1, 2), random.triangular())
random.seed('a string')
print(random.random())
random.seed(b'bytes')
print(random.random())
print(random.Random(7).randbytes(5))
