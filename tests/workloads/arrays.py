"""Time in numpy's own code: sorting, adding, multiplying. Argument: repetitions."""
import sys

import numpy

NUMBERS = numpy.random.default_rng(1).random(50_000)
MATRIX = numpy.arange(40_000, dtype=numpy.int64).reshape(200, 200)


for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
    numpy.sort(NUMBERS)
    numpy.sqrt(NUMBERS) + numpy.sin(NUMBERS)
    numpy.cbrt(NUMBERS)  # a call of the C library for each number
    MATRIX @ MATRIX
    numpy.unique(NUMBERS.astype(numpy.int64))
