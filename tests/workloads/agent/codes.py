"""Makes and frees code objects, calling each. Arguments: how many; how many bytes the process may grow from half of them on."""
import os
import sys


def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def run(first, count):
    for number in range(first, first + count):
        # What is compiled once is copied: compiling takes long.
        name = "code_%d" % number
        function.__code__ = TEMPLATE.replace(**{NAME: name})
        assert function() == 1


def function():
    return 1


NAME = "co_qualname" if sys.version_info >= (3, 11) else "co_name"
TEMPLATE = function.__code__
count = int(sys.argv[1])
run(0, count // 2)
before = memory()
run(count // 2, count - count // 2)
assert memory() - before < int(sys.argv[2]), memory() - before
print("done")
