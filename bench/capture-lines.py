#!/usr/bin/env python3
"""How near the shares of two lines come to the truth, which the program measures itself (thread_time_ns around each line).

For each interpreter and frequency: so many recordings of a program that prints "line-a LINE SHARE" and "line-b LINE SHARE"; how far
the sampled share of the first lies from its own run's truth, in standard errors, and the mean of all in percentage points. Samples count
by the time that they stand for; the standard error is that of as many equal ones as they are worth.

    bench/capture-lines.py PROGRAM [ARGUMENT...] [--python PYTHON...] [--frequency 999 9999] [--rounds 10] [--under COMMAND]

--under has viperf run by another command, as another user ("setpriv --reuid=nobody ...", who must be able to read viperf, Python and
program) or where perf_event_open is refused ("refused 13", which is tests/workloads/refused.c).
"""
import argparse
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def lines_of(script, file):
    """By line: periods of the samples whose innermost frame of the program stands there."""
    found = {}
    for sample in script.split("\n\n"):
        m = re.search(rf"^ +{re.escape(file)}:(\d+)$", sample, re.MULTILINE)
        if m and (period := re.match(r"\s*(\d+)", sample)):
            found.setdefault(int(m[1]), []).append(int(period[1]))
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--viperf", default=os.path.join(TOP, "artifacts/viperf/viperf"))
    arguments.add_argument("--python", nargs="+", default=[sys.executable])
    arguments.add_argument("--frequency", nargs="+", type=int, default=[999])
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--under", default="")
    arguments.add_argument("program", nargs="+", help="and its arguments")
    given = arguments.parse_args()
    for python in given.python:
        for frequency in given.frequency:
            errors, deviations = [], []
            with tempfile.TemporaryDirectory() as folder:
                os.chmod(folder, 0o777)
                data = os.path.join(folder, "perf.data")
                for _ in range(given.rounds):
                    done = subprocess.run(
                        [*shlex.split(given.under), given.viperf, "record", "--python", "capture", "--call-graph", "dwarf", "-F", str(frequency), "-o", data, "--",
                         python, *given.program], capture_output=True, text=True, check=True)
                    (a, truth), (b, _) = [(int(line), float(share)) for line, share in re.findall(r"line-\w (\d+) ([\d.]+)", done.stdout)]
                    script = subprocess.run([given.viperf, "script", "-i", data, "--no-inline", "-F", "period,ip,sym,srcline"],
                                            capture_output=True, text=True, check=True).stdout
                    lines = lines_of(script, os.path.basename(given.program[0]))
                    periods = lines.get(a, []) + lines.get(b, [])
                    count = sum(periods) ** 2 / sum(period * period for period in periods)
                    errors.append(sum(lines.get(a, [])) / sum(periods) - truth)
                    deviations.append(errors[-1] / math.sqrt(truth * (1 - truth) / count))
            print(f"{python.split('/versions/')[-1]:28} {frequency:5} Hz: mean {100 * sum(errors) / len(errors):+.2f} points; in standard errors: "
                  + " ".join(f"{d:+.1f}" for d in deviations), flush=True)


if __name__ == "__main__":
    main()
