"""Stops or kills its recorder, and goes on. Argument: STOP or KILL."""
import os
import signal
import sys
import time


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))


spin(0.05)
recorder = os.getppid()
os.kill(recorder, getattr(signal, "SIG" + sys.argv[1]))
spin(0.5)
pid = os.fork()
if pid == 0:
    spin(0.02)
    os._exit(3)
assert os.waitpid(pid, 0)[1] == 3 << 8
print("done", flush=True)
os.execv("/bin/sh", ["sh", "-c", f"kill -CONT {recorder} 2>/dev/null; exit 3"])
