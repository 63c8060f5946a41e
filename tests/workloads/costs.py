"""
Known costs by CPU time. `lines`: line A does three times the work of line B, in turns of no fixed length, since timers that the
kernel's tick drives would beat with one; `threads`: two threads, one of which uses three times
the CPU time of the other; `system`: nearly all time is the kernel's. Prints what was used: of the whole and, first, of its greater
part, in seconds. Arguments: which, seconds.
"""
import random
import sys
import threading
import time

spent = {}


def lines(seconds):
    a = b = 0
    until = time.process_time() + seconds
    while time.process_time() < until:
        length = random.randrange(20_000, 120_000)
        t0 = time.thread_time_ns()
        sum(range(3 * length))  # A
        t1 = time.thread_time_ns()
        sum(range(length))  # B
        t2 = time.thread_time_ns()
        a += t1 - t0
        b += t2 - t1
    spent["greater"] = a / 1e9


def spin(seconds):
    while time.thread_time() < seconds:
        for _ in range(1000):
            pass


def greater(seconds):
    spin(seconds)
    spent["greater"] = time.thread_time()


def lesser(seconds):
    spin(seconds)


def threads(seconds):
    both = [threading.Thread(target=greater, args=(seconds * 3 / 4,)), threading.Thread(target=lesser, args=(seconds / 4,))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()


def system(seconds):
    before = time.process_time()
    buffer = bytearray(1 << 20)
    with open("/dev/zero", "rb", buffering=0) as zeros:
        while time.process_time() < before + seconds:
            zeros.readinto(buffer)
    spent["greater"] = time.process_time() - before


start = time.process_time()
{"lines": lines, "threads": threads, "system": system}[sys.argv[1]](float(sys.argv[2]))
print(spent["greater"], time.process_time() - start)
