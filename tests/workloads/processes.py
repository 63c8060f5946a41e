"""Children by fork, by subprocess and by multiprocessing, each busy in a function of its own."""
import multiprocessing
import os
import subprocess
import sys

ROUNDS = 3_000_000


def spin():
    total = 0
    for i in range(ROUNDS):
        total += i
    return total


def in_fork():
    return spin()


def in_pool(_):
    return spin()


def in_parent():
    return spin()


if __name__ == "__main__":
    pid = os.fork()
    if pid == 0:
        in_fork()
        os._exit(0)
    program = f"def in_subprocess():\n    for i in range({ROUNDS}): pass\nin_subprocess()"
    child = subprocess.Popen([sys.executable, "-c", program])
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(in_pool, range(2))
    in_parent()
    assert child.wait() == 0
    assert os.waitpid(pid, 0)[1] == 0
