"""Ends while daemon threads run Python code, sleep and call C, some below generators and a with statement."""
import threading
import time


def spin():
    while True:
        sum(number for number in range(50))


def sleep():
    with threading.Lock():
        while True:
            time.sleep(0.0001)


def sort():
    while True:
        sorted(range(200), key=lambda number: -number)


for target in (spin, sleep, sort, spin):
    threading.Thread(target=target, daemon=True).start()
time.sleep(0.005)
