"""Networks as ONNX Runtime's own quantizer writes them, in every setting below.

python3 bench/Networks/quantizer/write.py TOOLS FOLDER [NAME...]

TOOLS is onnxruntime/python/tools of ONNX Runtime's sources. FOLDER gets float/NETWORK.onnx, and
quantized/NETWORK.SETTING.onnx of those whose names have a NAME in them; quantized/failed.txt says
which the quantizer itself would not write. The program of this folder must have been built
(bench/README.md); QSIM_ORT says where it is, if elsewhere than its build puts it.
"""
import logging
import os
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["ONNXRUNTIME_TOOLS"] = os.path.abspath(sys.argv[1])
os.environ.setdefault("QSIM_ORT", os.path.join(
    HERE, "bin", "Release", "net10.0", "qsim-ort-walk"))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import numpy  # noqa: E402
import onnx  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

import train  # noqa: E402
from onnxruntime.quantization import (  # noqa: E402
    CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quant_pre_process,
    quantize_dynamic, quantize_static)

EPOCHS, CALIBRATED = 3, 32


class LeNet(nn.Module):
    """LeNet-5's form for 8x8 pixels."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 3)
        self.body = nn.Sequential(
            nn.Linear(16, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.body(torch.flatten(x, 1))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        blocks, inputs = [train.export.conv(1, 16)], 16
        for outputs, stride in ((16, 1), (32, 2), (64, 2)):
            blocks += [train.export.Residual(inputs, outputs, stride),
                       *[train.export.Residual(outputs, outputs, 1) for _ in range(2)]]
            inputs = outputs
        self.blocks, self.fc = nn.Sequential(*blocks), nn.Linear(inputs, 10)

    def forward(self, x):
        return self.fc(torch.flatten(F.avg_pool2d(self.blocks(x), 2), 1))


class Nearest(train.Maps):
    """The U-Net with the nearest neighbour in place of bilinear Resize."""

    def __init__(self):
        super().__init__()
        self.body.mode = "nearest"


class Mean(train.export.Vit):
    """A vision transformer without class token."""

    def __init__(self):
        super().__init__(1, 2, 32)


train.FORMS.update({
    "lenet5": LeNet, "resnet20": ResNet20, "unet-nearest": Nearest, "vit-mean": Mean})

# Opset 17 has LayerNormalization; 13 and 15 have its parts.
OPSETS = {"lenet5": [13], "resnet20": [13], "vit": [15, 17], "vit-mean": [17]}

U8, S8, U16, S16, U4, S4 = (
    QuantType.QUInt8, QuantType.QInt8, QuantType.QUInt16, QuantType.QInt16, QuantType.QUInt4,
    QuantType.QInt4)


def static(activation=U8, weight=S8, operators=False, per_channel=False, reduced=False,
           method=CalibrationMethod.MinMax, excluded=None, types=None, **extra):
    return {
        "activation_type": activation, "weight_type": weight, "per_channel": per_channel,
        "reduce_range": reduced, "calibrate_method": method, "excluded": excluded,
        "op_types_to_quantize": types, "extra_options": extra,
        "quant_format": QuantFormat.QOperator if operators else QuantFormat.QDQ}


def dynamic(weight=S8, **others):
    return {"weight_type": weight, "is_dynamic": True, **others}


def both(name, **options):
    """As pairs, and as QLinear operators."""
    return {f"qdq-{name}": static(**options), f"qop-{name}": static(operators=True, **options)}


# int8 weights of reduced range are within 64, whose products do not saturate in pairs.
SETTINGS = {
    **both("u8s8"), **both("u8u8", weight=U8), **both("s8s8", activation=S8),
    **both("u8s8-channel", per_channel=True), **both("u8u8-channel", weight=U8, per_channel=True),
    **both("s8s8-channel", activation=S8, per_channel=True),
    **both("u8s8-reduced", reduced=True),
    **both("u8s8-channel-reduced", per_channel=True, reduced=True),
    **both("s8s8-reduced", activation=S8, reduced=True),
    **both("s8s8-channel-reduced", activation=S8, per_channel=True, reduced=True),
    **both("s8s8-symmetric", activation=S8, reduced=True, ActivationSymmetric=True),
    **both("u8u8-symmetric", weight=U8, WeightSymmetric=True),
    **both("unchecked", reduced=True, ForceQuantizeNoInputCheck=True),
    **both("excluded", reduced=True, excluded=True),
    **both("percentile", reduced=True, method=CalibrationMethod.Percentile),
    **both("products", reduced=True, types=["Conv", "Gemm", "MatMul"]),
    "qdq-weight-pairs": static(reduced=True, AddQDQPairToWeight=True),
    "qdq-dedicated": static(reduced=True, DedicatedQDQPair=True),
    "qdq-float-bias": static(reduced=True, QuantizeBias=False),
    "qdq-float-bias-channel": static(
        reduced=True, per_channel=True, QuantizeBias=False, AddQDQPairToWeight=True,
        DedicatedQDQPair=True),
    "qdq-kept": static(reduced=True, QDQKeepRemovableActivations=True),
    "qdq-open-outputs": static(
        reduced=True, OpTypesToExcludeOutputQuantization=["Conv", "Gemm", "MatMul", "Add"]),
    "qdq-contrib": static(reduced=True, UseQDQContribOps=True),
    "qdq-u16u8": static(activation=U16, weight=U8),
    "qdq-u16s8": static(activation=U16, reduced=True),
    "qdq-s16s8": static(activation=S16, reduced=True, per_channel=True),
    "qdq-s16s16": static(activation=S16, weight=S16),
    "qdq-u8s4": static(weight=S4),
    "qdq-u8s4-channel": static(weight=S4, per_channel=True),
    "qdq-u8u4": static(weight=U4),
    "qdq-u16s4": static(activation=U16, weight=S4),
    "dynamic-s8": dynamic(), "dynamic-u8": dynamic(U8),
    "dynamic-s8-channel": dynamic(per_channel=True),
    "dynamic-u8-channel": dynamic(U8, per_channel=True),
    "dynamic-s8-reduced": dynamic(reduce_range=True),
    "dynamic-s8-channel-reduced": dynamic(per_channel=True, reduce_range=True),
    "dynamic-u8-products": dynamic(U8, extra_options={"MatMulConstBOnly": False}),
}


class Digits(CalibrationDataReader):
    def __init__(self):
        self._left = iter(train.digits()[0][:CALIBRATED].numpy())

    def get_next(self):
        image = next(self._left, None)
        return None if image is None else {"image": image[None]}


def ends(path):
    """The first and the last node with weights."""
    graph = onnx.load(path).graph
    names = [n.name for n in graph.node if n.op_type in ("Conv", "Gemm", "MatMul")]
    return [names[0], names[-1]]


def write(source, target, options):
    options = dict(options)
    if options.pop("is_dynamic", False):
        quantize_dynamic(source, target, **options)
        return
    excluded = ends(source) if options.pop("excluded") else []
    quantize_static(source, target, Digits(), nodes_to_exclude=excluded, **options)


def floats(folder):
    os.makedirs(folder, exist_ok=True)
    for name in train.FORMS:
        for opset in OPSETS.get(name, [15]):
            path = os.path.join(folder, f"{name}-{opset}.onnx")
            if not os.path.exists(path):
                train.train(name, folder, EPOCHS, opset)
                # What the quantizer asks for ahead of itself: shapes, and batch norms folded.
                raw = os.path.join(folder, f"{name}.onnx")
                # It cannot follow the extents of a bilinear Resize that an exporter computes.
                quant_pre_process(raw, path, skip_symbolic_shape=name.startswith("unet"))
                os.unlink(raw)
            yield f"{name}-{opset}", path


def main(folder, wanted):
    torch.set_num_threads(1)
    # The quantizer leaves files of its own where it runs.
    folder = os.path.abspath(folder)
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    logging.disable(logging.WARNING)
    quantized = os.path.join(folder, "quantized")
    os.makedirs(quantized, exist_ok=True)
    with open(os.path.join(quantized, "failed.txt"), "w") as failed:
        for name, path in floats(os.path.join(folder, "float")):
            for setting, options in SETTINGS.items():
                full = f"{name}.{setting}"
                target = os.path.join(quantized, f"{full}.onnx")
                if os.path.exists(target) or wanted and not any(w in full for w in wanted):
                    continue
                try:
                    write(path, target, options)
                except Exception as error:  # which kinds it has is the quantizer's affair
                    print(f"{full}\t{type(error).__name__}: {error}", file=failed, flush=True)
                    traceback.print_exc()
            print(name, flush=True)


if __name__ == "__main__":
    main(sys.argv[2], sys.argv[3:])
