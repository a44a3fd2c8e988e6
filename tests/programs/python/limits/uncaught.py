# An error of memory that nobody catches ends the program with a traceback, and what was open is closed.
def fill():
    kept = []
    try:
        while True:
            kept.append([None] * 1000)
    finally:
        kept = None
        print('finally')


print('begin')
fill()
