"""Calls that are each the only one of their line, so that a function's name tells its caller's line; ends after its argument's seconds of CPU time."""
import sys
import threading
import time


def leaf(n):
    total = 0
    for i in range(n):  # LEAF
        total ^= i  # LEAF
    return total  # LEAF


def recursive(n):
    if n == 0:
        return leaf(300)  # recursive -> leaf
    return recursive(n - 1)  # recursive -> recursive


def generator(n):
    for _ in range(n):
        yield leaf(100)  # generator -> leaf


def outer(n):
    yield from generator(n)  # outer -> generator


class Counter:  # <module> -> Counter
    def __init__(self, n):
        self.value = leaf(n)  # __init__ -> leaf

    def __add__(self, other):
        return Counter(
            200)  # __add__ -> __init__


def by_c(n):
    return sorted(range(n), key=key)  # by_c -> key


def key(i):
    return leaf(3) - i  # key -> leaf


def once():
    recursive(12)  # once -> recursive
    sum(outer(5))  # once -> outer
    Counter(50) + None  # once -> __init__ -> __add__
    by_c(40)  # once -> by_c


def until(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        once()  # until -> once


thread = threading.Thread(target=until, args=(float(sys.argv[1]),))
thread.start()
until(float(sys.argv[1]))  # <module> -> until
thread.join()
