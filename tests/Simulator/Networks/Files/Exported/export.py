"""Networks of forms that people bring, with random weights, as PyTorch exports them.

python3 export.py FOLDER NAME... writes NAME.onnx, and float32 images (NAME.x) and PyTorch's
outputs for them (NAME.y).
"""
import sys

import torch
from torch import nn
from torch.nn import functional as F

IMAGES = 3


def conv(inputs, outputs, kernel=3, stride=1, groups=1, act=nn.ReLU):
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([act()] if act else []))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            conv(inputs, outputs, 3, stride), conv(outputs, outputs, act=None))
        self.by = (nn.Identity() if inputs == outputs and stride == 1
                   else conv(inputs, outputs, 1, stride, act=None))

    def forward(self, x):
        return F.relu(self.body(x) + self.by(x))


class ResNet18(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.stem = nn.Sequential(conv(channels, 16, 7, 2), nn.MaxPool2d(3, 2, 1))
        blocks, inputs = [], 16
        for outputs, stride in ((16, 1), (32, 2), (64, 2), (128, 2)):
            blocks += [Residual(inputs, outputs, stride), Residual(outputs, outputs, 1)]
            inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(inputs, 10)

    def forward(self, x):
        x = self.blocks(self.stem(x))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Squeeze(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.less = nn.Conv2d(channels, channels // 4, 1)
        self.more = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        gate = F.relu(self.less(F.adaptive_avg_pool2d(x, 1)))
        return x * F.hardsigmoid(self.more(gate))


class Inverted(nn.Module):
    def __init__(self, inputs, outputs, stride, expand, act, squeezes=False):
        super().__init__()
        inner = inputs * expand
        self.adds = inputs == outputs and stride == 1
        self.body = nn.Sequential(
            conv(inputs, inner, 1, act=act), conv(inner, inner, 3, stride, inner, act),
            *([Squeeze(inner)] if squeezes else []), conv(inner, outputs, 1, act=None))

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


class MobileNet(nn.Module):
    def __init__(self, act, squeezes, channels=3):
        super().__init__()
        sizes = ((8, 8, 1), (8, 16, 2), (16, 16, 1), (16, 24, 2), (24, 24, 1))
        self.body = nn.Sequential(
            conv(channels, 8, 3, 2, act=act),
            *[Inverted(i, o, s, 3, act, squeezes) for i, o, s in sizes],
            conv(24, 64, 1, act=act))
        self.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(64, 10))

    def forward(self, x):
        return self.fc(self.body(x).mean([2, 3]))


class UNet(nn.Module):
    def __init__(self, channels=3, mode="nearest"):
        super().__init__()
        self.mode = mode
        self.first, self.second, self.low = conv(channels, 8), conv(8, 16), conv(16, 32)
        self.up = nn.ConvTranspose2d(32, 16, 2, 2)
        self.joined, self.last = conv(32, 16), conv(24, 8)
        self.out = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        a = self.first(x)
        b = self.second(F.max_pool2d(a, 2))
        x = self.up(self.low(F.max_pool2d(b, 2)))
        x = self.joined(torch.cat([x, b], 1))
        x = F.interpolate(x, scale_factor=2, mode=self.mode)
        return self.out(self.last(torch.cat([x, a], 1)))


class Keywords(nn.Module):
    def __init__(self, channels=10):
        super().__init__()
        layers, inputs = [], channels
        for outputs in (16, 24, 32):
            layers += [nn.Conv1d(inputs, outputs, 5, padding=2), nn.BatchNorm1d(outputs),
                       nn.ReLU(), nn.MaxPool1d(2)]
            inputs = outputs
        self.body = nn.Sequential(*layers)
        self.fc = nn.Linear(inputs, 12)

    def forward(self, x):
        return self.fc(F.adaptive_avg_pool1d(self.body(x), 1).squeeze(-1))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        n, tokens, width = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(
            n, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        shares = (q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5).softmax(-1)
        x = x + self.out((shares @ v).transpose(1, 2).reshape(n, tokens, width))
        return x + self.mlp(self.second(x))


class Vit(nn.Module):
    def __init__(self, channels=3, side=8, width=16):
        super().__init__()
        self.patches = nn.Conv2d(channels, width, side, side)
        self.body = nn.Sequential(
            Attention(width, 2), Attention(width, 2), nn.LayerNorm(width))
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        return self.fc(self.body(x).mean(1))


class TokenVit(Vit):
    """With a class token ahead of the patches, and positions."""

    def __init__(self, channels=3, side=8, width=16, tokens=16):
        super().__init__(channels, side, width)
        self.token = nn.Parameter(torch.randn(1, 1, width) * 0.2)
        self.positions = nn.Parameter(torch.randn(1, tokens + 1, width) * 0.2)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.fc(self.body(x)[:, 0])


NETWORKS = {
    "resnet18": (ResNet18, (3, 64, 64)),
    "mobilenet-v2": (lambda: MobileNet(nn.ReLU6, False), (3, 32, 32)),
    "mobilenet-v3": (lambda: MobileNet(nn.Hardswish, True), (3, 32, 32)),
    "unet": (UNet, (3, 16, 16)),
    "keywords": (Keywords, (10, 49)),
    "vit": (Vit, (3, 32, 32)),
    "vit-token": (TokenVit, (3, 32, 32)),
    "unet-bilinear": (lambda: UNet(mode="bilinear"), (3, 16, 16)),
}


def main(folder, names):
    torch.set_num_threads(1)
    for name in names:
        torch.manual_seed(7)
        make, shape = NETWORKS[name]
        model = make().eval()
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)
                module.weight.data.uniform_(0.5, 1.5)
                module.bias.data.normal_(0, 0.1)
        x = torch.rand(IMAGES, *shape)
        torch.onnx.export(
            model, x[:1], f"{folder}/{name}.onnx", opset_version=15, input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})
        with torch.no_grad():
            y = model(x)
        for kind, values in (("x", x), ("y", y)):
            with open(f"{folder}/{name}.{kind}", "wb") as file:
                file.write(values.contiguous().numpy().tobytes())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
