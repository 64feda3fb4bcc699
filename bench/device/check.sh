#!/usr/bin/env bash
# `qsim backends check` by several processes side by side, each with a share of the cases: compiling kernels takes most of it, and
# processes do that at the same time where threads wait for each other. Prints each share's counts; exit code 1 at a difference.
# Usage: check.sh BACKEND MINUTES [PROCESSES]
set -uo pipefail
card=${1:?usage: check.sh BACKEND MINUTES [PROCESSES]} minutes=${2:?minutes} count=${3:-8}
here=$(cd "$(dirname "$0")" && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cores=$(($(nproc) / count))
export DOTNET_PROCESSOR_COUNT=$((cores > 0 ? cores : 1))
pids=()
for ((i = 1; i <= count; i++)); do
    "$here/qsim" backends check "$card" --minutes "$minutes" --seed $((10000 * i)) --shard "$i/$count" --no-rates \
        > "$room/$i.txt" 2> "$room/$i.err" &
    pids+=($!)
done
# Who cuts this off learns what is done and how far the rest is. Asked once, each would first end what is at work, beside whatever
# is measured next.
cut_off() {
    kill "${pids[@]}" 2> /dev/null
    sleep 2
    kill -KILL "${pids[@]}" 2> /dev/null
    for ((i = 1; i <= count; i++)); do
        grep ' cases, ' "$room/$i.txt" || echo "share $i not done: $(tr '\r' '\n' < "$room/$i.err" | grep 'cases' | tail -1)"
    done
    exit 143
}
trap cut_off TERM
worst=0
for ((i = 1; i <= count; i++)); do
    wait "${pids[i - 1]}"; code=$?
    [ $code -le $worst ] || worst=$code
    if [ $i = 1 ] || [ $code != 0 ]; then cat "$room/$i.txt"; else grep ' cases, ' "$room/$i.txt"; fi
    [ $code = 0 ] || grep program "$room/$i.err" | tail -5
done
exit $worst
