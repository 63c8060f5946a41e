#!/usr/bin/env python3
"""Writes a large recording: perf.data with made-up Python stacks, named by a perf map.

    bench/big_recording.py OUT [SAMPLES] [STACKS]

A million samples of two hundred thousand distinct stacks by default, the same ones each time. The stacks are walks through a
call graph of two thousand functions, of 5 to 60 frames; three in four functions are Python's, in eighty files, the others native.
A few stacks are met often and most once or twice, as in a program that does much. The names go to /tmp/perf-PID.map, where every reader looks for them.
"""
import random
import struct
import sys

PID = 4000007
THREADS = 4
BASE = 0x7F0000000000
FUNCTIONS = 2000
FILES = 80
SIZE = 64  # bytes of a function's code
PERIOD = 1_000_000  # nanoseconds that a sample stands for

IP, TID, TIME, CALLCHAIN, PERIOD_BIT = 1, 2, 4, 0x20, 0x100
SAMPLE_TYPE = IP | TID | TIME | CALLCHAIN | PERIOD_BIT
USER = 2
CONTEXT_USER = 0xFFFFFFFFFFFFFE00


def stacks_of(count, draw):
    """Distinct stacks, outermost function first."""
    callees = [[draw.randrange(FUNCTIONS) for _ in range(6)] for _ in range(FUNCTIONS)]
    found = {}
    stack = [0]
    while len(found) < count:
        if len(stack) > 5 and draw.random() < 0.5:
            del stack[-draw.randrange(1, min(len(stack), 12)):]
        while len(stack) < 60 and draw.random() < 0.8:
            stack.append(callees[stack[-1]][min(int(draw.expovariate(0.7)), 5)])
        found.setdefault(tuple(stack))
    return list(found)


def record(kind, misc, body):
    return struct.pack("<IHH", kind, misc, 8 + len(body)) + body


def main():
    out = sys.argv[1]
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200_000
    draw = random.Random(7)
    stacks = stacks_of(count, draw)
    chains = [
        struct.pack(f"<Q{len(stack) + 1}Q", len(stack) + 1, CONTEXT_USER, *(BASE + fn * SIZE + 8 for fn in reversed(stack)))
        for stack in stacks
    ]
    with open(f"/tmp/perf-{PID}.map", "w", encoding="utf-8") as names:
        for fn in range(FUNCTIONS):
            file = fn % FILES
            python = f"py::Part{fn % 37}.work_{fn}:/srv/app/package_{file % 9}/module_{file}.py"
            names.write(f"{BASE + fn * SIZE:x} {SIZE:x} {f'native_work_{fn}' if fn % 4 == 3 else python}\n")

    attr = struct.pack("<IIQQQQQ", 1, 136, 0, 1000, SAMPLE_TYPE, 0, 1 | 1 << 10 | 1 << 18).ljust(136, b"\0")  # cpu-clock
    header = 104
    data = header + len(attr) + 16
    with open(out, "wb") as file:
        file.write(b"\0" * data)
        start = 10**12

        def identity(tid, time):
            return struct.pack("<IIQ", PID, tid, time)

        for thread in range(THREADS):
            file.write(record(3, 0, struct.pack("<II16s", PID, PID + thread, b"python") + identity(PID + thread, start)))
        file.write(record(10, USER, struct.pack("<IIQQQIIQQII", PID, PID, BASE, FUNCTIONS * SIZE, 0, 0, 0, 0, 0, 7, 2)
                          + b"//anon\0\0" + identity(PID, start)))
        at = 0
        for number in range(samples):
            # each stack once, spread over the time; between them those that are met often
            if number % max(1, samples // count) == 0 and at < count:
                stack, at = at, at + 1
            else:
                stack = min(int(draw.paretovariate(0.35)) - 1, 10**9) % count
            tid = PID + number % THREADS
            time = start + (number // THREADS + 1) * PERIOD
            chain = chains[stack]
            ip = struct.unpack_from("<Q", chain, 16)[0]
            file.write(record(9, USER, struct.pack("<QIIQQ", ip, PID, tid, time, PERIOD) + chain))
        end = file.tell()
        file.seek(0)
        sections = (header, len(attr) + 16, data, end - data, 0, 0)
        file.write(struct.pack("<8sQQ6Q4Q", b"PERFILE2", header, len(attr) + 16, *sections, 0, 0, 0, 0))
        file.seek(header)
        file.write(attr + struct.pack("<QQ", 0, 0))


if __name__ == "__main__":
    main()
