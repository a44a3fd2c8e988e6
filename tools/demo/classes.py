"""Many kinds of objects, and little in them: a workshop of classes.

Four parts, each a common way to use classes:

* formulas: a hierarchy of nodes with overloaded operators, a visitor, structural equality and hashes;
* workshop: a simulation of jobs, machines and workers with properties, slots, class methods and a queue;
* records: small value types whose methods a base class makes from their annotations;
* fields: descriptors that check what is stored, containers and iterators with special methods.

The argument is the number of rounds; each round makes some thousands of objects.
"""
import pyperf


class Random:
    """A linear congruential generator: the same numbers on every interpreter."""

    __slots__ = ('state',)

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        self.state = (self.state * 1103515245 + 12345) & 0x7fffffff
        return (self.state >> 8) % limit

    def pick(self, choices):
        return choices[self.below(len(choices))]


# --- Formulas --------------------------------------------------------------------------------------

class Formula:
    """A formula over named integers. Nodes are never changed after they are made."""

    precedence = 9

    def __add__(self, other):
        return Sum(self, formula(other))

    def __radd__(self, other):
        return Sum(formula(other), self)

    def __sub__(self, other):
        return Difference(self, formula(other))

    def __mul__(self, other):
        return Product(self, formula(other))

    def __rmul__(self, other):
        return Product(formula(other), self)

    def __neg__(self):
        return Difference(Number(0), self)

    def __ne__(self, other):
        return not self == other

    @property
    def is_constant(self):
        return False

    def value(self, names):
        raise NotImplementedError

    def accept(self, visitor):
        return getattr(visitor, 'visit_' + type(self).__name__.lower())(self)


class Number(Formula):
    def __init__(self, amount):
        self.amount = amount

    def __eq__(self, other):
        return isinstance(other, Number) and self.amount == other.amount

    def __hash__(self):
        return self.amount * 7 + 1

    @property
    def is_constant(self):
        return True

    def value(self, names):
        return self.amount

    def __str__(self):
        return str(self.amount)


class Name(Formula):
    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        return isinstance(other, Name) and self.name == other.name

    def __hash__(self):
        return ord(self.name) * 11

    def value(self, names):
        return names[self.name]

    def __str__(self):
        return self.name


class Pair(Formula):
    sign = '?'

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def __eq__(self, other):
        return type(self) is type(other) and self.left == other.left and self.right == other.right

    def __hash__(self):
        return (hash(self.left) * 31 + hash(self.right) * 17 + self.precedence) & 0xffffff

    @property
    def is_constant(self):
        return self.left.is_constant and self.right.is_constant

    def value(self, names):
        return self.apply(self.left.value(names), self.right.value(names))

    def __str__(self):
        return '%s %s %s' % (self._part(self.left), self.sign, self._part(self.right))

    def _part(self, part):
        return str(part) if part.precedence > self.precedence else '(%s)' % part

    @staticmethod
    def apply(left, right):
        raise NotImplementedError


class Sum(Pair):
    sign = '+'
    precedence = 1

    @staticmethod
    def apply(left, right):
        return left + right


class Difference(Sum):
    sign = '-'

    @staticmethod
    def apply(left, right):
        return left - right


class Product(Pair):
    sign = '*'
    precedence = 2

    @staticmethod
    def apply(left, right):
        return left * right % 1000003


def formula(thing):
    return thing if isinstance(thing, Formula) else Number(thing)


class Visitor:
    def visit(self, node):
        return node.accept(self)


class Depth(Visitor):
    def visit_number(self, node):
        return 1

    visit_name = visit_number

    def visit_sum(self, node):
        return 1 + max(self.visit(node.left), self.visit(node.right))

    visit_difference = visit_product = visit_sum


class Simplifier(Visitor):
    """Folds constants and removes what adds nothing; equal results are the same object."""

    def __init__(self):
        self.known = {}
        self.folded = 0

    def share(self, node):
        return self.known.setdefault(node, node)

    def visit_number(self, node):
        return self.share(node)

    visit_name = visit_number

    def visit_pair(self, node):
        left, right = self.visit(node.left), self.visit(node.right)
        if left.is_constant and right.is_constant:
            self.folded += 1
            return self.share(Number(node.apply(left.amount, right.amount)))
        return self.share(type(node)(left, right))

    def visit_sum(self, node):
        node = self.visit_pair(node)
        if isinstance(node, Sum) and node.right == Number(0):
            return node.left
        return node

    visit_difference = visit_sum

    def visit_product(self, node):
        node = self.visit_pair(node)
        if isinstance(node, Product):
            if node.right == Number(1):
                return node.left
            if Number(0) in (node.left, node.right):
                return self.share(Number(0))
        return node


def random_formula(random, depth):
    if depth == 0 or random.below(9) == 0:
        if random.below(2):
            return Number(random.below(4))
        return Name(random.pick('abcd'))
    left = random_formula(random, depth - 1)
    right = random_formula(random, depth - 1)
    choice = random.below(5)
    if choice < 2:
        return left + right
    if choice == 2:
        return left - right
    return left * right if choice == 3 else random.below(3) * left


