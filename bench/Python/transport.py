"""How many megabytes of images a second go through `qsim serve`: transport.py [--seconds 3] [--profile int8-wide].

The network hardly computes (3x32x32 images), so that the transport shows; the last row is the transport alone: batches whose first
pixel is no number are refused once they were read. Beside the clock's rate stands that of the processor (server and client
together), which other work on the machine does not change. QSIM names the command. Needs PyTorch, onnx and Linux.
"""
import argparse
import os
import sys
import tempfile
import time

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python"))
import qsim
import qsim.torch


def small(folder):
    """One product in 64 pixels, and one layer: the pixels are quantized, and hardly anything is computed."""
    path = os.path.join(folder, "small.onnx")
    torch.manual_seed(1)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1, stride=8), torch.nn.Flatten(), torch.nn.Linear(64, 10))
    qsim.torch.export(module, torch.rand(1, 3, 32, 32), path)
    return path


def processor(pid):
    """Seconds of the processor that the server and this took."""
    with open(f"/proc/{pid}/stat") as stat:
        words = stat.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") + time.process_time()


def measure(ask, images, seconds, pid):
    """Megabytes a second: the median by the clock, and by the processor; the first three requests do not count."""
    for _ in range(3):
        ask(images)
    rates, end, before = [], time.perf_counter() + seconds, processor(pid)
    while len(rates) < 5 or time.perf_counter() < end:
        began = time.perf_counter()
        ask(images)
        rates.append(images.nbytes / 1e6 / (time.perf_counter() - began))
    return np.median(rates), len(rates) * images.nbytes / 1e6 / max(0.01, processor(pid) - before)


def main():
    parser = argparse.ArgumentParser(description="images a second through qsim serve")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--profile", default="int8-wide")
    given = parser.parse_args()
    images = np.random.default_rng(1).random((2048, 3, 32, 32), np.float32)
    bad = images.copy()
    bad[0, 0, 0, 0] = np.nan
    print("| images | at a time | MB/s | MB per second of the processor |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, qsim.Hardware(
            given.profile, small(folder), calibration=images[:64]) as hardware:
        pid = hardware._server._process.pid

        def refused(some):
            try:
                hardware.forward(some)
            except qsim.Error:
                return
            raise AssertionError("NaN was taken")

        for dtype in (np.float32, np.uint8):
            for count in (64, 512, 2048):
                some = images[:count] if dtype == np.float32 else (images[:count] * 255).astype(np.uint8)
                clock, cpu = measure(hardware.forward, some, given.seconds, pid)
                print(f"| {np.dtype(dtype)} | {count} | {clock:.0f} | {cpu:.0f} |", flush=True)
        clock, cpu = measure(refused, bad, given.seconds, pid)
        print(f"| float32, transport alone | 2048 | {clock:.0f} | {cpu:.0f} |", flush=True)


if __name__ == "__main__":
    main()
