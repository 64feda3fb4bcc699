#!/usr/bin/env bash
# Prints the tables of bench/results/ as Markdown: machine, integer layers, targets, gradient engine. Over a quarter of an
# hour (--seconds 0.3 shortens it) on a machine that does nothing else. Arguments go to the integer benchmarks (--network lenet5, --seconds 3).
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build bench/Kernels -c Release --nologo -v q >&2
dotnet build bench/Attacks -c Release --nologo -v q >&2
echo "Machine: $(grep -m1 'model name' /proc/cpuinfo 2>/dev/null | cut -d: -f2 | xargs || uname -m), $(nproc) cores," \
    ".NET $(dotnet --list-runtimes | grep NETCore.App | tail -1 | cut -d' ' -f2), $(uname -s); load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "Commit: $(git rev-parse --short HEAD)"
echo
echo "## Integer layers"
echo
bench/Kernels/bin/Release/net10.0/qsim-bench-kernels "$@"
echo
echo "## Gradient engine"
echo
bench/Attacks/bin/Release/net10.0/qsim-bench-attacks 1
