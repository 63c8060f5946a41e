#!/usr/bin/env python3
"""Do viperf and perf read the same from one recording?

Records each program with perf and with viperf, prints each file with both `perf script` and `viperf script`, and
compares sample by sample: time, thread, command and event (heads), the leaf's symbol, all symbols and files of the
chain (names), and its addresses, which perf prints as offsets in files up to 6.x and as virtual addresses in 7.x.
Needs perf, and root or kernel.perf_event_paranoid <= 1 for kernel samples.

    bench/agreement.py --python ~/.pyenv/versions/3.13.0/bin/python3 PROGRAM.py...
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile

HEAD = re.compile(r"^(?P<comm>.+?)\s+(?P<tid>\d+)\s+(?:\[\d+\]\s+)?(?P<time>\d+\.\d+):\s+(?P<period>\d+)\s+(?P<event>\S+):\s*$")
FRAME = re.compile(r"^\t\s*(?P<ip>[0-9a-f]+) (?P<sym>.*?)(?:\+0x[0-9a-f]+)? \((?P<dso>[^)]*)\)$")


def samples(command):
    """Yields (comm, tid, time, period, event, [(ip, symbol, dso)...]) from perf script's text."""
    text = subprocess.run(command, check=True, capture_output=True, text=True, errors="replace")
    if text.stderr:
        print("stderr:", text.stderr.strip().splitlines()[:3], file=sys.stderr)
    head, frames = None, []
    for line in text.stdout.splitlines():
        if found := HEAD.match(line):
            head, frames = found, []
        elif found := FRAME.match(line):
            frames.append(found.group("ip", "sym", "dso"))
        elif not line and head:
            yield (*head.group("comm", "tid", "time", "period", "event"), frames)
            head = None
        else:
            print("not understood:", repr(line), file=sys.stderr)


def compare(name, theirs, ours):
    """Prints one row of agreement, and the causes of what differs."""
    same_head = same_leaf = same_names = same_addresses = 0
    differences = collections.Counter()
    for a, b in zip(theirs, ours):
        same_head += a[:5] == b[:5]
        leaf_a, leaf_b = (a[5] or [("", "", "")])[0], (b[5] or [("", "", "")])[0]
        same_leaf += leaf_a[1] == leaf_b[1]
        same_names += [f[1:] for f in a[5]] == [f[1:] for f in b[5]]
        same_addresses += [f[0] for f in a[5]] == [f[0] for f in b[5]]
        for frame_a, frame_b in zip(a[5], b[5]):
            if frame_a[1:] != frame_b[1:]:
                differences[(frame_a[1:], frame_b[1:], "leaf" if frame_a is a[5][0] else "caller")] += 1
    total = max(len(theirs), len(ours), 1)
    print(
        f"{name:44} {len(theirs):7} {len(ours):7} {same_head / total:8.2%} {same_leaf / total:8.2%}"
        f" {same_names / total:8.2%} {same_addresses / total:10.2%}"
    )
    return same_head == len(theirs) == len(ours) and same_leaf / total >= 0.995, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perf", default="perf")
    parser.add_argument("--viperf", default=os.path.join(os.path.dirname(__file__), "..", "viperf"))
    parser.add_argument("--python", action="append", help="interpreter, 3.12 or later; repeatable")
    parser.add_argument("--frequency", default="9999")
    parser.add_argument("--show", type=int, default=12, help="differences to list")
    parser.add_argument("programs", nargs="+")
    options = parser.parse_args()
    good, differences = True, collections.Counter()
    print(f"{'recorder, interpreter, program':44} {'perf':>7} {'viperf':>7} {'heads':>8} {'leaf':>8} {'names':>8} {'addresses':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for python in options.python or ["python3"]:
            for program in options.programs:
                for recorder in (options.perf, options.viperf):
                    file = os.path.join(folder, "perf.data")
                    subprocess.run(
                        [recorder, "record", "-N", "-F", options.frequency, "-g", "-o", file, python, "-Xperf", program],
                        check=True,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                    )
                    theirs = list(samples([options.perf, "script", "-i", file]))
                    ours = list(samples([options.viperf, "script", "-i", file]))
                    version = re.search(r"\d+\.\d+\.\d+", python)
                    name = f"{os.path.basename(recorder)} {version[0] if version else python} {os.path.basename(program)}"
                    row_is_good, found = compare(name, theirs, ours)
                    good &= row_is_good
                    differences += found
    print("\nframes that differ (perf's name and file, viperf's, where, how often):")
    for (theirs, ours, where), count in differences.most_common(options.show):
        print(f"{count:7} {where:7} {theirs} -> {ours}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
