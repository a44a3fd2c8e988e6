"""The modes in which a program runs: options of the interpreter, as `-X` takes them."""

# What every program runs under.
ALWAYS = (
    ('jit=off',),
    ('jit=on,threshold=1,min-instructions=1',),
)

# Of each row a batch takes one, in turn: the compiler first, then the heap.
ROTATION = (
    (
        ('jit=irexec,threshold=1,min-instructions=1',),
        ('jit=on,threshold=1,min-instructions=1,guard-stress=3',),
        ('jit=on,threshold=1,exit-threshold=1,check,shadow',),
        ('jit=on,threshold=1,min-instructions=1,guard-stress=1',),
        ('jit=on,threshold=5,exit-threshold=3,min-instructions=1',),
        ('jit=irexec,threshold=3,guard-stress=2',),
        ('jit=on,threshold=2,exit-threshold=2,guard-stress=7',),
        ('jit=on',),
        ('jit=on,threshold=1,no-peel',),
        ('jit=on,threshold=1,no-heap',),
        ('jit=on,threshold=1,no-virtuals',),
        ('jit=on,threshold=1,no-fold,no-guards,no-pure',),
    ),
    (
        ('jit=on,threshold=1,min-instructions=1', 'gc=incminimark,nursery=64K,stress=201'),
        ('jit=on,threshold=1', 'gc=incminimark,nursery=64K,verify=200,poison'),
        ('jit=off', 'gc=incminimark,stress=97'),
        ('jit=on,threshold=1', 'gc=marksweep,stress=331'),
        ('jit=on,threshold=1,guard-stress=3', 'gc=semispace,stress=331'),
        ('jit=on,threshold=1', 'gc=immix,stress=331'),
        ('jit=on,threshold=1', 'gc=refcount,nursery=64K,stress=331'),
        ('jit=irexec,threshold=1', 'gc=refcount,stress=331'),
        ('jit=on,threshold=1', 'gc=immix,poison,threshold=64K'),
        ('jit=on,threshold=1', 'gc=refcount,poison,cycles=trial'),
    ),
)


# No program needs as much; one that asks for too much must not take the machine with it.
LIMIT = 'max=1G'


def limited(mode):
    """The mode with a limit of the heap."""
    heaps = [f'{option},{LIMIT}' for option in mode if option.startswith('gc=')] or [f'gc=incminimark,{LIMIT}']
    return tuple(option for option in mode if not option.startswith('gc=')) + tuple(heaps)


def of_batch(number):
    """The modes of the batch with this number."""
    return [limited(mode) for mode in list(ALWAYS) + [row[number % len(row)] for row in ROTATION]]
