"""
Functions, a file and a thread whose names are something else in every format that has names in it. Argument: seconds that each
function takes.
"""
import sys
import threading
import time

NAMES = [
    "</script><img src=x onerror=alert(1)>", "quote\"and'apostrophe", "two\nlines", "semi;colon", "comma,comma", "esc\x1b[31m",
    "=cmd()", "-1", "@at", "{\"json\": 1}", "back\\slash", "na\u00efve \U0001f40d", "x" * 5000,
]


def template(until):
    while time.monotonic() < until:
        for _ in range(1000):
            pass


def work():
    for name in NAMES:
        names = {"co_name": name, "co_filename": f"/{name[:100]}.py"}
        if sys.version_info >= (3, 11):
            names["co_qualname"] = name
        function = type(template)(template.__code__.replace(**names), globals())
        function(time.monotonic() + float(sys.argv[1]))


thread = threading.Thread(target=work, name="=1,\"a;b\"")
thread.start()
thread.join()
