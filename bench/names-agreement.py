#!/usr/bin/env python3
"""Do viperf, perf and addr2line name the same functions, inlined ones included, and the same lines?

Records each program once with `perf record --call-graph dwarf`, takes every distinct address that viperf found in a
file of machine code on anybody's stack, and compares the functions at that address, innermost first, and their lines,
with what `perf script` (6.x, which asks addr2line and prints file offsets) says of the same recording, and with what
`addr2line -i -f` says of the file. A caller's address is looked up one byte back, as perf does.

    bench/names-agreement.py --python ~/.pyenv/versions/3.13.0/bin/python3 PROGRAM.py...
    bench/names-agreement.py --recording perf.data            # one that is there, made with --call-graph dwarf

Columns: distinct addresses; of those that the other tool saw too, the parts with the same functions, with the same
lines, and with both. The outermost function, which is no inlined one, counts as the same under another symbol of its
address (malloc is __libc_malloc) and with or without the suffix of a clone (.cold, .isra.0); how often is printed as
"other". Names are compared as the compiler made them, not demangled. Files are compared by their base names,
discriminators are not compared, and "??:0" or "file.c:0" is no line. What differs follows, by cause; --second names a
further program with addr2line's options, such as llvm-addr2line, and says how often it is on viperf's side.
"""
import argparse
import collections
import functools
import os
import re
import subprocess
import sys
import tempfile

FRAME = re.compile(r"^\t\s*(?P<ip>[0-9a-f]+) (?P<rest>.*)$")
MODULE = re.compile(r"^(?P<sym>.*?)(?:\+0x[0-9a-f]+)? \((?P<dso>[^()]*(?:\(deleted\))?)\)$")
CLONE = re.compile(r"(\.(cold|part|isra|constprop|lto_priv|llvm|localalias|warm)(\.\d+)*)+$| \[clone [^]]*\]")
INLINED = " (inlined)"
Place = collections.namedtuple("Place", "dso offset lookup")  # what viperf or perf printed; where it is looked up
Function = collections.namedtuple("Function", "name line")


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, errors="replace")
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def line_of(text):
    """A line as (base name, number); None where there is none."""
    text = re.sub(r" \(discriminator \d+\)$", "", text.strip())
    file, _, number = text.rpartition(":")
    if not file or file.startswith("??") or not number.isdigit() or int(number) == 0:
        return None
    return os.path.basename(file), int(number)


def stacks(command):
    """Yields each sample's lines as [address, name, module or None, line, inlined], innermost first."""
    frames = []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    for text in process.stdout:
        text = text.rstrip("\n")
        if found := FRAME.match(text):
            rest = found["rest"]
            inlined = rest.endswith(INLINED)
            module = None if inlined else MODULE.match(rest)
            name = module["sym"] if module else rest.removesuffix(INLINED)
            frames.append([int(found["ip"], 16), name, module["dso"] if module else None, None, inlined])
        elif text.startswith("  ") and frames:
            inlined = text.endswith(INLINED)
            frames[-1][3:] = [line_of(text.removesuffix(INLINED)), frames[-1][4] or inlined]
            if inlined and frames[-1][2]:  # its name ended in parentheses, which are no module's
                frames[-1][1:3] = [f"{frames[-1][1]} ({frames[-1][2]})", None]
        elif not text and frames:
            yield frames
            frames = []
    if frames:
        yield frames
    if process.wait():  # perf 6.1 dies of SIGPIPE where its addr2line gives up: "seen" tells how far it came
        print(f"{' '.join(command)} ended with status {process.returncode}", file=sys.stderr)


@functools.cache
def is_file(dso):
    """Whether a module is a file of machine code that is still there; a perf map is none."""
    if not dso.startswith("/") or dso.endswith(".ko") or not os.path.exists(dso):
        return False
    with open(dso, "rb") as file:
        return file.read(4) == b"\x7fELF"


def ours(viperf, recording):
    """The functions of each place as viperf has them: inlined ones stand before the frame that has the module."""
    found = {}
    for frames in stacks([viperf, "script", "--no-demangle", "-i", recording, "-F", "ip,sym,dso,srcline"]):
        chain, is_leaf = [], True
        for address, name, dso, line, inlined in frames:
            chain.append(Function(name, line))
            if inlined:
                continue
            if is_file(dso or ""):
                found[Place(dso, address, address - (not is_leaf))] = chain
            # Behind a signal's frame lies code that was interrupted, not code that called.
            is_leaf = (is_leaf and (dso or "").startswith("[") and address >= 1 << 63) or name == "__restore_rt"
            chain = []
    return found


