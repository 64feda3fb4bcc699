#!/usr/bin/env python3
"""What 2,000 cells cost beside their arithmetic: a sweep over a network of a few weights and two images.

    bench/scale.py [POINTS]     POINTS of the sweep (default 250: 2,056 cells)

Prints milliseconds per cell in each quarter, resident memory at its end, how long the rest of the run takes
(results, report), and how long the same command takes once the run is finished. QSIM names the executable.
"""
import os, resource, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
QSIM = os.environ.get("QSIM", os.path.join(HERE, "../src/Runner/bin/Release/net10.0/qsim"))
SEEDS = os.path.join(HERE, "Fuzz/Seeds")
STUDY = """schema: qsim/study/1
name: scale
data: {seeds}/grey.npz
network: {seeds}/dense.yaml
images: 2
calibration_images: 2
profiles: [int4]
sweep: {{mac.accumulator.bits: [8..{last}], weight.bits: [2..9]}}
attacks: [fgsm, pgd-2]
epsilons: [8/255, 64/255]
"""


def resident(process):
    with open(f"/proc/{process}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def processor():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def lines(path):
    if not os.path.exists(path):
        return 0
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def main():
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    work = tempfile.mkdtemp(prefix="qsim-scale-")
    try:
        study, out = os.path.join(work, "s.yaml"), os.path.join(work, "o")
        with open(study, "w") as file:
            file.write(STUDY.format(seeds=os.path.abspath(SEEDS), last=8 + (points + 7) // 8 - 1))
        command = [QSIM, "run", study, "--out", out, "--quiet"]
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        seen, cells = [], os.path.join(out, "cells.jsonl")
        while process.poll() is None:
            time.sleep(0.05)
            try:
                seen.append((time.monotonic() - began, lines(cells), resident(process.pid)))
            except (FileNotFoundError, ProcessLookupError):
                break
        assert process.wait() == 0
        whole, count = time.monotonic() - began, lines(cells)
        first = next(s for s in seen if s[1] > 0)
        print(f"{count} cells; {first[0]:.1f} s to the first")
        before = first
        for quarter in range(1, 5):
            at = next(s for s in seen if s[1] >= count * quarter // 4)
            print(f"quarter {quarter}: {1000 * (at[0] - before[0]) / max(1, at[1] - before[1]):.1f} ms a cell, "
                  f"{at[2]:.0f} MB at its end")
            before = at
        print(f"results and report: {whole - before[0]:.1f} s; in all {whole:.1f} s, {1000 * whole / count:.1f} ms a cell")
        print(f"processor time of all that: {processor():.1f} s")
        times = []
        for _ in range(3):
            began, used = time.monotonic(), processor()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times.append(f"{time.monotonic() - began:.1f} s ({processor() - used:.1f} s of processor time)")
        print("the same command on the finished run: " + ", ".join(times))
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
