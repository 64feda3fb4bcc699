#!/usr/bin/env python3
"""Area against accuracy by accumulator width: plot.py RUN OUT.svg; prints the table.

RUN is a folder of the study. Intervals are 95 % Wilson, as the run has them. Area, path and an
update's energy are those of one layer's unit, the energy of an image is all layers', where the
run has them.
"""

import csv
import sys
from pathlib import Path

BITS, MODE = "mac.accumulator.bits", "mac.accumulator.overflow"
LAYER = "conv2"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 400, 60, 350, 20
COLOURS = {"SAT": "#0b6e4f", "WRAP": "#b3261e"}
BESIDE = {"SAT": -6, "WRAP": 14}

# Wider ones differ in cost alone; their numbers would lie over each other.
LABELLED = {*range(12, 21), 24, 28, 32}


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def points(run):
    """By mode and width: clean and worst with their intervals, area, path, energy."""
    found = {}
    for row in rows(run / "results.csv") + rows(run / "robust.csv"):
        name = "clean" if row["attack"] == "none" else row["attack"]
        if not row[BITS] or name not in ("clean", "worst"):
            continue
        at = found.setdefault((row[MODE], int(row[BITS])), {})
        at[name] = [100 * float(row[c]) for c in ("accuracy", "low95", "high95")]
    for row in rows(run / "costs.csv"):
        at = found[row[MODE], int(row[BITS])]
        area, path, update, image = at.get("cost", [0, 0, 0, 0])
        image += float(row["energy_pj"]) * float(row["uses"]) / 1000
        at.setdefault("layers", set()).add(row["layer"])
        if row["layer"] == LAYER:
            area += float(row["area_um2"])
            path = max(path, float(row["path_ns"]))
            update += float(row["energy_pj"]) if row["part"] == "accumulate" else 0
        at["cost"] = [area, path, update, image]
    return found


def table(found):
    yield ("| bits | on overflow | clean, % | robust, % | area, um2 | path, ns | pJ an update "
           "| nJ an image |")
    yield "|---:|---|---:|---:|---:|---:|---:|---:|"
    layers = max(len(at["layers"]) for at in found.values())
    for (mode, bits), at in sorted(found.items(), key=lambda p: (p[0][1], p[0][0])):
        accuracies = " | ".join(
            "{:.1f} ({:.1f} to {:.1f})".format(*at[name]) for name in ("clean", "worst"))
        area, path, update, image = at["cost"]
        whole = f"{image:.0f}" if len(at["layers"]) == layers else "-"
        yield (f"| {bits} | {mode} | {accuracies} | {area:.0f} | {path:.2f} | {update:.1f} "
               f"| {whole} |")


def picture(found):
    areas = [at["cost"][0] for at in found.values()]
    low, high = min(areas), max(areas)
    span = (high - low) or 1

    def x(area):
        return LEFT + (area - low) / span * (WIDTH - LEFT - 30)

    top = 20 * (1 + max(at["worst"][2] for at in found.values()) // 20)

    def y(percent):
        return BOTTOM - percent / top * (BOTTOM - TOP)

    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="11" style="background: white">')
    yield "<title>Robust accuracy against area, by accumulator width</title>"
    for percent in range(0, int(top) + 1, 10):
        yield (f'<path d="M{LEFT} {y(percent):.1f} H{WIDTH - 20}" stroke="#ddd"/>'
               f'<text x="{LEFT - 6}" y="{y(percent) + 4:.1f}" text-anchor="end">{percent}</text>')
    for area in range(-(-int(low) // 2000) * 2000, int(high), 2000):
        yield (f'<path d="M{x(area):.1f} {BOTTOM} v4" stroke="#888"/>'
               f'<text x="{x(area):.1f}" y="{BOTTOM + 30}" text-anchor="middle">'
               f"{area // 1000}</text>")
    yield (f'<text x="{WIDTH / 2}" y="{HEIGHT - 5}" text-anchor="middle">area of the '
           f"unit of {LAYER}, 1000 um2 (0.18 um cells)</text>")
    yield (f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" '
           f'transform="rotate(-90 14 {HEIGHT / 2})">accuracy under the worst attack, %, '
           "95 % intervals</text>")
    for index, (mode, colour) in enumerate(COLOURS.items()):
        yield (f'<text x="{WIDTH - 30}" y="{TOP + 14 * index + 18}" text-anchor="end" '
               f'fill="{colour}">{mode}</text>')
        for bits, at in sorted((b, at) for (m, b), at in found.items() if m == mode):
            cx, (robust, least, most) = x(at["cost"][0]), at["worst"]
            yield (f'<path d="M{cx:.1f} {y(least):.1f} V{y(most):.1f}" stroke="{colour}" '
                   'stroke-opacity="0.35"/>'
                   f'<circle cx="{cx:.1f}" cy="{y(robust):.1f}" r="3" fill="{colour}"/>')
            if bits in LABELLED:
                yield (f'<text x="{cx:.1f}" y="{y(robust) + BESIDE[mode]:.1f}" '
                       f'text-anchor="middle" fill="{colour}">{bits}</text>')
    yield "</svg>"


def main():
    found = points(Path(sys.argv[1]))
    Path(sys.argv[2]).write_text("\n".join(picture(found)) + "\n")
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
