"""Instances: attributes read and written, methods called."""
import pyperf


class Account:
    rate = 3

    def __init__(self):
        self.balance = 0
        self.steps = 0

    def deposit(self, amount):
        self.balance += amount
        self.steps += 1

    def interest(self):
        return self.balance * self.rate % 1009


def attr_method(n):
    account = Account()
    total = 0
    for i in range(n):
        account.deposit(i % 10)
        total += account.interest()
    return total, account.balance, account.steps


if __name__ == '__main__':
    pyperf.Runner().bench_func('attr_method', attr_method, 700000)
