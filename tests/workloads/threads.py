"""Three named threads, each busy in a function of its own. Argument: seconds."""
import sys
import threading
import time


def red(until):
    while time.monotonic() < until:
        pass


def green(until):
    while time.monotonic() < until:
        pass


def blue(until):
    while time.monotonic() < until:
        pass


end = time.monotonic() + (float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
threads = [threading.Thread(target=f, args=(end,), name=f.__name__) for f in (red, green, blue)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
