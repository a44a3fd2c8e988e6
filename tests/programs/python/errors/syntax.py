# The error is on line 4, at the colon.
def fine(a):
    return a
def broken(a:
    return a
