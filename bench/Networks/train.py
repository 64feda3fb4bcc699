"""Trains networks of common forms on MNIST, small ones, for docs/networks-and-data.md's table.

python3 bench/Networks/train.py MNIST FOLDER [NAME...]

MNIST is a folder of its four files, gzipped; FOLDER gets NAME.onnx. Forms are those that the tests
export (tests/Simulator/Networks/Files/Exported/export.py), with one channel of 28x28 pixels.
"""
import gzip
import os
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(
    HERE, "..", "..", "tests", "Simulator", "Networks", "Files", "Exported"))
import export  # noqa: E402

BATCH, TRAINED, TESTED = 100, 12000, 1000


class Maps(nn.Module):
    """A U-Net whose ten maps are averaged to logits."""

    def __init__(self):
        super().__init__()
        self.body = export.UNet(1, "bilinear")
        self.body.out = nn.Conv2d(8, 10, 1)

    def forward(self, x):
        return self.body(x).mean([2, 3])


class Rows(nn.Module):
    """A network of sequences: rows of pixels are what a keyword's spectrum is."""

    def __init__(self):
        super().__init__()
        self.body = export.Keywords(28)

    def forward(self, x):
        return self.body(x.squeeze(1))


FORMS = {
    "resnet18": (lambda: export.ResNet18(1), 2),
    "mobilenet-v2": (lambda: export.MobileNet(nn.ReLU6, False, 1), 6),
    "mobilenet-v3": (lambda: export.MobileNet(nn.Hardswish, True, 1), 6),
    "unet": (Maps, 4),
    "keywords": (Rows, 6),
    "vit": (lambda: export.TokenVit(1, 7, 32), 12),
}


def images(folder, part, count):
    def read(kind, skipped):
        with gzip.open(f"{folder}/{part}-{kind}-ubyte.gz") as file:
            return numpy.frombuffer(file.read(), numpy.uint8)[skipped:]
    x = read("images-idx3", 16)[:count * 784].reshape(-1, 1, 28, 28)
    return (torch.from_numpy(x.astype(numpy.float32) / 255),
            torch.from_numpy(read("labels-idx1", 8)[:count].astype(numpy.int64)))


def train(name, data, folder):
    torch.manual_seed(1)
    make, epochs = FORMS[name]
    model, start = make(), time.time()
    x, y = images(data, "train", TRAINED)
    steps = epochs * (len(x) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
    for _ in range(epochs):
        for at in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            F.cross_entropy(model(x[at]), y[at]).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    x, y = images(data, "t10k", TESTED)
    with torch.no_grad():
        right = (model(x).argmax(1) == y).sum().item()
    torch.onnx.export(
        model, x[:1], f"{folder}/{name}.onnx", opset_version=15, input_names=["image"],
        output_names=["logits"], dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})
    count = sum(p.numel() for p in model.parameters())
    print(f"{name}: {count} parameters, {right} of {len(y)} right, {time.time() - start:.0f} s",
          flush=True)


if __name__ == "__main__":
    for form in sys.argv[3:] or FORMS:
        train(form, sys.argv[1], sys.argv[2])
