"""Forks in every state of the trampolines; children and parents look into each other's perf maps. Argument: perf or perf_jit."""
import os
import sys
import threading

import viperf._agent as agent

BACKEND = sys.argv[1]
PATTERN = "/tmp/jit-%d.dump" if BACKEND == "perf_jit" else "/tmp/perf-%d.map"


def has(pid, name):
    with open(PATTERN % pid, "rb") as file:
        content = file.read()
    end = b"\0" if BACKEND == "perf_jit" else b"\n"
    return content.count(b"py::%s:%s%s" % (name.encode(), os.fsencode(__file__), end)) != 0


def has_file(pid):
    return os.path.exists(PATTERN % pid)


def fork(work, end=os._exit):
    """Runs something in a child, which must end well; its process number."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        end(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, (work, status)
    return pid


def make(name):
    scope = {}
    exec(compile("def %s(): return 1" % name, __file__, "exec"), scope)
    return scope[name]


def known():
    return 7


def childs():
    return known()


def grandchilds():
    return childs()


def parents():
    return known()


def before():
    assert not agent.is_active()
    childs()
    assert not has_file(os.getpid())
    agent.activate(BACKEND)
    grandchilds()
    assert has(os.getpid(), "grandchilds")


def active():
    assert agent.is_active()
    childs()
    pid = os.getpid()
    assert has(pid, "childs")
    if BACKEND == "perf":
        assert has(pid, "known")

        def nested():
            grandchilds()
            for name in ("known", "childs", "grandchilds"):
                assert has(os.getpid(), name), name

        fork(nested)
        assert not has(pid, "grandchilds") and not has(pid, "nested")
    agent.deactivate()
    make("late")()
    assert not has(pid, "late")
    agent.activate(BACKEND)
    make("later")()
    assert has(pid, "later")


def after():
    assert not agent.is_active()
    make("unseen")()
    assert not has_file(os.getpid())
    agent.activate(BACKEND)
    make("seen")()
    assert has(os.getpid(), "seen") and not has(os.getpid(), "unseen")
    assert BACKEND == "perf_jit" or has(os.getpid(), "known")


def leave(status):
    sys.exit(status)


me = os.getpid()
known()
assert has_file(fork(before)) and not has_file(me)

agent.activate(BACKEND)
known()
child = fork(active)
fork(active, leave)
parents()
assert has(me, "known") and has(me, "parents")
for name in ("childs", "grandchilds", "active", "late", "later"):
    assert not has(me, name), name
assert not has(child, "parents")

done = threading.Event()
failures = []


def compile_all_the_time():
    number = 0
    while not done.is_set():
        number += 1
        make("compiled_%d" % number)()


def fork_all_the_time():
    def own():
        make("in_child")()
        assert has(os.getpid(), "in_child")
        assert BACKEND == "perf_jit" or has(os.getpid(), "known")

    try:
        for _ in range(6):
            fork(own)
    except BaseException as failure:
        failures.append(failure)


sys.setswitchinterval(1e-3)
compiler = threading.Thread(target=compile_all_the_time)
forker = threading.Thread(target=fork_all_the_time)
compiler.start()
forker.start()
forker.join()
done.set()
compiler.join()
assert not failures, failures
assert has(me, "compiled_1") and not has(me, "in_child")

agent.deactivate()
fork(after)
assert not has(me, "seen")
print("done")
