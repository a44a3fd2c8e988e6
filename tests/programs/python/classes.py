# Classes and instances: attributes, methods of all kinds, inheritance, class variables, identity.
class Account:
    """A bank account."""
    opened = 0
    rate = 0.25

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        Account.opened += 1

    def deposit(self, amount):
        self.balance += amount
        return self

    def interest(self):
        return self.balance * self.rate

    @classmethod
    def parse(cls, text):
        owner, balance = text.split(':')
        return cls(owner, int(balance))

    @staticmethod
    def valid(amount):
        return amount > 0

    def __repr__(self):
        return f'{type(self).__name__}({self.owner!r}, {self.balance})'


class Savings(Account):
    rate = 0.5

    def __init__(self, owner, balance=0, *, locked=False):
        super().__init__(owner, balance)
        self.locked = locked

    def deposit(self, amount):
        if self.locked:
            amount = 0
        return super().deposit(amount)


accounts = [Account('ann', 10), Savings('bob', 20), Savings('cyd', locked=True), Account.parse('dan:5'), Savings.parse('eve:7')]
for i in range(2500):
    account = accounts[i % len(accounts)]
    if account.valid(i % 7):
        account.deposit(i % 7)
print(accounts, sum(a.interest() for a in accounts), Account.opened)
print(Savings.__name__, Savings.__bases__ == (Account,), Account.__doc__, Savings.__doc__, [c.__name__ for c in Savings.__mro__])
print(isinstance(accounts[1], Account), issubclass(Savings, (int, Account)), type(accounts[0]) is Account, isinstance(3, (str, int)))
print(Account.deposit is Account.deposit, accounts[0].deposit == accounts[0].deposit, accounts[0].deposit.__self__ is accounts[0], accounts[0].deposit.__func__ is Account.deposit)

# Attributes appear in different orders, so that one site meets several shapes.
class Shape:
    pass


shapes = []
for i in range(8):
    shape = Shape()
    if i & 1:
        shape.a = i
    if i & 2:
        shape.b = i * 10
    if i & 4:
        shape.a = i * 100
    shape.c = 1
    shapes.append(shape)
total = 0
for i in range(2400):
    shape = shapes[i % 8]
    if hasattr(shape, 'a'):
        total += shape.a
    total += getattr(shape, 'b', -1) + shape.c
print(total, [sorted(vars(s)) for s in shapes[:4]])
setattr(shapes[0], 'new attribute', 5)
print(getattr(shapes[0], 'new attribute'), shapes[0].__dict__)
del shapes[1].a
shapes[1].__dict__['d'] = 4
print(shapes[1].d, hasattr(shapes[1], 'a'), shapes[1].__dict__)

# A method and a class attribute change while a loop that uses them is hot.
class Pet:
    legs = 4

    def speak(self):
        return 1


pet = Pet()
heard = 0
for i in range(2000):
    if i == 900:
        Pet.speak = lambda self: 2
    if i == 1300:
        Pet.legs = 3
    if i == 1600:
        pet.legs = 5
    if i == 1800:
        pet.speak = lambda: 10
    heard += pet.speak() * pet.legs
print(heard)
class Point3:
    __slots__ = ('x', 'y')
    origin = 'zero'

    def __init__(self, x, y):
        self.x = x
        self.y = y


point = Point3(1, 2)
for i in range(1500):
    point.x, point.y = point.y, (point.x + i) % 1009
print(point.x, point.y, point.origin, hasattr(point, '__dict__'))
first, second = Shape(), Shape()
print(first == second, first is first, first != second, hash(first) == hash(first), len({first, second, first}))
pet.__class__ = Shape
print(type(pet).__name__, pet.legs)
def write_slot():
    point.z = 3


for bad in (lambda: pet.speaks, lambda: Shape.nothing, lambda: Shape(1), lambda: Account(), lambda: (3).x, lambda: None.x, write_slot, lambda: Account.deposit(), lambda: delattr(point, 'q')):
    try:
        bad()
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)
