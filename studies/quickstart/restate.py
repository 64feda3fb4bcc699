#!/usr/bin/env python3
"""Puts what the quickstart prints into the READMEs that show it: qsim > out.txt, then studies/quickstart/restate.py [--check] out.txt.

studies/quickstart/README.md gets everything up to the verdict, README.md at the root some rows. Words about the figures are for people
to look at again.
"""
import argparse
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=argparse.FileType(encoding="utf-8"), help="what qsim printed")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a README shows other figures")
    given = parser.parse_args()
    lines = [line.rstrip() for line in given.file]
    if not any(line.startswith("Verdict:") for line in lines):
        parser.error(f"{given.file.name}: has no line 'Verdict:', so it is not what a whole run prints")
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
        if not given.check:
            path.write_text(new, encoding="utf-8")
    return stale if given.check else 0


if __name__ == "__main__":
    sys.exit(main())
