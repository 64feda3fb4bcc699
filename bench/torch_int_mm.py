"""The device's own int8 matrix product, to hold the exact kernels against.

Needs PyTorch 2 with CUDA; says in one line what is missing, exit code 2. Prints one line per size: multiply-adds per second
of torch._int_mm, best of the time given. The sizes are those of bench/Kernels --device: filters x depth x columns.
"""
import argparse
import sys
import time

SIZES = [(64, 576, 65536), (256, 256, 65536), (1024, 1024, 65536), (512, 4608, 65536)]


def missing():
    """PyTorch, or why there is nothing to measure."""
    try:
        import torch
    except ImportError:
        return None, "there is no PyTorch for this Python"
    if not hasattr(torch, "_int_mm"):
        return None, f"PyTorch {torch.__version__} has no _int_mm (2.0 and later have)"
    if not torch.cuda.is_available():
        return None, f"PyTorch {torch.__version__} finds no CUDA device"
    return torch, None


def product(torch, filters, depth, columns, device):
    """Operands as the kernels have them, and their exact product."""
    a = torch.randint(-128, 128, (filters, depth), dtype=torch.int8, device=device)
    b = torch.randint(-128, 128, (columns, depth), dtype=torch.int8, device=device).t()
    return lambda: torch._int_mm(a, b)


def rate(torch, size, seconds):
    """Multiply-adds per second, the fastest of many."""
    run = product(torch, *size, "cuda")
    best, begin = float("inf"), time.perf_counter()
    while time.perf_counter() - begin < seconds:
        torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return size[0] * size[1] * size[2] / best


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    torch, why = missing()
    if why:
        print(f"not taken: {why}", file=sys.stderr)
        return 2
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}")
    for size in SIZES:
        print("{} x {} x {}: {:.2f} TMAC/s".format(*size, rate(torch, size, arguments.seconds) / 1e12))
    return 0


if __name__ == "__main__":
    sys.exit(main())
