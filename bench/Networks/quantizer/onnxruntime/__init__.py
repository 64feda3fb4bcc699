"""Stands in for ONNX Runtime's Python package, as far as its own quantizer asks for it.

The quantizer itself is ONNX Runtime's (onnxruntime/python/tools of its sources), which lies in the
folder that ONNXRUNTIME_TOOLS names. Sessions are those of Microsoft.ML.OnnxRuntime, in the program
that QSIM_ORT names: one process for each.
"""
import os
import subprocess
import sys
import tempfile
import types

import numpy

from . import newer_onnx

TOOLS = os.environ["ONNXRUNTIME_TOOLS"]
__path__.append(TOOLS)
tools = types.ModuleType("onnxruntime.tools")
tools.__path__ = [TOOLS]
sys.modules["onnxruntime.tools"] = tools

__version__ = "1.31.0"

# Numbers of ONNX's element types.
TYPES = {1: numpy.float32, 2: numpy.uint8, 3: numpy.int8, 4: numpy.uint16, 5: numpy.int16,
         6: numpy.int32, 7: numpy.int64, 9: numpy.bool_, 11: numpy.float64}


class GraphOptimizationLevel:
    """Numbers of GraphOptimizationLevel in C#."""

    ORT_DISABLE_ALL = 0
    ORT_ENABLE_BASIC = 1
    ORT_ENABLE_EXTENDED = 2
    ORT_ENABLE_ALL = 99


class SessionOptions:
    def __init__(self):
        self.graph_optimization_level = GraphOptimizationLevel.ORT_ENABLE_ALL
        self.optimized_model_filepath = ""


class NodeArg:
    def __init__(self, name, kind, shape):
        self.name, self.kind = name, kind
        self.type = {1: "tensor(float)", 7: "tensor(int64)"}.get(kind, "tensor(other)")
        self.shape = shape


class OrtValue(newer_onnx.Unused):
    """A value outside a model."""


def get_available_providers():
    return ["CPUExecutionProvider"]


class InferenceSession:
    """A model in a process of its own, which ends with the session."""

    def __init__(self, path_or_bytes, sess_options=None, providers=None, **_):
        options = sess_options or SessionOptions()
        path = path_or_bytes
        if isinstance(path, bytes):
            handle, path = tempfile.mkstemp(".onnx")
            with os.fdopen(handle, "wb") as file:
                file.write(path_or_bytes)
        self._process = subprocess.Popen(
            [os.environ["QSIM_ORT"], "serve", os.fspath(path),
             str(options.graph_optimization_level), options.optimized_model_filepath or "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        first = self._line()
        if isinstance(path_or_bytes, bytes):
            os.unlink(path)
        if first != "ok":
            raise RuntimeError(first)
        self._inputs, self._outputs = self._arguments(), self._arguments()

    def __del__(self):
        process = getattr(self, "_process", None)
        if process:
            process.stdin.close()
            process.stdout.close()
            process.wait()

    def get_inputs(self):
        return self._inputs

    def get_outputs(self):
        return self._outputs

    def run(self, output_names, input_feed, run_options=None):
        to = self._process.stdin
        for argument in self._inputs:
            value = numpy.ascontiguousarray(
                input_feed[argument.name], TYPES[argument.kind])
            to.write(numpy.array([value.ndim, *value.shape], numpy.int64).tobytes())
            to.write(value.tobytes())
        to.flush()
        found = {argument.name: self._tensor() for argument in self._outputs}
        return [found[name] for name in output_names or found]

    def _tensor(self):
        kind, rank = self._numbers(2)
        shape = self._numbers(rank)
        kind = numpy.dtype(TYPES[int(kind)])
        bytes_ = self._read(int(numpy.prod(shape, dtype=numpy.int64)) * kind.itemsize)
        return numpy.frombuffer(bytes_, kind).reshape(shape).copy()

    def _arguments(self):
        fields = [self._line().split("\t") for _ in range(int(self._line()))]
        return [NodeArg(name, int(kind), [int(n) if n.isdigit() else n
                                          for n in shape.split(",") if n])
                for name, kind, shape in fields]

    def _line(self):
        return self._process.stdout.readline().decode().rstrip("\n") or "no answer"

    def _numbers(self, count):
        return numpy.frombuffer(self._read(int(count) * 8), numpy.int64)

    def _read(self, count):
        read = self._process.stdout.read(count)
        if len(read) < count:
            raise RuntimeError("ONNX Runtime's process has ended")
        return read
