#!/usr/bin/env python3
"""A run's accuracies as the Markdown table of a study's README: table.py RUN [ATTACK...]

One row a target, in %: clean, then each ATTACK (worst, the least that any attack leaves, where none is named) at each epsilon. Of several
seeds the mean and, in brackets, the range.
"""
import csv
import pathlib
import sys


def read(run, name):
    with open(pathlib.Path(run) / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    run, attacks = sys.argv[1], sys.argv[2:] or ["worst"]
    results, robust = read(run, "results.csv"), read(run, "robust.csv")
    epsilons = sorted({(float(r["epsilon_value"]), r["epsilon"]) for r in robust})
    cells = {}
    for row in results + robust:
        if row["threat"].lower() != "transfer":
            cells.setdefault((row["target"], row["attack"], row["epsilon"]), []).append(100 * float(row["accuracy"]))

    columns = [("none", "0", "clean")] + [(a, e, f"{'robust' if a == 'worst' else a} {e}") for a in attacks for _, e in epsilons]
    print("| " + " | ".join(["", *(c[2] for c in columns)]).strip() + " |")
    print("|" + "---|" * (1 + len(columns)))
    for target in dict.fromkeys(r["target"] for r in results):
        words = []
        for attack, epsilon, _ in columns:
            values = cells.get((target, attack, epsilon), [])
            mean = f"{sum(values) / len(values):.1f}" if values else ""
            words.append(mean if len(values) < 2 else f"{mean} ({min(values):.1f}-{max(values):.1f})")
        print(f"| {target} | " + " | ".join(words) + " |")


main()
