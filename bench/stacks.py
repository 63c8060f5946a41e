#!/usr/bin/env python3
"""Are the stacks that viperf unwinds whole, and are they perf's?

Records each program once with `perf record --call-graph dwarf,SIZE -k 1`, reads the file with `perf script` (after `perf
inject --jit` where there is a jitdump) and with `viperf script`, and compares sample by sample and frame by frame. It
needs perf 7 or later: before, perf unwinds generated code wrongly. perf reads right only where it recorded, because of
the C library's build-id: with --prefix everything runs behind a command that enters such a place.

    bench/stacks.py --python ~/.pyenv/versions/3.13.0/bin/python3 --mode perf --mode perf_jit --size 65528 PROGRAM.py...
    bench/stacks.py --native --size 65528         # the C and C++ programs of tests/workloads
    bench/stacks.py --command "python3 -m http.server --help"

Columns: samples; those with a user's part; of these complete, as perf and as viperf see them (the outermost frame is
_start, or where a thread begins); complete ones of viperf's in which every run of the evaluator under its trampoline has
its Python function (paired); samples with Python functions that perf has and viperf lacks; user's parts that are the
same in every frame. What differs follows, by cause.
"""
import argparse
import collections
import glob
import itertools
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = re.compile(r"^(?P<comm>.+?)\s+(?P<pid>\d+)/(?P<tid>\d+)\s+(?P<time>\d+\.\d+):\s*$")
FRAME = re.compile(r"^\t\s*(?P<ip>[0-9a-f]+) (?P<sym>.*?)(?:\+0x[0-9a-f]+)? \((?P<dso>.*)\)$")
STARTS = {
    "_start", "_dl_start_user", "__clone3", "clone3", "__clone", "clone", "_dl_start", "__clone_internal",
    "__restore_rt", "thread_start",
}
Frame = collections.namedtuple("Frame", "ip sym dso path")


def run(options, command, **more):
    return subprocess.run([*options.prefix, *command], check=True, capture_output=True, text=True, errors="replace", **more)


def is_kernel(frame):
    return frame.ip >= 1 << 63 or frame.dso.startswith("[kernel") or frame.dso.endswith(".ko")


def samples(options, command):
    """Yields ((tid, time), pid, comm, user's frames) from the text of either script."""
    head, frames = None, []
    for line in itertools.chain(run(options, command).stdout.splitlines(), [""]):
        if found := HEAD.match(line):
            head, frames = found, []
        elif found := FRAME.match(line):
            dso = found["dso"].replace(" (deleted)", "")
            if re.search(r"/(jitted-\d+-\d+\.so|jit-\d+\.dump|perf-\d+\.map)$", dso):
                dso = "[jit]"
            frame = Frame(int(found["ip"], 16), found["sym"], os.path.basename(dso), dso)
            if not is_kernel(frame):
                frames.append(frame)
        elif not line and head:
            yield (head["tid"], head["time"]), head["pid"], head["comm"], frames
            head = None
        elif line:
            print("not understood:", repr(line), file=sys.stderr)


def is_same(theirs, ours):
    """perf shows callers one byte back, at virtual addresses; viperf as they are, at offsets in files."""
    return (
        (ours.ip - theirs.ip) % 4096 in (0, 1)
        and (theirs.sym == ours.sym or "[unknown]" in (theirs.sym, ours.sym) or ours.sym.endswith("@plt"))
        and (theirs.dso == ours.dso or "[unknown]" in (theirs.dso, ours.dso) or "[jit]" in (theirs.dso, ours.dso))
    )


def thread_starts(stacks):
    """Where threads begin in C libraries without symbols: the outermost frame of most of their stacks."""
    ends = collections.Counter(
        (frames[-1].dso, frames[-1].ip % 4096) for (tid, _), pid, _, frames in stacks if frames and tid != pid
    )
    return {end for end, count in ends.items() if count * 5 > sum(ends.values()) and end[0].startswith("libc")}


def entry_point(options, path, cache={}):
    """The entry point of a file, in its page; the C library's own loader is often without symbols."""
    if path not in cache:
        head = subprocess.run([*options.prefix, "head", "-c", "32", path], capture_output=True).stdout
        cache[path] = int.from_bytes(head[24:32], "little") % 4096 if head[:4] == b"\x7fELF" else None
    return cache[path]


def is_complete(options, frames, starts):
    if not frames:
        return False
    last = frames[-1]
    if last.sym in STARTS or (last.dso, last.ip % 4096) in starts:
        return True
    entry = entry_point(options, last.path)
    return entry is not None and (last.ip - entry) % 4096 < 64


def is_paired(frames):
    """py_trampoline_evaluator calls a trampoline, and that the evaluator."""
    return not any(
        frame.sym == "py_trampoline_evaluator" and callee.sym.startswith("_PyEval_EvalFrameDefault")
        for callee, frame in itertools.pairwise(frames)
    )


