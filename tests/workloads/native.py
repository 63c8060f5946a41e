"""Time in C below distinct Python functions: sorting, compressing, hashing. Argument: repetitions."""
import hashlib
import sys
import zlib

NUMBERS = [(i * 7919) % 100_003 / 7 for i in range(100_000)]
BYTES = bytes((i * 31 + i // 7) % 251 for i in range(1_000_000))


def sorting():
    return sorted(NUMBERS)[0]


def compressing():
    return len(zlib.compress(BYTES, 6))


def hashing():
    return hashlib.sha256(BYTES * 8).hexdigest()


for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3):
    sorting()
    compressing()
    hashing()
