#!/usr/bin/env python3
"""Resident memory of a run over time, as a table (Linux).

    bench/memory.py [ROWS] -- qsim run study.yaml --out folder

Runs the command, reads VmRSS from /proc once a second, and prints one row for each of ROWS (30) equal
parts of the run: the least, the median and the most of it there, and what the run said it was doing.
"""
import statistics, subprocess, sys, threading, time

rows = int(sys.argv[1]) if sys.argv[1] != "--" else 30
process = subprocess.Popen(sys.argv[sys.argv.index("--") + 1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
doing, began = [""], time.monotonic()


def listen():
    for line in process.stderr:
        doing[0] = line.strip()


listener = threading.Thread(target=listen, daemon=True)
listener.start()
samples = []
while process.poll() is None:
    try:
        with open(f"/proc/{process.pid}/status") as file:
            kept = next((int(line.split()[1]) // 1024 for line in file if line.startswith("VmRSS")), None)
    except OSError:
        break
    if kept is not None:
        samples.append((time.monotonic() - began, kept, doing[0]))
    time.sleep(1)
listener.join()

print("| from, s | to, s | least, MiB | median | most | doing, at the end |\n|---:|---:|---:|---:|---:|---|")
for part in range(min(rows, len(samples))):
    here = samples[part * len(samples) // rows:(part + 1) * len(samples) // rows]
    if here:
        kept = [s[1] for s in here]
        print(f"| {here[0][0]:.0f} | {here[-1][0]:.0f} | {min(kept)} | {statistics.median(kept):.0f} | {max(kept)} "
              f"| {here[-1][2][:70].replace('|', ' ')} |")
print(f"\nexit code {process.wait()}, {len(samples)} samples, most {max((s[1] for s in samples), default=0)} MiB")
