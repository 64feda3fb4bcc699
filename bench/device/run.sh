#!/usr/bin/env bash
# Runs on the machine with the GPU, in the folder that pack.sh packed: everything that bench/results/ wants to know of a card, as one
# Markdown file, within nine minutes. Each part has a limit of its own, and says so where it is cut off; what is asked first comes
# first, and the file is complete up to the line that came last. PARTS, a regular expression, leaves out parts whose titles do not match.
# Usage: device/run.sh OUT.md [BACKEND [PARTS]]
set -uo pipefail
out=$(realpath -m "${1:?usage: run.sh OUT.md [BACKEND [PARTS]]}")
card=${2:-cuda:0} parts=${3:-.}
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_TieredPGO=0 NO_COLOR=1 PYTHONUNBUFFERED=1
chmod +x qsim qsim-bench-kernels qsim-bench-attacks
begin=$SECONDS

# part TITLE SECONDS COMMAND...: its output as it is; tables of Markdown stay tables.
part() {
    local title=$1 limit=$2
    shift 2
    [[ $title =~ $parts ]] || return 0
    { echo; echo "## $title"; echo; echo "\`$*\`, after $((SECONDS - begin)) s"; echo; } >> "$out"
    echo "== $title (after $((SECONDS - begin)) s)"
    timeout -k 5 "$limit" "$@" 2> part.err | tee part.txt | sed -u -e 's/^\([^|#`].*\)$/    \1/' >> "$out"
    local code=${PIPESTATUS[0]}
    [ $code = 0 ] || { echo; echo "exit code $code$([ $code = 124 ] || [ $code = 137 ] && echo ": cut off after $limit s")"; tail -5 part.err; } >> "$out"
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
part "Equal to the reference" 150 ./check.sh "$card" 1
part "PGD-40 with gradients on the card" 75 ./qsim-bench-attacks card 0.5 8192 16384
part "PGD-40 on hardware" 45 ./qsim-bench-attacks hardware "simd,$card" managed 2048
if command -v ncu > /dev/null; then
    # What bench/results counted without a card, for each kernel of two climbs.
    part "Nsight Compute" 60 ncu --clock-control none --csv --page raw \
        --metrics gpu__time_duration.sum,smsp__inst_executed.sum,dram__bytes_read.sum,dram__bytes_write.sum \
        ./qsim-bench-attacks work 16384
fi
part "Kernels and networks" 110 ./qsim-bench-kernels --device "$card" --network lenet5,resnet20 --images 16384 --seconds 0.25
if command -v nvidia-smi > /dev/null && command -v python3 > /dev/null; then
    part "torch._int_mm beside them" 30 python3 torch_int_mm.py --seconds 0.3
fi
if command -v compute-sanitizer > /dev/null; then
    part "compute-sanitizer" 45 compute-sanitizer --tool memcheck ./qsim-bench-kernels --device "$card" --network mlp \
        --arithmetic sat16 --images 64 --seconds 0.001 --networks-only
fi
echo "done after $((SECONDS - begin)) s: $out"
