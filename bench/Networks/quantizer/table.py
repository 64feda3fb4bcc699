"""Prints what the walk found as a table, settings down, networks across, and each file that differs.

qsim-ort-walk walk FOLDER/quantized > walk.tsv; python3 table.py walk.tsv
"""
import collections
import sys

# What a refusal says, and its letter.
REFUSALS = {
    "its weights are not quantized": "x", "nothing quantizes what it writes": "x",
    "in which order ONNX Runtime sums here is not known": "x",
    "inverse_sqrt: it computes in float32": "n", "products of 16 and 16 bits": "m",
    "divides by what may be 0": "q",
}


def number(text, name):
    found = text.split(f"{name} ", 1)[1].split(",")[0].split(";")[0]
    return None if found.startswith("fails") else float(found)


def letters(name, verdict, text, all_):
    """= equal, ? not explained, capitals for causes of a difference, others for refusals."""
    if verdict == "equal":
        return "="
    if verdict == "refused":
        return next((v for k, v in REFUSALS.items() if k in text), "?")
    apart = float(text.split("by up to ", 1)[1].split(" ")[0])
    wide = number(text, "wide pairs")
    if wide == 0:
        return "P"
    if wide is None:
        # ONNX Runtime cannot have it otherwise: the same network with weights of reduced range.
        return "P" if all_.get(f"{name}-reduced") == "equal" else "?"
    if number(text, "48-bit sums") < apart / 100:
        return "O"
    first = "P" if wide < apart else ""
    floats = int(text.split(" products in float32")[0].rsplit(" ", 3)[1])
    if "first '" not in text or not text.endswith("by up to 1"):
        return "?"
    layer = text.split("first '", 1)[1].split("'")[0]
    if "Resize" in layer:
        return first + "R"
    return first + ("T" if "hardsigmoid" in layer else "F" if floats else "?")


def main(path):
    with open(path) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    all_ = {name: verdict for name, verdict, _ in rows}
    cells = {name: letters(name, verdict, text, all_) for name, verdict, text in rows}
    networks = sorted({name.split(".")[0] for name in cells})
    settings = sorted({name.split(".")[1] for name in cells})
    print("| | " + " | ".join(networks) + " |\n|---|" + ":-:|" * len(networks))
    for setting in settings:
        print(f"| {setting} | " + " | ".join(
            cells.get(f"{network}.{setting}", "-") for network in networks) + " |")
    print()
    print(f"{len(rows)} files:", dict(collections.Counter(all_.values())))
    print(dict(collections.Counter(cells.values())))
    print()
    print("| file | cause | logits that differ | by up to | largest logit | with wide pairs | with 48-bit sums | products in float32 | "
          "first layer that differs |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---|")
    for name, verdict, text in rows:
        if verdict == "differ":
            print(f"| {name} | {cells[name]} | " + " | ".join(columns(text)) + " |")


def columns(text):
    """What a line of the walk says of a file that differs."""
    count, rest = text.split(" by up to ", 1)
    apart, largest = rest.split(";")[0].split(" of ")
    wide = number(text, "wide pairs")
    products = text.split(" products in float32")[0].rsplit("; ", 1)[-1] if "products in float32" in text else ""
    first = text.split("first '", 1)[1].replace("'", "", 1) if "first '" in text else ""
    return [
        count, apart, largest, "fails there" if wide is None else f"{wide:g}", f"{number(text, '48-bit sums'):g}", products, first]


if __name__ == "__main__":
    main(sys.argv[1])
