# Exceptions: try/except/else/finally, hierarchies, chaining, re-raising, in hot loops.
class AppError(Exception):
    def __init__(self, code, *rest):
        super().__init__(code, *rest)
        self.code = code


class NotFound(AppError, KeyError):
    pass


def risky(n):
    if n % 7 == 0:
        raise AppError(n)
    if n % 11 == 0:
        raise NotFound(n, 'nf')
    if n % 13 == 0:
        return [][n]
    return n


outcome = {'ok': 0, 'app': 0, 'key': 0, 'index': 0, 'finally': 0}
for n in range(1, 3000):
    try:
        value = risky(n)
    except NotFound as error:
        outcome['key'] += error.code
    except AppError as error:
        outcome['app'] += error.code
    except (IndexError, ZeroDivisionError):
        outcome['index'] += 1
    else:
        outcome['ok'] += value
    finally:
        outcome['finally'] += 1
print(outcome)


def order(fail, path):
    try:
        path.append('try')
        if fail == 'return':
            return path
        if fail:
            raise ValueError(fail)
    except ValueError as error:
        path.append(f'except {error}')
        if fail == 'again':
            raise RuntimeError('second') from error
    else:
        path.append('else')
    finally:
        path.append('finally')
    path.append('end')
    return path


print(order(None, []), order('x', []), order('return', []))
try:
    order('again', [])
except RuntimeError as error:
    print(error, repr(error.__cause__), error.__suppress_context__, error.__context__ is error.__cause__)


def finally_wins():
    for i in range(10):
        try:
            if i == 3:
                return 'try'
        finally:
            if i == 3:
                return 'finally'


def finally_continues():
    seen = []
    for i in range(6):
        try:
            if i % 2:
                continue
            if i == 4:
                break
            seen.append(i)
        finally:
            seen.append(-i)
    return seen


print(finally_wins(), finally_continues())
try:
    try:
        {}['inner']
    except KeyError:
        1 / 0
except ZeroDivisionError as error:
    print(repr(error), repr(error.__context__), error.__cause__)
try:
    try:
        raise ValueError('hidden')
    except ValueError:
        raise TypeError('shown') from None
except TypeError as error:
    print(repr(error), error.__suppress_context__, repr(error.__context__))


def reraise():
    try:
        raise LookupError('original')
    except LookupError as error:
        error.add_note('a note')
        raise


try:
    reraise()
except LookupError as error:
    kept = error
    depth, tb = 0, error.__traceback__
    while tb:
        depth += 1
        tb = tb.tb_next
    print(repr(error), depth, error.__notes__)
try:
    error
except NameError as missing:
    print(missing)
for thing in (AppError(1, 2), NotFound('k'), ValueError(), ValueError('a'), KeyError('k'), StopIteration(5), OSError(2, 'No such file')):
    print(repr(thing), '|', str(thing), '|', thing.args)
print(issubclass(NotFound, LookupError), [c.__name__ for c in NotFound.__mro__], kept.with_traceback(None) is kept)


def bad_raise(what):
    try:
        raise what
    except TypeError as error:
        print(error)


bad_raise(5)
bad_raise(TypeError)
try:
    raise
except RuntimeError as error:
    print(error)
try:
    try:
        1 + 'a'
    except NoSuchName:
        pass
except NameError as error:
    print(error, '<-', error.__context__)


def unwind(depth):
    try:
        if depth == 0:
            raise AppError('deep')
        return unwind(depth - 1)
    finally:
        trail.append(depth)


trail = []
for _ in range(60):
    try:
        unwind(12)
    except AppError as error:
        trail.append(error.code)
print(len(trail), trail[-14:])
assert_seen = 0
for i in range(1000):
    try:
        assert i % 10, 'tenth'
    except AssertionError as error:
        assert_seen += len(str(error))
print(assert_seen)
