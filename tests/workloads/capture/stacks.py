"""Runs Python on stacks that are small, deep, foreign or alternate. Argument: the library of stacks.c."""
import ctypes
import signal
import sys
import threading
import time

library = ctypes.CDLL(sys.argv[1])
CALLBACK = ctypes.CFUNCTYPE(None)
library.on_other_stack.argtypes = [CALLBACK, ctypes.c_size_t]
library.small_threads.argtypes = [ctypes.c_int, ctypes.c_long]
library.alternate_stack.argtypes = [ctypes.c_long]


def spin(seconds=0.01):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))


def deep(depth):
    return depth and deep(depth - 1) + 1


def endless():
    endless()


def generator(depth):
    if depth:
        yield from generator(depth - 1)
    for _ in range(20):
        spin(0.0001)
        yield 1


def on_other_stack():
    spin(0.02)
    deep(50)
    try:
        raise ValueError
    except ValueError:
        list(generator(5))


for _ in range(5):
    assert library.on_other_stack(CALLBACK(on_other_stack), 1 << 20) == 0
    assert library.small_threads(20, 300_000) == 0
    assert library.alternate_stack(3_000_000) == 0
    list(generator(30))

threading.stack_size(64 * 1024)
threads = [threading.Thread(target=spin, args=(0.02,)) for _ in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
threading.stack_size(0)

ticks = 0


def on_tick(*_):
    global ticks
    ticks += 1
    deep(20)


signal.signal(signal.SIGPROF, on_tick)
signal.setitimer(signal.ITIMER_PROF, 0.0005, 0.0005)
while ticks < 50:
    spin(0.001)
signal.setitimer(signal.ITIMER_PROF, 0)

for _ in range(30):
    try:
        endless()
    except RecursionError:
        pass
sys.setrecursionlimit(6000)
for _ in range(30):
    assert deep(5000) == 5000
print("done")
