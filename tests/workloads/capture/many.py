"""A thousand threads, that all work and end, in groups. Argument: how many."""
import sys
import threading

threading.stack_size(128 * 1024)


def work(n):
    return n and 1 + work(n - 1)


def run():
    for _ in range(10):
        work(100)
    barrier.wait()
    work(100)


count = int(sys.argv[1])
barrier = threading.Barrier(count + 1)
threads = [threading.Thread(target=run) for _ in range(count)]
for thread in threads:
    thread.start()
barrier.wait()
for thread in threads:
    thread.join()
print("done")
