# Guest functions that Rust code calls thousands of times without a loop in between.
numbers = []
n = 12345
for _ in range(6000):
    n = (n * 1103515245 + 12345) & 0x7fffffff
    numbers.append(n)
ordered = sorted(numbers, key=lambda v: (v & 255, v))
print(ordered[0], ordered[2000], ordered[-1], len(ordered))
print(min(numbers, key=lambda v: -v), max(numbers, key=lambda v: v % 1000 + 0.5))
print(sum(map(lambda v: v * 2 + 1, numbers)), len(list(filter(lambda v: v & 1, numbers))))


class Key:
    def __init__(self, value):
        self.value = value

    def __hash__(self):
        return hash(self.value) + 1

    def __eq__(self, other):
        return self.value + 0 == other.value + 0

    def __lt__(self, other):
        return self.value * 2 < other.value * 2


table = {Key(v % 500): v for v in numbers}
print(len(table), table[Key(7)], Key(499) in table)
print([k.value for k in sorted(table)][:5], max(table).value)
