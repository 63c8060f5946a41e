#!/usr/bin/env python3
"""Does capturing ever harm a program? Runs programs again and again, or one process for long, and counts what went wrong.

With --runs N each program is captured N times by each interpreter at each frequency: it must end with the exit status that it has
alone and print as many lines. With --seconds N one process goes through all programs in turn for so long, those that start
processes as its children, and the memory and descriptors of process and recorder are watched: after a tenth of the time, in
which everything has been met, neither should grow. Files of an hour at 9,999 Hz take about 10 GB.

    bench/capture-soak.py PROGRAM... [--python PYTHON...] [--frequency 9999] (--runs 100 [--jobs 2] | --seconds 3600)

A program's arguments follow its name: "calls.py 5". The exit status is 1 if anything went wrong.
"""
import argparse
import collections
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Threads of the programs stay in this process, their processes are children of it.
LONG = """
import os, runpy, subprocess, sys, time
end = time.monotonic() + float(sys.argv[1])
programs = [line.split("\\t") for line in sys.argv[2:]]
out = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
rounds = 0
while time.monotonic() < end:
    for program in programs:
        with open(program[0]) as file:
            forks = "multiprocessing" in file.read()
        if forks:
            subprocess.run([sys.executable, *program], check=True)
        else:
            sys.argv = program
            runpy.run_path(program[0], run_name="__main__")
    rounds += 1
os.write(out, b"%d rounds\\n" % rounds)
"""


def recorded(given, python, program, frequency, data):
    return [given.viperf, "record", "--python", "capture", "--call-graph", "dwarf", "-F", str(frequency), "-o", data, "--", python, *program]


def run_once(given, python, program, frequency, expected):
    """What went wrong in one run: nothing, or a reason; and how many samples there were and how many were lost."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            recorded(given, python, program, frequency, os.path.join(folder, "data")), capture_output=True, text=True, errors="replace")
    count = re.search(r"\((\d+) samples, (\d+) lost\)", done.stderr)
    samples, lost = map(int, count.groups()) if count else (0, 0)
    status, lines = expected
    if done.returncode != status:
        return f"exit status {done.returncode}: {done.stderr.strip()[-200:]}", samples, lost
    if not count or samples == 0:
        return "no samples: " + done.stderr.strip()[-200:], samples, lost
    if len(done.stdout.splitlines()) != lines:
        return f"printed {len(done.stdout.splitlines())} lines in place of {lines}", samples, lost
    return None, samples, lost


def run_often(given, programs):
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        for python in given.python:
            for program in programs:
                alone = subprocess.run([python, *program], capture_output=True, text=True, errors="replace")
                expected = alone.returncode, len(alone.stdout.splitlines())
                for frequency in given.frequency:
                    runs = [pool.submit(run_once, given, python, program, frequency, expected) for _ in range(given.runs)]
                    outcomes = [run.result() for run in runs]
                    wrong = collections.Counter(outcome[0] for outcome in outcomes if outcome[0])
                    bad += sum(wrong.values())
                    samples, lost = (sum(outcome[i] for outcome in outcomes) for i in (1, 2))
                    print(f"{python} {' '.join(program)}, {frequency} Hz: {len(runs)} runs, {sum(wrong.values())} went wrong, "
                          f"{samples:,} samples, {lost:,} lost", *(f"\n    {n} x {what}" for what, n in wrong.items()), flush=True)
    return bad


def state_of(pid):
    """Resident memory in KB, and open descriptors."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        memory = int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])
    return memory, len(os.listdir(f"/proc/{pid}/fd"))


def child_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return next(iter(children.read().split()), None)


def run_long(given, programs):
    bad = 0
    for python in given.python:
        for frequency in given.frequency:
            with tempfile.TemporaryDirectory() as folder:
                driver = os.path.join(folder, "long.py")
                with open(driver, "w", encoding="ascii") as file:
                    file.write(LONG)
                whole = [driver, str(given.seconds), *("\t".join(program) for program in programs)]
                with open(os.path.join(folder, "said"), "w+", encoding="utf-8", errors="replace") as said:
                    recorder = subprocess.Popen(
                        recorded(given, python, whole, frequency, os.path.join(folder, "data")), stdout=said, stderr=said)
                    states = watch(recorder, given.seconds)
                    said.seek(0)
                    print(f"{python} {frequency} Hz: exit status {recorder.returncode}; {said.read().strip()}")
            bad += recorder.returncode != 0
            for who, values in states.items():
                for what, seen in zip(("KB", "descriptors"), zip(*values)):
                    print(f"    {who}: {seen[0]:,} {what} after a tenth of the time, at most {max(seen):,}, {seen[-1]:,} at the end", flush=True)
    return bad


def watch(recorder, seconds):
    """Memory and descriptors of the recorder and its program, a hundred times from a tenth of the time on."""
    states = {"recorder": [], "program": []}
    time.sleep(seconds / 10)
    while recorder.poll() is None:
        try:
            program = child_of(recorder.pid)
            if program:
                states["recorder"].append(state_of(recorder.pid))
                states["program"].append(state_of(program))
        except (OSError, TypeError):
            pass  # it ends just now
        time.sleep(seconds / 100)
    return states


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--viperf", default=os.path.join(TOP, "artifacts/viperf/viperf"))
    arguments.add_argument("--python", nargs="+", default=[sys.executable])
    arguments.add_argument("--frequency", nargs="+", type=int, default=[9999])
    arguments.add_argument("--jobs", type=int, default=2)
    how = arguments.add_mutually_exclusive_group(required=True)
    how.add_argument("--runs", type=int)
    how.add_argument("--seconds", type=float)
    arguments.add_argument("programs", nargs="+")
    given = arguments.parse_args()
    programs = [[os.path.abspath(words[0]), *words[1:]] for words in map(shlex.split, given.programs)]
    return (run_often if given.runs else run_long)(given, programs) != 0


if __name__ == "__main__":
    sys.exit(main())
