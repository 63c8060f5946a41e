"""Copies its input to its output in capitals, tells its arguments on stderr, ends with status 3."""
import sys

sys.stdout.write(sys.stdin.read().upper())
print(sys.argv[1:], file=sys.stderr)
sys.exit(3)
