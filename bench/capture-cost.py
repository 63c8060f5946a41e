#!/usr/bin/env python3
"""What capturing Python frames costs programs, and the recorder beside them.

Each program runs in turn with nothing, captured at each frequency, and with CPython's own trampolines where there are some
(-X perf, without any recorder); so many rounds, of which the medians count. Printed are the program's own CPU seconds, as itself
measures them at its end, with the ratio to nothing in brackets, and behind a plus what the recorder took.

    bench/capture-cost.py PROGRAM [ARGUMENT...] [--python PYTHON...] [--frequency 999 9999] [--rounds 7] [--mode cpu]
"""
import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# The program's own time goes to a file: its standard streams are its own.
TIMED = """
import atexit, runpy, sys, time
def tell(path=sys.argv[1], time=time.process_time, open=open):
    with open(path, "w") as file:
        file.write(repr(time()))
atexit.register(tell)
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(command, told):
    """CPU seconds of the program that tells them, and of all else that the command ran."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    with open(told) as file:
        own = float(file.read())
    lost = sum(int(n) for n in re.findall(r", (\d+) lost\)", done.stderr))
    return own, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime - own, lost


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--viperf", default=os.path.join(TOP, "artifacts/viperf/viperf"))
    arguments.add_argument("--python", nargs="+", default=[sys.executable])
    arguments.add_argument("--frequency", nargs="+", type=int, default=[999, 9999])
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--mode", default="cpu")
    arguments.add_argument("--stack", default="8192", help="bytes of the copies of stacks")
    arguments.add_argument("program", nargs="+", help="and its arguments")
    given = arguments.parse_args()
    program = [os.path.abspath(given.program[0]), *given.program[1:]]
    with tempfile.TemporaryDirectory() as folder:
        told, data = os.path.join(folder, "told"), os.path.join(folder, "perf.data")
        wrapper = os.path.join(folder, "timed.py")
        with open(wrapper, "w") as file:
            file.write(TIMED)
        for python in given.python:
            version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
            ways = {"none": [python, wrapper, told, *program]}
            for frequency in given.frequency:
                ways[f"capture {frequency}"] = [
                    given.viperf, "record", "--python", "capture", "--mode", given.mode, "--call-graph", f"dwarf,{given.stack}",
                    "-F", str(frequency), "-o", data, "--", python, wrapper, told, *program]
            if int(version.split(".")[1]) >= 12:
                ways["-X perf"] = [python, "-X", "perf", wrapper, told, *program]
            times = {way: [] for way in ways}
            for _ in range(given.rounds):
                for way, command in ways.items():
                    times[way].append(run(command, told))
            nothing = statistics.median(own for own, _, _ in times["none"])
            cells = []
            for way, runs in times.items():
                own = statistics.median(run[0] for run in runs)
                beside = statistics.median(run[1] for run in runs)
                lost = sum(run[2] for run in runs)
                cells.append(f"{way} {own:.3f} s ({own / nothing:.2f}x)" + (f" + {beside:.3f} s, {lost} lost" if "capture" in way else ""))
            print(f"{version:8} {os.path.basename(program[0])}: " + "; ".join(cells), flush=True)


if __name__ == "__main__":
    main()
