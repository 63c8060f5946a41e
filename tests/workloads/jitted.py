"""Machine code (x86-64) in memory of its own, named in a perf map as CPython names its trampolines."""
import ctypes
import mmap
import os
import sys

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000_000
CODE = bytes.fromhex("4889f8" "48ffc8" "75fb" "c3")  # mov rax, rdi; again: dec rax; jnz again; ret

memory = mmap.mmap(
    -1,
    mmap.PAGESIZE,
    flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
    prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
)
memory.write(CODE)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
with open(f"/tmp/perf-{os.getpid()}.map", "a") as names:
    names.write(f"{address:x} {len(CODE):x} py::spin:{os.path.basename(__file__)}\n")
ctypes.CFUNCTYPE(None, ctypes.c_uint64)(address)(ROUNDS)
