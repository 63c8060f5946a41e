#!/usr/bin/env python3
"""Does CPython pass its own tests alike with and without the agent's trampolines?

Runs suites of CPython's test package by turns without the agent and with it preloaded, and compares the outcome of each
test. A suite that differs is run again; a test differs if no outcome that it has one way is among those it has the other
way, and varies if some are. A suite that a version does not have is left out.

    bench/cpython-suites.py --agent PATH [--python PYTHON]... [--backend perf|perf_jit|none|builtin] [--again 2]
                            [--logs DIRECTORY] [SUITE]...

Two backends tell what a difference comes from: `none` preloads the agent and does not switch it on, `builtin` switches on
CPython's own trampolines (3.12 and later) in its place. Every run gets a /tmp of its own, for CPython's tests clear away
perf maps that they find there; that takes root or user namespaces. The exit status is 1 if tests differ.
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

# Short ones first: what is found is found soon.
SUITES = """
    test_generators test_coroutines test_asyncgen test_with test_contextlib test_contextlib_async test_exceptions
    test_call test_class test_code test_frame test_functools test_gc test_weakref test_traceback test_sys_setprofile
    test_sys_settrace test_monitoring test_audit test_fork1 test_thread test_threading_local test_trace test_bdb test_pdb
    test_dis test_inspect test_descr test_sys test_atexit test_dynamic test_capi test_code_module test_cmd_line
    test_cmd_line_script test_runpy test__xxsubinterpreters test__interpreters test_interpreters test_faulthandler
    test_signal test_threading test_embed test_subprocess test_perf_profiler test_asyncio test_concurrent_futures
    test_multiprocessing_fork
