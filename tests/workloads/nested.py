"""foo is called by bar, and bar by baz: nearly all of the time is foo's own. Argument: rounds of foo's loop."""
import sys


def foo(rounds):
    total = 0
    for i in range(rounds):
        total += i
    return total


def bar(rounds):
    return foo(rounds)


def baz(rounds):
    return bar(rounds)


if __name__ == "__main__":
    baz(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
