#!/usr/bin/env python3
"""Ends runs of qsim in bad ways and checks that the same command completes each to equal bytes.

    tests/endings.py kills N [SEED] [COMMAND]   N times kill -9 at a random moment of a run
    tests/endings.py disks N [SEED] [COMMAND]   N full disks, small file systems in memory (needs root)
    tests/endings.py readonly [COMMAND]         a folder that cannot be written to (needs root)
    tests/endings.py hosts                      two machines, one folder without locks, as NFS may be (needs root)

COMMAND is run, the default, search or sensitivity. QSIM names the executable (default: the release build of
src/Runner). Prints one line and ends with 1 when anything is not as it should be.
"""
import concurrent.futures, os, random, re, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
QSIM = os.environ.get("QSIM", os.path.join(HERE, "../src/Runner/bin/Release/net10.0/qsim"))
SEEDS = os.path.join(HERE, "../bench/Fuzz/Seeds")
STUDY = f"""schema: qsim/study/1
name: ended
data: {os.path.abspath(SEEDS)}/grey.npz
network: {os.path.abspath(SEEDS)}/dense.yaml
images: 2
calibration_images: 2
profiles: [int4]
attacks: [fgsm]
threats: [hardware, transfer]
epsilons: [8/255, 64/255]
"""
SEARCH = STUDY.replace("images: 2\ncal", "images: 1\ncal").replace("threats: [hardware, transfer]\n", "") + """sweep:
  weight.bits: [3, 4]
  mac.accumulator.bits: [8..14 step 2]
search:
  objectives: [clean, worst at 64/255, area]
  evaluations: 5
  population: 2
  held_back: 1
"""
TRAINED = """schema: qsim/study/1
name: ended
data: digits
network: digits-cnn
epochs: 1
images: 16
calibration_images: 16
profiles: [int4]
attacks: [fgsm, pgd-2]
threats: [hardware, transfer]
epsilons: [8/255, 32/255]
"""
STAGES = ("nothing there", "folder and lock", "question", "some cells", "all cells", "front begun", "results", "report",
          "finished")
# Of each command the file that says the question, and the one that says the results.
FILES = {"run": ("study.json", "results.json"), "search": ("search.json", "search-results.json"),
         "sensitivity": ("search.json", "sensitivity.json")}


def command():
    """Every folder is called o: what a search leaves says where it is."""
    file = os.path.join(WORK, "s.yaml")
    if VERB != "sensitivity":
        return [QSIM, VERB, file, "--out", "o", "--quiet"]
    return [QSIM, VERB, "--data", f"{os.path.abspath(SEEDS)}/grey.npz", "--network",
            f"{os.path.abspath(SEEDS)}/dense.yaml", "--images", "2", "--calibration-images", "2", "--profile", "int4",
            "--attacks", "fgsm", "--epsilons", "64/255", "--out", "o", "--quiet"]


def run(folder):
    return subprocess.run(command(), cwd=os.path.dirname(folder), capture_output=True, text=True)


def contents(folder):
    """Everything that a run leaves but where, when and how fast."""
    found = {}
    for path, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if f != "cache"]
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                found[os.path.relpath(os.path.join(path, name), folder)] = file.read()
    for name in list(found):
        place = os.path.dirname(name)
        if name.endswith("manifest.json"):
            found.pop(name)
        for file, begin in ("report.html", rb'<section id="manifest"'), ("report.md", rb"## Manifest"):
            if name == os.path.join(place, file):
                found[name] = re.split(begin, found[name])[0]
    return found


def differences(folder):
    there = contents(folder)
    return sorted(n for n in WHOLE.keys() | there.keys() if WHOLE.get(n) != there.get(n))


def complete(folder, what, failures):
    last = run(folder)
    if last.returncode != 0:
        failures.append(f"{what}: the same command ends with {last.returncode}: {last.stderr.strip()[:200]}")
    elif wrong := differences(folder):
        failures.append(f"{what}: other bytes in {', '.join(wrong)}")


def stage(folder):
    """How far a run got, by what it left."""
    there = set(os.listdir(folder)) if os.path.isdir(folder) else None
    if there is None:
        return 0
    question, results = FILES[VERB]
    if "report.md" in there:
        if VERB != "run":
            return 8
        with open(os.path.join(folder, "manifest.json")) as file:
            return 8 if '"status": "finished"' in file.read() else 7
    if results in there:
        return 6
    if "front" in there:
        return 5
    if "cells.jsonl" in there:
        with open(os.path.join(folder, "cells.jsonl"), "rb") as file:
            cells = file.read().count(b"\n")
        if cells:
            return 4 if cells >= CELLS else 3
    return 2 if question in there else 1


