"""Ends while threads run and are sampled. Argument: how."""
import atexit
import os
import sys
import threading
import time


def spin(seconds=1e9):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))


class Late:
    def __del__(self):
        for _ in range(3000):
            sum((1, 2, 3))


def sleeper():
    while True:
        time.sleep(1000)


how = sys.argv[1]
late = Late()
late.itself = late
atexit.register(spin, 0.02)
for target in (sleeper,) if how == "sleeping" else (spin, spin):
    threading.Thread(target=target, daemon=True).start()
for _ in range(20):
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
spin(0.02)
print("done", flush=True)
if how == "_exit":
    os._exit(3)
if how == "exec":
    os.execv("/bin/sh", ["sh", "-c", "exit 3"])
if how == "raise":
    raise SystemExit(3)
sys.exit(3)
