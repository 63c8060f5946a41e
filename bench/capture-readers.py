#!/usr/bin/env python3
"""Compares what other programs show of a recording with captured Python frames with what viperf shows.

For each reader that is named: how many Python frames it has, in how many distinct (function, file, line) triples, and those in
which it differs from `viperf script`. perf reads at most `kernel.perf_event_max_stack` entries of a chain; samples that reach it are
left out with both.

  viperf record --python capture --call-graph dwarf -o calls.data -- python3 calls.py
  bench/capture-readers.py calls.data --perf perf --samply samply

Of samply it asks for the profile that it makes of the recording, and has its symbol server name the Python frames' addresses
(`/symbolicate/v5`). Of perf it reads `perf script` so, and compares the lines with Python functions that `perf report` prints by function
and line, of leaves and of trees of callers, with those of `viperf report`: `perf report` says nothing of samples that reach its limit.
"""
import argparse
import collections
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FRAME = re.compile(r"^\t\s*[0-9a-f]+ (.*)$")


def most_frames():
    with open("/proc/sys/kernel/perf_event_max_stack", encoding="ascii") as setting:
        return int(setting.read())


def stacks_of(text):
    """One list a sample: its frames as [symbol, source line or ""]."""
    for sample in text.split("\n\n"):
        frames = []
        for line in sample.split("\n"):
            if m := FRAME.match(line):
                frames.append([m[1], ""])
            elif frames and line.startswith("  "):
                frames[-1][1] = line.strip()
        if frames:
            yield frames


def by_script(command, recording):
    """Counts of (function, line as FILE:NUMBER) over all samples, whether they are leaves or callers, short enough for perf."""
    done = subprocess.run(
        [*command, "script", "-i", recording, "--no-inline", "-F", "ip,sym,srcline"], capture_output=True, text=True, errors="replace")
    counts = collections.Counter()
    for frames in stacks_of(done.stdout):
        if len(frames) < most_frames() - 2:
            counts.update((symbol, line) for symbol, line in frames if symbol.startswith("py::"))
    return counts


def by_report(command, recording, graph):
    """Counts of a report's lines that name Python functions: shares, names and source lines, without the branches that trees are drawn of."""
    done = subprocess.run(
        [*command, "report", "-i", recording, "--stdio", "--no-inline", "--no-children", "-g", graph, "--sort", "sym,srcline"],
        capture_output=True, text=True, errors="replace")
    return collections.Counter(
        tuple(re.sub(r"^[\s|\-]+", "", line).split()) for line in done.stdout.split("\n") if "py::" in line)


def by_samply(samply, recording, port):
    """The same by samply's profile: triples with how many stack entries of the profile's samples have them."""
    folder = tempfile.TemporaryDirectory()  # it writes a profile where it runs
    server = subprocess.Popen(
        [samply, "import", "--no-open", "--port", str(port), os.path.abspath(recording)], cwd=folder.name,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in server.stdout:
            if m := re.search(r"symbolServer=(\S+)", line):
                address = urllib.request.unquote(m[1])
                break
        else:
            return collections.Counter()
        with urllib.request.urlopen(address + "/profile.json") as answer:
            body = answer.read()
        profile = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        return symbolicated(profile, address)
    finally:
        server.terminate()
        server.wait()
        folder.cleanup()


def symbolicated(profile, address):
    counts = collections.Counter()
    ours = [i for i, lib in enumerate(profile["libs"]) if re.fullmatch(r"\d+-\d+-\d+\.so", lib["name"])]
    for thread in profile["threads"]:
        frames, functions, resources = thread["frameTable"], thread["funcTable"], thread["resourceTable"]
        uses = collections.Counter()
        prefix, frame = thread["stackTable"]["prefix"], thread["stackTable"]["frame"]
        for stack in thread["samples"]["stack"]:
            depth = []
            while stack is not None:
                depth.append(frame[stack])
                stack = prefix[stack]
            uses.update(depth if len(depth) < most_frames() - 2 else [])
        wanted = []
        for f, count in uses.items():
            resource = functions["resource"][frames["func"][f]]
            lib = resources["lib"][resource] if resource >= 0 else None
            if lib in ours:
                wanted.append((ours.index(lib), frames["address"][f], count))
        if not wanted:
            continue
        request = {"memoryMap": [[profile["libs"][i]["debugName"], profile["libs"][i]["breakpadId"]] for i in ours],
                   "stacks": [[[lib, at] for lib, at, _ in wanted]]}
        post = urllib.request.Request(address + "/symbolicate/v5", json.dumps(request).encode())
        with urllib.request.urlopen(post) as answer:
            named = json.load(answer)["results"][0]["stacks"][0]
        for found, (_, _, count) in zip(named, wanted):
            line = f"{os.path.basename(found['file'])}:{found['line']}" if found.get("line") else ""
            counts[found.get("function", "?"), line] += count
    return counts


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("recording")
    arguments.add_argument("--viperf", default=os.path.join(TOP, "artifacts/viperf/viperf"))
    arguments.add_argument("--perf", nargs="*", default=[], help="perf programs")
    arguments.add_argument("--samply", nargs="*", default=[], help="samply programs")
    arguments.add_argument("--port", type=int, default=3177, help="where samply's server is to listen")
    given = arguments.parse_args()
    os.environ["PERF_CONFIG"] = "/dev/null"
    ours = by_script([given.viperf], given.recording)
    print(f"{given.viperf}: {sum(ours.values())} Python frames, {len(ours)} triples")
    bad = not ours
    for name, theirs in [(p, by_script([p], given.recording)) for p in given.perf] + [
            (s, by_samply(s, given.recording, given.port)) for s in given.samply]:
        differ = {key: (ours[key], theirs[key]) for key in ours.keys() | theirs.keys() if ours[key] != theirs[key]}
        bad |= bool(differ)
        print(f"{name}: {sum(theirs.values())} Python frames, {len(theirs)} triples, {len(differ)} differ")
        for key, (here, there) in list(differ.items())[:6]:
            print(f"    {key}: viperf {here}, it {there}")
    for graph in ("none", "caller,srcline") if given.perf else ():
        lines = by_report([given.viperf], given.recording, graph)
        for perf in given.perf:
            theirs = by_report([perf], given.recording, graph)
            differ = [line for line in lines.keys() | theirs.keys() if lines[line] != theirs[line]]
            bad |= bool(differ) or not lines
            print(f"{perf}: report -g {graph}: {sum(lines.values())} lines with Python functions, {len(differ)} differ")
            for line in differ[:6]:
                print("    " + " ".join(line))
    return bad


if __name__ == "__main__":
    sys.exit(main())
