# One call site, many classes: sites that are monomorphic, then polymorphic, then megamorphic.
class Shape:
    def area(self):
        return 0


def make(index):
    class Made(Shape):
        def area(self):
            return index

    return Made


class Circle(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return 3 * self.r * self.r


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side ** 2


class Scaled(Shape):
    def __init__(self, shape, factor):
        self.shape, self.factor = shape, factor

    def area(self):
        return self.shape.area() * self.factor


def total(shapes, rounds):
    result = 0
    for _ in range(rounds):
        for shape in shapes:
            result += shape.area()
    return result


print(total([Circle(2)], 1500))
print(total([Circle(2), Square(3)], 700))
print(total([Circle(1), Square(2), Shape(), Scaled(Square(2), 5), Scaled(Scaled(Circle(1), 2), 1.5)], 300))
print(total([make(i)() for i in range(40)], 40))


def add_all(values):
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


print(add_all(list(range(1500))), add_all([0.5] * 1000), add_all(['ab'] * 5), add_all([[1], [2, 3]]), add_all([(1,), (2,)]), add_all([True, 2 ** 70, 0.5]), len(add_all(['x'] * 900)))


def kind(value):
    if isinstance(value, bool):
        return 'bool'
    if isinstance(value, int):
        return 'int'
    if isinstance(value, (float, str)):
        return type(value).__name__
    return 'none' if value is None else 'other'


mixed = [1, 'a', None, 2.5, True, [], 10 ** 30, -1, '', 0.0]
counts = {}
for i in range(3000):
    name = kind(mixed[i * i % 10])
    counts[name] = counts.get(name, 0) + 1
print(sorted(counts.items()))


class Toggle:
    def __init__(self):
        self.state = 0

    def step_a(self):
        self.state += 1
        if self.state % 5 == 0:
            self.step = self.step_b
        return 1

    def step_b(self):
        self.state += 1
        if self.state % 3 == 0:
            self.step = self.step_a
        return 10

    step = step_a


toggle = Toggle()
print(sum(toggle.step() for _ in range(2000)), toggle.state)
handlers = {'add': lambda a, b: a + b, 'sub': lambda a, b: a - b, 'mul': lambda a, b: a * b % 1009}
program = ['add', 'mul', 'sub', 'add', 'mul']
accumulator = 1
for i in range(2500):
    accumulator = handlers[program[i % 5]](accumulator, i)
print(accumulator)
