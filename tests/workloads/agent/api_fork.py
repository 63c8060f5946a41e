"""Forks while trampolines of the package's API are on: the child has functions of its own, and prints its process id."""

import os
import sys

import viperf


def foo_fork():
    pass


def bar_fork():
    foo_fork()


def baz_fork():
    bar_fork()


def foo():
    pid = os.fork()
    if pid == 0:
        assert viperf.is_stack_trampoline_active()
        print(os.getpid())
        baz_fork()
        return
    _, status = os.waitpid(pid, 0)
    sys.exit(status)


def bar():
    foo()


def baz():
    bar()


viperf.activate_stack_trampoline(sys.argv[1])
baz()
