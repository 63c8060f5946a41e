"""Runs Python under a tracer that passes all signals on, as debuggers do: counts the traps from its exec on."""
import ctypes
import os
import signal
import sys

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS = 0, 7, 0x4200
PTRACE_O_TRACEEXEC, PTRACE_EVENT_EXEC = 0x10, 4
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
pid = os.fork()
if pid == 0:
    libc.ptrace(PTRACE_TRACEME, 0, None, None)
    os.kill(os.getpid(), signal.SIGSTOP)  # lets the tracer have the exec told from a trap
    os.execv(sys.executable, [sys.executable, "-c", "print(sum(i for i in range(300000)) * 0 + 7, flush=True)"])
traps, executed = 0, False
while True:
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        break
    stop = os.WSTOPSIG(status)
    passed = stop
    if stop == signal.SIGSTOP:
        libc.ptrace(PTRACE_SETOPTIONS, pid, None, PTRACE_O_TRACEEXEC)
        passed = 0
    elif status >> 16 == PTRACE_EVENT_EXEC:
        executed, passed = True, 0
    elif executed:
        traps += stop == signal.SIGTRAP
    libc.ptrace(PTRACE_CONT, pid, None, passed)
print(executed, traps, status)
