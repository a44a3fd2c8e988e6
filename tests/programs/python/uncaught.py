# An exception that nobody catches: what was printed stays, the last line names it, exit code 1.
class Trouble(Exception):
    pass


def work(n):
    total = 0
    for i in range(n):
        total += i
        if total > 500000:
            raise Trouble(f'after {i} steps')
    return total


print(work(900))
print('before')
try:
    work(1001)
finally:
    print('finally ran')
print('never')
