# with: enter and exit, suppression, several managers, exceptions in every place.
class Manager:
    def __init__(self, name, log, suppress=False, fail=None):
        self.name, self.log, self.suppress, self.fail = name, log, suppress, fail

    def __enter__(self):
        if self.fail == 'enter':
            raise OSError('enter ' + self.name)
        self.log.append('+' + self.name)
        return self.name.upper()

    def __exit__(self, kind, value, traceback):
        self.log.append('-' + self.name + (':' + kind.__name__ if kind else ''))
        if self.fail == 'exit':
            raise OSError('exit ' + self.name)
        return self.suppress


log = []
with Manager('a', log) as a, Manager('b', log) as b:
    log.append(a + b)
print(log)
log.clear()
with (
    Manager('outer', log, suppress=True),
    Manager('inner', log),
):
    raise ValueError('swallowed')
print(log)
for fail in ('enter', 'exit'):
    log.clear()
    try:
        with Manager('x', log), Manager('y', log, fail=fail):
            log.append('body')
    except OSError as error:
        print(error, log, error.__context__)
log.clear()
try:
    with Manager('x', log, fail='exit'):
        1 / 0
except OSError as error:
    print(error, repr(error.__context__), log)


def leave(how):
    for i in range(3):
        with Manager(how, trail):
            if how == 'return':
                return i
            if how == 'break' and i == 1:
                break
            if how == 'continue':
                continue
    return 'end'


trail = []
print([leave(how) for how in ('return', 'break', 'continue')], len(trail), trail[-1])


class Lock:
    def __init__(self):
        self.depth = self.total = 0

    def __enter__(self):
        self.depth += 1
        return self

    def __exit__(self, kind, value, traceback):
        self.depth -= 1
        self.total += 1
        return kind is KeyError


lock = Lock()
value = 0
for i in range(2500):
    with lock as held:
        value += held.depth
        if i % 9 == 0:
            with lock:
                value += lock.depth * 10
        if i % 50 == 0:
            raise KeyError(i)
        value += 1
print(value, lock.depth, lock.total)


def generator(log):
    with Manager('g', log) as name:
        for i in range(3):
            yield name, i


log = []
left = generator(log)
for name, i in left:
    if i == 1:
        break
# When it would be closed by itself depends on the collector.
left.close()
values = list(generator(log))
print(values, log.count('+g'), log[-1])
try:
    with 5:
        pass
except TypeError as error:
    print(error)
target = {}
with Manager('t', []) as target['key']:
    print(target)
with Manager('p', []) as (first, *others):
    print(first, others)
