#!/bin/sh
# Runs both searches and compares them: studies/search-lenet/go.sh QSIM DATA OUT
#   QSIM the command, DATA the folder that has mnist/, OUT a folder for both. Needs python3.
# The same command goes on after Ctrl-C.
set -e
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$3"
"$1" search "$here/uniform.yaml" --data-dir "$2" --out "$3/uniform"
"$1" search "$here/search.yaml" --data-dir "$2" --out "$3/search"
python3 "$here/compare.py" "$3/uniform" "$3/search" > "$3/comparison.md"
cat "$3/comparison.md"
