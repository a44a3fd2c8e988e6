import itertools as it


def show(name, iterator, limit=20):
    print(name, list(it.islice(iterator, limit)))


show('count', it.count(), 3)
show('count', it.count(5, -2), 4)
show('count', it.count(0.5, 0.25), 4)
show('count', it.count(2 ** 63 - 2), 4)
print(it.count(3), it.count(3, 2), it.repeat(1), it.repeat('a', 3))
show('cycle', it.cycle('abc'), 8)
show('cycle', it.cycle([]))
show('repeat', it.repeat(None, 3))
show('repeat', it.repeat(1, times=-3))
show('chain', it.chain('ab', [1, 2], (), range(2)))
show('from_iterable', it.chain.from_iterable(['ab', 'cd']))
show('compress', it.compress('ABCDEF', [1, 0, 1, 0, 1, 1]))
show('dropwhile', it.dropwhile(lambda x: x < 3, [1, 2, 3, 1]))
show('takewhile', it.takewhile(lambda x: x < 3, [1, 2, 3, 1]))
show('filterfalse', it.filterfalse(None, [0, 1, '', 'a']))
show('filterfalse', it.filterfalse(lambda x: x % 2, range(6)))
show('starmap', it.starmap(pow, [(2, 5), (3, 2)]))
show('islice', it.islice(range(10), 2, 9, 3))
show('islice', it.islice('abcdef', 3, None))
source = iter(range(10))
print(list(it.islice(source, 2, 4)), list(source))
show('accumulate', it.accumulate([1, 2, 3, 4]))
show('accumulate', it.accumulate([3, 1, 2], max, initial=2))
show('accumulate', it.accumulate([], initial=7))
show('pairwise', it.pairwise('abcd'))
show('pairwise', it.pairwise('a'))
show('zip_longest', it.zip_longest('abc', [1], fillvalue='-'))
show('zip_longest', it.zip_longest())
print([(k, list(g)) for k, g in it.groupby('aaabbca')])
print([(k, list(g)) for k, g in it.groupby([1, 3, 2, 4, 5], key=lambda x: x % 2)])
print([k for k, g in it.groupby('aabbb')])
groups = [g for k, g in it.groupby('aab')]
print([list(g) for g in groups])
a, b, c = it.tee(iter('abc'), 3)
print(next(a), next(a), list(b), list(a), list(c), it.tee([1], 0))
show('product', it.product('ab', range(2)))
show('product', it.product([0, 1], repeat=3))
show('product', it.product())
show('product', it.product('ab', []))
show('permutations', it.permutations('abc'))
show('permutations', it.permutations(range(4), 2))
show('permutations', it.permutations('ab', 3))
show('combinations', it.combinations('abcd', 2))
show('combinations', it.combinations(range(4), 0))
show('combinations', it.combinations(range(2), 3))
show('replacement', it.combinations_with_replacement('abc', 2))
print(sum(1 for _ in it.permutations(range(7))), len(list(it.combinations(range(12), 5))))
for call in ('it.islice([], -1)', 'it.islice([], 0, 1, 0)', 'it.repeat()', 'it.permutations("a", -1)', 'it.chain(1).__next__()',
             'next(it.cycle(""))', 'it.count("a")', 'it.product(1)', 'it.tee([], -1)', 'it.zip_longest(a=1)', 'it.combinations("a")',
             'it.accumulate()', 'it.starmap(pow)'):
    try:
        print(call, eval(call))
    except Exception as e:
        print(call, type(e).__name__)


class Countdown(it.count):
    def __next__(self):
        return -super().__next__()


show('subclass', Countdown(1), 3)
print(type(it.chain()), isinstance(Countdown(), it.count))
