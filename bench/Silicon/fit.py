#!/usr/bin/env python3
"""Fits src/Runner/Silicon/Costs/cost-model.json, what `qsim cost` says where it cannot measure.

    bench/Silicon/fit.py QSIM [--profiles 60] [--targets asic] [--held-back A,B] [--cache FOLDER]

Measures random profiles (seeded) with `qsim cost --json`, fits every column as a sum of terms with
coefficients of 0 or more, least squares of relative errors, and measures its error on the profiles
that ship, which it was not fitted to. Needs yosys, opensta, iverilog and qflow-tech-osu018.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SHIPPED_WITHOUT_UNIT = {"onednn"}
BATCH = 10
LAYER = "conv2"
KINDS = ["shift"] * 5 + ["multiplier_double", "multiplier_single", "real"]

# One-bit multipliers of all lanes: a larger unit takes minutes.
MOST = 400


def profile(number):
    """A profile of random widths, modes, lanes and requantization."""
    pick = random.Random(number)
    kind = pick.choice(KINDS)
    scale = "" if kind == "shift" else ", scale: real"
    weight = pick.randint(2, 12)
    activation = pick.randint(2, 12)
    least = weight + activation + 1
    accumulator = pick.randint(least, 46 if kind == "shift" else 32)
    lanes = pick.choice([n for n in (1, 1, 1, 2, 4, 8, 16) if n * weight * activation <= MOST])
    overflow = pick.choice(["WRAP", "SAT", "SAT_SYM"])
    rounding = pick.choice(["TRN", "RND", "RND_CONV"])
    channel = ", granularity: per_channel" if kind != "shift" and pick.random() < 0.5 else ""
    product = pick.random() < 0.2 and kind == "shift"
    lines = [
        "schema: qsim/hardware-profile/1",
        f"name: random{number}",
        f"summary: random {number}",
        f"input: {{bits: 8, signed: false{scale}}}",
        f"weight: {{bits: {weight}, narrow_range: true{scale}{channel}}}",
        f"activation: {{bits: {activation}, signed: true{scale}}}",
        "mac:",
        f"  lanes: {lanes}",
    ]
    if product:
        bits = pick.randint(8, 16)
        lines.append(f'  product: "ap_fixed<{bits},4,AP_{rounding},AP_WRAP>"')
        lines.append(f'  accumulator: "ap_fixed<{bits + 6},8,AP_{rounding},AP_SAT>"')
    else:
        lines.append(f"  accumulator: {{bits: {accumulator}, overflow: {overflow}}}")
    lines.append(
        f"requantize: {{kind: {kind}, rounding: {rounding}}}" if kind == "shift"
        else f"requantize: {kind}")
    return "\n".join(lines) + "\n"


def cost(qsim, profiles, target, cache):
    """The units of some profiles; what cannot be run is left out, loudly."""
    command = [qsim, "cost", "--target", target, "--json", "--epochs", "1", "--images", "20",
               "--layer", LAYER, "--cache", cache, *(f"--profile={p}" for p in profiles)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout)
    if len(profiles) > 1:
        parts = [cost(qsim, [p], target, cache) for p in profiles]
        whole = next(p for p in parts if p)
        whole["units"] = [u for p in parts if p for u in p["units"]]
        return whole
    print(f"left out: {profiles[0]}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
    return None


def measured(qsim, profiles, target, cache):
    """The document's units of all of them, batch by batch."""
    units, tools = [], ""
    for i in range(0, len(profiles), BATCH):
        document = cost(qsim, profiles[i:i + BATCH], target, cache)
        if document:
            units += document["units"]
            tools = document["tools"]
        print(f"{target}: {min(i + BATCH, len(profiles))} of {len(profiles)}", file=sys.stderr)
    return units, tools


def samples(units, part, column):
    """Terms and value of each different unit; alike ones count once."""
    found = {}
    for unit in units:
        half = next(p for p in unit["parts"] if p["part"] == part)
        figure = half["figures"].get(column)
        if figure is None or not figure["is_measured"]:
            continue
        terms = half["path_terms" if column == "path_ns" else "terms"]
        key = (tuple(terms.items()), figure["value"])
        found[key] = (terms, figure["value"])
    return list(found.values())


