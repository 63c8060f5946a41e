#!/usr/bin/env python3
"""What does reading a recording cost: report and script of viperf beside those of perf, on the same files.

Runs by turns `perf report --stdio --no-inline`, `viperf report --stdio`, `perf script --no-inline` and `viperf script`,
their output thrown away, and prints for each the medians of user, system and elapsed time, the largest memory, and
viperf's part of perf's time. A recording of jitted code is read by perf twice: as it is, where its stacks end at the
first frame of such code, and with what `perf inject --jit` makes of it (--inject), whose own time is printed too.

    bench/report-cost.py --viperf PATH [--perf perf] [--rounds 7] [--inject] RECORDING...
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


class Cost:
    """One run's times in seconds, and its memory in MiB."""

    def __init__(self, user, system, elapsed, memory):
        self.user, self.system, self.elapsed, self.memory = user, system, elapsed, memory

    @property
    def cpu(self):
        return self.user + self.system

    @staticmethod
    def median(runs):
        return Cost(*(statistics.median(getattr(run, name) for run in runs) for name in vars(runs[0])))

    def __str__(self):
        return (f"{self.user * 1000:7.0f} ms user {self.system * 1000:6.0f} ms sys {self.elapsed * 1000:7.0f} ms elapsed"
                f" {self.memory:6.0f} MiB")


def run(command, directory=None):
    """Runs a command and returns its cost, that of its children included, as wait4(2) has it."""
    with open(os.devnull, "w") as nowhere, tempfile.TemporaryFile() as said:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=nowhere, stderr=said, cwd=directory)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - start
        if status:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with status {status}: {said.read().decode(errors='replace')}")
    return Cost(usage.ru_utime, usage.ru_stime, elapsed, usage.ru_maxrss / 1024)


def measure(recording, readable, arguments):
    """Prints the costs of one recording; `readable` are the files that perf reads for it, by name."""
    print(f"{recording}: {os.path.getsize(recording) / 1e6:.0f} MB")
    for verb in ("report", "script"):
        stdio = ["--stdio"] if verb == "report" else []
        commands = {f"perf {verb}{name}": [arguments.perf, verb, *stdio, "--no-inline", "-i", path]
                    for name, path in readable.items()}
        own = f"viperf {verb}"
        commands[own] = [os.path.abspath(arguments.viperf), verb, *stdio, "-i", recording]
        costs = {name: [] for name in commands}
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                costs[name].append(run(command))
        medians = {name: Cost.median(runs) for name, runs in costs.items()}
        for name, cost in medians.items():
            ratio = "" if name == own else (f"   viperf takes {medians[own].elapsed / cost.elapsed:.2f} of it elapsed,"
                                           f" {medians[own].cpu / cost.cpu:.2f} of CPU")
            print(f"  {name:26} {cost}{ratio}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viperf", required=True)
    parser.add_argument("--perf", default="perf")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--inject", action="store_true", help="have perf read what perf inject --jit makes, too")
    parser.add_argument("recordings", nargs="+", metavar="RECORDING")
    arguments = parser.parse_args()
    for recording in map(os.path.abspath, arguments.recordings):
        readable = {"": recording}
        with tempfile.TemporaryDirectory() as directory:
            if arguments.inject:
                injected = os.path.join(directory, "injected.data")
                # The code's files go to the working directory.
                cost = run([arguments.perf, "inject", "--jit", "-i", recording, "-o", injected], directory)
                print(f"  {'perf inject --jit':26} {cost}")
                readable[" (injected)"] = injected
            measure(recording, readable, arguments)


if __name__ == "__main__":
    main()
