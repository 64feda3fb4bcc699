"""Vectors of PyTorch's QNNPACK engine, for QnnpackUnitTests. Made with Debian's python3-torch 1.13.1 on x86-64:

    /usr/bin/python3 make_qnnpack.py

Each line of qnnpack_add.csv: scale and zero point of a, of b, of y, then a, b and torch.ops.quantized.add's result.
Each line of qnnpack_softmax.csv: scale and zero point of x, the logits, then the results (scale 1/256, zero point 0).
Each line of qnnpack_average.csv: rows, columns, the sum of a window's raw values, then avg_pool2d's result.
Each line of qnnpack_unary.csv: the operator, scale and zero point of x, of y, then the results for x = 0..255.
"""
import numpy as np
import torch

torch.backends.quantized.engine = "qnnpack"
rng = np.random.default_rng(15)


def tensor(raw, scale, zero):
    return torch._make_per_tensor_quantized_tensor(torch.from_numpy(raw), scale, zero)


def scale():
    return float(np.float32(rng.uniform(0.01, 0.2)))


with open("qnnpack_add.csv", "w") as out:
    for case in range(8):
        sa, sb, sy = (0.5, 0.25, 1.0) if case == 0 else (scale(), scale(), scale())
        za, zb, zy = (int(z) for z in rng.integers(0, 256, 3))
        a, b = (rng.integers(0, 256, 60).astype(np.uint8) for _ in range(2))
        y = torch.ops.quantized.add(tensor(a, sa, za), tensor(b, sb, zb), sy, zy).int_repr().numpy()
        for row in zip(a, b, y):
            print(f"{sa!r},{za},{sb!r},{zb},{sy!r},{zy}", *row, sep=",", file=out)

with open("qnnpack_unary.csv", "w") as out:
    for case in range(6):
        sx, zx = scale(), int(rng.integers(0, 256))
        x = tensor(np.arange(256, dtype=np.uint8), sx, zx)
        sy, zy = scale(), int(rng.integers(0, 256))
        for name, y in (("sigmoid", torch.sigmoid(x)), ("tanh", torch.tanh(x)),
                        ("concat", torch.ops.quantized.cat([x.reshape(1, -1)], 0, sy, zy))):
            print(name, repr(sx), zx, repr(y.q_scale()), y.q_zero_point(),
                  *y.int_repr().numpy().ravel(), sep=",", file=out)

with open("qnnpack_softmax.csv", "w") as out:
    for case in range(60):
        sx, zx = scale(), int(rng.integers(0, 256))
        x = rng.integers(0, 256, int(rng.integers(1, 20))).astype(np.uint8)
        y = torch.ops.quantized.softmax(tensor(x.reshape(1, -1), sx, zx), 1, 1 / 256, 0).int_repr().numpy().ravel()
        print(repr(sx), zx, *x, *y, sep=",", file=out)

with open("qnnpack_average.csv", "w") as out:
    for rows, columns in ((2, 2), (3, 3), (1, 3), (4, 4), (5, 5), (7, 7)):
        sx, zx = scale(), int(rng.integers(0, 256))
        x = rng.integers(0, 256, (1, 1, rows, columns * 60)).astype(np.uint8)
        y = torch.nn.functional.avg_pool2d(tensor(x, sx, zx), (rows, columns)).int_repr().numpy().ravel()
        sums = x.reshape(rows, 60, columns).astype(int).sum(axis=(0, 2))
        for row in zip(sums, y):
            print(rows, columns, *row, sep=",", file=out)
