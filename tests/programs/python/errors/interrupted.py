# Runs until it is interrupted; by then the loop is compiled if anything is.
def spin():
    i = 0
    while True:
        i = (i + 1) % 1000003


spin()
