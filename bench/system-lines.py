"""Known line costs in user and system time: line A reads /dev/zero, line B counts; prints the line numbers and the true shares."""
import os
import sys
import time

N = int(sys.argv[1]) if len(sys.argv) > 1 else 400
spent = [0, 0]


def work(reps):
    zero = os.open("/dev/zero", os.O_RDONLY)
    into = [bytearray(4 << 20)]
    for _ in range(reps):
        t0 = time.thread_time_ns()
        os.readv(zero, into)  # A
        t1 = time.thread_time_ns()
        b = sum(range(40_000))  # B
        t2 = time.thread_time_ns()
        spent[0] += t1 - t0
        spent[1] += t2 - t1
    return b


work(N)
total = sum(spent)
print(f"line-a 15 {spent[0] / total:.4f}")
print(f"line-b 17 {spent[1] / total:.4f}")
