"""Machine code (x86-64) of its own, of which a jitdump tells as CPython's do: one function replaces another at its place,
and a forked child runs what it inherited and then code of its own."""
import ctypes
import mmap
import os
import struct
import sys
import time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000_000
CODE = bytes.fromhex("4889f8" "48ffc8" "75fb" "c3")  # mov rax, rdi; again: dec rax; jnz again; ret

memory = mmap.mmap(
    -1,
    mmap.PAGESIZE,
    flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
    prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))


class JitDump:
    """A jitdump that is whole after every record."""

    def __init__(self):
        self.file = open(f"/tmp/jit-{os.getpid()}.dump", "w+b", buffering=0)
        self.file.write(struct.pack("<6I2Q", 0x4A695444, 1, 40, 62, 0, os.getpid(), 0, 0))
        # The mapping is how profilers learn of the file.
        self.mapping = mmap.mmap(self.file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC)
        self.count = 0

    def load(self, name, offset, line):
        """Puts a function at an offset of the memory."""
        memory[offset : offset + len(CODE)] = CODE
        start = address + offset
        source = os.path.basename(__file__).encode() + b"\0"
        self.write(2, struct.pack("<2Q", start, 1) + struct.pack("<QII", start, line, 0) + source)
        self.count += 1
        ids = struct.pack("<2I", os.getpid(), os.getpid())
        places = struct.pack("<4Q", start, start, len(CODE), self.count)
        self.write(0, ids + places + name.encode() + b"\0" + CODE)

    def write(self, kind, body):
        self.file.write(struct.pack("<2IQ", kind, 16 + len(body), time.monotonic_ns()) + body)


def run(offset):
    ctypes.CFUNCTYPE(None, ctypes.c_uint64)(address + offset)(ROUNDS)


dump = JitDump()
dump.load("py::first:jitdump.py", 0, line=1)
run(0)
dump.load("py::second:jitdump.py", 0, line=2)
run(0)
readable, writable = os.pipe()
pid = os.fork()
if pid == 0:
    os.read(readable, 1)
    run(0)
    dump = JitDump()
    dump.load("py::childs:jitdump.py", 64, line=3)
    run(64)
    os._exit(0)
dump.load("py::third:jitdump.py", 0, line=4)
dump.load("py::parents:jitdump.py", 64, line=5)
os.write(writable, b".")
run(0)
run(64)
assert os.waitpid(pid, 0)[1] == 0