def describe(theirs, ours, is_ours_complete, is_theirs_complete):
    """The kind of a difference, for counting."""
    inner = next((i for i, (a, b) in enumerate(zip(theirs, ours)) if not is_same(a, b)), min(len(theirs), len(ours)))
    name = lambda frames, i: "end" if i >= len(frames) else f"{frames[i].sym} ({frames[i].dso})"
    whose = {(True, True): "both complete", (True, False): "viperf alone complete",
             (False, True): "PERF ALONE COMPLETE", (False, False): "both cut"}[is_ours_complete, is_theirs_complete]
    return f"{whose}, after {name(ours, inner - 1) if inner else 'nothing'}: perf {name(theirs, inner)}, viperf {name(ours, inner)}"


def compare(options, name, file, injected, causes, examples):
    fields = "comm,pid,tid,time,ip,sym,symoff,dso"
    started = time.monotonic()
    theirs = list(samples(options, [options.perf, "script", "--no-inline", "--no-demangle", "--max-stack", "1000", "-F", fields, "-i", injected]))
    middle = time.monotonic()
    ours = list(samples(options, [*options.viperf, "script", "-F", fields, "-i", file]))
    seconds = middle - started, time.monotonic() - middle
    starts, their_starts = thread_starts(ours), thread_starts(theirs)
    if options.save:
        for tool, stacks in ("perf", theirs), ("viperf", ours):
            with open(os.path.join(options.save, re.sub(r"\W+", "-", name) + "." + tool), "w") as text:
                for key, pid, comm, frames in stacks:
                    print(*key, pid, comm, *(f"{f.ip:x}:{f.sym}:{f.dso}" for f in frames), file=text, sep="\n\t")
    by_key = collections.defaultdict(list)
    for sample in theirs:
        by_key[sample[0]].append(sample)
    users = perf_complete = complete = paired = python = lacking = same = 0
    for key, pid, comm, b in ours:
        a = by_key[key].pop(0)[3] if by_key[key] else []
        if not a and not b:
            continue
        users += 1
        a_complete, b_complete = is_complete(options, a, their_starts), is_complete(options, b, starts)
        perf_complete += a_complete
        complete += b_complete
        a_python, b_python = ([f.sym for f in frames if f.sym.startswith("py::")] for frames in (a, b))
        python += bool(b_python)
        paired += b_complete and is_paired(b)
        lacking += len(b_python) < len(a_python)
        if not b_complete:
            cause = "incomplete: ends in " + (f"{b[-1].sym} ({b[-1].dso})" if b else "nothing")
            causes[name][cause] += 1
            examples.setdefault((name, cause), (key, a, b))
        if len(a) == len(b) and all(map(is_same, a, b)):
            same += 1
        else:
            cause = describe(a, b, b_complete, a_complete)
            causes[name][cause] += 1
            examples.setdefault((name, cause), (key, a, b))
    lost = sum(map(len, by_key.values()))
    share = lambda count: f"{count / users:8.2%}" if users else "       -"
    print(
        f"{name:42} {len(ours):6} {users:6} {share(perf_complete)} {share(complete)} {share(paired)} {python:6} {lacking:5}"
        f" {share(same)} {seconds[0]:6.1f} {seconds[1]:6.1f}" + (f"  {lost} of perf's samples are not viperf's" if lost else ""),
        flush=True,
    )


def made_by(options, file):
    """What the recorded processes left in /tmp, for no other process's files are this script's to delete."""
    pids = set(re.findall(r"^ *(\d+)", run(options, [options.perf, "script", "-G", "-F", "pid", "-i", file]).stdout, re.MULTILINE))
    patterns = [f"/tmp/{name}" for pid in pids for name in (f"jit-{pid}.dump", f"jitted-{pid}-*.so", f"perf-{pid}.map")]
    return [path for pattern in patterns for path in glob.glob(pattern)]


def measure(options, folder, name, command, size, causes, examples):
    file, injected = os.path.join(folder, "perf.data"), os.path.join(folder, "injected.data")
    graph = size if size in ("fp", "lbr") else f"dwarf,{size}"
    with open(os.path.join(folder, "program.out"), "w") as output:
        record = [*options.prefix, options.perf, "record", "-N", "-F", options.frequency, "-e", options.event,
                  "--call-graph", graph, "-m", options.pages, "-k", "1", "-o", file, "--", *command]
        subprocess.run(record, check=False, stdout=output, stderr=subprocess.STDOUT)
    try:
        has_dump = any(path.endswith(".dump") and os.path.getsize(path) for path in made_by(options, file))
        try:
            if has_dump:
                run(options, [options.perf, "inject", "--jit", "-i", file, "-o", injected])
            compare(options, name, file, injected if has_dump else file, causes, examples)
        except subprocess.CalledProcessError as problem:
            if not has_dump:
                raise
            print("perf injects what it cannot read:", problem.stderr.strip()[-100:].replace("\n", " "))
            compare(options, name + " raw", file, file, causes, examples)
        if not options.keep:
            for left in made_by(options, file):
                os.unlink(left)
    except subprocess.CalledProcessError as problem:
        print(f"{name:42} {problem.cmd[len(options.prefix)]} failed: {problem.stderr.strip()[-300:]}")
    finally:
        if not options.keep:
            for left in file, injected:
                if os.path.exists(left):
                    os.unlink(left)


