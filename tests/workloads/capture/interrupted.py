"""
Signals that end calls which would wait for ever, each sent when the call waits. Arguments: how many, and how many threads are busy
meanwhile, which may take the signals in the main thread's place.
"""
import hashlib
import mmap
import os
import signal
import socket
import struct
import sys
import threading
import time

count = int(sys.argv[1])
PATIENCE = 20  # seconds, for a call that should end at once: then all is given up
begun = mmap.mmap(-1, 8)  # calls so far, shared with who sends the signals


class Stop(Exception):
    pass


def on_signal(*_):
    raise Stop


def send_signals(to, total):
    for number in range(1, total + 1):
        while struct.unpack("q", begun)[0] < number or not waits(to):
            pass
        os.kill(to, signal.SIGALRM)
        end = time.monotonic() + PATIENCE
        while struct.unpack("q", begun)[0] == number:
            if time.monotonic() > end:
                os.kill(sleeper, signal.SIGKILL)
                os.kill(to, signal.SIGKILL)
                os._exit(1)


def waits(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "S"


def busy():
    hashlib.pbkdf2_hmac("sha256", b"", b"", 1 << 30)  # for hours, without the interpreter's lock


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


read_end, write_end = os.pipe()
one, other = socket.socketpair()
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
lock = threading.Lock()
lock.acquire()
sleeper = os.fork()
if sleeper == 0:
    signal.pause()
calls = [
    lambda: os.read(read_end, 1),
    lambda: one.recv(1),
    lambda: listener.accept(),
    lambda: lock.acquire(),
    lambda: os.waitpid(sleeper, 0),
    lambda: time.sleep(600),
]
main = os.getpid()
sender = os.fork()
if sender == 0:
    send_signals(main, len(calls) * count)
    os._exit(0)
signal.signal(signal.SIGALRM, on_signal)
for _ in range(int(sys.argv[2])):
    threading.Thread(target=busy, daemon=True).start()
stopped = made = 0
for call in calls:
    for _ in range(count):
        made += 1
        try:
            begun[:] = struct.pack("q", made)
            call()
        except Stop:
            stopped += 1
        spin(0.0003)
begun[:] = struct.pack("q", made + 1)
os.waitpid(sender, 0)
os.kill(sleeper, signal.SIGKILL)
os.waitpid(sleeper, 0)
print(stopped, "of", made)
