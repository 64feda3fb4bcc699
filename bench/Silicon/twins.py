#!/usr/bin/env python3
"""Circuits of shipped profiles in a simulator: what building takes, updates a second, lint, Yosys.

    bench/Silicon/twins.py QSIM [--simulator icarus] [--profiles A,B] [--checks lint,yosys]
    bench/Silicon/twins.py QSIM --speed

Prints a Markdown table; seconds are of the processor, so that other work beside it matters little.
--speed runs one sequential unit for long and asks for 5 million updates a second. The exit code is
1 where a register differs, a tool warns, or that is not met.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ASKED = 5e6
SEQUENTIAL = ["--profile", "int8-acc-sat", "--layer", "conv2", "--images", "20",
              "--outputs", "40000"]
TURNS = 5
PROGRAMS = {"verilator": ["build/Vbench"], "icarus": ["vvp", "build/twin.vvp"]}


def processor():
    """Seconds of processor time of everything that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command, folder=None):
    """Output and seconds of processor time; None for a command that fails."""
    begin = processor()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    seconds = processor() - begin
    if done.returncode != 0:
        print(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()[:300]}",
              file=sys.stderr)
    return (done.stdout if done.returncode == 0 else None), seconds


def twin(asked, folder, options):
    """Writes the circuits and builds them; seconds of that, None where it fails."""
    written, _ = run([asked.qsim, "rtl", "--epochs", "1", "--cache", asked.cache,
                      "--out", str(folder), *options])
    if written is None:
        return None
    built, seconds = run(["make", asked.simulator], folder)
    return seconds if built is not None else None


def simulated(asked, folder):
    """Units, those that passed, updates and seconds."""
    said, seconds = run(PROGRAMS[asked.simulator], folder)
    passed = re.findall(r"^PASSED \S+ (?:steps=(\d+))?", said or "", re.MULTILINE)
    units = len(list((folder / "tb").glob("*_bench.sv")))
    return units, len(passed), sum(int(steps or 0) for steps in passed), seconds


def shipped(asked):
    if asked.profiles:
        return asked.profiles.split(",")
    listed, _ = run([asked.qsim, "profiles", "list"])
    return [line.split()[0] for line in listed.splitlines()
            if line and not line.startswith(("profile", "name", "-"))]


def table(asked, root):
    checks = [c for c in asked.checks.split(",") if c]
    print(f"| profile | units | equal | updates | build, s | run, s |"
          f"{''.join(f' {c} |' for c in checks)}")
    print(f"|---|---:|---:|---:|---:|---:|{'---|' * len(checks)}")
    right = True
    for profile in shipped(asked):
        folder = root / profile
        seconds = twin(asked, folder,
                       ["--profile", profile, "--outputs", str(asked.outputs)])
        if seconds is None:
            print(f"| {profile} | not built |")
            right = False
            continue
        units, passed, updates, ran = simulated(asked, folder)
        said = [run(["make", check], folder)[0] for check in checks]
        right = right and passed == units and None not in said
        print(f"| {profile} | {units} | {passed} | {updates} | {seconds:.1f} | {ran:.2f} |"
              + "".join(" clean |" if s is not None else " **no** |" for s in said), flush=True)
    return right


def speed(asked, root):
    folder = root / "speed"
    if twin(asked, folder, SEQUENTIAL) is None:
        return False
    turns = [simulated(asked, folder) for _ in range(TURNS)]
    units, passed, updates, _ = turns[0]
    rates = sorted(updates / seconds for *_, seconds in turns)
    print(f"{' '.join(SEQUENTIAL)}: {updates} updates, {passed} of {units} units equal")
    print(f"million updates a second in {TURNS} runs, reading vectors included: "
          + ", ".join(f"{r / 1e6:.2f}" for r in rates)
          + f" (asked {ASKED / 1e6:.0f})")
    return passed == units and rates[TURNS // 2] >= ASKED


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("qsim")
    arguments.add_argument("--simulator", choices=PROGRAMS, default="verilator")
    arguments.add_argument("--profiles", help="default: all that ship")
    arguments.add_argument("--outputs", type=int, default=200, help="of each layer")
    arguments.add_argument("--checks", default="", help="targets of the Makefile: lint,yosys")
    arguments.add_argument("--speed", action="store_true")
    arguments.add_argument("--cache", help="keep the trained network here")
    asked = arguments.parse_args()
    asked.qsim = os.path.abspath(asked.qsim)
    with tempfile.TemporaryDirectory() as folder:
        asked.cache = os.path.abspath(asked.cache or f"{folder}/cache")
        right = (speed if asked.speed else table)(asked, Path(folder))
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
