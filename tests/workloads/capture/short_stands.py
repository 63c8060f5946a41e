"""Stands for less than a millisecond again and again, each time in one of many functions, for some time in each.

Prints a line: main, thread, seconds.
"""
import threading
import time

STAND = """
def stand{0}():
    end = time.monotonic() + 0.01
    while time.monotonic() < end:
        time.sleep(0.0002)
"""

for i in range(200):
    exec(STAND.format(i))
start = time.monotonic()
for i in range(200):
    globals()["stand%d" % i]()
print("main", threading.get_native_id(), time.monotonic() - start)
