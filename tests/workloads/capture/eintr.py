"""Counts the calls that end with EINTR although no signal of the program's own came: waits that just run out."""
import ctypes
import errno
import os
import select
import socket
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)


class Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class Timeval(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("microseconds", ctypes.c_long)]


class Pollfd(ctypes.Structure):
    _fields_ = [("file", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short)]


interrupted = made = 0


def count(result):
    global interrupted, made
    made += 1
    if result == -1 and ctypes.get_errno() == errno.EINTR:
        interrupted += 1


def spin(seconds=0.0004):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


read_end, write_end = os.pipe()
epoll = select.epoll()
epoll.register(read_end, select.EPOLLIN)
events = ctypes.create_string_buffer(64)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
listener.settimeout(None)
limit = Timeval(0, 1000)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bytes(limit))
semaphore = ctypes.create_string_buffer(64)
libc.sem_init(semaphore, 0, 0)
byte = ctypes.create_string_buffer(1)
listener.setblocking(True)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bytes(Timeval(0, 1000)))


def later(seconds=0.0005):
    def write():
        time.sleep(seconds)
        os.write(write_end, b"x")
    thread = threading.Thread(target=write)
    thread.start()
    return thread


def deadline():
    now = time.time_ns() + 1_000_000
    return Timespec(now // 1_000_000_000, now % 1_000_000_000)


for _ in range(int(sys.argv[1])):
    count(libc.epoll_wait(epoll.fileno(), events, 4, 1))
    spin()
    count(libc.poll(ctypes.byref(Pollfd(read_end, 1, 0)), 1, 1))
    spin()
    files = ctypes.create_string_buffer(128)
    files[read_end // 8] = bytes([1 << read_end % 8])
    count(libc.select(read_end + 1, files, None, None, ctypes.byref(Timeval(0, 1000))))
    spin()
    count(libc.nanosleep(ctypes.byref(Timespec(0, 500_000)), None))
    spin()
    count(libc.sem_timedwait(semaphore, ctypes.byref(deadline())))
    spin()
    count(libc.accept(listener.fileno(), None, None))
    spin()
    thread = later()
    count(libc.read(read_end, byte, 1))
    thread.join()
    spin()
print(interrupted, "of", made)
