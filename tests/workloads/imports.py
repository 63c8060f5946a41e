"""Imports modules of the standard library again and again. Argument: repetitions."""
import sys

NAMES = ["argparse", "difflib", "json", "json.decoder", "json.encoder", "string", "textwrap"]


def load():
    for name in NAMES:
        sys.modules.pop(name, None)
    for name in NAMES:
        __import__(name)


for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 10):
    load()
