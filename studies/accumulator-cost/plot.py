#!/usr/bin/env python3
"""Area against accuracy by accumulator width: plot.py RUN|TABLE.csv OUT.svg; prints the table.

RUN is a folder of the study, TABLE.csv has bits,overflow,clean,worst,area_um2,path_ns,energy.
"""

import csv
import sys
from pathlib import Path

BITS, MODE = "mac.accumulator.bits", "mac.accumulator.overflow"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 400, 60, 350, 20
COLOURS = {"SAT": "#0b6e4f", "WRAP": "#b3261e"}
BESIDE = {"SAT": -6, "WRAP": 14}


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def points(run):
    """By mode and width: clean, robust (the worst attack), area, path, energy."""
    if run.is_file():
        return {(row["overflow"], int(row["bits"])): {
            name: float(value) for name, value in row.items()
            if value and name not in ("overflow", "bits")} for row in rows(run)}
    found = {}
    for row in rows(run / "results.csv") + rows(run / "robust.csv"):
        if not row[BITS]:
            continue
        at = found.setdefault((row[MODE], int(row[BITS])), {})
        at["clean" if row["attack"] == "none" else row["attack"]] = 100 * float(row["accuracy"])
        for name in ("area_um2", "path_ns"):
            at[name] = float(row[name])
        at["energy"] = float(row["units_nanojoules"])
    return found


def number(at, name):
    return f"{at[name]:.1f}" if name in at else "-"


def table(found, energy):
    yield f"| bits | on overflow | clean, % | robust, % | area, um2 | path, ns | {energy} |"
    yield "|---:|---|---:|---:|---:|---:|---:|"
    for (mode, bits), at in sorted(found.items(), key=lambda p: (p[0][1], p[0][0])):
        yield (f"| {bits} | {mode} | {number(at, 'clean')} | {number(at, 'worst')} | "
               f"{at['area_um2']:.0f} | {at['path_ns']:.2f} | {at['energy']:.1f} |")


def picture(found, units):
    areas = [at["area_um2"] for at in found.values()]
    low, high = min(areas), max(areas)
    span = (high - low) or 1

    def x(area):
        return LEFT + (area - low) / span * (WIDTH - LEFT - 30)

    top = 20 * (1 + max(at.get("worst", 0) for at in found.values()) // 20)

    def y(percent):
        return BOTTOM - percent / top * (BOTTOM - TOP)

    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="11" style="background: white">')
    yield "<title>Robust accuracy against area, by accumulator width</title>"
    for percent in range(0, int(top) + 1, 10):
        yield (f'<path d="M{LEFT} {y(percent):.1f} H{WIDTH - 20}" stroke="#ddd"/>'
               f'<text x="{LEFT - 6}" y="{y(percent) + 4:.1f}" text-anchor="end">{percent}</text>')
    for share in range(5):
        area = low + share / 4 * span
        yield (f'<text x="{x(area):.1f}" y="{BOTTOM + 16}" text-anchor="middle">'
               f"{area / 1000:.1f}</text>")
    yield (f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">area of {units}, '
           "1000 um2 (0.18 um cells)</text>")
    yield (f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" '
           f'transform="rotate(-90 14 {HEIGHT / 2})">accuracy under the worst attack, %</text>')
    for index, (mode, colour) in enumerate(COLOURS.items()):
        yield (f'<text x="{WIDTH - 30}" y="{TOP + 14 * index + 18}" text-anchor="end" '
               f'fill="{colour}">{mode}</text>')
        line = sorted((b, at) for (m, b), at in found.items() if m == mode and "worst" in at)
        for bits, at in line:
            cx, cy = x(at["area_um2"]), y(at["worst"])
            yield (f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="3" fill="{colour}"/>'
                   f'<text x="{cx:.1f}" y="{cy + BESIDE[mode]:.1f}" text-anchor="middle" '
                   f'fill="{colour}">{bits}</text>')
    yield "</svg>"


def main():
    source = Path(sys.argv[1])
    found = points(source)
    energy, units = ("pJ an update", "one unit") if source.is_file() else (
        "nJ an image", "all units")
    Path(sys.argv[2]).write_text("\n".join(picture(found, units)) + "\n")
    print("\n".join(table(found, energy)))


if __name__ == "__main__":
    main()
