"""Networks that PyTorch quantized itself, as it exports them: converted modules, and fake quantization.

python3 quantized.py FOLDER NAME... writes NAME.onnx. Weights are at most 63 steps, so that ONNX Runtime's sums are exact on every
processor.
"""
import sys

import torch
from torch import nn
from torch.ao import quantization as quantizing
from torch.ao.quantization import quantize_fx
from torch.nn import functional as F

MOST = 63


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.each = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.mix = nn.Conv2d(8, 8, 1)
        self.fc = nn.Linear(8 * 16, 32)
        self.last = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.first(x))
        x = F.relu(x + self.mix(F.relu(self.each(x))))
        x = self.fc(torch.flatten(F.max_pool2d(x, 2), 1))
        return self.last(F.leaky_relu(x, 0.1))


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.act = nn.ReLU6()
        self.second = nn.Conv2d(8, 12, 3)
        self.last = nn.Linear(12 * 4, 10)

    def forward(self, x):
        x = self.second(self.act(self.first(x)))
        return self.last(torch.flatten(F.leaky_relu(x, 0.1), 1))


def warmed(model):
    for _ in range(8):
        model(torch.rand(16, 3, 8, 8))
    return model


def converted():
    weights = quantizing.MinMaxObserver.with_args(
        dtype=torch.qint8, qscheme=torch.per_tensor_symmetric, quant_min=-MOST, quant_max=MOST)
    config = quantizing.QConfig(quantizing.HistogramObserver.with_args(reduce_range=False), weights)
    mapping = quantizing.QConfigMapping().set_global(config)
    model = quantize_fx.prepare_fx(Residual().eval(), mapping, torch.rand(1, 3, 8, 8))
    return quantize_fx.convert_fx(warmed(model))


def aware():
    """The default of x86: activations of 7 bits."""
    mapping = quantizing.get_default_qat_qconfig_mapping("x86", version=0)
    model = warmed(quantize_fx.prepare_qat_fx(Plain().train(), mapping, torch.rand(1, 3, 8, 8)))
    model.apply(quantizing.disable_observer)
    for module in model.modules():
        if hasattr(module, "weight_fake_quant"):
            module.weight_fake_quant.scale *= 127 / MOST
    return model.eval()


def main(folder, names):
    torch.set_num_threads(1)
    torch.backends.quantized.engine = "qnnpack"
    for name in names:
        torch.manual_seed(7)
        model = {"converted": converted, "aware": aware}[name]()
        torch.onnx.export(
            model, torch.rand(1, 3, 8, 8), f"{folder}/{name}.onnx", opset_version=13,
            input_names=["image"], output_names=["logits"],
            dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
