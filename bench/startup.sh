#!/usr/bin/env bash
# What a start costs: viperf --version, the launcher above it, and a report of a recording of about 1 MB.
# Prints CPU time (user and system) and elapsed time in milliseconds, the mean of 20 runs each, from bash's own clock.
# Needs: python3. Usage: bench/startup.sh
set -euo pipefail
cd -- "$(dirname -- "$0")/.."
./viperf --version >/dev/null
program=artifacts/viperf/viperf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=20

measure() {
    local name=$1
    shift
    "$@" >/dev/null # What fails ends here, with its message.
    local TIMEFORMAT='%U %S %R'
    { time for ((i = 0; i < runs; i++)); do "$@" >/dev/null 2>&1; done; } 2>&1 |
        awk -v name="$name" -v n="$runs" \
            '{ printf "%-28s %7.1f ms of CPU  %7.1f ms elapsed\n", name, ($1 + $2) * 1000 / n, $3 * 1000 / n }'
}

"$program" record -q -F 9999 -g -o "$work/perf.data" -- python3 -c 'sum(i * i for i in range(20_000_000))' 2>/dev/null
size=$(($(stat -c %s "$work/perf.data") / 1024))
measure 'viperf --version' "$program" --version
measure './viperf --version' ./viperf --version
measure "report of $size KiB" "$program" report -g -i "$work/perf.data" --stdio
