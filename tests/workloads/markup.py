"""Functions, source files and a thread whose names are markup, scripts and line ends. Argument: seconds."""
import sys
import threading
import time

NAMES = [
    "</script><img src=x onerror=alert(1)>",
    "]]></style></svg><script>alert(2)</script>",
    "\"'`;${alert(3)}--",
    "two\nlines; three",
    "x" * 2000,
]
SOURCE = """
def f(until):
    while time.monotonic() < until:
        for _ in range(1000):
            pass
"""


def named(name):
    code = compile(SOURCE, name + ".py", "exec").co_consts[0]
    code = code.replace(co_name=name, **({"co_qualname": name} if hasattr(code, "co_qualname") else {}))
    return type(named)(code, {"time": time, "range": range})


seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
with open("/proc/self/comm", "w") as comm:
    comm.write("<b>&\"'</b>")
for name in NAMES:
    named(name)(time.monotonic() + seconds / len(NAMES))
