"""foo runs while trampolines are off, the others while they are on. Argument: the backend."""

import sys

import viperf


def foo():
    pass


def spam():
    pass


def bar():
    viperf.deactivate_stack_trampoline()
    foo()
    viperf.activate_stack_trampoline(sys.argv[1])
    spam()


def baz():
    bar()


viperf.activate_stack_trampoline(sys.argv[1])
baz()
