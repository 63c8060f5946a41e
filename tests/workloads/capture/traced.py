"""Runs Python under a tracer that passes all signals on, as debuggers do, and counts them."""
import ctypes
import os
import signal
import sys

PTRACE_TRACEME, PTRACE_CONT = 0, 7
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
pid = os.fork()
if pid == 0:
    libc.ptrace(PTRACE_TRACEME, 0, None, None)
    os.execv(sys.executable, [sys.executable, "-c", "print(sum(range(1000)) * 0 + sum(i for i in range(300000)) * 0 + 7, flush=True)"])
traps = 0
while True:
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        break
    stop = os.WSTOPSIG(status)
    first = traps == 0 and stop == signal.SIGTRAP  # of the exec itself
    traps += stop == signal.SIGTRAP
    libc.ptrace(PTRACE_CONT, pid, None, 0 if first else int(stop))
print(traps, status)
