"""Trains networks of common forms on the digits inside qsim, to be run on shipped profiles.

python3 bench/Networks/train.py FOLDER [NAME...]

FOLDER gets NAME.onnx. Forms are those that the tests export
(tests/Simulator/Networks/Files/Exported/export.py), with one channel of 8x8 pixels.
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

BATCH, TESTED, EPOCHS = 50, 500, 40


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
        self.body = export.Keywords(8)

    def forward(self, x):
        return self.body(x.squeeze(1))


FORMS = {
    "resnet18": lambda: export.ResNet18(1),
    "mobilenet-v2": lambda: export.MobileNet(nn.ReLU6, False, 1),
    "mobilenet-v3": lambda: export.MobileNet(nn.Hardswish, True, 1),
    "unet": Maps,
    "keywords": Rows,
    "vit": lambda: export.TokenVit(1, 2, 32),
}


def digits():
    def read(kind, skipped):
        name = os.path.join(
            HERE, "..", "..", "src", "Runner", "Data", "Digits", f"digits-{kind}-ubyte.gz")
        with gzip.open(name) as file:
            return numpy.frombuffer(file.read(), numpy.uint8)[skipped:]
    x = read("images-idx3", 16).reshape(-1, 1, 8, 8).astype(numpy.float32) / 16
    return torch.from_numpy(x), torch.from_numpy(read("labels-idx1", 8).astype(numpy.int64))


def train(name, folder, epochs=EPOCHS, opset=15):
    torch.manual_seed(1)
    model, start = FORMS[name](), time.time()
    x, y = digits()
    x, test = x[:-TESTED], x[-TESTED:]
    y, wanted = y[:-TESTED], y[-TESTED:]
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 3e-3, epochs * -(-len(x) // BATCH))
    for _ in range(epochs):
        for at in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            F.cross_entropy(model(x[at]), y[at]).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.no_grad():
        right = (model(test).argmax(1) == wanted).sum().item()
    torch.onnx.export(
        model, x[:1], f"{folder}/{name}.onnx", opset_version=opset,
        input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})
    count = sum(p.numel() for p in model.parameters())
    print(f"{name}: {count} parameters, {right} of {TESTED} right, {time.time() - start:.0f} s",
          flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for form in sys.argv[2:] or FORMS:
        train(form, sys.argv[1])
