# Multiple inheritance: method resolution order, cooperative super, mixins, abstract hooks.
class Base:
    def __init__(self, **kwargs):
        self.trail = ['Base']
        self.kwargs = kwargs

    def visit(self, n):
        return n


class Left(Base):
    def __init__(self, left=1, **kwargs):
        super().__init__(**kwargs)
        self.left = left
        self.trail.append('Left')

    def visit(self, n):
        return super().visit(n + self.left)


class Right(Base):
    def __init__(self, right=2, **kwargs):
        super().__init__(**kwargs)
        self.right = right
        self.trail.append('Right')

    def visit(self, n):
        return super().visit(n * self.right)


class Bottom(Left, Right):
    def __init__(self, **kwargs):
        super(Bottom, self).__init__(**kwargs)
        self.trail.append('Bottom')


print([c.__name__ for c in Bottom.__mro__], Bottom.mro() == list(Bottom.__mro__))
bottom = Bottom(left=3, extra='e')
print(bottom.trail, bottom.kwargs, bottom.visit(1), Left().visit(1), Right.visit(bottom, 5))
objects = [Base(), Left(), Right(), bottom]
total = 0
for i in range(2000):
    total += objects[i % 4].visit(i % 10)
print(total)
try:
    class Broken(Base, Left):
        pass
except TypeError as error:
    print(str(error).split('\n')[0])


class Counter(dict):
    def __missing__(self, key):
        return 0

    def add(self, key):
        self[key] += 1


counter = Counter()
for i in range(1500):
    counter.add(i % 6)
print(counter, counter['none'], isinstance(counter, dict), len(counter))


class Stack(list):
    def push(self, item):
        self.append(item)
        return self

    def __getitem__(self, index):
        return ('item', super().__getitem__(index))


stack = Stack([1]).push(2).push(3)
print(stack, stack[0], stack[-1], len(stack), list(stack), Stack.__mro__[1] is list)


class Celsius(float):
    def __repr__(self):
        return f'{float(self):.1f}C'

    def __add__(self, other):
        return Celsius(float(self) + other)


class Even(int):
    def __new__(cls, value):
        return super().__new__(cls, value - value % 2)


class Shout(str):
    def __str__(self):
        return self.upper() + '!'


heat = Celsius(1.5)
for _ in range(800):
    heat = heat + 0.25
print(heat, heat * 2, type(heat * 2).__name__, Even(7), Even(7) + 1, type(Even(7) + 1).__name__, Shout('hey'), str(Shout('a')), repr(Shout('b')), f'{Shout("c")}')


class Plugin:
    registry = []

    def __init_subclass__(cls, /, label=None, **kwargs):
        super().__init_subclass__(**kwargs)
        Plugin.registry.append((cls.__name__, label))


class One(Plugin, label='first'):
    pass


class Two(One):
    pass


print(Plugin.registry)


class Template:
    def run(self, n):
        total = 0
        for i in range(n):
            total += self.step(i)
        return total

    def step(self, i):
        raise NotImplementedError('step')


class Doubler(Template):
    def step(self, i):
        return 2 * i


class Alternate(Doubler):
    def step(self, i):
        if i % 2:
            return -i
        return super().step(i)


print(Doubler().run(1000), Alternate().run(1000))
try:
    Template().run(1)
except NotImplementedError as error:
    print(repr(error))
Late = type('Late', (Doubler,), {'step': lambda self, i: 1, 'mark': 9})
print(Late().run(300), Late.mark, Late.__name__)