def formulas(random):
    names = {'a': 3, 'b': 5, 'c': 7, 'd': 11}
    simplifier, depth = Simplifier(), Depth()
    total = 0
    for _ in range(14):
        made = random_formula(random, 6)
        small = simplifier.visit(made)
        total += depth.visit(made) * 100 + depth.visit(small)
        total += small.value(names) - made.value(names) * 2 + len(str(small))
        total += hash(small) % 97
    return total % 1000007, len(simplifier.known), simplifier.folded


# --- Workshop --------------------------------------------------------------------------------------

class Event:
    __slots__ = ('time', 'order', 'action', 'subject')
    made = 0

    def __init__(self, time, action, subject):
        self.time = time
        self.action = action
        self.subject = subject
        self.order = Event.made
        Event.made += 1

    def __lt__(self, other):
        if self.time != other.time:
            return self.time < other.time
        return self.order < other.order


class EventQueue:
    """A binary heap of events."""

    def __init__(self):
        self._heap = []

    def __len__(self):
        return len(self._heap)

    def push(self, event):
        heap = self._heap
        at = len(heap)
        heap.append(event)
        while at > 0:
            above = (at - 1) >> 1
            if not event < heap[above]:
                break
            heap[at] = heap[above]
            at = above
        heap[at] = event

    def pop(self):
        heap = self._heap
        first, last = heap[0], heap.pop()
        if heap:
            at, end = 0, len(heap)
            while True:
                below = 2 * at + 1
                if below >= end:
                    break
                if below + 1 < end and heap[below + 1] < heap[below]:
                    below += 1
                if last < heap[below]:
                    break
                heap[at] = heap[below]
                at = below
            heap[at] = last
        return first


class Job:
    numbers = 0

    def __init__(self, size, kind):
        self.number = self.next_number()
        self.size = size
        self.kind = kind
        self.history = []

    @classmethod
    def next_number(cls):
        cls.numbers += 1
        return cls.numbers

    @classmethod
    def rush(cls, size, kind):
        job = cls(size, kind)
        job.history.append('rush')
        return job

    @property
    def effort(self):
        return self.size * self.factor()

    def factor(self):
        return 2

    def done_by(self, machine):
        self.history.append(machine.label)


class DelicateJob(Job):
    def factor(self):
        return super().factor() + 1

    def done_by(self, machine):
        super().done_by(machine)
        machine.wear += 1


class HugeJob(DelicateJob):
    @property
    def effort(self):
        return super().effort * 2


class Machine:
    made = 0

    def __init__(self, speed):
        type(self).made += 1
        self.label = '%s%d' % (type(self).__name__[0], self.made % 10)
        self.speed = speed
        self._wear = 0
        self.finished = 0
        self.job = None

    @property
    def wear(self):
        return self._wear

    @wear.setter
    def wear(self, amount):
        self._wear = min(amount, 50)

    @property
    def idle(self):
        return self.job is None

    def begin(self, job, time):
        self.job = job
        return Event(time + self.duration(job), self.finish, job)

    def duration(self, job):
        return job.effort // self.speed + self.wear // 10 + 1

    def finish(self, job):
        self.job = None
        self.finished += 1
        self.wear += job.size % 3
        job.done_by(self)


class Lathe(Machine):
    def duration(self, job):
        return super().duration(job) + (4 if job.kind == 'round' else 9)


class Mill(Machine):
    def duration(self, job):
        return super().duration(job) + (9 if job.kind == 'round' else 4)


class SelfCleaning:
    """Mixed in: wear goes away by itself."""

    def finish(self, job):
        super().finish(job)
        if self.finished % 5 == 0:
            self.wear = 0


class CleanMill(SelfCleaning, Mill):
    pass


class Workshop:
    def __init__(self, random):
        self.random = random
        self.machines = [Lathe(3), Lathe(4), Mill(3), CleanMill(5)]
        self.queue = EventQueue()
        self.waiting = []
        self.done = []
        self.time = 0

    def arrive(self, _):
        kind = self.random.pick(('round', 'flat'))
        make = self.random.pick((Job, Job.rush, DelicateJob, HugeJob))
        self.waiting.append(make(1 + self.random.below(20), kind))

    def assign(self):
        for machine in self.machines:
            if self.waiting and machine.idle:
                self.queue.push(machine.begin(self.waiting.pop(0), self.time))

    def run(self, jobs):
        for number in range(jobs):
            self.queue.push(Event(number * 5, self.arrive, None))
        while len(self.queue):
            event = self.queue.pop()
            self.time = event.time
            event.action(event.subject)
            if event.subject is not None:
                self.done.append(event.subject)
            self.assign()
        return self.time, sum(job.effort for job in self.done), [m.finished for m in self.machines]


# --- Records ---------------------------------------------------------------------------------------

