#!/usr/bin/env python3
"""How near the shares of two lines come to the truth, which the program measures itself (thread_time_ns around each line).

For each interpreter and frequency: so many recordings of a program that prints "line-a LINE SHARE" and "line-b LINE SHARE"; how far
the sampled share of the first lies from its own run's truth, in standard errors, and the mean of all in percentage points.

    bench/capture-lines.py PROGRAM [ARGUMENT...] [--python PYTHON...] [--frequency 999 9999] [--rounds 10]
"""
import argparse
import math
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def lines_of(script, file):
    """By line: samples whose innermost frame of the program stands there."""
    found = {}
    for sample in script.split("\n\n"):
        if m := re.search(rf"^ +{re.escape(file)}:(\d+)$", sample, re.MULTILINE):
            found[int(m[1])] = found.get(int(m[1]), 0) + 1
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--viperf", default=os.path.join(TOP, "artifacts/viperf/viperf"))
    arguments.add_argument("--python", nargs="+", default=[sys.executable])
    arguments.add_argument("--frequency", nargs="+", type=int, default=[999])
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("program", nargs="+", help="and its arguments")
    given = arguments.parse_args()
    for python in given.python:
        for frequency in given.frequency:
            errors, deviations = [], []
            with tempfile.TemporaryDirectory() as folder:
                data = os.path.join(folder, "perf.data")
                for _ in range(given.rounds):
                    done = subprocess.run(
                        [given.viperf, "record", "--python", "capture", "--call-graph", "dwarf", "-F", str(frequency), "-o", data, "--",
                         python, *given.program], capture_output=True, text=True, check=True)
                    (a, truth), (b, _) = [(int(line), float(share)) for line, share in re.findall(r"line-\w (\d+) ([\d.]+)", done.stdout)]
                    script = subprocess.run([given.viperf, "script", "-i", data, "--no-inline", "-F", "ip,sym,srcline"],
                                            capture_output=True, text=True, check=True).stdout
                    lines = lines_of(script, os.path.basename(given.program[0]))
                    count = lines.get(a, 0) + lines.get(b, 0)
                    errors.append(lines.get(a, 0) / count - truth)
                    deviations.append(errors[-1] / math.sqrt(truth * (1 - truth) / count))
            print(f"{python.split('/versions/')[-1]:28} {frequency:5} Hz: mean {100 * sum(errors) / len(errors):+.2f} points; in standard errors: "
                  + " ".join(f"{d:+.1f}" for d in deviations), flush=True)


if __name__ == "__main__":
    main()
