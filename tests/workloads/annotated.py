"""Lines of known cost, each marked by a comment of its own. Argument: repetitions. Prints what of two's time its first line took."""
import functools
import sys
import time

REPS = int(sys.argv[1])
spent = [0, 0]


def two(reps):
    for _ in range(reps):
        start = time.thread_time_ns()
        sum(range(60_000))  # three parts
        middle = time.thread_time_ns()
        sum(range(20_000))  # one part
        spent[0] += middle - start
        spent[1] += time.thread_time_ns() - middle


def recursive(depth, n):
    if depth:
        return recursive(depth - 1, n)  # recursion
    return sum(range(n))  # bottom


def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)  # wrapper
    return wrapper


@traced
def decorated(n):
    return sum(range(n))  # decorated


def many_lines(n):
    text = """
not of this function's indentation
"""
    return max(  # the call
        sum(range(n)),  # first argument
        sum(range(2 * n)),  # second argument
        len(text),
    )


def generate(n):
    for _ in range(4):
        yield sum(range(n))  # generator


def outer(n):
    inner = lambda m: sum(range(m))  # lambda
    return inner(n)  # call of the lambda


two(REPS)
for _ in range(REPS):
    recursive(5, 40_000)  # call of recursion
    decorated(40_000)
    many_lines(20_000)
    sum(generate(10_000))
    outer(40_000)

    class Body:
        total = sum(range(40_000))  # class body

print(spent[0] / sum(spent))