class Record:
    """Base of value types: a subclass lists its fields as annotations, and defaults as attributes."""

    __slots__ = ()
    names = ()

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        cls.names = cls.names + tuple(cls.__dict__.get('__annotations__', {}))

    def __init__(self, *values, **named):
        names = self.names
        for name, value in zip(names, values):
            setattr(self, name, value)
        for name in names[len(values):]:
            if name in named:
                setattr(self, name, named[name])

    def as_tuple(self):
        return tuple([getattr(self, name) for name in self.names])

    def replace(self, **changes):
        return type(self)(*[changes.get(name, getattr(self, name)) for name in self.names])

    def __eq__(self, other):
        return type(other) is type(self) and self.as_tuple() == other.as_tuple()

    def __lt__(self, other):
        return self.as_tuple() < other.as_tuple()

    def __hash__(self):
        return hash(self.as_tuple())

    def __repr__(self):
        fields = ', '.join(['%s=%r' % (name, getattr(self, name)) for name in self.names])
        return '%s(%s)' % (type(self).__name__, fields)


class Point(Record):
    x: int
    y: int = 0

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def __abs__(self):
        return abs(self.x) + abs(self.y)


class Tagged(Point):
    tag: str = 'none'


class Vector:
    """The same by hand, with slots."""

    __slots__ = ('x', 'y', 'z')

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        self.z += other.z
        return self

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def __bool__(self):
        return self.x != 0 or self.y != 0 or self.z != 0


def records(random):
    places = {}
    here = Point(0)
    for step in range(220):
        here = here + Point(random.below(5) - 2, random.below(5) - 2)
        tagged = Tagged(here.x, y=here.y, tag='s%d' % (step % 3))
        places[here] = places.get(here, 0) + abs(tagged)
        if tagged.replace(tag='none') == Tagged(here.x, here.y):
            places[here] += 1
    first, last = min(places), sorted(places)[-1]
    sum_of, turn, product = Vector(0, 0, 0), Vector(1, 2, 3), 0.0
    for step in range(900):
        turn = turn * 0.75 + Vector(step & 3, 1.5, step & 1)
        sum_of += turn
        product += sum_of @ turn if turn else 1
    return len(places), sum(places.values()), repr(first), repr(last), product


# --- Fields ----------------------------------------------------------------------------------------

class Checked:
    """A descriptor: stores beside the instance's other attributes, after a check."""

    def __init__(self, least, most):
        self.least, self.most = least, most

    def __set_name__(self, owner, name):
        self.place = '_' + name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance.__dict__[self.place]

    def __set__(self, instance, value):
        if not self.least <= value <= self.most:
            raise ValueError(value)
        instance.__dict__[self.place] = value


class Settings:
    level = Checked(0, 99)
    share = Checked(-10, 10)

    def __init__(self, level, share):
        self.level = level
        self.share = share

    def __getattr__(self, name):
        if name.startswith('twice_'):
            return 2 * getattr(self, name[6:])
        raise AttributeError(name)


class Ring:
    """A bounded sequence: indexing, iteration, membership, length and calls."""

    def __init__(self, size):
        self.items, self.size, self.start = [], size, 0

    def __call__(self, item):
        if len(self.items) < self.size:
            self.items.append(item)
        else:
            self.items[self.start] = item
            self.start = (self.start + 1) % self.size
        return self

    def __len__(self):
        return len(self.items)

    def __getitem__(self, at):
        if not 0 <= at < len(self.items):
            raise IndexError(at)
        return self.items[(self.start + at) % len(self.items)]

    def __contains__(self, item):
        return item in self.items

    def __iter__(self):
        return RingIterator(self)


class RingIterator:
    def __init__(self, ring):
        self.ring, self.at = ring, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.at == len(self.ring):
            raise StopIteration
        self.at += 1
        return self.ring[self.at - 1]


class Refusals:
    """A context manager that counts what it swallows."""

    def __init__(self):
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is ValueError:
            self.count += 1
            return True
        return False


def fields(random):
    refusals, ring, total = Refusals(), Ring(12), 0
    settings = Settings(5, 5)
    for step in range(500):
        with refusals:
            settings.level = random.below(110)
            settings.share = random.below(22) - 11
            ring(settings.level)
        total += settings.twice_level - settings.twice_share
        if step % 10 == 9:
            total += sum(ring) + (50 in ring) + ring[0]
    return total, refusals.count, list(ring)


def classes(rounds):
    """All parts, `rounds` times; the answer depends on every object made."""
    random = Random(2024)
    Event.made = Job.numbers = 0
    Lathe.made = Mill.made = CleanMill.made = 0
    outcome = []
    for _ in range(rounds):
        outcome.append(formulas(random))
        outcome.append(Workshop(random).run(150))
        outcome.append(records(random))
        outcome.append(fields(random))
    return outcome


if __name__ == '__main__':
    pyperf.Runner().bench_func('classes', classes, 56)
