#!/usr/bin/env python3
"""Makes resized.json: planes of pixels as Pillow, and as PyTorch's interpolate, resize them.

Debian 12: python3-pil 9.4.0, python3-torch 1.13.0. Pixels come from a fixed linear congruential
generator, so that another run writes the same file.
"""
import base64
import json
import pathlib
import struct

import torch
from PIL import Image

SIZES = [((13, 17), (7, 9)), ((7, 9), (13, 17)), ((20, 6), (5, 24)), ((8, 8), (8, 3)),
         ((3, 5), (1, 1)), ((5, 4), (64, 3))]
MODES = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]


def noise(count):
    state, values = 1, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state >> 16 & 255)
    return values


def text(values, kind):
    return base64.b64encode(struct.pack(f"<{len(values)}{kind}", *values)).decode()


def main():
    cases = []
    for (rows, columns), (to_rows, to_columns) in SIZES:
        pixels = noise(rows * columns)
        floats = [p / 255 for p in pixels]
        size = dict(rows=rows, columns=columns, to_rows=to_rows, to_columns=to_columns,
                    pixels=text(pixels, "B"))
        for mode in MODES:
            filter_ = Image.Resampling[mode.upper()]
            image = Image.new("L", (columns, rows))
            image.putdata(pixels)
            real = Image.new("F", (columns, rows))
            real.putdata(floats)
            to = (to_columns, to_rows)
            cases.append(size | dict(
                mode=mode, bytes=text(list(image.resize(to, filter_).getdata()), "B"),
                floats=text(list(real.resize(to, filter_).getdata()), "f")))
        plane = torch.tensor(floats).reshape(1, 1, rows, columns)
        linear = torch.nn.functional.interpolate(
            plane, (to_rows, to_columns), mode="bilinear", align_corners=False)
        nearest = torch.nn.functional.interpolate(
            plane, (to_rows, to_columns), mode="nearest-exact")
        cases.append(size | dict(mode="bilinear", torch=text(linear.flatten().tolist(), "f")))
        cases.append(size | dict(mode="nearest", torch=text(nearest.flatten().tolist(), "f")))
    lines = ",\n".join(json.dumps(c) for c in cases)
    pathlib.Path(__file__).with_name("resized.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
