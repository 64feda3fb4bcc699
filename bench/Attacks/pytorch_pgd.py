"""PGD with 40 steps in PyTorch on the CPU: the other side of AttackRate.cs.

Reads one JSON object from standard input: the networks' layers, the image shape, batch and steps. Writes images per
second by network, the best of the runs that fit the seconds given, and which BLAS PyTorch uses.
"""
import ctypes
import json
import sys
import time

import torch
import torch.nn.functional as F


def build(layers):
    made = []
    for layer in layers:
        kind = layer["kind"]
        if kind in ("conv2d", "dense"):
            weight = (torch.rand(layer["shape"]) - 0.5) / 8
            made.append((kind, weight, torch.zeros(layer["shape"][0]), layer.get("padding", 0)))
        else:
            made.append((kind, layer.get("kernel", 0), None, None))
    return made


def forward(network, x):
    for kind, weight, bias, padding in network:
        if kind == "conv2d":
            x = F.conv2d(x, weight, bias, padding=padding)
        elif kind == "dense":
            x = F.linear(x, weight, bias)
        elif kind == "relu":
            x = F.relu(x)
        elif kind == "max_pool2d":
            x = F.max_pool2d(x, weight)
        else:
            x = torch.flatten(x, 1)
    return x


def attack(network, x0, y, epsilon, steps):
    step = 2.5 * epsilon / steps
    x = (x0 + torch.empty_like(x0).uniform_(-epsilon, epsilon)).clamp_(0, 1)
    low, high = (x0 - epsilon).clamp_(0, 1), (x0 + epsilon).clamp_(0, 1)
    for _ in range(steps):
        x.requires_grad_(True)
        loss = F.cross_entropy(forward(network, x), y, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, x)
        with torch.no_grad():
            x = torch.min(torch.max(x + step * gradient.sign(), low), high)
    with torch.no_grad():
        return forward(network, x).argmax(1)


def blas():
    """The BLAS library that is loaded, and the kernel that OpenBLAS chose."""
    try:
        with open("/proc/self/maps") as maps:
            paths = sorted({line.split()[-1] for line in maps if "blas" in line.rsplit("/", 1)[-1]})
    except OSError:
        return "unknown BLAS"
    for path in paths:
        try:
            library = ctypes.CDLL(path)
            library.openblas_get_corename.restype = ctypes.c_char_p
            return "OpenBLAS, kernel " + library.openblas_get_corename().decode()
        except (OSError, AttributeError):
            pass
    return ", ".join(path.rsplit("/", 1)[-1] for path in paths) or "no BLAS"


def main():
    task = json.load(sys.stdin)
    torch.manual_seed(1)
    torch.set_num_threads(task["threads"])
    rates = {}
    for name, layers in task["networks"].items():
        network = build(layers)
        x = torch.rand([task["batch"]] + task["shape"])
        y = torch.arange(task["batch"]) % 10
        best, begin, runs = float("inf"), time.perf_counter(), 0
        while runs < 3 or time.perf_counter() - begin < task["seconds"]:
            start = time.perf_counter()
            attack(network, x, y, task["epsilon"], task["steps"])
            best = min(best, time.perf_counter() - start)
            runs += 1
        rates[name] = task["batch"] / best
    json.dump({"version": torch.__version__, "build": blas(), "rates": rates}, sys.stdout)


main()
