#!/bin/sh
# Runs the study and draws its figure: studies/accumulator-cost/go.sh QSIM DATA OUT
#   QSIM the command, DATA the folder that has mnist/, OUT a folder for the run.
# Needs python3 and, for measured costs, yosys, opensta, iverilog and qflow-tech-osu018.
# The same command goes on after Ctrl-C.
set -e
here=$(cd "$(dirname "$0")" && pwd)
"$1" run "$here/accumulator-cost.yaml" --data-dir "$2" --out "$3" --cache "$3.cache"
python3 "$here/plot.py" "$3" "$here/accumulator-cost.svg"
