#!/usr/bin/env python3
"""The tables of this study's README, from its runs' folders: tables.py FOLDER, where FOLDER holds accuracy/, fgsm/, strong/, square/ and truncation/.

A table whose run is not there is left out. Differences are from the float network of the same seed, in points: mean over seeds with the
95 % interval of Student's t, bold where it does not reach 0.
"""
import csv
import json
import math
import pathlib
import statistics
import sys

# Quantile 0.975 of Student's t, by degrees of freedom.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}


def read(run, name="results.csv"):
    path = run / name
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def percent(row):
    return 100 * float(row["accuracy"])


def bits(row):
    return int(row["weight.bits"]) if row["weight.bits"] else None


def row(*cells):
    print("| " + " | ".join(cells).strip() + " |")


def header(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def difference(pairs):
    gains = [b - a for a, b in pairs]
    half = STUDENT[len(gains) - 1] * statistics.stdev(gains) / len(gains) ** 0.5
    mean = statistics.mean(gains)
    words = f"{mean:+.1f} ± {half:.1f}"
    return f"**{words}**" if abs(mean) > half else words


def accuracy(results):
    seeds = sorted({r["seed"] for r in results})
    clean = {(bits(r), r["seed"]): percent(r) for r in results if r["attack"] == "none"}
    print("\nClean, %:\n")
    header("weights", *(f"seed {s}" for s in seeds), "mean")
    for b in [None, *sorted({b for b, _ in clean if b})]:
        values = [clean[b, s] for s in seeds]
        row(f"{b} bit{'s' if b > 1 else ''}" if b else "float", *(f"{v:.2f}" for v in (*values, statistics.mean(values))))


def curves(title, results):
    attacked = [r for r in results if r["attack"] != "none"]
    epsilons = sorted({float(r["epsilon_value"]) for r in attacked})
    seeds = sorted({r["seed"] for r in attacked})
    at = {(bits(r), r["seed"], float(r["epsilon_value"])): percent(r) for r in attacked}
    print(f"\n{title}:\n")
    header("epsilon", *(f"{e:g}" for e in epsilons))
    row("float", *(f"{statistics.mean(at[None, s, e] for s in seeds):.1f}" for e in epsilons))
    for b in sorted({b for b, _, _ in at if b}):
        row(str(b), *(difference([(at[None, s, e], at[b, s, e]) for s in seeds]) for e in epsilons))


def short(value, missing):
    return f"{float(value):.3f}" if value else missing


def crossings(title, rows):
    print(f"\nFirst crossings, {title}, 95 % bootstrap interval over images:")
    for r in rows:
        print(f"  B = {r['weight.bits']}: {short(r['epsilon'], 'none')} ({short(r['low95'], 'open')} to {short(r['high95'], 'open')})")


def square(results, comparisons):
    print("\nSquare, % with 95 % Wilson intervals:\n")
    attacked = [r for r in results if r["attack"] != "none"]
    epsilons = sorted({r["epsilon"] for r in attacked}, key=float)
    header("", *(c for e in epsilons for c in (e, "p")))
    for b in [None, *sorted({bits(r) for r in attacked if bits(r)})]:
        cells = []
        for e in epsilons:
            r = next(r for r in attacked if bits(r) == b and r["epsilon"] == e)
            cells.append(f"{percent(r):.1f} ({100 * float(r['low95']):.1f}-{100 * float(r['high95']):.1f})")
            against = [
                c for c in comparisons
                if c["epsilon"] == e and c["first"] == "float" and c["second.weight.bits"] == str(b)]
            cells.append(f"{float(against[0]['p_holm']):.2g}" if against else "")
        row(str(b or "float"), *cells)


def mcnemar(first, second):
    """Two-sided exact p of two strings of outcomes, 1 where right, over the same images."""
    counts = [sum(a + b == pair for a, b in zip(first, second)) for pair in ("10", "01")]
    tail = sum(math.comb(sum(counts), k) for k in range(min(counts) + 1))
    return min(1, 2 * tail / 2 ** sum(counts))


def holm(values):
    """Which of them, by key, stay below 0.05 together."""
    below = set()
    for done, (key, p) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        if p * (len(values) - done) >= 0.05:
            break
        below.add(key)
    return below


def truncation(results, cells):
    at = {(bits(r), r["target"].split()[0], r["epsilon"]): percent(r) for r in results}
    epsilons = sorted({e for _, _, e in at}, key=float)
    kinds = ("truncated", "rounded")
    outcomes = {(c["target"], c["epsilon"]): c["outcomes"] for c in cells}
    targets = {(bits(r), r["target"].split()[0]): r["target"] for r in results}
    pairs = [(b, e) for b in sorted({b for b, _ in targets if b}) for e in epsilons]
    differ = holm({(b, e): mcnemar(*(outcomes[targets[b, k], e] for k in kinds)) for b, e in pairs})
    print("\nTruncated and rounded, %, bold where McNemar's exact test tells a pair apart (0.05 over all pairs, Holm):\n")
    header("B", *(f"{'clean' if e == '0' else e}, {k}" for e in epsilons for k in kinds))
    row("float", *(f"{at[None, 'float', e]:.1f}" for e in epsilons for k in kinds))
    for b in sorted({b for b, _ in pairs}):
        row(str(b), *(
            f"**{at[b, k, e]:.1f}**" if (b, e) in differ else f"{at[b, k, e]:.1f}" for e in epsilons for k in kinds))


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    if results := read(folder / "accuracy"):
        accuracy(results)
    for name, title in (("fgsm", "FGSM"), ("strong", "PGD-20")):
        if results := read(folder / name):
            curves(title, results)
            crossings(title, read(folder / name, "crossovers.csv"))
    if results := read(folder / "square"):
        square(results, read(folder / "square", "comparisons.csv"))
    if results := read(folder / "truncation"):
        lines = (folder / "truncation" / "cells.jsonl").read_text(encoding="utf-8").splitlines()
        truncation(results, [cell for line in lines if "outcomes" in (cell := json.loads(line))])


main()
