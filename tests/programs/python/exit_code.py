# sys.exit unwinds like an exception: finally blocks run, the status is the program's.
import sys


def search(limit):
    for i in range(limit):
        for j in range(i):
            if i * j == 2021:
                try:
                    sys.exit(i % 256)
                finally:
                    print('found', i, j)


try:
    sys.exit('ignored')
except SystemExit as stop:
    print(repr(stop.code))
search(100)
