"""Forks in every way that there is, from the main thread and from others; each child works in childs_work."""
import multiprocessing
import os
import sys
import threading
import time


def work(seconds=0.005):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))


def childs_work(seconds=0.005):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))
    return os.getpid()


def child(end):
    childs_work()
    if end == "double":
        pid = os.fork()
        if pid == 0:
            childs_work()
            os._exit(3)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if sys.version_info >= (3, 9) else os.waitpid(pid, 0)[1] >> 8)
    if end == "exit":
        sys.exit(3)
    if end == "exec":
        os.execv("/bin/sh", ["sh", "-c", "exit 3"])
    os._exit(3)


def fork(end):
    pid = os.fork()
    if pid == 0:
        child(end)
    status = os.waitpid(pid, 0)[1]
    assert status == 3 << 8, (end, status)


def main():
    for end in ("_exit", "double", "exit", "exec") * int(sys.argv[1]):
        fork(end)

    def forks():
        for end in ("_exit", "exec") * int(sys.argv[1]):
            fork(end)

    threads = [threading.Thread(target=forks) for _ in range(2)] + [threading.Thread(target=work, args=(0.2,))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert os.getpid() not in pool.map(childs_work, [0.01] * 4)
            pool.close()
            pool.join()
    print("done")


if __name__ == "__main__":
    main()
