"""A thread that blocks SIGTRAP, or all signals, and later does not. Functions tell where samples may be."""
import os
import select
import signal
import sys
import threading
import time


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))


def while_blocked():
    spin(0.2)


def while_open():
    spin(0.2)


def worker():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while_blocked()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
    while_open()


def waiter():
    """Takes all signals that come to it: none does but those it is sent."""
    everything = signal.valid_signals()
    signal.pthread_sigmask(signal.SIG_BLOCK, everything)
    for _ in range(20):
        spin(0.002)
        got.append(signal.sigtimedwait(everything, 0.001))
        spin(0.002)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        got.append(signal.sigwait(everything))
        spin(0.002)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        got.append(signal.sigwaitinfo(everything).si_signo)


got = []
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTRAP])
while_blocked()
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTRAP])
while_open()
for target in (worker, waiter):
    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
assert got == [None, signal.SIGUSR1, signal.SIGUSR1] * 20, got
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTRAP])
while_blocked()
os.execv("/bin/echo", ["echo", "done"])
