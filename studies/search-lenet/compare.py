"""Searched designs against uniform ones: compare.py FOLDER, which go.sh fills with uniform, search and their fronts again.

What is saved at equal accuracy, what a stronger attack leaves of the fronts, and whether the robust front differs from
the clean one. Accuracies of fronts are on images that no search saw; differences have paired bootstrap intervals (95 %,
2000 samples of images), accuracies Wilson's."""
import json
import math
import os
import random
import sys

CLEAN, WORST, SAMPLES = "clean", "worst at 0.1", 2000
WITHIN = 1.0  # points of accuracy that count as equal


def load(folder):
    with open(f"{folder}/search-results.json") as file:
        return json.load(file)


def outcomes(folder, images=None):
    """Of each target what becomes of each image: clean, under the worst attack, and under the ensemble alone."""
    found = {}
    with open(f"{folder}/cells.jsonl") as file:
        for line in file:
            cell = json.loads(line)
            right = [o == "1" for o in cell["outcomes"]]
            # Checks of attacks are cells, too, at other budgets, from other networks or with names of their own.
            if images not in (None, len(right)) or cell.get("threat") not in (None, "hardware"):
                continue
            if float(cell["epsilon"]) not in (0.0, 0.1) or cell["attack"] not in ("none", "fgsm", "apgd-ce-20", "ensemble"):
                continue
            own = found.setdefault(cell["target"], {})
            kind = WORST if cell.get("threat") else CLEAN
            own[kind] = [a and b for a, b in zip(own.get(kind, right), right)]
    return found


def percent(right):
    return 100 * sum(right) / len(right)


