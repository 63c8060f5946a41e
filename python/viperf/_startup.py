"""Switches trampolines on at the interpreter's start. viperf.pth imports it, where the environment has VIPERF."""

from __future__ import annotations

import os
import sys

from . import activate_stack_trampoline, is_stack_trampoline_active


def _start(backend: str) -> None:
    if is_stack_trampoline_active():
        return  # CPython's own were asked for too, with -X perf
    try:
        activate_stack_trampoline(backend)
    except ValueError:
        _say(f"VIPERF is {backend!a}: give perf or perf_jit; no trampolines")
    except Exception as problem:
        _say(f"no trampolines: {problem}")


def _say(text: str) -> None:
    if sys.stderr is None:
        return
    try:
        print(f"viperf: {text}", file=sys.stderr)
    except OSError:
        pass  # nobody reads it: no reason to stop a program


_start(os.environ["VIPERF"])
