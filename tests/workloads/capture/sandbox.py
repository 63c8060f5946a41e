"""Takes things away from itself that a recording might need, then works, forks and executes. Argument: what."""
import os
import resource
import sys
import time

how = sys.argv[1]


def spin(seconds=0.02):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(50))


def fork(end):
    pid = os.fork()
    if pid == 0:
        spin()
        end()
        os._exit(3)
    status = os.waitpid(pid, 0)[1]
    assert status == 3 << 8, status


def execute():
    try:
        os.execve("/bin/sh", ["sh", "-c", "exit 3"], {})
    except FileNotFoundError:
        assert how == "root"


spin()
if how == "files":
    os.closerange(3, 4096)
elif how == "environment":
    os.environ.clear()
elif how == "user":
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
elif how == "root":
    os.chroot(sys.argv[2])
elif how == "limits":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
    taken = open("/dev/null")  # the last descriptor; a program that is executed has it again
elif how == "memory":
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + (2 << 20), size + (2 << 20)))
spin()
fork(lambda: None)
fork(execute)
spin()
print("done")
