#!/usr/bin/env bash
# Packs what a machine with a GPU needs and has not: qsim and the benchmarks, published with their own .NET, and the scripts that run
# there. One file of some 30 MB. Usage: bench/device/pack.sh OUT.tar.xz
# Then, there: tar -xJf OUT.tar.xz && bash device/run.sh RESULTS.md (nine minutes; to go on after an end that came too early, name parts).
set -euo pipefail
cd "$(dirname "$0")/../.."
out=$(realpath -m "${1:?usage: bench/device/pack.sh OUT.tar.xz}")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
for project in src/Runner bench/Kernels bench/Attacks; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained -p:Torch=none -p:RunAnalyzers=false --nologo -v q \
        -o "$room/$project" >&2
done
# One folder for all three: they share the runtime. BenchmarkDotNet stays behind, for nothing that runs there is measured with it.
into="$room/device"
mv "$room/src/Runner" "$into"
for name in qsim-bench-kernels qsim-bench-attacks; do
    from=$(dirname "$(find "$room/bench" -name "$name.dll")")
    cp "$from/$name" "$from/$name.dll" "$from/$name.runtimeconfig.json" "$into/"
    python3 bench/device/trim_deps.py "$from/$name.deps.json" "$into"
done
cp "$room/bench/Kernels/shapes.txt" bench/Attacks/pytorch_pgd.py bench/torch_int_mm.py bench/device/run.sh \
    bench/device/check.sh "$into/"
git rev-parse --short HEAD > "$into/commit.txt"
rm -f "$into"/*.xml "$into"/*.pdb
tar -C "$room" -cf - device | xz -3 -T0 > "$out"
echo "$out: $(du -h "$out" | cut -f1)" >&2
