"""Stack trampolines for Linux profilers, on CPython 3.8 to 3.15.

While they are active, each call of a Python function passes through a small piece of machine code of that function's
own, so that perf, viperf and other native profilers see the function in their stacks. Names go to a file for each
process: ``/tmp/perf-PID.map`` with the backend ``"perf"``, ``/tmp/jit-PID.dump`` with ``"perf_jit"``, which has unwind
information too. The functions are those that ``sys`` has from 3.12 on, with the same errors::

    import viperf

    with viperf.trampolines():
        work()

Trampolines are active in a whole interpreter, not in one thread. Functions that run already appear with their next call.
"""

from __future__ import annotations

import sys

# Type checkers take this name for true; to import typing would cost more than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType, TracebackType
    from typing import List, Literal, Optional, Tuple, Type

    Implementation = Literal["agent", "builtin"]
else:
    Implementation = str

__version__ = "0.1.0"
__all__ = [
    "activate_stack_trampoline",
    "deactivate_stack_trampoline",
    "is_stack_trampoline_active",
    "trampolines",
]

_BACKENDS = ("perf", "perf_jit")

# The agent, once it was imported: the import statement calls Python functions, which would appear in profiles.
_imported: Optional[ModuleType] = None


def activate_stack_trampoline(backend: str, *, implementation: Implementation = "agent") -> None:
    """Switch trampolines on; where they are on already, change their backend.

    backend is "perf", which writes /tmp/perf-PID.map, or "perf_jit", which writes /tmp/jit-PID.dump.

    implementation is "agent", viperf's own trampolines, or "builtin", those that CPython has from 3.12 on.

    Raises ValueError for an unknown backend, and RuntimeError with the reason where there can be no trampolines. One
    implementation does not replace the other: call deactivate_stack_trampoline() in between.
    """
    if implementation == "agent":
        _activate_agent(backend)
    elif implementation == "builtin":
        _activate_builtin(backend)
    else:
        raise ValueError(f"invalid implementation: {implementation}")


def deactivate_stack_trampoline() -> None:
    """Switch trampolines off, whichever are on; do nothing if none are."""
    agent = _find_agent()
    if agent is not None:
        agent.deactivate()
    if _is_builtin_active():
        getattr(sys, "deactivate_stack_trampoline")()


def is_stack_trampoline_active() -> bool:
    """Return True if trampolines are on, viperf's or CPython's own."""
    return _is_agent_active() or _is_builtin_active()


class trampolines:
    """Context manager that switches trampolines on, and at its end back to what there was before.

    It takes what activate_stack_trampoline() takes. It may be nested and used again, and trampolines may be on already:
    those of CPython stay as they are if implementation is "builtin", because CPython does not tell their backend.
    """

    def __init__(self, backend: str = "perf", *, implementation: Implementation = "agent") -> None:
        self._backend = backend
        self._implementation: Implementation = implementation
        self._before: List[Tuple[Optional[Implementation], str]] = []

    def __enter__(self) -> trampolines:
        before = self._state()
        self._switch_to(self._implementation, self._backend)
        self._before.append(before)
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        implementation, backend = self._before.pop()
        if implementation is None:
            deactivate_stack_trampoline()
            return
        # The block may have gone over to the other implementation.
        if implementation == "agent" and _is_builtin_active() or implementation == "builtin" and _is_agent_active():
            deactivate_stack_trampoline()
        self._switch_to(implementation, backend)

    def _state(self) -> Tuple[Optional[Implementation], str]:
        if _is_agent_active():
            return "agent", _import_agent().active_backend()
        return ("builtin" if _is_builtin_active() else None), self._backend

    @staticmethod
    def _switch_to(implementation: Implementation, backend: str) -> None:
        if implementation == "builtin" and _is_builtin_active():
            return
        activate_stack_trampoline(backend, implementation=implementation)


def _activate_agent(backend: str) -> None:
    if not isinstance(backend, str):
        kind = "None" if backend is None else type(backend).__name__
        raise TypeError(f"activate_stack_trampoline() argument must be str, not {kind}")
    if backend not in _BACKENDS:
        raise ValueError(f"invalid backend: {backend}")
    try:
        agent = _import_agent()
    except ImportError as problem:
        from ._missing import reason

        raise RuntimeError(reason(problem)) from None
    agent.activate(backend)


def _activate_builtin(backend: str) -> None:
    activate = getattr(sys, "activate_stack_trampoline", None)
    if activate is None:
        version = "%d.%d" % sys.version_info[:2]
        raise RuntimeError(
            f"Python {version} has no trampolines of its own, which came with CPython 3.12: use implementation='agent'"
        )
    if _is_agent_active():
        raise RuntimeError("viperf's trampolines are active: call deactivate_stack_trampoline() first")
    activate(backend)


def _import_agent() -> ModuleType:
    global _imported
    if _imported is None:
        from . import _agent

        _imported = _agent
    return _imported


def _find_agent() -> Optional[ModuleType]:
    try:
        return _import_agent()
    except ImportError:
        return None


def _is_agent_active() -> bool:
    agent = _find_agent()
    return agent is not None and bool(agent.is_active())


def _is_builtin_active() -> bool:
    is_active = getattr(sys, "is_stack_trampoline_active", None)
    return is_active is not None and bool(is_active())
