#!/usr/bin/env python3
"""What do all names, lines and inlined functions cost: viperf's report and script beside perf's, on one recording.

Records a program with `perf record --call-graph dwarf` (or takes a recording that is there), then runs by turns, after
one round that warms the page cache, `perf report --stdio`, `viperf report --stdio`, both with `-s sym,srcline`, and both
`script -F +srcline`, their output thrown away. Prints the medians of elapsed and CPU time, children's included, the
largest memory of one process, and perf's time as a multiple of viperf's. perf asks addr2line for each address, which
can take minutes: what takes longer than --limit seconds, or fails, is ended, said so, and not run again.

    bench/names-cost.py --viperf PATH --python ~/.pyenv/versions/3.13.0/bin/python3 --size 8192 PROGRAM.py ARGUMENT...
    bench/names-cost.py --viperf PATH --recording perf.data

A second --viperf, such as a build of another commit, is measured beside the first.
"""
import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

READINGS = {
    "report": ["report", "--stdio"],
    "report -s sym,srcline": ["report", "--stdio", "-s", "sym,srcline"],
    "script -F +srcline": ["script", "-F", "+srcline"],
}


class Cost:
    """One run's times in seconds and its memory in MiB."""

    def __init__(self, elapsed, cpu, memory):
        self.elapsed, self.cpu, self.memory = elapsed, cpu, memory

    @staticmethod
    def median(runs):
        return Cost(*(statistics.median(getattr(run, name) for run in runs) for name in vars(runs[0])))

    def __str__(self):
        return f"{self.elapsed:8.2f} s elapsed {self.cpu:8.2f} s CPU {self.memory:6.0f} MiB"


def run(command, limit):
    """The command's cost, that of its children included, or a text that says why there is none."""
    # A process group of its own, so that the addr2line that perf talks to ends with it.
    with open(os.devnull, "w") as nowhere, tempfile.TemporaryFile() as said:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=nowhere, stderr=said, start_new_session=True)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            elapsed = time.monotonic() - start
            if pid:
                break
            if elapsed > limit:
                os.killpg(process.pid, signal.SIGKILL)
                os.wait4(process.pid, 0)
                return f"ended after {limit:.0f} s"
            time.sleep(0.005)
        if status:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            return f"failed after {elapsed:.1f} s: {lines[-1] if lines else status}"
    return Cost(elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(options, recording):
    for name, arguments in READINGS.items():
        if name not in (options.only or READINGS):
            continue
        programs = [options.perf, *options.viperf]
        costs = {program: [] for program in programs}
        ended = {}
        for turn in range(options.rounds + 1):
            for program in programs:
                if program in ended:
                    continue
                cost = run([program, *arguments, "-i", recording], options.limit)
                if isinstance(cost, str):
                    ended[program] = cost
                elif turn:
                    costs[program].append(cost)
        print(name)
        theirs = Cost.median(costs[options.perf]) if costs[options.perf] else None
        for program in programs:
            if program in ended:
                print(f"  {program:30} {ended[program]}")
                continue
            cost = Cost.median(costs[program])
            print(f"  {program:30} {cost}", end="")
            if program == options.perf:
                print()
            elif theirs:
                print(f"  perf / viperf: {theirs.elapsed / cost.elapsed:5.1f} elapsed, {theirs.cpu / cost.cpu:5.1f} CPU")
            else:
                print()
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perf", default="perf")
    parser.add_argument("--viperf", action="append", required=True, help="the program, not its launcher; repeatable")
    parser.add_argument("--python", default="python3", help="interpreter")
    parser.add_argument("--frequency", default="999")
    parser.add_argument("--size", default="8192", help="of the copies of the stack, bytes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a reading is ended")
    parser.add_argument("--only", action="append", choices=READINGS, help="measure only this; repeatable")
    parser.add_argument("--recording", help="a file to read instead of recording")
    parser.add_argument("program", nargs="*", help="a program of Python's with its arguments")
    options = parser.parse_args()
    if bool(options.recording) == bool(options.program):
        parser.error("give either a program or --recording")
    with tempfile.TemporaryDirectory() as folder:
        recording = options.recording or os.path.join(folder, "perf.data")
        if options.program:
            subprocess.run(
                [options.perf, "record", "-q", "-F", options.frequency, "-e", "cpu-clock", "--call-graph", f"dwarf,{options.size}",
                 "-o", recording, options.python, *options.program],
                check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"{os.path.getsize(recording) / 1e6:.0f} MB", flush=True)
        measure(options, recording)


if __name__ == "__main__":
    main()
