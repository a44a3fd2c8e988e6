# An uncaught exception with a cause, through several frames: the whole report is compared.
import sys


class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f'only {self.balance} left')
        self.balance -= amount


def ratio(values, index):
    return values[index] / (values[index + 1] - values[index])


def settle(account, values):
    total = 0
    for i in range(2000):
        total += ratio(values, i % 2)
    try:
        account.withdraw(total)
    except ValueError as error:
        print(error, total)
        print('to stderr', file=sys.stderr)
        raise RuntimeError('not settled') from error


def main():
    account = Account(100)
    try:
        settle(account, [1, 2, 4])
    except RuntimeError:
        print(ratio([3, 3], 0) + len('never reached'))


main()