def compiled(options, folder):
    """Builds the programs of tests/workloads, each once for every line that names compiler and options."""
    for source in sorted(glob.glob(os.path.join(HERE, "..", "tests", "workloads", "*.c*"))):
        stem = os.path.splitext(os.path.basename(source))[0]
        with open(source) as text:
            lines = [found[1] for found in re.finditer(r"^// build: (.*)$", text.read(), re.MULTILINE)]
        for line in lines:
            program = os.path.join(folder, re.sub(r"[^\w.+-]+", "", stem + line.replace(" ", "")))
            command, _, after = line.partition(" && ")
            made = subprocess.run(["env", *shlex.split(command), "-o", program, source], capture_output=True, text=True)
            if made.returncode == 0 and after:
                made = subprocess.run([*options.prefix, *shlex.split(after), program], capture_output=True, text=True)
            if made.returncode:
                print(f"{stem} {line}: not built: {made.stderr.strip().splitlines()[:1]}")
            else:
                yield f"{stem} {line}", [program]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perf", default="perf")
    parser.add_argument("--viperf", default=os.path.join(HERE, "..", "viperf"), type=shlex.split)
    parser.add_argument("--prefix", default="", type=shlex.split, help="command that runs commands where perf 7 is")
    parser.add_argument("--python", action="append", default=[], help="interpreter, 3.12 or later; repeatable")
    parser.add_argument("--mode", action="append", default=[], help="perf or perf_jit; repeatable")
    parser.add_argument("--size", action="append", default=[], help="bytes of the stack, or fp; repeatable")
    parser.add_argument("--event", default="cpu-clock")
    parser.add_argument("--frequency", default="999")
    parser.add_argument("--pages", default="16M", help="perf's ring")
    parser.add_argument("--native", action="store_true", help="the C and C++ programs of tests/workloads too")
    parser.add_argument("--match", default="", help="of those only the ones whose name has this")
    parser.add_argument("--command", action="append", default=[], help="any other command; repeatable")
    parser.add_argument("--folder", help="for recordings; inside the prefix's root it must be the same")
    parser.add_argument("--show", type=int, default=8, help="causes to list for each program")
    parser.add_argument("--examples", action="store_true", help="both stacks of one sample of each cause")
    parser.add_argument("--keep", action="store_true", help="leave the recordings of the last program")
    parser.add_argument("--save", help="folder for the stacks of both as text")
    parser.add_argument("programs", nargs="*", help="Python programs, in quotes with their arguments")
    options = parser.parse_args()
    causes, examples = collections.defaultdict(collections.Counter), {}
    print(f"{'program':42} {'all':>6} {'user':>6} {'perf':>8} {'complete':>8} {'paired':>8} {'python':>6} {'lacks':>5} {'same':>8}"
          f" {'perf s':>6} {'ours s':>6}")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        jobs = [
            (f"{version[0] if (version := re.search(r'3[.][0-9.]+', python)) else python} {mode} {os.path.basename(program)}",
             [python, f"-X{mode}", *shlex.split(program)])
            for python in options.python
            for mode in options.mode or ["perf"]
            for program in options.programs
        ]
        jobs += [(command, shlex.split(command)) for command in options.command]
        if options.native:
            jobs += [job for job in compiled(options, folder) if options.match in job[0]]
        for name, command in jobs:
            for size in options.size or ["65528"]:
                measure(options, folder, f"{name} {size}", command, size, causes, examples)
    for name, found in causes.items():
        print(f"\n{name}:")
        ranked = sorted(found.items(), key=lambda item: (not item[0].startswith("incomplete"), -item[1]))
        for cause, count in ranked[: options.show]:
            print(f"{count:7} {cause}")
            if options.examples and (name, cause) in examples:
                key, theirs, ours = examples[name, cause]
                print("        sample", *key)
                for a, b in itertools.zip_longest(theirs, ours):
                    text = lambda f: f"{f.ip:x} {f.sym} ({f.dso})" if f else ""
                    print(f"        {' ' if a and b and is_same(a, b) else '*'} {text(a):70} {text(b)}")


if __name__ == "__main__":
    sys.exit(main())
