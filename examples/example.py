"""The example of Python's documentation: shows a part of the program to perf, with the interpreter's own switch.

    ./viperf record -F 9999 -g -o perf.data python examples/example.py
"""
import sys


def shown(rounds):
    return sum(i * i for i in range(rounds))


def hidden(rounds):
    return sum(i * i for i in range(rounds))


sys.activate_stack_trampoline("perf")
shown(5_000_000)
sys.deactivate_stack_trampoline()
hidden(5_000_000)
