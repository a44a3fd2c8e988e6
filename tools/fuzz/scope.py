"""What a place in a program can name, and how often the place runs."""

from contextlib import contextmanager

# About so many simple statements a program may run: calls and loops that would cost more are not made.
BUDGET = 12_000


class Callee:
    """A function that can be called: the type of its result, about how many statements a call runs, and how a call is written."""

    def __init__(self, gives, cost, call):
        self.gives = gives
        self.cost = cost
        self.call = call


class Scope:
    """One function being written. `weight` is how often the current place runs for each call of the function."""

    def __init__(self, program, variables, outer=None):
        self.program = program
        self.variables = dict(variables)
        self.outer = outer
        self.local_callees = []
        self.weight = 1
        self.cost = 1
        self.may_walrus = True
        self.in_loop = False
        # What the function gives back, or `yield`s; None where it cannot return.
        self.returns = None
        self.yields = None

    def fresh(self, prefix):
        """A name that no other place of the program has."""
        self.program.names += 1
        return f'{prefix}{self.program.names}'

    def callables(self):
        left = self.program.budget - self.cost
        return [it for it in self.program.callees + self.local_callees if it.cost * self.weight <= left]

    def pay(self, cost):
        self.cost += cost * self.weight

    def affordable(self, times):
        """How often a loop may run here, if it would like to do so `times` times."""
        left = (self.program.budget - self.cost) / (self.weight * 4)
        return max(1, min(times, int(left)))

    def bounded(self, text, expressions, always=False):
        """The expression, or one that is never far away from zero: for values that a loop feeds back."""
        dice = expressions.dice
        if not always and self.weight == 1 and dice.random() < 0.7:
            return text
        if dice.random() < (0.05 if always else 0.4):
            return text if self.weight == 1 else f'({text} % 18446744073709551629)'
        how = dice.choice(('({} % 1000003)', '({} & 4294967295)', '({} % 9223372036854775807)', '({} & 0x7fffffffffffffff)',
                           '({} % 4611686018427387904)', '({} % 97)', '({} % -101)'))
        return how.format(text)

    @contextmanager
    def inner(self, variables, weight=1):
        """A part in which more variables are there, such as a comprehension or a lambda."""
        kept, walrus, before = dict(self.variables), self.may_walrus, self.weight
        self.variables.update(variables)
        self.may_walrus = False
        self.weight *= weight
        yield
        self.variables, self.may_walrus, self.weight = kept, walrus, before

    @contextmanager
    def loop(self, times):
        """The body of a loop."""
        before, inside = self.weight, self.in_loop
        self.weight, self.in_loop = self.weight * times, True
        yield
        self.weight, self.in_loop = before, inside
