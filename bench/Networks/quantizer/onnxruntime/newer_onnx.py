"""What ONNX Runtime's quantizer takes from an onnx newer than Debian's 1.12, and from packages that
Debian does not have: four bits, for which ml_dtypes has types, are bytes here until packed.
"""
import sys
import types

import numpy
import onnx
from onnx import TensorProto, helper, mapping

UINT4, INT4 = 21, 22
NEWER = {"FLOAT8E4M3FN": 17, "FLOAT8E4M3FNUZ": 18, "FLOAT8E5M2": 19, "FLOAT8E5M2FNUZ": 20,
         "UINT4": UINT4, "INT4": INT4}


class Unused:
    """Imported, but nothing that is quantized here needs it."""

    def __init__(self, *_, **__):
        raise NotImplementedError("the stand-in for newer packages has no such thing")


def module(name, **values):
    made = types.ModuleType(name)
    made.__dict__.update(values)
    sys.modules[name] = made


def make_tensor(name, data_type, dims, vals, raw=False):
    if data_type not in (UINT4, INT4):
        return older_make_tensor(name, data_type, dims, vals, raw)
    tensor = TensorProto(name=name, data_type=data_type, dims=dims)
    if raw:
        tensor.raw_data = vals
        return tensor
    nibbles = [int(v) & 15 for v in numpy.asarray(vals).flatten()]
    nibbles += [0] * (len(nibbles) % 2)
    tensor.int32_data.extend(
        low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2]))
    return tensor


if not hasattr(TensorProto, "INT4"):
    for key, number in NEWER.items():
        setattr(TensorProto, key, number)
    older_make_tensor = helper.make_tensor
    helper.make_tensor = make_tensor
    helper.tensor_dtype_to_np_dtype = lambda kind: mapping.TENSOR_TYPE_TO_NP_TYPE[kind]
    module("onnx.reference", ReferenceEvaluator=Unused)
    module("onnx.reference.op_run", to_array_extended=None)
    onnx.reference = sys.modules["onnx.reference"]
    module("ml_dtypes", float8_e4m3fn=numpy.uint8, int4=numpy.int8, uint4=numpy.uint8)
    module("packaging", version=types.SimpleNamespace(
        parse=lambda text: [int(n) for n in text.split(".")[:3]]))
