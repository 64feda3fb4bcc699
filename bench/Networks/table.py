"""Clean accuracy of the networks of train.py on every shipped profile that takes them.

python3 bench/Networks/table.py QSIM FOLDER [NAME...]

QSIM is the command, FOLDER has NAME.onnx and gets NAME.run, where runs go on that were stopped.
Prints a Markdown table: a profile per row, a network per column, per cent of the 500 test digits.
"""
import json
import os
import subprocess
import sys

NAMES = ["resnet18", "mobilenet-v2", "mobilenet-v3", "unet", "keywords", "vit"]


def qsim(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stderr}")
    return done.stdout


def column(command, folder, name):
    """Right of how many, by target; the profiles; reasons of those that refuse."""
    model, out = f"{folder}/{name}.onnx", f"{folder}/{name}.run"
    tried = json.loads(qsim(command, "inspect", model, "--data", "digits", "--json"))["profiles"]
    refused = {p["name"]: p["why_not"] for p in tried if p.get("why_not")}
    takes = [p["name"] for p in tried if p["name"] not in refused]
    qsim(command, "run", "--network", model, "--data", "digits", "--profile", ",".join(takes),
         "--attacks", "noise", "--epsilons", "1/255", "--images", "500", "--out", out, "--quiet")
    with open(f"{out}/results.json") as file:
        cells = json.load(file)["accuracy"]
    return (
        {c["target"]: (c["correct"], c["images"]) for c in cells if c["attack"] == "none"},
        [p["name"] for p in tried], refused)


def main(command, folder, names):
    names = [n for n in names or NAMES if os.path.exists(f"{folder}/{n}.onnx")]
    columns = {n: column(command, folder, n) for n in names}
    print("| |", " | ".join(names), "|")
    print("|---|" + "---:|" * len(names))
    for target in ["float", *columns[names[0]][1]]:
        cells = [columns[n][0].get(target) for n in names]
        print(f"| {target} |", " | ".join(
            f"{100 * c[0] / c[1]:.1f}" if c else "refused" for c in cells), "|")
    for name in names:
        for profile, why in columns[name][2].items():
            print(f"\n{name}: {profile}: {why}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
