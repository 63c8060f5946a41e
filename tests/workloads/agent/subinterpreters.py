"""Trampolines in subinterpreters, which begin without: one after the other, ended while on. Argument: how many."""
import sys

import viperf._agent as agent

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters


def create():
    if sys.version_info >= (3, 13):
        return interpreters.create("legacy")
    return interpreters.create(isolated=False) if sys.version_info >= (3, 9) else interpreters.create()


def run(interpreter, text):
    failure = interpreters.run_string(interpreter, text)
    assert failure is None, failure


def in_main():
    pass


OFF = """
import viperf._agent as agent
assert agent.is_active() is False
def sub_without(): pass
sub_without()
"""
ON = """
import os.path, viperf._agent as agent
agent.activate('%s')
def sub_%d(): return os.path.splitext('a.b')
for _ in range(3): sub_%d()
assert agent.is_active() is True
"""
AGAIN = """
sub_%d()
agent.deactivate()
assert agent.is_active() is False
def sub_late(): pass
sub_late()
"""

agent.activate("perf")
kept = []
for number in range(int(sys.argv[1])):
    interpreter = create()
    run(interpreter, OFF)
    run(interpreter, ON % ("perf_jit" if number % 4 == 3 else "perf", number, number))
    if number % 9 == 0:
        kept.append((number, interpreter))  # lives on beside later ones
        continue
    if number % 2 == 0:
        run(interpreter, AGAIN % number)
    interpreters.destroy(interpreter)
    assert agent.is_active() is True
for number, interpreter in kept:
    run(interpreter, AGAIN % number)
    interpreters.destroy(interpreter)
in_main()
print("done")
