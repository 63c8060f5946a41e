"""Two lines, one with three times the work of the other; prints which share of the CPU time each of them took."""
import sys
import time

spent = [0, 0]


def work(rounds):
    for _ in range(rounds):
        start = time.thread_time_ns()
        sum(range(150_000))  # LONG
        middle = time.thread_time_ns()
        sum(range(50_000))  # SHORT
        end = time.thread_time_ns()
        spent[0] += middle - start
        spent[1] += end - middle


work(int(sys.argv[1]))
print(spent[0] / sum(spent))