def wilson(right):
    n, p, z = len(right), sum(right) / len(right), 1.959964
    middle, half = (p + z * z / 2 / n), z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    low, high = (100 * (middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    return f"{100 * p:.1f} ({low:.1f} to {high:.1f})"


def difference(first, second):
    """Points of accuracy of the first less the second, with the interval over images."""
    pairs = [a - b for a, b in zip(first, second)]
    draw, n = random.Random(1), len(pairs)
    samples = sorted(sum(draw.choices(pairs, k=n)) / n for _ in range(SAMPLES))
    middle, low, high = (100 * x for x in (sum(pairs) / n, samples[SAMPLES // 40], samples[-SAMPLES // 40 - 1]))
    return f"{middle:+.1f} ({low:+.1f} to {high:+.1f})"


def front(designs, accuracy):
    """Names of the designs that none of the others beats in area and an accuracy."""
    def point(d):
        return d["figures"]["area"], -d["figures"][accuracy]

    return {d["name"] for d in designs if not any(
        point(o)[0] <= point(d)[0] and point(o)[1] <= point(d)[1] and point(o) != point(d) for o in designs)}


def keys(design):
    short = {"weight.bits": "w", "activation.bits": "a", "mac.accumulator.bits": "acc", "mac.accumulator.overflow": "",
             "requantize.rounding": ""}
    words = {}
    for key, value in design["keys"].items():
        where, _, rest = key.rpartition("].")
        words.setdefault(where.removeprefix("layers[type="), []).append(short[rest] + value)
    return "; ".join(" ".join(([where] if where else []) + list(own)) for where, own in words.items())


def savings(uniform, search, held, strong):
    """For each uniform design the smallest searched one that is as accurate, by the ensemble where it was run."""
    robust = strong if all(strong) else held
    kind = "the ensemble" if all(strong) else "worst"
    print(f"| uniform design | smallest searched | area, um2 | saved | energy, nJ | saved | clean, points | {kind}, points |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")

    def figures(which, d):
        return percent(held[which][d["name"]][CLEAN]), percent(robust[which][d["name"]][WORST])

    for own in [uniform["start"]] + uniform["front"]:
        equal = [d for d in search["front"] if all(
            f >= o - WITHIN - 1e-9 for f, o in zip(figures(1, d), figures(0, own)))]
        name = f"{own['name']} ({keys(own)})" if own["keys"] else own["name"]
        if not equal:
            print(f"| {name} | none | | | | | | |")
            continue
        best = min(equal, key=lambda d: d["figures"]["area"])
        costs = []
        for cost in ("area", "energy"):
            before, after = own["figures"][cost], best["figures"][cost]
            costs += [f"{before:.0f} to {after:.0f}", f"{100 * (1 - after / before):.1f} %"]
        points = [difference(held[1][best["name"]][CLEAN], held[0][own["name"]][CLEAN]),
                  difference(robust[1][best["name"]][WORST], robust[0][own["name"]][WORST])]
        print(f"| {name} | {best['name']} | {' | '.join(costs + points)} |")


def again(result, held, strong):
    """The front under a stronger attack, beside the search's own attacks on the same images."""
    print("| design | area, um2 | energy, nJ | clean, 1000 images | the search's attacks | the ensemble |")
    print("|---|--:|--:|--:|--:|--:|")
    for own in [result["start"]] + result["front"]:
        n = len(strong[own["name"]][WORST])
        print(f"| {own['name']} | {own['figures']['area']:.0f} | {own['figures']['energy']:.0f} "
              f"| {wilson(held[own['name']][CLEAN])} | {wilson(held[own['name']][WORST][:n])} "
              f"| {wilson(strong[own['name']][WORST])} |")
    print(f"| float | | | {wilson(held['float'][CLEAN])} | {wilson(held['float'][WORST][:n])} "
          f"| {wilson(strong['float'][WORST])} |")
    print(f"\n{n} images held back for the last two columns.\n")


def fronts(folder, search, held, strong):
    whole = [d for d in search["designs"] if d["fate"] == "whole"]
    clean, robust = front(whole, CLEAN), front(whole, WORST)
    print(f"Of {len(whole)} searched designs measured whole, {len(clean)} are on the front of clean accuracy and area, "
          f"{len(robust)} on that of robust accuracy and area, {len(clean & robust)} on both.\n")
    seen = outcomes(folder, images=search["study"]["images"])
    picked = []
    for accuracy in (CLEAN, WORST):
        most = max(d["figures"][accuracy] for d in whole)
        picked.append(min((d for d in whole if d["figures"][accuracy] >= most - WITHIN), key=lambda d: d["figures"]["area"]))
        d = picked[-1]
        print(f"- Smallest within {WITHIN:g} point of the best {accuracy} accuracy: {keys(d)}: "
              f"{d['figures']['area']:.0f} um2, clean {d['figures'][CLEAN]:g}, {WORST} {d['figures'][WORST]:g}")
    one, other = (seen[d["name"]] for d in picked)
    print(f"- The second less the first, in points: clean {difference(other[CLEAN], one[CLEAN])}, "
          f"{WORST} {difference(other[WORST], one[WORST])}")
    # The front has names of its own.
    names = [next((f["name"] for f in search["front"] if f["keys"] == d["keys"]), None) for d in picked]
    if all(names):
        kinds = [(CLEAN, held, CLEAN), (WORST, held, WORST)] + ([("the ensemble", strong, WORST)] if strong else [])
        print(f"- {names[1]} less {names[0]} on images held back: "
              + ", ".join(f"{word} {difference(of[names[1]][k], of[names[0]][k])}" for word, of, k in kinds))


def main(folder):
    names = "uniform", "search"
    results = [load(f"{folder}/{n}") for n in names]
    held = [outcomes(f"{folder}/{n}/front") for n in names]
    for result, own in zip(results, held):
        for d in result["front"]:
            for kind in (CLEAN, WORST):
                assert abs(percent(own[d["name"]][kind]) - d["held_back"][kind]) < 1e-6, (d["name"], kind)
    strong = [outcomes(f"{folder}/{n}-again") if os.path.exists(f"{folder}/{n}-again/cells.jsonl") else {} for n in names]
    print(f"## Saved at equal accuracy\n\nNo more than {WITHIN:g} point worse in either accuracy, on images held back.\n")
    savings(*results, held, strong)
    for name, result, own, again_ in zip(names, results, held, strong):
        if again_:
            print(f"\n## What a stronger attack leaves: {name}\n")
            again(result, own, again_)
    print("\n## Clean and robust fronts\n\nOn the search's images, under its attacks.\n")
    fronts(f"{folder}/search", results[1], held[1], strong[1])


main(*sys.argv[1:])
