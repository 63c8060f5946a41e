"""Sorts while the signal of samples is blocked, again and again.

Argument: how many seconds of CPU time.
"""
import random
import signal
import sys
import time

NUMBERS = [random.random() for _ in range(2000)]


def sorting():
    sorted(NUMBERS)


end = time.process_time() + float(sys.argv[1])
while time.process_time() < end:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTRAP])
    sorting()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTRAP])
