# Compiled code is freed while other code runs, jumps to it and calls it; what is computed does not change.
try:
    import ouro.jit as jit
    jit.set_param('code-memory', 65536)
    jit.set_param('longevity', 20)
    jit.set_param('threshold', min(jit.params()['threshold'], 20))
    jit.set_param('exit-threshold', min(jit.params()['exit-threshold'], 5))
except ImportError:
    pass

SOURCE = '''
def f{0}(n, g):
    t = {0}
    for i in range(n):
        if i % 3 == 0:
            t += i
        elif i % 5 == {0} % 5:
            t ^= {0} + i
        else:
            t = t * 3 & 65535
        if i % 11 == 7 and g is not None:
            t += g(i % 4, None)
    return t
'''


def make(n):
    names = {}
    exec(SOURCE.format(n), names)
    return names['f%d' % n]


def all_of(functions, n):
    t = 0
    for k, f in enumerate(functions):
        # The caller is compiled and waits while what it calls is recorded, compiled and freed.
        t = t * 31 + f(n, functions[k - 1]) & 0xffffffff
    return t


functions = [make(n) for n in range(60)]
for rounds in range(4):
    print(all_of(functions, 60))
    # The old ones are asked again, when their code is gone.
    print(functions[0](80, functions[1]), functions[59](80, None))


# A loop that runs on while everything it calls comes and goes, and its own bridges are made late.
def long(functions):
    t = 0
    for i in range(400):
        f = functions[i * 7 % len(functions)]
        t += f(i % 50, None)
        if i > 200 and i % 2:
            t ^= i
        if i > 300 and i % 3:
            t -= [i, t & 3][1]
    return t


print(long(functions))
print(long(functions[:5]))


# Exceptions and generators across code that is freed.
def items(functions, n):
    for i in range(n):
        try:
            if i % 4 == 3:
                raise KeyError(i)
            yield functions[i % len(functions)](i % 30, None)
        except KeyError as e:
            yield e.args[0]


print(sum(items(functions, 300)))


def deep(n, f):
    return f(n % 5, None) if n == 0 else deep(n - 1, f) + f(n % 5, None)


print([deep(40, f) for f in functions[:12]])
