"""Switches trampolines on and off thousands of times, with both kinds of files in turn. Argument: rounds."""
import gc
import os
import sys

import viperf._agent as agent


def twice(number):
    return number + number


def numbers():
    yield 1
    yield twice(2)


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def toggle(rounds):
    half_way = numbers()
    for number in range(rounds):
        backend = "perf_jit" if number % 3 == 1 else "perf"
        assert agent.activate(backend) is True
        assert agent.is_active() is True
        assert sum(numbers()) == 5
        if number % 5 == 0:
            next(half_way)
            half_way = numbers()
            agent.activate(backend)
        if number % 2 == 0:
            agent.deactivate()
            agent.deactivate()
            assert agent.is_active() is False
            assert sum(numbers()) == 5


rounds = int(sys.argv[1])
toggle(rounds // 10)
gc.collect()
files, before = os.listdir("/proc/self/fd"), memory()
toggle(rounds)
assert os.listdir("/proc/self/fd") == files
assert memory() - before < 1 << 20, memory() - before
agent.activate("perf")


def late():
    return twice(1)


late()
agent.deactivate()
print("done")
