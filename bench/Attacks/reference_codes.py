"""QSim's attacks on float networks beside their authors' code: the table in src/Attacks/README.md.

    reference_codes.py AUTO_ATTACK RUN... [--attacks fgsm,apgd-ce] [--whole-windows] > table.md

AUTO_ATTACK is a checkout of github.com/fra31/auto-attack. Each RUN is a folder that bench/Attacks/reference_runs.sh made: a run
of QSim with its images saved in RUN/images. Networks are read from RUN/networks. FGSM and PGD, which the authors of AutoAttack do
not have, are written out below as their papers have them. Needs PyTorch.
"""
import argparse
import glob
import os
import re
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

NORMS = {"linf": "Linf", "l2": "L2"}
DETERMINISTIC = {"fgsm", "fab-t"}


def numbers(text):
    return [int(n) for n in re.findall(r"-?\d+", text)]


def network(folder):
    """The network that a run trained: the architecture's lines in order, weights by name."""
    (path,) = glob.glob(os.path.join(folder, "networks", "*.yaml"))
    weights = np.load(path[: -len(".yaml")] + ".npz")
    layers = []
    for line in open(path, encoding="utf-8"):
        if not line.startswith("  - {"):
            continue
        keys = dict(re.findall(r"(\w+): (\[[^\]]*\]|[^,}]+)", line))
        kind, name = keys["type"], keys["name"].strip("'\" ")
        if kind in ("conv2d", "dense"):
            weight = torch.tensor(weights[name + ".weight"])
            if kind == "dense":
                layer = nn.Linear(weight.shape[1], weight.shape[0])
            else:
                top, left, bottom, right = numbers(keys["padding"])
                assert (top, left) == (bottom, right) and keys["groups"].strip() == "1"
                layer = nn.Conv2d(
                    weight.shape[1], weight.shape[0], weight.shape[2:], numbers(keys["stride"]), (top, left))
            layer.weight.data, layer.bias.data = weight, torch.tensor(weights[name + ".bias"])
            layers.append(layer)
        elif kind == "max_pool2d":
            layers.append(nn.MaxPool2d(numbers(keys["kernel"]), numbers(keys["stride"])))
        else:
            layers.append({"relu": nn.ReLU, "flatten": nn.Flatten}[kind]())
    model = nn.Sequential(*layers).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model


def gradient(model, x, y):
    x = x.detach().requires_grad_(True)
    return torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)[0]


def size(x):
    return x.flatten(1).norm(dim=1).clamp_min(1e-12)[:, None, None, None]


def step(norm, g, length):
    return length * (g.sign() if norm == "linf" else g / size(g))


def project(norm, x, original, epsilon):
    change = x - original
    change = change.clamp(-epsilon, epsilon) if norm == "linf" else change * (epsilon / size(change)).clamp_max(1)
    return (original + change).clamp(0, 1)


def fgsm(model, x, y, norm, epsilon):
    """Goodfellow, Shlens and Szegedy, ICLR 2015."""
    return (x + step(norm, gradient(model, x, y), epsilon)).clamp(0, 1)


def pgd(model, x, y, norm, epsilon, steps=40):
    """Madry et al., ICLR 2018: from a uniform point, steps of 2.5 epsilon over their number."""
    change = torch.empty_like(x).uniform_(-epsilon, epsilon)
    if norm == "l2":
        change = torch.randn_like(x)
        radius = torch.rand(len(x))[:, None, None, None] ** (1 / x[0].numel())
        change = epsilon * radius * change / size(change)
    at, broken = (x + change).clamp(0, 1), torch.zeros(len(x), dtype=torch.bool)
    result = at.clone()
    for _ in range(steps + 1):
        now = model(at).argmax(1) != y
        result[now & ~broken] = at[now & ~broken]
        broken |= now
        at = project(norm, at + step(norm, gradient(model, at, y), 2.5 * epsilon / steps), x, epsilon)
    return torch.where(broken[:, None, None, None], result, at)


def draw_whole_windows(square):
    """Square's authors draw a window's corner below h - s, so that no window reaches the last row and column; its paper has all."""
    drawn = square.random_int
    square.random_int = lambda low=0, high=1, shape=(1,): drawn(low, high + 1, list(shape))


def authors(model, x, y, norm, epsilon, attack, whole):
    from autoattack import AutoAttack

    parts = {"autoattack": ["apgd-ce", "apgd-t", "fab-t", "square"]}.get(attack, [attack])
    runner = AutoAttack(
        model, norm=NORMS[norm], eps=epsilon, seed=1, verbose=False, version="custom", attacks_to_run=parts, device="cpu")
    if whole:
        draw_whole_windows(runner.square)
    if attack == "square":
        runner.square.rescale_schedule = True  # as in Square's own code; within AutoAttack it is not
    runner.apgd.n_restarts = runner.fab.n_restarts = runner.apgd_targeted.n_restarts = 1
    return runner.run_standard_evaluation(x, y, bs=len(x))


def compare(folder, wanted, whole):
    model = network(folder)
    for path in sorted(glob.glob(os.path.join(folder, "images", "**", "*.npz"), recursive=True)):
        saved = np.load(path)
        attack, norm, epsilon = str(saved["attack"]), str(saved["norm"]).lower(), float(saved["epsilon"])
        x, y = torch.tensor(saved["images"]), torch.tensor(saved["labels"].astype(np.int64))
        x = x.reshape(len(x), -1, *x.shape[-2:])
        name = re.sub(r"-\d+$", "", attack)
        if wanted and name not in wanted:
            continue
        with torch.no_grad():
            clean = model(x).argmax(1) == y
        torch.manual_seed(1)
        began = time.process_time()
        made = {"fgsm": fgsm, "pgd": pgd}.get(name, lambda *a: authors(*a, name, whole))(model, x, y, norm, epsilon)
        took = time.process_time() - began
        with torch.no_grad():
            theirs = clean & (model(made).argmax(1) == y)
        ours = torch.tensor(saved["outcome"].astype(bool))
        apart, bound = int((ours != theirs).sum()), 1 if name in DETERMINISTIC else 0.02 * len(x)
        by = abs(int(ours.sum()) - int(theirs.sum()))
        print(
            f"| {os.path.basename(folder)} | {norm} {epsilon:.4g} | {attack} | {int(ours.sum())} | {int(theirs.sum())} "
            f"| {apart} | {'' if by <= bound else 'beyond'} |", flush=True)
        print(f"{folder} {attack}: {took:.0f} s", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description="QSim's attacks on float networks beside their authors' code")
    parser.add_argument("auto_attack")
    parser.add_argument("run", nargs="+")
    parser.add_argument("--attacks", default="", help="names without numbers, by commas; all if left out")
    parser.add_argument("--whole-windows", action="store_true", help="Square's windows as in its paper, not as in its code")
    given = parser.parse_args()
    sys.path.insert(0, given.auto_attack)
    torch.set_num_threads(1)  # small networks: threads would wait for each other
    print("| run | budget | attack | QSim leaves | authors leave | verdicts that differ | |")
    print("|---|---|---|---|---|---|---|")
    for folder in given.run:
        compare(folder, [name for name in given.attacks.split(",") if name], given.whole_windows)


if __name__ == "__main__":
    main()
