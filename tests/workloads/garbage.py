"""Objects in cycles, which only the garbage collector frees. Argument: how many."""
import sys


class Cycle:
    def __init__(self):
        self.me = [self, {}]


def churn(n):
    kept = [Cycle() for _ in range(20_000)]
    for _ in range(n):
        Cycle()
    return kept


churn(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
