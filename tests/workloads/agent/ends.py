"""
Calls functions, new ones among them, and then ends as its argument says: exec for another program (this one again), _exit,
kill, abort, closed (with every descriptor closed), fatal (an error that nobody handles). A second argument: seconds to be
busy before.
"""
import os
import signal
import sys
import time


def make(name):
    scope = {}
    exec(compile("def %s(): return 1" % name, __file__, "exec"), scope)
    return scope[name]


def work():
    return [make("made_%d" % number)() for number in range(300)]


def last():
    return 1


def busy(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))


how = sys.argv[1]
if how == "exec":
    make("before_exec")()
    os.execv(sys.executable, [sys.executable, "-S", __file__, "after"] + sys.argv[2:])
if how == "after":
    make("after_exec")()
if how == "closed":
    os.closerange(3, 256)
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(5)]
    assert files == [3, 4, 5, 6, 7], files
work()
last()
busy(float(sys.argv[2]) if len(sys.argv) > 2 else 0)
if how == "_exit":
    os._exit(0)
if how == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
if how == "abort":
    os.abort()
if how == "closed":
    assert [os.read(file, 1) for file in files] == [b""] * 5
if how == "fatal":
    raise SystemError("nobody handles it")
