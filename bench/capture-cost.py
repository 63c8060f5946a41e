#!/usr/bin/env python3
"""What capturing Python frames costs programs, and the recorder beside them.

The program runs with nothing, sampled and captured at each frequency, and with CPython's own trampolines where there are some
(-X perf, without any recorder): all at once and on one CPU, which gives each a few milliseconds in turn, so that what else the
machine does meets all of them alike. Recorders have the other CPUs. "sampled" is the kernel's share of the cost: the same events,
with nothing of Python and no copies of stacks. Printed are the medians of so many rounds: the program's own CPU seconds, as itself
measures them at its end; in brackets the ratio to nothing in the same round, with the lowest and the highest; behind a plus what
the recorder took.

    bench/capture-cost.py PROGRAM [ARGUMENT...] [--python PYTHON...] [--frequency 999 9999] [--rounds 7] [--mode cpu]
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Waits until all are ready. The program's own time goes to a file: its standard streams are its own.
TIMED = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[3])})
open(sys.argv[1], "w").close()
open(sys.argv[2], "rb").read()
import atexit, runpy, time
def tell(path=sys.argv[1], time=time.process_time, open=open):
    with open(path, "w") as file:
        file.write(repr(time()))
atexit.register(tell)
del sys.argv[:4]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Run:
    """A command that runs, and what it costs."""

    def __init__(self, command, told, cpus):
        self.command, self.told = command, told
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=self.errors, preexec_fn=lambda: os.sched_setaffinity(0, cpus))

    def end(self):
        """CPU seconds of the program that tells them, and of all else that the command ran; lost samples."""
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.errors.seek(0)
        said = self.errors.read()
        if status:
            sys.exit(f"{' '.join(self.command)}: exit status {self.process.returncode}\n{said}")
        with open(self.told) as file:
            own = float(file.read())
        os.unlink(self.told)
        return own, used.ru_utime + used.ru_stime - own, sum(int(n) for n in re.findall(r", (\d+) lost\)", said))


def run_round(ways, folder, program):
    """Runs all ways at once: what each costs."""
    cpus = sorted(os.sched_getaffinity(0))
    go = os.path.join(folder, "go")
    os.mkfifo(go)
    runs = {}
    for number, (way, command) in enumerate(ways.items()):
        told = os.path.join(folder, f"told{number}")
        place = [told, go, str(cpus[-1]), *program]
        runs[way] = Run([part.format(number=number) for part in command] + place, told, set(cpus[:-1]) or set(cpus))
    while not all(os.path.exists(run.told) for run in runs.values()):
        for run in runs.values():
            if run.process.poll() is not None:
                sys.exit(f"{' '.join(run.command)}: ended before it began")
        time.sleep(0.1)
    gate = os.open(go, os.O_RDWR)
    time.sleep(0.1)
    os.close(gate)
    os.unlink(go)
    return {way: run.end() for way, run in runs.items()}


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
        data, wrapper = os.path.join(folder, "{number}.data"), os.path.join(folder, "timed.py")
        with open(wrapper, "w") as file:
            file.write(TIMED)
        for python in given.python:
            version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
            ways = {"none": [python, wrapper]}
            for frequency in given.frequency:
                record = [given.viperf, "record", "-F", str(frequency), "-o", data]
                command = ["--", python, wrapper]
                ways[f"sampled {frequency}"] = [*record, "--python", "off", "--call-graph", "fp", *command]
                ways[f"capture {frequency}"] = [
                    *record, "--python", "capture", "--mode", given.mode, "--call-graph", f"dwarf,{given.stack}", *command]
            if int(version.split(".")[1]) >= 12:
                ways["-X perf"] = [python, "-X", "perf", wrapper]
            rounds = [run_round(ways, folder, program) for _ in range(given.rounds)]
            cells = []
            for way in ways:
                own, beside, lost = zip(*(costs[way] for costs in rounds))
                ratios = [costs[way][0] / costs["none"][0] for costs in rounds]
                cells.append(f"{way} {statistics.median(own):.3f} s")
                if way != "none":
                    cells[-1] += f" ({statistics.median(ratios):.2f}x, {min(ratios):.2f}-{max(ratios):.2f})"
                if "capture" in way:
                    cells[-1] += f" + {statistics.median(beside):.3f} s, {sum(lost)} lost"
            print(f"{version:8} {os.path.basename(program[0])}: " + "; ".join(cells), flush=True)


if __name__ == "__main__":
    main()
