"""A program that uses SIGTRAP itself. Argument: how."""
import ctypes
import faulthandler
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

TRAP = signal.SIGTRAP
MASK = 1 << (TRAP - 1)
how = sys.argv[1]
calls = []


def spin(seconds=0.05):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))


def trap():
    os.kill(os.getpid(), TRAP)
    spin()


def on_trap(signum, frame):
    calls.append(signum)


def childs(what):
    text = subprocess.check_output(["/bin/cat", "/proc/self/status"], close_fds=True, text=True)
    return int(text.split(what + ":")[1].split()[0], 16) & MASK


spin()
if how == "handler":
    assert signal.getsignal(TRAP) == signal.SIG_DFL
    assert signal.signal(TRAP, on_trap) == signal.SIG_DFL
    assert signal.getsignal(TRAP) == on_trap
    for _ in range(20):
        trap()
    assert calls == [TRAP] * 20, calls
    signal.raise_signal(TRAP)
    assert len(calls) == 21
    assert signal.signal(TRAP, signal.SIG_DFL) == on_trap
    assert childs("SigIgn") == childs("SigBlk") == 0
elif how == "interrupts":
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    signal.signal(TRAP, stop)
    read_end, write_end = os.pipe()
    for _ in range(20):
        timer = threading.Timer(0.01, signal.pthread_kill, (threading.get_ident(), TRAP))
        timer.start()
        try:
            os.read(read_end, 1)
        except Stop:
            calls.append(TRAP)
        timer.join()
    assert len(calls) == 20
elif how == "ignored":
    signal.signal(TRAP, signal.SIG_IGN)
    assert signal.getsignal(TRAP) == signal.SIG_IGN
    trap()
    assert childs("SigIgn") == MASK
    spin()
elif how == "inherited":  # ignored by whoever started this
    assert signal.getsignal(TRAP) == signal.SIG_IGN
    trap()
    assert childs("SigIgn") == MASK
elif how == "default":
    trap()
elif how == "faulthandler":
    for chain in (False, True):
        signal.signal(TRAP, on_trap)
        with tempfile.TemporaryFile("w+") as file:
            faulthandler.register(TRAP, file=file, chain=chain)
            trap()
            trap()
            faulthandler.unregister(TRAP)
            file.seek(0)
            text = file.read()
        assert text.count("in trap") == 2, text
        assert len(calls) == (2 if chain else 0), calls
elif how == "c":
    libc = ctypes.CDLL(None)
    handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(calls.append)
    libc.signal.restype = ctypes.c_void_p
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    address = ctypes.cast(handler, ctypes.c_void_p).value
    assert libc.signal(TRAP, address) in (0, None)
    trap()
    trap()
    assert calls == [TRAP, TRAP]
    assert libc.signal(TRAP, 0) == address
    for name in ("sigset", "sysv_signal", "ssignal"):
        if hasattr(libc, name):
            calls.clear()
            function = getattr(libc, name)
            function.restype = ctypes.c_void_p
            function.argtypes = [ctypes.c_int, ctypes.c_void_p]
            assert function(TRAP, address) in (0, None), name
            trap()
            assert calls == [TRAP], (name, calls)
            function(TRAP, 0)
            spin()
elif how == "behind":  # where nobody stands before the C library
    libc = ctypes.CDLL("libc.so.6")
    handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda signum: calls.append(signum))
    libc.signal.restype = ctypes.c_void_p
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    libc.signal(TRAP, {"ignored": 1, "default": 0}.get(sys.argv[2]) if sys.argv[2] != "handler" else ctypes.cast(handler, ctypes.c_void_p).value)
    spin(1.5)
print("done")
