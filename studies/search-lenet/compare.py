"""Searched designs against uniform ones: compare.py UNIFORM SEARCH, two folders of qsim search.

Area and energy at equal accuracy, on the images held back with intervals of the difference in accuracy (paired
bootstrap, 2000 samples), and whether the robust front differs from the clean one."""
import json
import random
import sys

CLEAN, WORST, SAMPLES = "clean", "worst at 0.1", 2000


def load(folder):
    with open(f"{folder}/search-results.json") as file:
        return json.load(file)


def held_back(folder):
    """Outcomes of each target on the images held back: clean, and under the worst attack."""
    found = {}
    with open(f"{folder}/front/cells.jsonl") as file:
        for line in file:
            cell = json.loads(line)
            if cell.get("threat") not in (None, "hardware") or float(cell["epsilon"]) not in (0.0, 0.1):
                continue
            right = [o == "1" for o in cell["outcomes"]]
            own = found.setdefault(cell["target"], {})
            kind = WORST if cell.get("threat") else CLEAN
            own[kind] = [a and b for a, b in zip(own.get(kind, right), right)]
    return found


def difference(first, second):
    """Points of accuracy of the first less the second, with the 95 % interval over images."""
    pairs = [a - b for a, b in zip(first, second)]
    draw, n = random.Random(1), len(pairs)
    samples = sorted(sum(draw.choices(pairs, k=n)) / n for _ in range(SAMPLES))
    return [100 * x for x in (sum(pairs) / n, samples[SAMPLES // 40], samples[-SAMPLES // 40 - 1])]


def front(designs, accuracy):
    """Names of the designs that none of the others beats in area and an accuracy."""
    return {d["name"] for d in designs if not any(
        o["figures"]["area"] <= d["figures"]["area"] and o["figures"][accuracy] >= d["figures"][accuracy]
        and (o["figures"]["area"], o["figures"][accuracy]) != (d["figures"]["area"], d["figures"][accuracy])
        for o in designs)}


def main(uniform_folder, search_folder):
    uniform, search = load(uniform_folder), load(search_folder)
    outcomes = held_back(uniform_folder), held_back(search_folder)
    print("| uniform design | searched | area, um2 | saved | energy, nJ | saved | clean, points | worst at 0.1, points |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    for own in uniform["front"]:
        equal = [d for d in search["front"] if all(
            d["figures"][a] >= own["figures"][a] - 1e-9 for a in (CLEAN, WORST))]
        if not equal:
            continue
        best = min(equal, key=lambda d: d["figures"]["area"])
        costs = []
        for cost in ("area", "energy"):
            before, after = own["figures"][cost], best["figures"][cost]
            costs += [f"{before:.0f} to {after:.0f}", f"{100 * (1 - after / before):.1f} %"]
        points = ["{:+.1f} ({:+.1f} to {:+.1f})".format(*difference(
            outcomes[1][best["name"]][a], outcomes[0][own["name"]][a])) for a in (CLEAN, WORST)]
        keys = " ".join(f"{k.split('.')[-1] if 'accumulator' in k else k}={v}" for k, v in own["keys"].items())
        print(f"| {own['name']} ({keys}) | {best['name']} | {' | '.join(costs)} | {' | '.join(points)} |")
    whole = [d for d in search["designs"] if d["fate"] == "whole"]
    clean, robust = front(whole, CLEAN), front(whole, WORST)
    print(f"\nOf {len(whole)} searched designs measured whole, {len(clean)} are on the front of clean accuracy and area, "
          f"{len(robust)} on that of robust accuracy and area, {len(clean & robust)} on both.")


main(*sys.argv[1:3])
