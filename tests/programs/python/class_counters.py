# Class attributes that change all the time, beside methods of the same class.


class Base:
    made = 0
    log = ()

    def __init__(self):
        Base.made += 1
        type(self).count = getattr(type(self), 'count', 0) + 1

    def step(self, by):
        self.total = getattr(self, 'total', 0) + by
        return self.total + self.made * 0


class Child(Base):
    def step(self, by):
        Child.made = Child.made + by
        return super().step(by) + 1


total = 0
for i in range(3000):
    thing = Child() if i % 3 else Base()
    total += thing.step(i) + thing.made
print(total, Base.made, Child.made, Base.count, Child.count, Base().made, Child().made)

# A counter becomes a method, a property, a counter again; then it is deleted and the base's is seen.
for i in range(400):
    if i == 100:
        Child.made = lambda self: 'method'
    if i == 200:
        Child.made = property(lambda self: 'property')
    if i == 300:
        Child.made = 7
        Child.made = 8
    if i == 350:
        del Child.made
    seen = Child().made
    if i in (0, 99, 100, 200, 299, 300, 349, 350, 399):
        print(i, seen if not callable(seen) else seen(), Child.__dict__.get('made', 'gone') == 8)
print([k for k in vars(Child) if not k.startswith('__')], vars(Base)['made'] == Base.made)


class Get:
    def __get__(self, instance, owner):
        return 'got', instance is None


class Meta(type):
    switch = 1


class User(metaclass=Meta):
    attribute = 1


for i in range(300):
    User.attribute = i
    Meta.switch = i
    if i == 150:
        User.attribute = Get()
    if i in (149, 150, 151):
        print(User.attribute if i != 150 else User.attribute, User().attribute, User.switch)
User.attribute = Get
print(User().attribute is Get, User.attribute is Get)
