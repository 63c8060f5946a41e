#!/usr/bin/env python3
"""What viperf's agent costs the programs that it is loaded into.

Each program runs in turn with nothing, with the agent loaded and asleep, with its trampolines (perf and perf_jit), and with
CPython's own (-X perf, -X perf_jit) where there are some; so many rounds, of which the least CPU time counts. Printed are
seconds and, in brackets, the ratio to nothing. Then the same of an empty program, and of one that calls id() and
sys._getframe(), which cost more while there is an audit hook.

    bench/agent-cost.py --agent artifacts/viperf/libviperf-agent.so [--python PYTHON]... [--rounds 5] [PROGRAM [ARGUMENT...]]...

Programs are separated by a comma that stands alone; without any, those of tests/workloads.
"""
import argparse
import glob
import os
import re
import resource
import subprocess
import sys

HOOKED = """
import sys, time
start = time.process_time()
for _ in range(200_000):
    id(None)
middle = time.process_time()
for _ in range(200_000):
    sys._getframe()
print(middle - start, time.process_time() - middle)
"""
HERE = os.path.dirname(os.path.abspath(__file__))


def run(command, environment):
    """CPU seconds of a command and what it printed; the files that it left in /tmp are removed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output, _ = process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    for left in glob.glob(f"/tmp/perf-{process.pid}.map") + glob.glob(f"/tmp/jit-{process.pid}.dump"):
        os.unlink(left)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, output.decode()


def modes_of(python, agent):
    """Names of the ways to run, with the interpreter's options and the environment of each."""
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    minor = int(re.match(r"3\.(\d+)", version).group(1))
    modes = {"none": ([], {}), "loaded": ([], {"LD_PRELOAD": agent})}
    for backend in "perf", "perf_jit":
        modes[f"agent {backend}"] = ([], {"LD_PRELOAD": agent, "VIPERF": backend})
    if minor >= 12:
        modes["-X perf"] = (["-X", "perf"], {})
    if minor >= 13:
        modes["-X perf_jit"] = (["-X", "perf_jit"], {})
    return version, modes


def measure(python, modes, program, rounds):
    """The least CPU time and the outputs of each mode, all modes taking turns."""
    times = {mode: [] for mode in modes}
    outputs = {mode: [] for mode in modes}
    for _ in range(rounds):
        for mode, (options, environment) in modes.items():
            seconds, output = run([python, *options, *program], environment)
            times[mode].append(seconds)
            outputs[mode].append(output)
    return {mode: min(all_) for mode, all_ in times.items()}, outputs


def show(title, figures):
    base = figures["none"]
    print(f"  {title:24}", "  ".join(f"{mode} {value:.3f} ({value / base:.2f})" for mode, value in figures.items()), flush=True)


def programs_of(words):
    programs, program = [], []
    for word in words + [","]:
        if word == ",":
            programs += [program] if program else []
            program = []
        else:
            program.append(word)
    workloads = os.path.join(HERE, "..", "tests", "workloads")
    return programs or [[os.path.join(workloads, name)] for name in ("calls.py", "nested.py", "native.py")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--agent", required=True, help="libviperf-agent.so")
    parser.add_argument("--python", action="append", help="interpreter; repeatable")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("programs", nargs="*", help="programs and their arguments, commas between them")
    options = parser.parse_args()
    agent = os.path.abspath(options.agent)
    for python in options.python or [sys.executable]:
        version, modes = modes_of(python, agent)
        print(f"{python} ({version})")
        for program in programs_of(options.programs):
            figures, _ = measure(python, modes, program, options.rounds)
            show(os.path.basename(program[0]), figures)
        figures, _ = measure(python, modes, ["-c", "pass"], 4 * options.rounds)
        show("start, -c pass", figures)
        _, outputs = measure(python, modes, ["-c", HOOKED], options.rounds)
        for column, call in enumerate(("id()", "sys._getframe()")):
            show(f"200,000 {call}", {mode: min(float(line.split()[column]) for line in lines) for mode, lines in outputs.items()})


if __name__ == "__main__":
    main()
