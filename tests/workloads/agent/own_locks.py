"""
Interpreters with locks of their own (3.12 and later) that run side by side, switch trampolines on and off, and call new
functions and such as are compiled into CPython, which all of them share. Argument: rounds.
"""
import sys
import threading

import viperf._agent as agent

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

ROUNDS = int(sys.argv[1])

TEXT = """
import viperf._agent as agent
import codecs, os.path, stat, io, _collections_abc, genericpath, posixpath
for round in range(ROUNDS):
    agent.activate("perf_jit" if (round + NUMBER) % 3 == 0 else "perf")
    for count in range(20):
        scope = {}
        exec(f"def own_NUMBER_{round}_{count}(): return 1", scope)
        scope[f"own_NUMBER_{round}_{count}"]()
        assert posixpath.normpath(os.path.join("a", "..", "b")) == "b"
        assert os.path.splitext("a.b") == ("a", ".b") and os.path.basename("a/b") == "b"
        assert os.path.commonprefix(["ab", "ac"]) == "a" and os.fsencode("x") == b"x"
        codecs.getincrementaldecoder("utf-8")().decode(b"abc")
    if round % 2:
        agent.deactivate()
"""


def create():
    if sys.version_info >= (3, 13):
        return interpreters.create("isolated")
    return interpreters.create(isolated=True)


def work(number):
    for _ in range(2):
        interpreter = create()
        try:
            failure = interpreters.run_string(
                interpreter, TEXT.replace("NUMBER", str(number)).replace("ROUNDS", str(ROUNDS)))
            if failure is not None:
                wrong.append(failure)
        except Exception as error:
            wrong.append(error)
        interpreters.destroy(interpreter)


wrong = []
if "active" in sys.argv:
    agent.activate("perf")
threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not wrong, wrong
import codecs, os, posixpath
assert posixpath.normpath(os.path.join("a", "..", "b")) == "b" and os.path.splitext("a.b") == ("a", ".b")
codecs.getincrementaldecoder("utf-8")().decode(b"abc")
print("done")
