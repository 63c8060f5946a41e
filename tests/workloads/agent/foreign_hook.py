"""Another library's frame evaluator, below the agent's and above it. Argument: the library."""
import ctypes
import sys

import viperf._agent as agent

hook = ctypes.PyDLL(sys.argv[1])
hook.hook_calls.restype = ctypes.c_long
MINOR = sys.version_info[1]


def make(name):
    scope = {}
    exec(compile("def %s(): return 1" % name, __file__, "exec"), scope)
    return scope[name]


def has(name):
    import os
    with open("/tmp/perf-%d.map" % os.getpid()) as file:
        return "py::%s:%s\n" % (name, __file__) in file.read()


def check(name, hooked, named):
    hook.hook_calls()
    assert make(name)() == 1
    assert (hook.hook_calls() > 0) is hooked, (name, hooked)
    assert has(name) is named, (name, named)


# Below: chained while trampolines are on, in its place again when they are off.
hook.hook_install(MINOR)
assert hook.hook_is_on_top()
agent.activate("perf")
assert agent.is_active() and not hook.hook_is_on_top()
check("above", True, True)
agent.activate("perf")
check("twice", True, True)
agent.deactivate()
assert hook.hook_is_on_top()
check("off", True, False)
agent.activate("perf")
check("again", True, True)
agent.deactivate()
hook.hook_remove()
check("neither", False, False)

# Above: it goes on calling the agent's evaluator whatever that does.
agent.activate("perf")
hook.hook_install(MINOR)
check("below", True, True)
agent.deactivate()
assert not agent.is_active()
check("below_off", True, False)
for number in range(50):
    agent.activate("perf_jit" if number % 2 else "perf")
    assert agent.is_active()
    make("toggled_%d" % number)()
    agent.deactivate()
agent.activate("perf")
check("below_again", True, True)
hook.hook_remove()
check("alone", False, True)
agent.deactivate()
check("ended", False, False)

# Removed while the agent is off: what the agent finds then is what it puts back.
agent.activate("perf")
hook.hook_install(MINOR)
agent.deactivate()
hook.hook_remove()
check("removed", False, False)
agent.activate("perf")
check("last", False, True)
agent.deactivate()
check("end", False, False)
print("done")
