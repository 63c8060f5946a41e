#!/usr/bin/env python3
"""Does viperf demangle as c++filt does, and how fast?

Takes the symbols of all ELF files and archives below some directories (nm and nm -D), demangles those of C++ and Rust
with `c++filt -i` and with bench/Demangle, once with parameters and once without (as perf shows names), and counts what
differs. Without --demangle, the program is built from its sources (dotnet, one minute).

    bench/demangle-agreement.py [--show 20] [--demangle PROGRAM] [DIRECTORY...]
"""
import argparse
import collections
import os
import subprocess
import sys
import tempfile
import time


def is_code(path):
    """True for ELF files and archives."""
    try:
        if os.path.islink(path) or not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return file.read(8).startswith((b"\x7fELF", b"!<arch>"))
    except OSError:
        return False


def symbols_of(directories):
    """The mangled symbols of all files, and how many files have any."""
    symbols, files = set(), 0
    for directory in directories:
        for folder, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(folder, name)
                if not is_code(path):
                    continue
                found = set()
                for options in ([], ["-D"]):
                    listing = subprocess.run(["nm", *options, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                    for line in listing.stdout.splitlines():
                        symbol = line.rpartition(b" ")[2].partition(b"@")[0]
                        if symbol.startswith((b"_Z", b"_R", b"_GLOBAL_")):
                            found.add(symbol)
                files += bool(found)
                symbols |= found
    return sorted(symbols), files


def demangled(command, text):
    """What a demangler makes of lines, and how long it takes."""
    start = time.monotonic()
    run = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return run.stdout.splitlines(), time.monotonic() - start, run.stderr.decode().strip()


def compare(title, symbols, theirs, ours, show):
    """Prints a row of counts, and the shortest names that differ."""
    kinds = collections.Counter()
    differences = []
    for symbol, a, b in zip(symbols, theirs, ours):
        kind = ("same" if a == b else "c++filt alone" if b == symbol else "viperf alone" if a == symbol else "different")
        kinds[kind] += 1
        if a != b:
            differences.append((symbol, a, b))
    print(f"{title:20} {len(symbols):9} names, {kinds['same'] / max(len(symbols), 1):9.4%} the same; "
          + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()) if kind != "same"))
    for symbol, a, b in sorted(differences, key=lambda entry: len(entry[0]))[:show]:
        print(f"    {symbol.decode(errors='replace')}\n        c++filt {a.decode(errors='replace')}"
              f"\n        viperf  {b.decode(errors='replace')}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--demangle", help="the program of bench/Demangle, published")
    parser.add_argument("--show", type=int, default=0, help="so many names that differ")
    parser.add_argument("directories", nargs="*", default=["/usr/lib", "/usr/bin", "/usr/local"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as built:
        program = options.demangle
        if program is None:
            project = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Demangle")
            subprocess.run(["dotnet", "publish", project, "-c", "Release", "-r", "linux-x64", "-o", built, "-v", "quiet"],
                           check=True, stdout=sys.stderr)
            program = os.path.join(built, "Demangle")
        symbols, files = symbols_of(options.directories)
        print(f"{files} files")
        text = b"".join(symbol + b"\n" for symbol in symbols)
        for title, arguments in (("with parameters", []), ("as perf shows them", ["-p"])):
            theirs, their_time, _ = demangled(["c++filt", "-i", *arguments], text)
            ours, our_time, said = demangled([program, *arguments], text)
            compare(title, symbols, theirs, ours, options.show)
            print(f"{'':20} c++filt {their_time:.2f} s, viperf {our_time:.2f} s, input and output included; {said}")


if __name__ == "__main__":
    main()
