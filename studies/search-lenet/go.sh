#!/bin/sh
# Runs both searches, measures their fronts again under a stronger attack, and compares: go.sh QSIM DATA OUT
#   QSIM the command, DATA the folder that has mnist/, OUT a folder for all. Needs python3.
# The same command goes on after Ctrl-C.
set -e
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$3"
for what in uniform search; do
  "$1" search "$here/$what.yaml" --data-dir "$2" --out "$3/$what"
done
for what in uniform search; do
  "$1" run "$3/$what/front/study.json" --data-dir "$2" --images 200 --attacks ensemble \
    --cache "$3/search/cache" --out "$3/$what-again"
done
python3 "$here/compare.py" "$3" > "$3/comparison.md"
cat "$3/comparison.md"
