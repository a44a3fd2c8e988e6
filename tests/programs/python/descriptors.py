# Properties, descriptors, __getattr__ and friends.
class Temperature:
    def __init__(self, celsius):
        self._celsius = celsius

    @property
    def celsius(self):
        """Degrees."""
        return self._celsius

    @celsius.setter
    def celsius(self, value):
        if value < -273:
            raise ValueError('too cold')
        self._celsius = value

    @celsius.deleter
    def celsius(self):
        self._celsius = None

    @property
    def fahrenheit(self):
        return self.celsius * 9 / 5 + 32


t = Temperature(20)
for i in range(2000):
    t.celsius += i % 3 - 1
print(t.celsius, t.fahrenheit, Temperature.celsius.__doc__)
try:
    t.celsius = -300
except ValueError as error:
    print(error)
try:
    t.fahrenheit = 1
except AttributeError as error:
    print(error)
del t.celsius
print(t.celsius)


class Typed:
    def __init__(self, kind):
        self.kind = kind

    def __set_name__(self, owner, name):
        self.name = '_' + name
        self.owner = owner.__name__

    def __get__(self, instance, owner):
        if instance is None:
            return f'{self.owner}.{self.name}'
        return getattr(instance, self.name, 'unset')

    def __set__(self, instance, value):
        if not isinstance(value, self.kind):
            raise TypeError(f'{self.name} wants {self.kind.__name__}')
        setattr(instance, self.name, value)


class Lazy:
    """A non-data descriptor: the instance's own entry wins once it is there."""

    def __init__(self, function):
        self.function = function
        self.calls = 0

    def __get__(self, instance, owner):
        if instance is None:
            return self
        self.calls += 1
        value = self.function(instance)
        instance.__dict__[self.function.__name__] = value
        return value


class Record:
    size = Typed(int)
    label = Typed(str)

    @Lazy
    def area(self):
        return self.size * self.size


record = Record()
print(Record.size, record.size, record.label)
record.size, record.label = 4, 'four'
total = 0
for i in range(1500):
    record.size = i % 5
    total += record.size + record.area
print(total, Record.area.calls, sorted(record.__dict__.items()))
try:
    record.label = 5
except TypeError as error:
    print(error)


class Dynamic:
    known = 'class'

    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        if name.startswith('_'):
            raise AttributeError(name)
        self.asked.append(name)
        return len(name)

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value if name == 'asked' else ('set', value))

    def __delattr__(self, name):
        self.asked.append('del ' + name)
        object.__delattr__(self, name)


d = Dynamic()
d.x = 5
del d.x
lengths = 0
for i in range(900):
    lengths += d.short + d.longer if i % 2 else len(d.known)
print(lengths, d.asked[:3], len(d.asked), getattr(d, '_private', 'default'))


class Watch:
    def __init__(self):
        self.value = 7

    def __getattribute__(self, name):
        value = object.__getattribute__(self, name)
        return value * 2 if name == 'value' else value


watch = Watch()
print(watch.value, sum(watch.value for _ in range(500)))


class Method:
    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        return lambda *args: ('bound', owner.__name__, self.function(*args))


class Host:
    @Method
    def tool(x):
        return x + 1

    @classmethod
    def make(cls):
        return cls.__name__

    @staticmethod
    def plain():
        return 'plain'


class Child(Host):
    pass


print(Host().tool(1), Child.tool(2), Child.make(), Child().make(), Child.plain(), Child().plain())
print(type(Host.__dict__['make']).__name__, type(Host.__dict__['plain']).__name__, type(Temperature.__dict__['celsius']).__name__)
