#!/usr/bin/env python3
"""Checks captured Python stacks against the source: every pair of neighbours must be a call that the source contains.

For each interpreter, program and rate: records with capture, reads the samples with `viperf script` and says how many of
those that were taken while Python ran have the whole Python stack with a line for each frame, and which pairs are wrong.

  bench/capture-stacks.py calls.py aio.py --python ~/.pyenv/versions/*/bin/python3 --frequency 999 9999
"""
import argparse
import ast
import collections
import functools
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FRAME = re.compile(r"^\t\s*([0-9a-f]+) (.*)$")
PYTHON = re.compile(r"^py::(.*):(/.*|<.*>)$")


@functools.lru_cache(None)
def lines_of(path):
    """By line: the names that are called there, and whether something is driven or called implicitly."""
    try:
        tree = ast.parse(open(path, encoding="utf-8").read())
    except (OSError, SyntaxError):
        return None
    names = collections.defaultdict(set)
    drives = set()
    for node in ast.walk(tree):
        if not hasattr(node, "lineno"):
            continue
        span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if isinstance(node, ast.Call):
            f = node.func
            name = f.id if isinstance(f, ast.Name) else f.attr if isinstance(f, ast.Attribute) else "?"
            for line in span:
                names[line].add(name)
        if isinstance(node, (ast.YieldFrom, ast.Await, ast.For, ast.AsyncFor, ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)):
            drives.update(span if not isinstance(node, (ast.For, ast.AsyncFor)) else [node.lineno])
        if isinstance(node, ast.For):  # functions may be called by the loop's variable
            loop = {f.id for f in ast.walk(node.iter) if isinstance(f, ast.Name)}
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and isinstance(node.target, ast.Name) and call.func.id == node.target.id:
                    names[call.lineno] |= loop
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            for line in range(min([d.lineno for d in node.decorator_list] + [node.lineno]), node.lineno + 1):
                names[line].add(node.name)
    return names, drives


@functools.lru_cache(None)
def generators_of(path):
    tree = ast.parse(open(path, encoding="utf-8").read())
    found = {"<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"}
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            found.add(node.name)
        if isinstance(node, ast.FunctionDef) and any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(node)):
            found.add(node.name)
    return found


def is_call(program, caller, line, callee):
    """True if the source has a call from the line to the callee."""
    (_, caller_file), (name, file) = caller, callee
    if caller_file != program or file != program:
        return True  # judged only where the source is ours
    names, drives = lines_of(program)
    short = name.split(".")[-1]
    if short in names[line] or (short == "__init__" and (names[line] & {name.split(".")[0], "Node"})):
        return True
    # A generator that nobody holds any more is closed by whoever let go of it: behind a call, when its frame is cleared.
    return short in generators_of(program) and (line in drives or bool(names[line]))


def record(viperf, python, program, frequency, arguments):
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "p.data")
        done = subprocess.run(
            [viperf, "record", "--python", "capture", "--call-graph", "dwarf", "-F", str(frequency), "-v", "-o", data, "--",
             python, program, *arguments],
            capture_output=True, text=True)
        if done.returncode != 0:
            return done, ""
        script = subprocess.run(
            [viperf, "script", "-i", data, "--no-inline", "-F", "comm,pid,tid,time,ip,sym,srcline"], capture_output=True, text=True)
        return done, script.stdout


def samples_of(text):
    """Samples as (pid, tid, frames), a frame as (name, Python function or None, line or None)."""
    frames, head, wants_line = None, None, False
    for line in text.split("\n"):
        if not line:
            if head:
                yield head, frames
            head = None
        elif not line.startswith(("\t", " ")) or head is None:
            m = re.search(r"(\d+)/(\d+)\s+[\d.]+:", line)
            head, frames = ((int(m[1]), int(m[2])) if m else (0, 0)), []
        elif m := FRAME.match(line):
            name = m[2]
            p = PYTHON.match(name)
            frames.append([name, (p[1], p[2]) if p else None, None])
        elif frames:
            m = re.search(r":(\d+)$", line)
            frames[-1][2] = int(m[1]) if m else None
    if head:
        yield head, frames


def judge(program, text):
    """Counts of kinds of samples, and examples of what is wrong."""
    counts, wrong = collections.Counter(), collections.Counter()
    begun = set()
    for (pid, _), frames in samples_of(text):
        python = [f for f in frames if f[1]]
        evaluators = sum(f[0].startswith("_PyEval_EvalFrameDefault") for f in frames)
        if not python:
            kind = "native" if not evaluators else "no Python frames" if pid in begun else "before capture"
            counts[kind] += 1
            continue
        begun.add(pid)
        problem = None
        if any(not f[2] for f in python):
            problem = "no line"
        elif evaluators > 1:
            problem = "evaluators without frames"
        elif any(f[1][1] == program for f in python) and python[-1][1][0].split(".")[-1] not in ("<module>", "_bootstrap"):
            problem = "no outermost frame"
        for callee, caller in zip(python, python[1:]):
            if not is_call(program, caller[1], caller[2], callee[1]):
                problem = "wrong pair"
                wrong[f"{caller[1][0]}:{caller[2]} -> {callee[1][0]}:{callee[2]}"] += 1
        counts[problem or "good"] += 1
        if problem and os.environ.get("SHOW"):
            print(problem, [f[0] for f in frames[:3]], [f"{f[1][0] if f[1] else f[0]}:{f[2]}" for f in frames[-8:]], file=sys.stderr)
    return counts, wrong


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--viperf", default=os.path.join(TOP, "artifacts/viperf/viperf"))
    arguments.add_argument("--python", nargs="+", default=[sys.executable])
    arguments.add_argument("--frequency", nargs="+", type=int, default=[999, 9999])
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--arguments", nargs="*", default=[], help="arguments of the programs")
    arguments.add_argument("programs", nargs="+")
    given = arguments.parse_args()
    bad = 0
    for python in given.python:
        for program in map(os.path.abspath, given.programs):
            for frequency in given.frequency:
                counts, wrong = collections.Counter(), collections.Counter()
                notes = ""
                for _ in range(given.rounds):
                    done, text = record(given.viperf, python, program, frequency, given.arguments)
                    if done.returncode != 0:
                        counts[f"exit {done.returncode}"] += 1
                        notes = done.stderr[-300:]
                        continue
                    notes = "".join(l for l in done.stderr.splitlines() if "not all of theirs" in l)
                    c, w = judge(program, text)
                    counts += c
                    wrong += w
                ran = sum(v for k, v in counts.items() if k not in ("native", "before capture"))
                good = counts["good"]
                bad += ran - good
                print(f"{python.split('/versions/')[-1]:28} {os.path.basename(program):10} {frequency:5} Hz: "
                      f"{100 * good / max(ran, 1):7.3f}% of {ran:6}  {dict(counts)}", flush=True)
                if wrong or good < ran:
                    print("    ", dict(wrong.most_common(6)), notes)
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
