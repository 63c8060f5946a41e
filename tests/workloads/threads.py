"""
Three named threads, each busy in a function of its own. Argument: seconds. They seldom look at the clock: some kernels' vdso
has code without a symbol, which perf and viperf show by different addresses.
"""
import sys
import threading
import time


def red(until):
    while time.monotonic() < until:
        for _ in range(1000):
            pass


def green(until):
    while time.monotonic() < until:
        for _ in range(1000):
            pass


def blue(until):
    while time.monotonic() < until:
        for _ in range(1000):
            pass


end = time.monotonic() + (float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
threads = [threading.Thread(target=f, args=(end,), name=f.__name__) for f in (red, green, blue)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
