"""Runs code in subinterpreters, one after the other and, where they have locks of their own, side by side."""
import sys
import threading

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

code = """
def work(n):
    return n and 1 + work(n - 1)
for _ in range(300):
    work(100)
"""


def run(times):
    for _ in range(times):
        interpreter = interpreters.create()
        interpreters.run_string(interpreter, code)
        interpreters.destroy(interpreter)


run(3)
if sys.version_info >= (3, 12):
    threads = [threading.Thread(target=run, args=(3,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("done")
