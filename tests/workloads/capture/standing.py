"""Threads that stand still, each in its own way, beside one that is busy.

Prints a line for each: function, thread, seconds, the line that it stands at, and how often it was woken meanwhile.
"""
import asyncio
import os
import select
import socket
import sys
import threading
import time

SECONDS = float(sys.argv[1])
END = time.monotonic() + SECONDS
lock = threading.Lock()
pipe, pipe_end = os.pipe()
watched, watched_end = os.pipe()
here, there = socket.socketpair()
rows = []
tids = {}


def thread(function):
    def run():
        tids[function.__name__] = threading.get_native_id()
        start = time.monotonic()
        function()
        rows.append((function.__name__, threading.get_native_id(), time.monotonic() - start, LINES.get(function.__name__, 0)))
    return threading.Thread(target=run)


def busy():
    while time.monotonic() < END:
        sum(range(1000))


def sleeper():
    time.sleep(END - time.monotonic())  # stands


def reader():
    os.read(pipe, 1)  # stands


def locker():
    lock.acquire()  # stands


def selecter():
    select.select([watched], [], [])  # stands


def receiver():
    here.recv(1)  # stands


def looper():
    asyncio.run(asyncio.sleep(END - time.monotonic()))


def switches(tid):
    with open("/proc/self/task/%d/status" % tid) as status:
        return sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)


def first_lines():
    function, lines = None, {}
    with open(__file__) as source:
        for number, line in enumerate(source, 1):
            if line.startswith("def "):
                function = line[4:line.index("(")]
            elif line.endswith("# stands\n"):
                lines[function] = number
    return lines


LINES = first_lines()
lock.acquire()
threads = [thread(function) for function in (busy, sleeper, reader, locker, selecter, receiver, looper)]
for each in threads:
    each.start()
time.sleep(SECONDS / 3)
still = ("sleeper", "reader", "locker", "selecter", "receiver")
before = {name: switches(tids[name]) for name in still}
time.sleep(SECONDS / 3)
woken = {name: switches(tids[name]) - before[name] for name in still}
threads[0].join()
os.write(pipe_end, b"x")
os.write(watched_end, b"x")
there.send(b"x")
lock.release()
for each in threads:
    each.join()
for name, tid, seconds, line in rows:
    print(name, tid, seconds, line, woken.get(name, 0))
