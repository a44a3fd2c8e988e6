"""Descriptors that are written in Python, read and written in loops, on instances and on classes."""


class Typed:
    """A data descriptor."""

    def __init__(self, kind):
        self.kind = kind

    def __set_name__(self, owner, name):
        self.slot = '_' + name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return getattr(instance, self.slot, 0)

    def __set__(self, instance, value):
        if not isinstance(value, self.kind):
            raise TypeError('%s expected' % self.kind.__name__)
        setattr(instance, self.slot, value)


class Computed:
    """Not a data descriptor: the instance may hide it."""

    def __get__(self, instance, owner):
        return owner.__name__ if instance is None else instance.n * 2


class Raises:
    def __get__(self, instance, owner):
        raise AttributeError('not today')


class Calls:
    def __get__(self, instance, owner):
        return lambda x: (x, instance is None)


class Holder:
    n = Typed(int)
    text = Typed(str)
    twice = Computed()
    fails = Raises()
    method = Calls()

    def __init__(self, n):
        self.n = n


class Asks(Holder):
    @property
    def failing(self):
        raise AttributeError('of a property')

    def __getattr__(self, name):
        return 'asked for ' + name


class Meta(type):
    label = Computed()
    n = 21


class WithMeta(metaclass=Meta):
    own = Computed()


def main():
    total = 0
    for k in range(60):
        holder = Holder(k)
        holder.n += 1
        holder.text = 'x' * (k % 3)
        total += holder.n + holder.twice + len(holder.text) + holder.method(k)[0]
        if k % 20 == 19:
            holder.twice = 5
            total += holder.twice
    print(total)
    for k in range(30):
        names = Holder.twice, Asks.twice, WithMeta.own, WithMeta.label, Holder.method(k)
        kinds = Holder.n.kind, Holder.text.kind
    print(names, kinds)
    asks = Asks(4)
    for k in range(30):
        got = asks.fails, asks.failing, getattr(asks, 'fails', 0), asks.missing, asks.twice, asks.n
    print(got)
    for k in range(30):
        try:
            holder.n = 'no' if k > 25 else k
        except TypeError as error:
            print(k, error)
        try:
            holder.fails
        except AttributeError as error:
            text = str(error)
    print(text, holder.n)
    # The class of the descriptor changes while its instances are in use.
    seen = []
    for k in range(40):
        if k == 20:
            Computed.__get__ = lambda self, instance, owner: 'new'
        if k == 30:
            Typed.__get__ = lambda self, instance, owner=None: 'typed'
        seen.append((Holder(k).twice, Holder(k).n))
    print(seen[19:22], seen[29:32])
    del Computed.__get__
    print(type(Holder(1).twice).__name__)


main()


class Registry(type):
    """A metaclass whose calls give what was made before."""

    made = {}

    def __call__(cls, key, *more, **named):
        if (cls, key) not in cls.made:
            cls.made[cls, key] = super().__call__(key, *more, **named)
        return cls.made[cls, key]


class Only(metaclass=Registry):
    def __init__(self, key, extra=0):
        self.key, self.extra = key, extra

    def again(self):
        return self.__class__(self.key)


class Other(Only):
    pass


def classes():
    total = 0
    for k in range(60):
        x = Only(k % 7, extra=k)
        total += x.extra + (x.again() is x) + (x.__class__ is Only) + Other(k).again().key
        if k == 50:
            x.__class__ = Other
            print(x.__class__.__name__, type(x).__name__)
    print(total, len(Registry.made), x.__class__.__class__.__name__)


classes()
