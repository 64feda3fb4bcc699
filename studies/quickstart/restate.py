#!/usr/bin/env python3
"""Puts what the quickstart prints into the READMEs that show it: qsim > out.txt, then studies/quickstart/restate.py [--check] out.txt.

studies/quickstart/README.md gets everything up to the verdict, README.md at the root some rows. Words about the figures are for people
to look at again. With it nothing is written, and the exit code is 1 where a README shows something else.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = ("accuracy in %", "-----", "clean", "fgsm 16/255", "apgd-ce-50 16/255", "ensemble 16/255", "ovf conv1 acc")


def shown(path, lines):
    text = path.read_text(encoding="utf-8")
    return text, re.sub(
        r"```\naccuracy in %.*?```\n", lambda _: "```\n" + "\n".join(lines) + "\n```\n", text, count=1, flags=re.S)


def main():
    lines = [line.rstrip() for line in open(sys.argv[-1], encoding="utf-8")]
    verdict = next(i for i, line in enumerate(lines) if line.startswith("Verdict:"))
    end = next((i for i in range(verdict + 1, len(lines)) if not lines[i].startswith("  ")), len(lines))
    table = lines[lines.index(next(line for line in lines if line.startswith("accuracy in %"))):end]
    stale = 0
    for path, rows in (
        (ROOT / "studies/quickstart/README.md", table),
        (ROOT / "README.md", [line for line in table if line.startswith(ROWS)]),
    ):
        old, new = shown(path, rows)
        if old == new:
            continue
        stale = 1
        print(f"{path.relative_to(ROOT)} shows other figures")
        if "--check" not in sys.argv:
            path.write_text(new, encoding="utf-8")
    return stale if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
