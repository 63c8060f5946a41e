"""Little work and many calls: recursion, generators that delegate, small objects. Argument: repetitions."""
import sys


class Cell:
    def __init__(self, value, rest):
        self.value = value
        self.rest = rest


def prepend(values):
    cell = None
    for value in values:
        cell = Cell(value, cell)
    return cell


def unroll(cell, depth):
    if cell is not None and depth > 0:
        yield cell.value
        yield from unroll(cell.rest, depth - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    return ackermann(m - 1, 1 if n == 0 else ackermann(m, n - 1))


def main(repetitions):
    for _ in range(repetitions):
        chain = prepend(range(2000))
        assert sum(1 for _ in unroll(chain, 150)) == 150
        assert ackermann(2, 30) == 63


main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
