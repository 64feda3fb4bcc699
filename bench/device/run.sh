#!/usr/bin/env bash
# Runs on the machine with the GPU, in the folder that pack.sh packed: everything that bench/results/ wants to know of a card, as one
# Markdown file, within eight minutes. Each part has a limit of its own, and says so where it is cut off.
# Usage: device/run.sh OUT.md [BACKEND]
set -uo pipefail
out=$(realpath -m "${1:?usage: run.sh OUT.md [BACKEND]}")
card=${2:-cuda:0}
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_TieredPGO=0 NO_COLOR=1 PYTHONUNBUFFERED=1
chmod +x qsim qsim-bench-kernels qsim-bench-attacks
begin=$SECONDS

# part TITLE SECONDS COMMAND...: its output as it is; tables of Markdown stay tables.
part() {
    local title=$1 limit=$2
    shift 2
    { echo; echo "## $title"; echo; echo "\`$*\`, after $((SECONDS - begin)) s"; echo; } >> "$out"
    echo "== $title (after $((SECONDS - begin)) s)"
    timeout "$limit" "$@" > part.txt 2> part.err
    local code=$?
    sed -e 's/^\([^|#`].*\)$/    \1/' part.txt >> "$out"
    [ $code = 0 ] || { echo; echo "exit code $code$([ $code = 124 ] && echo ": cut off after $limit s")"; tail -5 part.err; } >> "$out"
    cat part.txt; [ $code = 0 ] || tail -5 part.err
}

{
    echo "# ${card}, $(date -u +%F)"
    echo
    echo "At commit $(cat commit.txt), by bench/device/run.sh; $(nproc) CPU cores," \
        "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs)."
} > "$out"
command -v nvidia-smi > /dev/null && part "Card" 20 nvidia-smi \
    --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.max.sm,clocks.mem,power.limit --format=csv
part "Equal to the reference" 170 ./check.sh "$card" 1
part "Kernels and networks" 110 ./qsim-bench-kernels --device "$card" --network lenet5,resnet20 --images 16384 --seconds 0.25
if command -v nvidia-smi > /dev/null && command -v python3 > /dev/null; then
    part "torch._int_mm beside them" 30 python3 torch_int_mm.py --seconds 0.3
fi
part "PGD-40 on hardware" 60 ./qsim-bench-attacks hardware "simd,$card" managed 2048
part "PGD-40 with gradients on the card" 45 ./qsim-bench-attacks card 1 1024 8192
if command -v compute-sanitizer > /dev/null; then
    part "compute-sanitizer" 45 compute-sanitizer --tool memcheck ./qsim-bench-kernels --device "$card" --network mlp \
        --arithmetic sat16 --images 64 --seconds 0.001 --networks-only
fi
echo "done after $((SECONDS - begin)) s: $out"
