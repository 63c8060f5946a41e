"""Why the agent could not be imported. Imported itself only when somebody wants to know."""

from __future__ import annotations

import os
import sys
import sysconfig

_AGAIN = "pip install --force-reinstall viperf"


def reason(problem: ImportError) -> str:
    """Return one line with the cause and the remedy."""
    if not sys.platform.startswith("linux"):
        return f"viperf's trampolines are for Linux, not {sys.platform}"
    if sys.implementation.name != "cpython":
        return f"viperf's trampolines are for CPython, not {sys.implementation.name}: run the program with CPython"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return (
            "viperf's trampolines are not safe without a global interpreter lock:"
            " use a build of Python that has it, or implementation='builtin'"
        )
    library = os.path.join(os.path.dirname(__file__), "_agent.abi3.so")
    if not os.path.exists(library):
        if os.path.islink(library):
            return "viperf's agent is not built yet: run ./viperf --version in the checkout"
        return f"viperf's agent is not there, {library}: {_AGAIN}"
    if _machine(library) != _machine("/proc/self/exe"):
        return f"viperf's agent, {library}, is for another architecture than this Python: {_AGAIN}"
    return f"viperf's agent cannot be loaded: {problem}"


def _machine(path: str) -> bytes:
    """Return what an ELF file's header says of its architecture."""
    with open(path, "rb") as file:
        header = file.read(20)
    return header[4:6] + header[18:20]
