# Single requests far beyond the limit: each is refused, and nothing else is harmed.
requests = {
    'list': lambda: [None] * 200_000_000,
    'list of lists': lambda: [[]] * 300_000_000,
    'tuple': lambda: (1, 2) * 200_000_000,
    'text': lambda: 'long' * 1_000_000_000,
    'repeated in place': lambda: grow([1, 2, 3]),
    'absurd': lambda: [0] * (1 << 62),
}


def grow(items):
    items *= 200_000_000
    return items


kept = [[n] for n in range(1000)]
for round in range(3):
    for name, request in requests.items():
        try:
            request()
            raise AssertionError(name + ' was given')
        except MemoryError as error:
            print(name, 'was refused:', type(error).__name__)
    assert kept == [[n] for n in range(1000)]
    print(sum(len([None] * n) for n in range(2000)))
print('ok')