def killed(number, seed, tally):
    """A run that is killed one to five times, then completed."""
    global SECONDS
    keyed, failures, moments = random.Random(f"{seed}/{number}"), [], []
    folder = os.path.join(WORK, f"k{number}", "o")
    os.makedirs(os.path.dirname(folder))
    for _ in range(keyed.randint(1, 5)):
        process = subprocess.Popen(command(), cwd=os.path.dirname(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        moments.append(keyed.uniform(0.1, 1.1) * SECONDS)
        time.sleep(moments[-1])
        process.kill()
        tally["by itself"] = tally.get("by itself", 0) + (process.wait() == 0)
        at = STAGES[stage(folder)]
        tally[at] = tally.get(at, 0) + 1
    began = time.monotonic()
    complete(folder, f"run {number}, killed after {', '.join(f'{m:.3f} s' for m in moments)}", failures)
    # The machine may be busier now than a while ago.
    SECONDS = 0.8 * SECONDS + 0.2 * min(time.monotonic() - began, 3 * SECONDS)
    shutil.rmtree(os.path.dirname(folder), ignore_errors=True)
    return len(moments), failures


def kills(count, seed):
    failures, done, runs, tally = [], 0, 0, {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = set()
        while done < count or waiting:
            while done < count and len(waiting) < 2:
                waiting.add(pool.submit(killed, runs, seed, tally))
                runs += 1
            ended, waiting = concurrent.futures.wait(waiting, return_when="FIRST_COMPLETED")
            for future in ended:
                number, failed = future.result()
                done, failures = done + number, failures + failed
            if runs % 10 == 0:
                print(f"... {done} kills in {runs} runs, {len(failures)} failures, {SECONDS:.2f} s a run", flush=True)
    print(f"{done} kills ({tally.pop('by itself', 0)} came too late) in {runs} runs, {len(failures)} not completed to equal bytes")
    print("they left: " + ", ".join(f"{s} {tally[s]}" for s in STAGES if s in tally))
    return failures


def disks(count, keyed):
    if os.geteuid() != 0:
        print("skipped: needs root")
        return []
    failures, full, disk = [], 0, os.path.join(WORK, "disk")
    os.makedirs(disk)
    need = sum(len(b) for b in WHOLE.values()) // 1024 + 250
    for n in range(count):
        if n % 10 == 9:
            print(f"... {n + 1} disks, {full} too small, {len(failures)} failures", flush=True)
        size = keyed.randint(16, need)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", disk], check=True)
        try:
            folder = os.path.join(disk, "o")
            first = run(folder)
            full += first.returncode != 0
            if first.returncode not in (0, 2) or (first.returncode == 2 and first.stderr.count("\n") != 1):
                failures.append(f"disk of {size} KB: ends with {first.returncode}: {first.stderr.strip()[:300]}")
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            complete(folder, f"disk of {size} KB", failures)
        finally:
            subprocess.run(["umount", disk], check=True)
    print(f"{count} disks, {full} of them too small, {len(failures)} not completed to equal bytes")
    return failures


def readonly():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return []
    failures, disk = [], os.path.join(WORK, "disk")
    os.makedirs(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=True)
    try:
        for what in "empty", "finished":
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            last = run(os.path.join(disk, "o"))
            if last.returncode != 2 or last.stderr.count("\n") != 1:
                failures.append(f"read-only, {what}: ends with {last.returncode}: {last.stderr.strip()[:300]}")
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
            complete(os.path.join(disk, "o"), f"read-only, {what}", failures)
    finally:
        subprocess.run(["umount", disk], check=True)
    print(f"2 read-only folders, {len(failures)} failures")
    return failures


def hosts():
    if os.geteuid() != 0:
        print("skipped: needs root")
        return []
    failures, folder = [], os.path.join(WORK, "shared")
    unlocked = dict(os.environ, DOTNET_SYSTEM_IO_DISABLEFILELOCKING="1")

    def there(host, quick=False):
        inner = "hostname " + host + ' && exec "$0" "$@"'
        study = os.path.join(WORK, "s.yaml" if quick else "long.yaml")
        return subprocess.Popen(
            ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", inner,
             QSIM, "run", study, "--out", folder, "--quiet"],
            env=unlocked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    with open(os.path.join(WORK, "long.yaml"), "w") as file:
        file.write(TRAINED.replace("pgd-2", "pgd-3000").replace("images: 16", "images: 100", 1))
    first = there("alpha")
    while not os.path.exists(os.path.join(folder, "study.json")):
        time.sleep(0.05)
    said = there("beta").communicate()[1]
    if "on alpha) works in it" not in said:
        failures.append(f"beta was let in beside alpha: {said[:300]}")
    first.kill()
    first.wait()
    began = time.monotonic()
    second = there("beta")
    error = second.communicate()[1]
    took = time.monotonic() - began
    if second.returncode != 0:
        failures.append(f"beta did not take over from alpha: {error[:300]}")
    print(f"beta kept out of alpha's folder, took over and finished within {took:.0f} s of alpha's end, "
          f"{len(failures)} failures")
    return failures


if __name__ == "__main__":
    WORK = tempfile.mkdtemp(prefix="qsim-endings-")
    VERB = next((a for a in sys.argv[2:] if a in FILES), "run")
    try:
        with open(os.path.join(WORK, "s.yaml"), "w") as study:
            study.write(TRAINED if sys.argv[1:2] == ["hosts"] else SEARCH if VERB == "search" else STUDY)
        began = time.monotonic()
        os.makedirs(os.path.join(WORK, "whole"))
        undisturbed = run(os.path.join(WORK, "whole", "o"))
        SECONDS = time.monotonic() - began
        assert undisturbed.returncode == 0, undisturbed.stderr
        WHOLE = contents(os.path.join(WORK, "whole", "o"))
        CELLS = WHOLE["cells.jsonl"].count(b"\n")
        mode, *rest = [a for a in sys.argv[1:] if a not in FILES] or ["help"]
        keyed = random.Random(int(rest[1]) if len(rest) > 1 else 1)
        if mode == "kills":
            failed = kills(int(rest[0]), rest[1] if len(rest) > 1 else "1")
        elif mode == "disks":
            failed = disks(int(rest[0]), keyed)
        elif mode == "readonly":
            failed = readonly()
        elif mode == "hosts":
            failed = hosts()
        else:
            sys.exit(__doc__)
        for line in failed[:20]:
            print(line)
        sys.exit(1 if failed else 0)
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
