"""
Ends while daemon threads run Python code, sleep and call C, in generators and with statements. Argument: busy, or blocked
for threads that stay where they are.
"""
import sys
import threading
import time

BLOCKED = sys.argv[1] == "blocked"
NEVER = threading.Lock()
NEVER.acquire()
TURNS = {}


def turn():
    TURNS[threading.get_ident()] = TURNS.get(threading.get_ident(), 0) + 1
    if BLOCKED and TURNS[threading.get_ident()] > 3:
        NEVER.acquire()


def numbers(count):
    for number in range(count):
        yield number
    turn()


def spin():
    while True:
        sum(numbers(50))


def sleep():
    with threading.Lock():
        while True:
            time.sleep(0.0001)
            turn()


def sort():
    while True:
        sorted(range(200), key=lambda number: (turn() or 0) if number == 199 else 0)


for target in (spin, sleep, sort, spin):
    threading.Thread(target=target, daemon=True).start()
# CPython itself may crash when it ends before such a thread began.
while len(TURNS) < 4 or min(TURNS.values()) < 3:
    time.sleep(0.001)
