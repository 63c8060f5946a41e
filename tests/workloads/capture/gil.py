"""Threads that want the interpreter's lock, or do not. Prints a line for each: function, thread, seconds."""
import ctypes
import hashlib
import sys
import threading
import time

SECONDS = float(sys.argv[1])
BLOCK = bytes(64 << 20)
holding = ctypes.PyDLL(None)  # whose functions are called with the lock
rows = []


def first():
    while time.monotonic() < END:
        sum(range(1000))


def second():
    while time.monotonic() < END:
        sum(range(1000))


def hasher():
    while time.monotonic() < END:
        hashlib.sha1(BLOCK)


def holder():
    while time.monotonic() < END:
        holding.usleep(20000)


def thread(function):
    def run():
        start = time.monotonic()
        function()
        rows.append((function.__name__, threading.get_native_id(), time.monotonic() - start))
    return threading.Thread(target=run)


END = time.monotonic() + SECONDS
threads = [thread(globals()[name]) for name in sys.argv[2:]]
for each in threads:
    each.start()
for each in threads:
    each.join()
for name, tid, seconds in rows:
    print(name, tid, seconds)
