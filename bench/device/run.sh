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
export PATH=$PATH:/usr/local/cuda/bin
chmod +x qsim qsim-bench-kernels qsim-bench-attacks
begin=$SECONDS

# part TITLE SECONDS COMMAND...: its output as it is; tables of Markdown stay tables.
part() {
    local title=$1 limit=$2
    shift 2
    [[ $title =~ $parts ]] || return 0
    { echo; echo "## $title"; echo; echo "\`$*\`, after $((SECONDS - begin)) s"; echo; } >> "$out"
    echo "== $title (after $((SECONDS - begin)) s)"
    # Not through a pipe: what a profiler leaves behind at its end would keep that open, and hold up all that comes after.
    timeout -k 5 "$limit" "$@" > part.txt 2> part.err &
    local pid=$! code
    tail -n +1 -s 0.2 -f --pid=$pid part.txt | sed -u -e 's/^\([^|#`].*\)$/    \1/' >> "$out"
    wait $pid; code=$?
    [ $code = 0 ] || { echo; echo "exit code $code$([ $code = 124 ] || [ $code = 137 ] && echo ": cut off after $limit s")"; tail -5 part.err; } >> "$out"
    cat part.txt; [ $code = 0 ] || tail -5 part.err
    end_ours
}

# Of programs in this folder none is to run beside the next part.
end_ours() {
    local process
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/exe") == "$PWD"/* ]] && kill -KILL "${process#/proc/}"
    done 2> /dev/null
}

{
    echo "# ${card}, $(date -u +%F)"
    echo
    echo "At commit $(cat commit.txt), by bench/device/run.sh; $(nproc) CPU cores," \
        "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs)."
} > "$out"
command -v nvidia-smi > /dev/null && part "Card" 10 nvidia-smi \
    --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.max.sm,clocks.mem,power.limit --format=csv
part "Equal to the reference" 150 ./check.sh "$card" 1
part "PGD-40 with gradients on the card" 75 ./qsim-bench-attacks card 0.5 8192 16384
part "PGD-40 on hardware" 45 ./qsim-bench-attacks hardware "simd,$card" managed 2048
if command -v ncu > /dev/null; then
    # What bench/results counted without a card, for each kernel of two climbs: on the network, and on hardware.
    count=(ncu --clock-control none --csv --page raw
        --metrics gpu__time_duration.sum,smsp__inst_executed.sum,dram__bytes_read.sum,dram__bytes_write.sum
        ./qsim-bench-attacks work 16384)
    part "Nsight Compute" 50 "${count[@]}"
    part "Nsight Compute, hardware" 50 "${count[@]}" int8-wide
fi
part "Kernels and networks" 95 ./qsim-bench-kernels --device "$card" --network lenet5,resnet20 --images 16384 --seconds 0.25
if command -v nvidia-smi > /dev/null && command -v python3 > /dev/null; then
    part "torch._int_mm beside them" 25 python3 torch_int_mm.py --seconds 0.3
fi
if command -v compute-sanitizer > /dev/null; then
    part "compute-sanitizer" 40 compute-sanitizer --tool memcheck ./qsim-bench-kernels --device "$card" --network mlp \
        --arithmetic sat16 --images 64 --seconds 0.001 --networks-only
fi
echo "done after $((SECONDS - begin)) s: $out"
