"""Prints the code objects of the standard library's modules, and of a few lines that compilers take apart: one a line, with
tabs between its parts, as the tests of line tables read them."""
import dis
import glob
import os
import sys
import types

# Steps of more lines and of more bytes than an entry of any table holds, backwards too; code that no line stands for.
ODD = """
def far(a):
    return (a +
{lines}
            1)
def wide(a):
    return [{many}]
def closing(a):
    with a as b:
        try:
            return b
        finally:
            for c in a:
                continue
""".format(lines="\n" * 700, many=", ".join(["a"] * 900))


def ranges(code):
    """Start, end and line, 0 for none; neighbours of one line put together."""
    if hasattr(code, "co_lines"):
        rows = [(start, end, line or 0) for start, end, line in code.co_lines() if start < end]
    else:
        starts = list(dis.findlinestarts(code))
        ends = [start for start, _ in starts[1:]] + [len(code.co_code)]
        rows = [(start, end, line) for (start, line), end in zip(starts, ends)]
    merged = []
    for start, end, line in rows:
        if merged and merged[-1][1:] == (start, line):
            start = merged.pop()[0]
        merged.append((start, end, line))
    return merged


def walk(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from walk(constant)


def show(text, path):
    for code in walk(compile(text, path, "exec", dont_inherit=True)):
        table = code.co_linetable if sys.version_info >= (3, 10) else code.co_lnotab
        rows = ranges(code)
        print(
            code.co_firstlineno,
            code.co_code.hex(),
            table.hex(),
            ",".join("%d:%d:%d" % row for row in rows),
            getattr(code, "co_qualname", code.co_name),
            code.co_filename,
            sep="\t",
        )


show(ODD, "odd.py")
for path in sorted(glob.glob(os.path.join(os.path.dirname(os.__file__), "*.py"))):
    with open(path, "rb") as file:
        show(file.read(), path)
