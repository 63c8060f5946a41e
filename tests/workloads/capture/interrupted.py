"""Alarms that end calls which would wait for ever. Arguments: how many; how many threads work meanwhile.

An alarm that comes just before its call ends nothing: there is a second one for that, and few calls may need it.
"""
import hashlib
import os
import signal
import socket
import sys
import threading
import time


class Stop(Exception):
    pass


def on_alarm(*_):
    raise Stop


def wait_for(call):
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.2)
    start = time.perf_counter()
    try:
        call()
    except Stop:
        return time.perf_counter() - start < 0.1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return 0


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def work():
    while not done:
        hashlib.sha256(block).digest()  # without the interpreter's lock


done = False
block = bytes(100_000)
workers = [threading.Thread(target=work) for _ in range(int(sys.argv[2]))]
signal.signal(signal.SIGALRM, on_alarm)
read_end, write_end = os.pipe()
one, other = socket.socketpair()
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
lock = threading.Lock()
lock.acquire()
pid = os.fork()
if pid == 0:
    signal.pause()
for worker in workers:
    worker.start()
calls = [
    lambda: os.read(read_end, 1),
    lambda: one.recv(1),
    lambda: listener.accept(),
    lambda: lock.acquire(),
    lambda: os.waitpid(pid, 0),
    lambda: time.sleep(60),
]
stopped = 0
for call in calls:
    for _ in range(int(sys.argv[1])):
        stopped += wait_for(call)
        spin(0.0003)
done = True
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
count = len(calls) * int(sys.argv[1])
print("first alarms end calls" if stopped > count - max(count // 20, 2) else f"{stopped} of {count}")
