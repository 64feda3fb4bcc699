"""Makes the files beside it: small networks exported by PyTorch, and what PyTorch computes with them.

Run with Debian 12's python3-torch (1.13) and python3-numpy: python3 make.py
Each NAME.npz holds images (x) and logits (y); NAME.onnx is the export. lenet.weights.npz and resnet.safetensors hold
state_dicts for the architecture files; resnet.torchscript.pt and resnet.state_dict.pt hold the same as torch.jit.save
and torch.save write it. Weights are random: what counts is that two programs agree on them.
"""
import json
import struct

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
        self.conv2 = nn.Conv2d(4, 6, 3)
        self.fc1 = nn.Linear(24, 12)
        self.fc2 = nn.Linear(12, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.avg_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.view(x.size(0), -1))))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        self.bn2 = nn.BatchNorm2d(4, eps=1e-3)
        self.conv3 = nn.Conv2d(8, 6, 1)
        self.bn3 = nn.BatchNorm2d(6)
        self.fc = nn.Linear(6, 4)

    def forward(self, x):
        a = F.relu(self.bn1(self.conv1(x)))
        b = F.relu(self.bn2(self.conv2(a)) + a)
        c = F.relu(self.conv3(torch.cat([a, b], 1)))
        return F.softmax(self.fc(torch.flatten(F.adaptive_avg_pool2d(self.bn3(c), 1), 1)), 1)


class Mlp(nn.Module):
    """Features in, normalised inside; a matrix and a bias that are no module."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(12, 7) / 3)
        self.b = nn.Parameter(torch.randn(7) / 3)
        self.fc = nn.Linear(7, 3, bias=False)

    def forward(self, x):
        return self.fc(torch.tanh(((x - 0.5) / 0.25) @ self.w + self.b))


class Odd(nn.Module):
    """What else exporters write: per-channel normalisation, windows that stick out, uneven kernels and dilation."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.2, 0.25, 0.3]).view(1, 3, 1, 1))
        self.conv1 = nn.Conv2d(3, 4, (3, 2), stride=(1, 2), padding=(2, 1), dilation=(2, 1))
        self.conv2 = nn.Conv2d(4, 4, 3)

    def forward(self, x):
        x = torch.clamp(self.conv1((x - self.mean) / self.std), min=0)
        x = F.max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)
        x = F.avg_pool2d(torch.sigmoid(x), 2, stride=1, padding=1, count_include_pad=False)
        return self.conv2(x).mean([2, 3]) * 3


def logits(net, x):
    """Of double arithmetic, rounded once; without the softmax at the end."""
    net = net.double()
    if isinstance(net, ResNet):
        softmax, F.softmax = F.softmax, lambda z, dim: z
        y = net(x.double())
        F.softmax = softmax
    else:
        y = net(x.double())
    net.float()
    return y.detach().numpy().astype(np.float32)


def save(name, net, shape, **options):
    x = torch.rand(3, *shape)
    net.eval()
    torch.onnx.export(net, x, f"{name}.onnx", input_names=["image"], output_names=["logits"], **options)
    np.savez_compressed(f"{name}.npz", x=x.numpy(), y=logits(net, x))


def tensors():
    """Whatever else torch.save meets: views into shared storages, types, a checkpoint around them, a module as it is."""
    base = torch.arange(24.0).view(4, 6)
    fc = nn.Linear(2, 3)
    fc.weight.data, fc.bias.data = torch.arange(6.0).view(3, 2), torch.arange(3.0)
    torch.save({"epoch": 3, "loss": 0.5, "state_dict": {
        "turned": base.t(), "cut": base[1:3, ::2], "scalar": torch.tensor(7), "empty": torch.zeros(0, 3),
        "double": torch.tensor([0.1], dtype=torch.float64), "half": torch.ones(2).half() / 3,
        "brain": torch.ones(2).bfloat16() / 3,
        "byte": torch.tensor([255], dtype=torch.uint8)}, "module": nn.Sequential(fc, nn.BatchNorm1d(3))}, "tensors.pt")


def safetensors(path, arrays):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        kind = {"float32": "F32", "int64": "I64"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def main():
    torch.manual_seed(7)
    lenet, resnet, mlp, odd = LeNet(), ResNet(), Mlp(), Odd()
    for bn in [m for m in resnet.modules() if isinstance(m, nn.BatchNorm2d)]:
        bn.running_mean.uniform_(-0.5, 0.5)
        bn.running_var.uniform_(0.5, 2)
        bn.weight.data.uniform_(0.5, 2)
        bn.bias.data.uniform_(-0.5, 0.5)
    dynamic = {"dynamic_axes": {"image": {0: "n"}, "logits": {0: "n"}}}
    save("lenet", lenet, (1, 12, 12), opset_version=11, **dynamic)
    save("resnet", resnet, (3, 9, 9), opset_version=13, training=torch.onnx.TrainingMode.PRESERVE, **dynamic)
    save("resnet-folded", resnet, (3, 9, 9), opset_version=14)
    save("mlp", mlp, (12,), opset_version=9, **dynamic)
    save("odd", odd, (3, 8, 9), opset_version=12, **dynamic)
    np.savez(
        "lenet.weights.npz", **{k: v.numpy() for k, v in lenet.state_dict().items()})
    safetensors("resnet.safetensors", {k: v.numpy() for k, v in resnet.state_dict().items()})
    torch.jit.script(resnet).save("resnet.torchscript.pt")
    torch.save(resnet.state_dict(), "resnet.state_dict.pt")
    torch.save(resnet.state_dict(), "resnet.legacy.pt", _use_new_zipfile_serialization=False)
    tensors()


main()
