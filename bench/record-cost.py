#!/usr/bin/env python3
"""What does recording cost: the recorder's own CPU time, what it loses, and its file, of viperf and of perf?

Records the same load by turns with `perf record` and `viperf record` (-F 9999, the same call graphs and -m), and the
command `true` as well, and prints medians, ratios and lost samples. A recorder's own time is that of its whole process
tree less that of the load, which a process in between measures: both to the microsecond, from wait4(2).

    bench/record-cost.py --viperf PATH [--python PYTHON] [--rounds 3] [--repetitions 15000] [-m PAGES]
                         [--call-graph dwarf,65528 [--unwind live]]
"""
import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile

LOAD = os.path.join(os.path.dirname(__file__), "..", "tests", "workloads", "calls.py")


def middle(report, command):
    """Runs the load below the recorder and notes what load and itself used."""
    status = subprocess.call(command, stdout=subprocess.DEVNULL)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with open(report, "w") as file:
        json.dump(sum(usage.ru_utime + usage.ru_stime for usage in used), file)
    os._exit(status)


def own_time(recorder, options, directory, command):
    """Records once; returns the recorder's CPU seconds, the samples, the lost ones and the file's size."""
    report = os.path.join(directory, "load.json")
    data = os.path.join(directory, "record.data")
    line = [recorder, "record", "-F", "9999", *options, "-o", data, "--",
            sys.executable, "-S", os.path.abspath(__file__), "--middle", report, *command]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(line)} ended with status {status}: {said}")
    with open(report) as file:
        load = json.load(file)
    found = re.search(r"\((?:~)?(\d+) samples", said)  # perf says nothing where there are none
    samples = int(found[1]) if found else 0
    not_unwound = re.search(r"(\d+) samples not unwound", said)
    if not_unwound:
        print(not_unwound[0])
    return usage.ru_utime + usage.ru_stime - load, samples, lost(data), os.path.getsize(data)


def lost(data):
    """Lost samples by the kernel's own count of each event, read by perf for both."""
    text = subprocess.run(["perf", "report", "--stats", "-i", data], capture_output=True, text=True, check=True).stdout
    # Records come first, all together, and there LOST_SAMPLES is how many records tell of losses. Events follow.
    _, _, *events = re.split(r"^.* stats:$", text, flags=re.M)
    return sum(int(count) for event in events for count in re.findall(r"LOST_SAMPLES events:\s+(\d+)", event))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viperf", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=15000, help="of the load; it should last 10 s")
    parser.add_argument("-m", "--pages", default="128", help="of each ring, or bytes with K or M")
    parser.add_argument("--call-graph", default="fp")
    parser.add_argument("--unwind", help="for viperf alone: live, post or none")
    arguments = parser.parse_args()
    load = [arguments.python, LOAD, str(arguments.repetitions)]
    tools = {"perf": "perf", "viperf": os.path.abspath(arguments.viperf)}
    options = {tool: ["-g", "--call-graph", arguments.call_graph, "-m", arguments.pages] for tool in tools}
    options["viperf"] += ["--unwind", arguments.unwind] if arguments.unwind else []
    times = {(tool, name): [] for tool in tools for name in ("load", "true")}
    bytes_a_sample = {tool: [] for tool in tools}
    with tempfile.TemporaryDirectory() as directory:
        for number in range(arguments.rounds):
            for tool, path in tools.items():
                for name, command in (("load", load), ("true", ["true"])):
                    seconds, samples, gone, size = own_time(path, options[tool], directory, command)
                    times[tool, name].append(seconds)
                    if name == "load":
                        bytes_a_sample[tool].append(size / samples)
                    print(f"round {number + 1}: {tool:6} {name}: {seconds:.3f} s of its own, {samples} samples, {gone} lost, "
                          f"{size / 1e6:.1f} MB")

    middle_of = {key: statistics.median(values) for key, values in times.items()}
    net = {tool: middle_of[tool, "load"] - middle_of[tool, "true"] for tool in tools}
    print(f"total:        viperf {middle_of['viperf', 'load']:.3f} s, perf {middle_of['perf', 'load']:.3f} s: "
          f"ratio {middle_of['viperf', 'load'] / middle_of['perf', 'load']:.2f}")
    print(f"true alone:   viperf {middle_of['viperf', 'true']:.3f} s, perf {middle_of['perf', 'true']:.3f} s: "
          f"ratio {middle_of['viperf', 'true'] / middle_of['perf', 'true']:.2f}")
    print(f"minus true:   viperf {net['viperf']:.3f} s, perf {net['perf']:.3f} s: ratio {net['viperf'] / net['perf']:.2f}")

    # By the sample: a recorder that loses many has a small file.
    size_of = {tool: statistics.median(sizes) for tool, sizes in bytes_a_sample.items()}
    print(f"file:         viperf {size_of['viperf']:.0f} bytes a sample, perf {size_of['perf']:.0f}: "
          f"1/{size_of['perf'] / size_of['viperf']:.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--middle"]:
        middle(sys.argv[2], sys.argv[3:])
    main()