""".split()

# Where the agent lies in the /tmp of a run.
AGENT = "/tmp/libviperf-agent.so"

SECONDS_PER_TEST = 300
SECONDS_PER_SUITE = 1800

# -v prints "test_x (test.test_y.Class) ... ok", where a docstring's line or the test's own output may come between.
STARTED = re.compile(r"^(\w+) \(([\w.]+)\)")
ENDED = re.compile(r"\.\.\. (ok|FAIL|ERROR|skipped|expected failure|unexpected success)\b")
# The headings of what is said of failures, of subtests too, which the XML leaves out.
FAILED = re.compile(r"^(FAIL|ERROR): (\w+) \(([\w.]+)\)", re.MULTILINE)
# How a run ends: "1 test OK.", "All 3 tests OK.", "1 test failed:", "1 test altered the execution environment:"...
SUMMARY = re.compile(r"^(?:All )?(\d+) tests? (OK|failed|altered|skipped|omitted|run no tests)\b", re.MULTILINE)
CRASHED = re.compile(r"\b(crashed|timed out|worker non-zero exit code)\b(?: \(Exit code ([-\d]+))?")


def test_id(name, place):
    """One name for a test, whose class ends in its name from 3.11 on."""
    return place if place.endswith("." + name) else f"{place}.{name}"


def outcomes_of_xml(path):
    """The outcomes in a JUnit file, {test: outcome}; an interpreter that crashed leaves none."""
    outcomes = {}
    try:
        cases = xml.etree.ElementTree.parse(path).iter("testcase")
    except (OSError, xml.etree.ElementTree.ParseError):
        return outcomes
    for case in cases:
        if case.get("name"):
            bad = [kind for kind in ("error", "failure", "skipped") if case.find(kind) is not None]
            outcomes[case.get("name")] = bad[0] if bad else case.get("outcome", "ok").lower()
    return outcomes


def outcomes_of_text(text):
    """The same from what -v printed; a test that began and never ended has the outcome "unfinished"."""
    outcomes, current = {}, None
    for line in text.splitlines():
        started = STARTED.match(line)
        if started:
            current = test_id(*started.groups())
            outcomes[current] = "unfinished"
        ended = ENDED.search(line)
        if ended and current:
            outcomes[current] = ended[1]
            current = None
    return outcomes


def outcomes_of(text, report, suite):
    """All outcomes of a run, that of the suite as a whole among them."""
    outcomes = outcomes_of_xml(report) or outcomes_of_text(text)
    for kind, name, place in FAILED.findall(text):
        outcomes[test_id(name, place)] = {"FAIL": "failure", "ERROR": "error"}[kind]
    whole = {f"{number} {what}" for number, what in SUMMARY.findall(text)}
    whole |= {" ".join(crash).strip() for crash in CRASHED.findall(text)}
    outcomes[suite] = ", ".join(sorted(whole)) or "no result"
    return outcomes


class Interpreter:
    """A Python, and how to run it in a /tmp of its own."""

    def __init__(self, path, agent, backend):
        self.path = path
        self.agent = agent
        self.backend = backend
        self.version = self.ask("import sys; print(sys.version.split()[0])")

    def ask(self, code):
        return subprocess.run([self.path, "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def has(self, suite):
        return self.ask(f"from importlib.util import find_spec as f; print(bool(f('test.{suite}')))") == "True"

    def run(self, arguments, is_active, report):
        """Runs it and returns its exit status and what it printed; its /tmp/result.xml goes to a file."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("PYTHON", "VIPERF", "LD_PRELOAD"))}
        switches = []
        if is_active and self.backend == "builtin":
            switches = ["PYTHONPERFSUPPORT=1"]
        elif is_active:
            switches = [f"LD_PRELOAD={AGENT}"] + [f"VIPERF={self.backend}"] * (self.backend != "none")
        own = tempfile.mkdtemp(prefix="cpython-suites-")
        os.chmod(own, 0o1777)
        if self.agent:
            shutil.copy(self.agent, os.path.join(own, os.path.basename(AGENT)))
        users = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        command = ["unshare", *users, "--mount", "sh", "-c", 'mount --bind "$0" /tmp && cd /tmp && exec "$@"', own,
                   "env", *switches, self.path, *arguments]
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            try:
                status = process.wait(SECONDS_PER_SUITE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                status = process.wait()
            output.seek(0)
            text = output.read().decode(errors="replace")
        if report and os.path.exists(os.path.join(own, "result.xml")):
            shutil.copy(os.path.join(own, "result.xml"), report)
        shutil.rmtree(own, ignore_errors=True)
        return status, text

    def check(self):
        """Ends the script if the agent does not do what it is to be tested for."""
        if self.backend != "none":
            name = "jit-%d.dump" if self.backend == "perf_jit" else "perf-%d.map"
            code = f"import os; print(os.path.exists('/tmp/{name}' % os.getpid()))"
            _, text = self.run(["-c", code], True, None)
            if text.strip() != "True":
                sys.exit(f"{self.path}: no trampolines: {text.strip()}")

    def test(self, suite, is_active, log):
        """Runs a suite and returns its outcomes."""
        with tempfile.TemporaryDirectory() as directory:
            report = os.path.join(directory, "result.xml")
            _, text = self.run(["-m", "test", "-v", "-j1", "--timeout", str(SECONDS_PER_TEST),
                                "--junit-xml", "/tmp/result.xml", suite], is_active, report)
            if log:
                with open(log, "w") as file:
                    file.write(text)
            return outcomes_of(text, report, suite)


def compare(without, with_agent):
    """Of {test: outcome} of some runs each way: the tests that differ, and those that vary."""
    differ, vary = {}, {}
    for test in sorted({test for run in without + with_agent for test in run}):
        before, after = ({run.get(test, "not run") for run in runs} for runs in (without, with_agent))
        if before != after or len(before) > 1:
            (vary if before & after else differ)[test] = f"{'/'.join(sorted(before))} -> {'/'.join(sorted(after))}"
    return differ, vary


def count(runs, suite):
    """Tests that are ok, of all that ran, in the first of some runs."""
    tests = [outcome for test, outcome in runs[0].items() if test != suite]
    return f"{tests.count('ok')}/{len(tests)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", help="interpreter; may be repeated (default: the one that runs this)")
    parser.add_argument("--agent", help="libviperf-agent.so; not needed with --backend builtin")
    parser.add_argument("--backend", default="perf", choices=("perf", "perf_jit", "none", "builtin"))
    parser.add_argument("--again", type=int, default=2, help="how often a suite that differs is run again, each way")
    parser.add_argument("--logs", help="directory to keep what the suites printed")
    parser.add_argument("suites", nargs="*", default=SUITES, metavar="SUITE")
    options = parser.parse_args()
    if not options.agent and options.backend != "builtin":
        parser.error("--agent is needed")
    if options.logs:
        os.makedirs(options.logs, exist_ok=True)

    interpreters = [Interpreter(path, options.agent, options.backend) for path in options.python or [sys.executable]]
    for interpreter in interpreters:
        interpreter.check()

    differences = 0
    print(f"{'version':9}{'suite':27}{'without':>11}{'with':>11}{'differ':>8}{'vary':>6}")
    for suite in options.suites:
        for interpreter in interpreters:
            if not interpreter.has(suite):
                continue
            runs = {False: [], True: []}
            differ, vary = {}, {}
            for round_number in range(1 + options.again):
                for is_active, results in runs.items():
                    name = f"{interpreter.version}-{suite}-{'with' if is_active else 'without'}-{round_number}.txt"
                    log = options.logs and os.path.join(options.logs, name)
                    results.append(interpreter.test(suite, is_active, log))
                differ, vary = compare(runs[False], runs[True])
                if not differ:
                    break
            print(f"{interpreter.version:9}{suite:27}{count(runs[False], suite):>11}{count(runs[True], suite):>11}"
                  f"{len(differ):8}{len(vary):6}")
            for word, tests in (("differs", differ), ("varies", vary)):
                # Behind a crash there are as many as the suite has left; the one that crashed says it.
                crashed = any(change.endswith("unfinished") for change in tests.values())
                for test, change in tests.items():
                    if not (crashed and change.endswith("not run")):
                        print(f"    {word}: {test}: {change}")
            sys.stdout.flush()
            differences += len(differ)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
