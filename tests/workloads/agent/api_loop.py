"""foo called by bar called by baz, with trampolines of the package's API. Arguments: the backend, or off; rounds."""

import sys

import viperf


def foo(n):
    x = 0
    for i in range(n):
        x += i


def bar(n):
    foo(n)


def baz(n):
    bar(n)


viperf.activate_stack_trampoline(sys.argv[1] if sys.argv[1] != "off" else "perf")
if sys.argv[1] == "off":
    viperf.deactivate_stack_trampoline()
baz(int(sys.argv[2]))
