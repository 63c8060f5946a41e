"""Two children for each way in which multiprocessing starts them; prints the way and each child's number."""
import multiprocessing
import os


def child(queue):
    queue.put(os.getpid())


if __name__ == "__main__":
    for way in ("fork", "forkserver", "spawn"):
        context = multiprocessing.get_context(way)
        queue = context.Queue()
        children = [context.Process(target=child, args=(queue,)) for _ in range(2)]
        for process in children:
            process.start()
        for process in children:
            print(way, queue.get())
        for process in children:
            process.join()
            assert process.exitcode == 0
