"""Calls functions whose names and files' names are unusual."""
import sys


def call(name, file="plain.py"):
    code = compile("def f(): return 1", file, "exec")
    scope = {}
    exec(code, scope)
    field = "co_qualname" if sys.version_info >= (3, 11) else "co_name"
    scope["f"].__code__ = scope["f"].__code__.replace(**{field: name})
    assert scope["f"]() == 1


call("lone\ud800surrogate")
call("escaped\udcff")
call("two\nlines\r\tand\0zero")
call("grüße_日本_😀")
call("in_file", "dir\nwith\nlines/ü.py")
call("in_bytes", b"/tmp/bytes\xff.py")
call("space and colon:", "a: b.py")
call("", "empty.py")
call("long" * 5000, "long.py")
call("after_long")
print("done")
