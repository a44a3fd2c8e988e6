# Metaclasses, type() as a constructor, __prepare__, __slots__ with inheritance, abstract classes.
class Registry(type):
    classes = {}

    def __new__(mcls, name, bases, namespace, **options):
        cls = super().__new__(mcls, name, bases, namespace)
        cls.options = options
        mcls.classes[name] = cls
        return cls

    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)
        cls.created = len(Registry.classes)

    def __call__(cls, *args):
        instance = super().__call__(*args)
        cls.instances = getattr(cls, 'instances', 0) + 1
        return instance

    def __len__(cls):
        return cls.created

    def __repr__(cls):
        return f'<registered {cls.__name__}>'

    @property
    def loud(cls):
        return cls.__name__.upper()


class Animal(metaclass=Registry, legs=4):
    def __init__(self, name='?'):
        self.name = name


class Bird(Animal, legs=2):
    pass


print(Animal, Bird, sorted(Registry.classes), Bird.options, len(Animal), len(Bird), Bird.loud, type(Bird) is Registry)
total = 0
for i in range(1200):
    creature = (Animal, Bird)[i % 2](str(i))
    total += len(creature.name)
print(total, Animal.instances, Bird.instances)
try:
    Bird().loud
except AttributeError as error:
    print(error)


class Ordered(type):
    @classmethod
    def __prepare__(mcls, name, bases):
        return {'prepared': True}

    def __new__(mcls, name, bases, namespace):
        names = [key for key in namespace if not key.startswith('__')]
        return super().__new__(mcls, name, bases, {**namespace, 'names': names})


class Fields(metaclass=Ordered):
    z = 1
    a = 2

    def method(self):
        return self.names


print(Fields.names, Fields().method(), Fields.prepared)


def make(index):
    return type(f'Made{index}', (Fields,), {'index': index, 'twice': lambda self: self.index * 2})


made = [make(i) for i in range(5)]
print(sum(made[i % 5]().twice() for i in range(1000)), made[3].__name__, type(made[3]).__name__)


class Slotted:
    __slots__ = ['a', '_b']

    def __init__(self, a):
        self.a = a

    def bump(self):
        self.a += 1
        return self.a


class More(Slotted):
    __slots__ = ('c',)


class Open(Slotted):
    pass


more, opened = More(1), Open(2)
more.c = 5
opened.anything = 6
for _ in range(1500):
    more.bump()
    opened.bump()
print(more.a, more.c, opened.a, opened.__dict__, hasattr(more, '__dict__'), hasattr(more, '_b'))
for name in ('_b', 'nope'):
    try:
        getattr(more, name)
    except AttributeError as error:
        print(error)
try:
    more.nope = 1
except AttributeError as error:
    print(error)


class Singleton(type):
    def __call__(cls, *args, **kwargs):
        if '_instance' not in cls.__dict__:
            cls._instance = super().__call__(*args, **kwargs)
        return cls._instance


class Config(metaclass=Singleton):
    def __init__(self):
        self.reads = 0


for _ in range(600):
    Config().reads += 1
print(Config() is Config(), Config().reads)


class Checked(type):
    def __instancecheck__(cls, instance):
        return hasattr(instance, 'quack')

    def __subclasscheck__(cls, subclass):
        return 'quack' in subclass.__dict__


class Duck(metaclass=Checked):
    pass


class Robot:
    quack = True


print(isinstance(Robot(), Duck), isinstance(3, Duck), issubclass(Robot, Duck), issubclass(int, Duck))


class Meta2(type):
    pass


try:
    class Clash(Animal, metaclass=Meta2):
        pass
except TypeError as error:
    print(str(error)[:18])
print(type(type), type(int).__name__, isinstance(type, object), isinstance(object, type), type.__mro__ == (type, object), Robot.__class__ is type)