def perfs(perf, recording):
    """The functions of each place as perf has them. Where the symbol has another name than the function in .debug_info,
    perf calls the outermost function inlined too and leaves its module out: the frames without inlined functions tell
    where one frame ends."""
    found = {}
    whole = stacks([perf, "script", "--no-demangle", "-i", recording, "-F", "ip,sym,dso,srcline"])
    plain = stacks([perf, "script", "--no-demangle", "-i", recording, "--no-inline", "-F", "ip,sym,dso"])
    for lines, frames in zip(whole, plain):
        at = 0
        while frames:
            address, dso = frames[0][0], frames[0][2] or ""
            count = next((n for n, frame in enumerate(frames) if frame[0] != address), len(frames))
            end = next((n for n in range(at, len(lines)) if lines[n][0] != address), len(lines))
            chain = [Function(name, line) for _, name, _, line, _ in lines[at:end]]
            if len(chain) % count == 0 and chain and is_file(dso):  # a recursion has one address several times
                found[dso, address] = chain[: len(chain) // count]
            frames, at = frames[count:], end
    return found


@functools.cache
def segments(file):
    """The file's loaded segments as (offset, size, address)."""
    rows = (line.split() for line in run(["readelf", "-lW", file]).splitlines())
    return [(int(row[1], 16), int(row[4], 16), int(row[2], 16)) for row in rows if row and row[0] == "LOAD"]


def address_of(file, offset):
    return next((offset - start + address for start, size, address in segments(file) if start <= offset < start + size), offset)


@functools.cache
def symbols(file):
    """The addresses of each function's symbols, those of a debug file that the build-id leads to included."""
    found = collections.defaultdict(set)
    notes = re.search(r"Build ID: ([0-9a-f]+)", run(["readelf", "-nW", file]))
    debug = f"/usr/lib/debug/.build-id/{notes[1][:2]}/{notes[1][2:]}.debug" if notes else ""
    for path in (file, debug):
        if os.path.exists(path):
            for row in map(str.split, run(["readelf", "-sW", path]).splitlines()):
                if len(row) >= 8 and row[3] in ("FUNC", "IFUNC", "NOTYPE") and row[6] != "UND":
                    found[row[7].partition("@")[0]].add(int(row[1], 16))
    return found


def files_say(program, file, addresses):
    """What a program such as addr2line says of addresses of a file: address to functions, outermost last."""
    found, chain, name = {}, None, None
    text = run([program, "-a", "-i", "-f", "-e", file], "".join(f"{address:#x}\n" for address in addresses))
    for line in text.splitlines():
        if re.fullmatch(r"0x[0-9a-f]+", line):
            chain, name = found.setdefault(int(line, 16), []), None
        elif name is None:
            name = line
        else:
            chain.append(Function(name, line_of(line)))
            name = None
    return found


def same_outer(file, mine, other):
    """'' if two names of a function that is not inlined are one, 'other symbol' if they mean one, None if neither."""
    mine, other = mine.partition("@")[0], other.partition("@")[0]
    if mine == other:
        return ""
    if CLONE.sub("", mine) == CLONE.sub("", other):
        return "other symbol"
    return "other symbol" if symbols(file)[mine] & symbols(file)[other] else None


class Tally:
    """How far one tool and viperf agree."""

    def __init__(self, tool):
        self.tool, self.seen, self.names, self.lines, self.both, self.other = tool, 0, 0, 0, 0, 0
        self.causes = collections.defaultdict(list)

    def add(self, file, place, mine, theirs):
        self.seen += 1
        inner = [f.name for f in mine[:-1]] == [f.name for f in theirs[:-1]]
        outer = same_outer(file, mine[-1].name, theirs[-1].name)
        if theirs[-1].name == "??" and mine[-1].name:
            outer = "" if not mine[:-1] and mine[-1].line is None else outer
        names = inner and outer is not None
        lines = [f.line for f in mine] == [f.line for f in theirs]
        self.names += names
        self.lines += lines
        self.both += names and lines
        self.other += names and outer == "other symbol"
        if not names:
            self.causes[self.cause_of_names(mine, theirs, inner)].append((file, place, mine, theirs))
        elif not lines:
            self.causes[self.cause_of_lines(mine, theirs)].append((file, place, mine, theirs))

    @staticmethod
    def cause_of_names(mine, theirs, inner):
        if inner and mine[-1].name == "[unknown]" and theirs[-1].line is None:
            return "functions: no debug information, and the other names a symbol that ends before the address"
        if inner:
            return "functions: the outermost has another name"
        if len(mine) != len(theirs):
            return f"functions: viperf has {'fewer' if len(mine) < len(theirs) else 'more'}"
        return "functions: an inlined one has another name"

    @staticmethod
    def cause_of_lines(mine, theirs):
        at = next(n for n, (a, b) in enumerate(zip(mine, theirs)) if a.line != b.line)
        a, b = mine[at].line, theirs[at].line
        who = "innermost" if at == 0 else "a call's"
        if a is None or b is None:
            return f"lines: {'viperf' if a is None else 'the other'} has none ({who})"
        if len(mine) == 1 and a[1] == b[1]:
            # binutils 2.40 has the unit's file where a file that it includes defines the function.
            return "lines: the same number in another file, of a function without inlined ones"
        return f"lines: another {'file' if a[0] != b[0] else 'number'} ({who})"

    def __str__(self):
        seen = self.seen or 1
        return f"{self.seen:7} {self.names / seen:8.2%} {self.lines / seen:8.2%} {self.both / seen:8.2%} {self.other:6}"


def chain_text(functions):
    return "; ".join(f"{f.name} {f.line[0]}:{f.line[1]}" if f.line else f"{f.name} -" for f in functions)


def compare(options, recording, tallies):
    """Compares one recording, adds to the tallies over all, and returns the row's own."""
    own = {tool: Tally(tool) for tool in tallies}
    mine = ours(options.viperf, recording)
    theirs = perfs(options.perf, recording)
    by_file = collections.defaultdict(list)
    for place in mine:
        by_file[place.dso].append(place)
    for file, places in by_file.items():
        addresses = {place: address_of(file, place.lookup) for place in places}
        said = files_say(options.addr2line, file, sorted(set(addresses.values())))
        for place in places:
            for tally in (own, tallies):
                if (file, place.lookup) in theirs:
                    tally["perf"].add(file, addresses[place], mine[place], theirs[file, place.lookup])
                if functions := said.get(addresses[place]):
                    tally["addr2line"].add(file, addresses[place], mine[place], functions)
    return len(mine), own


def show(tally, options):
    print(f"\ndiffers from {tally.tool} (places counted once a recording):")
    for cause, places in sorted(tally.causes.items(), key=lambda item: -len(item[1])):
        modules = collections.Counter(os.path.basename(file) for file, *_ in places)
        print(f"{len(places):6}  {cause}: {', '.join(f'{n} {m}' for m, n in modules.most_common(4))}")
        distinct = list({(f, a): (f, a, m, t) for f, a, m, t in places}.values())
        second = [files_say(options.second, f, [a])[a] for f, a, *_ in distinct] if options.second else []
        if second:
            agree = sum([f.line for f in mine] == [f.line for f in other]
                        and [f.name for f in mine[:-1]] == [f.name for f in other[:-1]]
                        for (_, _, mine, _), other in zip(distinct, second))
            print(f"        {agree} of {len(distinct)} distinct ones are in {options.second} as in viperf")
        for n, (file, address, mine, theirs) in enumerate(distinct[: options.show]):
            print(f"        {file} {address:#x}\n          viperf: {chain_text(mine)}")
            print(f"          {tally.tool}: {chain_text(theirs)}")
            if second:
                print(f"          {options.second}: {chain_text(second[n])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--perf", default="perf")
    parser.add_argument("--addr2line", default="addr2line")
    parser.add_argument("--second", help="a further program with addr2line's options")
    parser.add_argument("--viperf", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "viperf"))
    parser.add_argument("--python", default="python3", help="interpreter")
    parser.add_argument("--frequency", default="1999")
    parser.add_argument("--size", default="16384", help="of the copies of the stack, bytes")
    parser.add_argument("--show", type=int, default=3, help="examples of each cause")
    parser.add_argument("--recording", action="append", default=[], help="a file to read instead of recording; repeatable")
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    tallies = {tool: Tally(tool) for tool in ("perf", "addr2line")}
    print(f"{'':24} {'':9} {'perf':>7} {'':32} addr2line")
    row = f"{'seen':>7} {'names':>8} {'lines':>8} {'both':>8} {'other':>6}"
    print(f"{'program':24} {'addresses':>9} {row} {row}")
    with tempfile.TemporaryDirectory() as folder:
        for program in [*options.recording, *options.programs]:
            recording = program
            if program in options.programs:
                recording = os.path.join(folder, "perf.data")
                subprocess.run(
                    [options.perf, "record", "-q", "-N", "-F", options.frequency, "-e", "cpu-clock", "--call-graph",
                     f"dwarf,{options.size}", "-o", recording, options.python, program],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            count, own = compare(options, recording, tallies)
            print(f"{os.path.basename(program):24} {count:9} {own['perf']} {own['addr2line']}", flush=True)
    if len(options.recording) + len(options.programs) > 1:
        print(f"{'all':24} {'':9} {tallies['perf']} {tallies['addr2line']}")
    for tally in tallies.values():
        show(tally, options)


if __name__ == "__main__":
    main()
