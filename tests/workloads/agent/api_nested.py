"""with viperf.trampolines() inside one another; each f_... says in its name whether its call is seen."""

import viperf


def f_seen_outer():
    pass


def f_seen_inner():
    pass


def f_seen_after_inner():
    pass


def f_seen_after_error():
    pass


def f_unseen_before():
    pass


def f_unseen_switched_off():
    pass


def f_unseen_after():
    pass


f_unseen_before()
again = viperf.trampolines()
with again as entered:
    assert entered is again
    f_seen_outer()
    with again:
        f_seen_inner()
        with viperf.trampolines("perf"):
            viperf.deactivate_stack_trampoline()
            assert not viperf.is_stack_trampoline_active()
            f_unseen_switched_off()
        f_seen_after_inner()
    try:
        with viperf.trampolines("perf_jit"):
            raise KeyError("passes")
    except KeyError:
        f_seen_after_error()
    else:
        raise AssertionError("the error did not pass")
    assert viperf.is_stack_trampoline_active()
assert not viperf.is_stack_trampoline_active()
f_unseen_after()