def fit(rows):
    """Coefficients of 0 or more that make the relative squared error least (coordinate descent)."""
    names = list(rows[0][0])
    weights = [1 / max(value, 1) if value >= 1 else 1 / max(value, 0.05) for _, value in rows]
    columns = [[terms[n] * w for (terms, _), w in zip(rows, weights)] for n in names]
    rest = [value * w for (_, value), w in zip(rows, weights)]
    coefficients = [0.0] * len(names)
    squares = [sum(x * x for x in c) for c in columns]
    for _ in range(3000):
        for k, column in enumerate(columns):
            if squares[k] == 0:
                continue
            step = sum(x * r for x, r in zip(column, rest)) / squares[k]
            step = max(step, -coefficients[k])
            coefficients[k] += step
            rest = [r - step * x for r, x in zip(rest, column)]
    return {n: float(f"{c:.6g}") for n, c in zip(names, coefficients) if c > 0}


def errors(rows, coefficients, column):
    """Relative errors; of nothing against nothing, 0."""
    result = []
    for terms, value in rows:
        guess = sum(coefficients.get(n, 0) * x for n, x in terms.items())
        if column not in ("path_ns", "energy_pj"):
            guess = round(guess)
        result.append(abs(guess - value) / value if value > 0 else float(guess >= 1))
    return sorted(result)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("qsim")
    arguments.add_argument("--profiles", type=int, default=60)
    arguments.add_argument("--targets", default="asic")
    arguments.add_argument("--held-back", help="profiles of the errors (default: all that ship)")
    arguments.add_argument("--out", default="src/Runner/Silicon/Costs/cost-model.json")
    arguments.add_argument("--cache", help="keep what was measured here")
    asked = arguments.parse_args()
    listed = subprocess.run(
        [asked.qsim, "profiles", "list"], capture_output=True, text=True, check=True).stdout
    shipped = [line.split()[0] for line in listed.splitlines()
               if line and not line.startswith(("profile", "name", "-"))]
    shipped = [s for s in shipped if s not in SHIPPED_WITHOUT_UNIT]
    if asked.held_back:
        shipped = asked.held_back.split(",")
    fits, tools, library = [], "", ""
    with tempfile.TemporaryDirectory() as folder:
        cache = asked.cache or f"{folder}/cache"
        files = []
        for number in range(asked.profiles):
            path = Path(folder) / f"random{number}.yaml"
            path.write_text(profile(number))
            files.append(str(path))
        for target in asked.targets.split(","):
            units, versions = measured(asked.qsim, files, target, cache)
            held_back, _ = measured(asked.qsim, shipped, target, cache)
            tools = versions if target == "asic" or not tools else tools
            for part in ("accumulate", "requantize"):
                half = next(p for p in units[0]["parts"] if p["part"] == part)
                for column in half["figures"]:
                    rows = samples(units, part, column)
                    others = samples(held_back, part, column)
                    coefficients = fit(rows)
                    wrong = errors(others, coefficients, column)
                    fits.append({
                        "target": target, "part": part, "column": column,
                        "coefficients": coefficients, "fitted": len(rows),
                        "held_back": len(others),
                        "median_error": round(statistics.median(wrong), 4),
                        "worst_error": round(wrong[-1], 4)})
                    print(f"{target} {part} {column}: {len(rows)} units, held back "
                          f"{len(others)}: median {fits[-1]['median_error']:.1%}, worst "
                          f"{fits[-1]['worst_error']:.1%}", file=sys.stderr)
    Path(asked.out).write_text(json.dumps({
        "schema": "qsim/cost-model/1", "library": "osu018_stdcells", "tools": tools,
        "held_back": ", ".join(shipped), "fits": fits}, indent=1) + "\n")


if __name__ == "__main__":
    main()
