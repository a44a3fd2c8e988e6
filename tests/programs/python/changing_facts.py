# What compiled loops assume changes again and again: the answers follow, however often that happens.
# stress: 6
class Counted:
    def step(self, n):
        return n + 1


class Other(Counted):
    pass


def run(thing, rounds):
    total = 0
    for n in range(rounds):
        total += thing.step(n)
    return total


def branches(thing, rounds):
    total = 0
    for n in range(rounds):
        if n % 3:
            total += thing.step(n)
        else:
            total -= 1
    return total


outcome = []
for change in range(60):
    # A new attribute of the class changes its version; now and then the method changes, here or in the subclass.
    setattr(Counted, 'extra%d' % change, change)
    if change % 7 == 3:
        Counted.step = lambda self, n, change=change: n + change
    if change % 11 == 5:
        Other.step = lambda self, n: 2 * n
    if change % 11 == 8:
        del Other.step
    outcome.append((run(Counted(), 900), run(Other(), 900), branches(Other(), 900)))
print(len(outcome), sum([sum(parts) for parts in outcome]))
for parts in outcome[::5]:
    print(*parts)
