"""Starts programs by subprocess and posix_spawn, which share memory with their children (vfork). Argument: how many."""
import os
import subprocess
import sys
import threading
import time

ends = {}


def start(count):
    for i in range(count):
        status = subprocess.call(["/bin/sh", "-c", "exit 3"], close_fds=i % 2 == 0)
        ends[status] = ends.get(status, 0) + 1
        try:
            subprocess.call(["/nowhere/to/be/found"])
        except FileNotFoundError:
            pass
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 4"], os.environ)
        status = os.waitpid(pid, 0)[1] >> 8 or -1
        ends[status] = ends.get(status, 0) + 1
        assert os.system("exit 5") == 5 << 8


def spin():
    while not done:
        sum(range(50))


done = False
spinner = threading.Thread(target=spin)
spinner.start()
start(int(sys.argv[1]))
threads = [threading.Thread(target=start, args=(int(sys.argv[1]),)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
done = True
spinner.join()
print(sorted(ends))
