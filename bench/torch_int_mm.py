"""The device's own int8 matrix product, to hold the exact kernels against.

Needs PyTorch with CUDA. Prints one line per size: multiply-adds per second of torch._int_mm, best of the time given.
The sizes are those of the layers that bench/Kernels times: filters x depth by depth x columns.
"""
import argparse
import time

try:
    import torch
except ImportError:
    raise SystemExit("not taken: there is no PyTorch for this Python")


def rate(rows, depth, columns, seconds):
    a = torch.randint(-128, 128, (rows, depth), dtype=torch.int8, device="cuda")
    b = torch.randint(-128, 128, (columns, depth), dtype=torch.int8, device="cuda").t()
    best, begin = float("inf"), time.perf_counter()
    while time.perf_counter() - begin < seconds:
        torch.cuda.synchronize()
        start = time.perf_counter()
        torch._int_mm(a, b)
        torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return rows * depth * columns / best


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("not taken: PyTorch finds no CUDA device")
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}")
    for rows, depth, columns in [(64, 576, 65536), (256, 256, 65536), (1024, 1024, 65536)]:
        print(f"{rows} x {depth} x {columns}: {rate(rows, depth, columns, arguments.seconds) / 1e12:.2f} TMAC/s")


if __name__ == "__main__":
    main()
