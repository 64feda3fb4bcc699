"""Makes the seeds of the fuzzer: one small, right file of each format (needs numpy and onnx)."""
import collections, gzip, io, json, os, pickle, struct, sys, tarfile, types, zipfile, zlib
import numpy as np, onnx
from onnx import TensorProto, helper as h, numpy_helper as nh

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "Seeds"))
R = np.random.default_rng(7)
f = lambda *shape: (R.standard_normal(shape) / np.sqrt(np.prod(shape[1:]) or 1)).astype(np.float32)
STAMP = (1980, 1, 1, 0, 0, 0)

def write(name, data):
    open(name, "wb").write(data)

def npz(arrays):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, array in arrays.items():
            one = io.BytesIO(); np.save(one, array)
            z.writestr(zipfile.ZipInfo(name + ".npy", STAMP), one.getvalue(), zipfile.ZIP_DEFLATED)
    return out.getvalue()

# A network of every layer type on 1x6x6 images, its weights in four formats, and its data.
weights = {
    "c.weight": f(4, 1, 3, 3), "c.bias": f(4), "d.weight": f(4, 1, 3, 3), "d.bias": f(4),
    "n.weight": f(4), "n.bias": f(4), "n.running_mean": f(4), "n.running_var": np.abs(f(4)) + 1,
    "e.weight": f(4, 4, 1, 1), "fc.weight": f(3, 36), "fc.bias": f(3)}
layers = """input: [1, 6, 6]
layers:
  - {type: conv2d, name: c, padding: 1}
  - {type: batch_norm, name: n}
  - {type: relu, name: r}
  - {type: conv2d, name: d, padding: [1, 1, 1, 1], stride: [1, 1], groups: 4}
  - {type: conv2d, name: e, inputs: [r]}
  - {type: add, name: s, inputs: [d, e]}
  - {type: tanh, name: t}
  - {type: max_pool2d, name: m, kernel: 2}
  - {type: average_pool2d, name: a, inputs: [t], kernel: [3, 3], stride: 2, padding: [1, 1, 0, 0]}
  - {type: concat, name: j, inputs: [m, a]}
  - {type: global_average_pool2d, name: g, inputs: [s]}
  - {type: flatten, name: x, inputs: [m]}
  - {type: dense, name: fc}
"""
for kind in ("npz", "safetensors", "pt"):
    write(f"network.{kind}.yaml", f"schema: qsim/network/1\nname: tiny\nweights: w.{kind}\n{layers}".encode())
write("w.npz", npz(weights))
# integers.yaml and integers.npz: qsim export network.npz.yaml --profile tflite-int8 --data planes.npz --out integers.yaml
header, blob = {}, b""
for name, a in weights.items():
    header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [len(blob), len(blob) + a.nbytes]}
    blob += a.tobytes()
text = json.dumps(header).encode()
write("w.safetensors", struct.pack("<Q", len(text)) + text + blob)

# PyTorch's archive: a pickle that names its functions, and one entry per storage.
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils
class FloatStorage: pass
FloatStorage.__module__ = "torch"; torch.FloatStorage = FloatStorage; torch._utils = utils
def _rebuild_tensor_v2(*arguments): pass
_rebuild_tensor_v2.__module__ = "torch._utils"; utils._rebuild_tensor_v2 = _rebuild_tensor_v2
class Storage:
    def __init__(self, key, n): self.key, self.n = key, n
class Tensor:
    def __init__(self, key, a): self.key, self.a = key, a
    def __reduce__(self):
        strides = tuple(s // 4 for s in self.a.strides)
        return _rebuild_tensor_v2, (Storage(self.key, self.a.size), 0, self.a.shape, strides, False, collections.OrderedDict())
class Pickler(pickle.Pickler):
    def persistent_id(self, o):
        return ("storage", FloatStorage, o.key, "cpu", o.n) if isinstance(o, Storage) else None
out = io.BytesIO()
Pickler(out, 2).dump(collections.OrderedDict((n, Tensor(str(i), a)) for i, (n, a) in enumerate(weights.items())))
pt = io.BytesIO()
with zipfile.ZipFile(pt, "w") as z:
    z.writestr(zipfile.ZipInfo("w/data.pkl", STAMP), out.getvalue())
    for i, a in enumerate(weights.values()): z.writestr(zipfile.ZipInfo(f"w/data/{i}", STAMP), a.tobytes())
write("w.pt", pt.getvalue())

N = h.make_node
nodes = [
    N("Conv", ["x", "c.weight", "c.bias"], ["1"], pads=[1, 1, 1, 1]),
    N("BatchNormalization", ["1", "n.weight", "n.bias", "n.running_mean", "n.running_var"], ["2"]),
    N("Relu", ["2"], ["3"]), N("Pad", ["3", "pads"], ["4"]),
    N("Conv", ["4", "d.weight", "d.bias"], ["5"], group=4, kernel_shape=[3, 3]),
    N("Conv", ["3", "e.weight"], ["6"]), N("Add", ["5", "6"], ["7"]), N("Mul", ["7", "half"], ["8"]),
    N("MaxPool", ["8"], ["9"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    N("AveragePool", ["9"], ["10"], kernel_shape=[2, 2], auto_pad="SAME_UPPER"),
    N("Concat", ["9", "10"], ["11"], axis=1), N("Transpose", ["w"], ["wt"], perm=[1, 0]),
    N("Shape", ["11"], ["s"]), N("Slice", ["s", "zero", "one"], ["s0"]), N("Concat", ["s0", "rest"], ["s2"], axis=0),
    N("Reshape", ["11", "s2"], ["12"]), N("Gemm", ["12", "wt", "fc.bias"], ["y"], alpha=0.5)]
constants = {**weights, "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64), "half": np.array(0.5, np.float32),
             "w": f(3, 72), "zero": np.array([0], np.int64), "one": np.array([1], np.int64), "rest": np.array([-1], np.int64)}
constants.pop("fc.weight")
model = h.make_model(h.make_graph(
    nodes, "g", [h.make_tensor_value_info("x", TensorProto.FLOAT, ["b", 1, 6, 6])],
    [h.make_tensor_value_info("y", TensorProto.FLOAT, ["b", 3])], [nh.from_array(a, n) for n, a in constants.items()]))
model.ir_version = 8
write("network.onnx", model.SerializeToString())

images = lambda n, *shape: R.integers(0, 256, (n, *shape), np.uint8)
labels = lambda n, classes: (np.arange(n) % classes).astype(np.uint8)
planes = {"x_train": images(6, 1, 6, 6), "y_train": labels(6, 3), "x_test": images(3, 1, 6, 6), "y_test": labels(3, 3)}
write("planes.npz", npz(planes))
grey = {"x_train": images(4, 5, 5), "y_train": labels(4, 2), "x_test": images(2, 5, 5) / np.float32(255), "y_test": labels(2, 2).astype(np.int64)}
grey["x_train"] = (grey["x_train"] / np.float32(255)).astype(np.float32)
write("grey.npz", npz(grey))
write("dense.yaml", b"schema: qsim/network/1\nweights: dense.npz\nlayers:\n  - {type: flatten}\n  - {type: dense, name: fc}\n")
write("dense.npz", npz({"fc.weight": f(2, 25)}))
write("colour.yaml", b"schema: qsim/network/1\nweights: colour.npz\nlayers:\n  - {type: flatten}\n  - {type: dense, name: fc}\n")
write("colour.npz", npz({"fc.weight": f(2, 75)}))
write("wide.yaml", b"schema: qsim/network/1\nweights: wide.npz\nlayers:\n  - {type: flatten}\n  - {type: dense, name: fc}\n")
write("wide.npz", npz({"fc.weight": f(10, 784)}))
write("photo.yaml", b"schema: qsim/network/1\nweights: photo.npz\nlayers:\n  - {type: average_pool2d, kernel: 8}\n  - {type: flatten}\n  - {type: dense, name: fc}\n")
write("photo.npz", npz({"fc.weight": f(10, 48)}))

def idx(a): return bytes([0, 0, 8, a.ndim]) + struct.pack(f">{a.ndim}I", *a.shape) + a.tobytes()
write("images.idx", idx(images(2, 28, 28) // 9))
write("labels.idx", idx(labels(2, 10)))
pack = lambda b: gzip.compress(b, 9, mtime=0)
write("images.idx.gz", pack(idx(images(2, 28, 28) // 50)))
batch = b"".join(bytes([i]) + bytes(np.repeat(images(1, 96)[0] // 8, 32)) for i in range(2))
write("batch.bin", batch)
out = io.BytesIO()
with tarfile.open(fileobj=out, mode="w") as t:
    for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
        info = tarfile.TarInfo("cifar-10-batches-bin/" + name); info.size = len(batch); t.addfile(info, io.BytesIO(batch))
write("cifar.tar.gz", pack(out.getvalue()))

def chunk(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
def png(colour, n, palette=b""):
    rows = b"".join(b"\x01" + (images(1, 5 * n)[0] % np.uint8(4 if palette else 255)).tobytes() for _ in range(5))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 5, 5, 8, colour, 0, 0, 0))
            + (chunk(b"PLTE", palette) if palette else b"") + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
write("grey.png", png(0, 1)); write("rgb.png", png(2, 3)); write("palette.png", png(3, 1, bytes(range(12))))

write("study.yaml", b"schema: qsim/study/1\nname: fuzz\ndata: grey.npz\nnetwork: dense.yaml\nimages: 2\ncalibration_images: 3\nseed: 3\n"
      b"profiles: [int8-wide, int8-acc-sat]\nattacks: [fgsm, pgd-10]\nepsilons: [8/255, 0.1]\nnorm: linf\nrestarts: 2\n"
      b"threats: [hardware, transfer]\nsweep:\n  mac.accumulator.bits: [12, 16]\ncompare: float\n")

write("casts.csv", b"""src_signed,src_bits,src_integer_bits,dst_signed,dst_bits,dst_integer_bits,rounding,overflow,src_raw,dst_raw,n
1,16,6,1,8,4,RND_CONV,SAT,1234,19,0
1,16,6,0,8,4,TRN,WRAP,65535,255,2
1,12,12,1,6,6,RND,WRAP_SM,-77,13,1
""")
write("requantizations.csv", b"""accumulator,multiplier,right_shift,result,high_mul,kind
100000,1518500250,3,8839,70711,double
-2147483648,1073741824,-0,-1073741824,-1073741824,double
77,1073741825,5,1,0,single
""")
write("accumulations.jsonl", b"""{"id":"a","x":{"bits":8,"integer_bits":3,"signed":true},"w":{"bits":8,"integer_bits":1,"signed":true},"product":{"bits":12,"integer_bits":4,"signed":true,"rounding":"RND","overflow":"SAT"},"accumulator":{"bits":12,"integer_bits":4,"signed":true,"rounding":"TRN","overflow":"WRAP","n":1},"output":{"bits":8,"integer_bits":4,"signed":true,"rounding":"RND_CONV","overflow":"SAT"},"bias":17,"xs":[1,-2,127,4,5,-6,7],"ws":[9,8,-7,66,5,4,-3],"steps":[18,17,4,5,5,5,5],"out":1,"lanes":1,"interleave":2,"when":"every_update","bias_position":"first","x_zero_point":1,"dialect":"ap"}
{"id":"b","x":{"bits":4,"integer_bits":4,"signed":false},"w":{"bits":4,"integer_bits":4,"signed":true},"product":null,"accumulator":{"bits":16,"integer_bits":16,"signed":true},"xs":[1,2,3],"ws":[1,2,-3],"steps":[-4],"lanes":"all","when":"end"}
""")
meta = json.dumps([{"id": "k", "stride": [1, 1], "padding": 1, "dilation": 1, "groups": 1, "x_scale": 0.05, "x_zero_point": 3,
                    "w_scale": [0.1, 0.2, 0.3], "w_zero_point": 0, "y_scale": 0.7, "y_zero_point": 9}]).encode()
write("convolutions.npz", npz({"k_x": images(1, 2, 4, 4), "k_w": R.integers(-128, 128, (3, 2, 3, 3), np.int8), "k_b": f(3),
                               "k_y": images(1, 3, 4, 4), "meta": np.frombuffer(meta, np.uint8)}))

# What came later has a generator of its own, so that the seeds above stay.
R = np.random.default_rng(11)

def png16():
    rows = b"".join(bytes([r % 5]) + images(1, 10)[0].tobytes() for r in range(5))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 5, 5, 16, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
write("deep.png", png16())
write("labels.csv", b"file,label,split\ngrey.png,0,test\ngrey.png,1,train\n\"grey.png\", 1,test\n")

def onnx_file(name, nodes, constants, domains=()):
    graph = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", TensorProto.FLOAT, ["b", 1, 6, 6])],
                         [h.make_tensor_value_info("y", TensorProto.FLOAT, ["b", 3])],
                         [nh.from_array(a, n) for n, a in constants.items()])
    made = h.make_model(graph, opset_imports=[h.make_opsetid("", 17), *(h.make_opsetid(d, 1) for d in domains)])
    made.ir_version = 8
    write(name, made.SerializeToString())

QONNX, MICROSOFT = "qonnx.custom_op.general", "com.microsoft"
real = lambda *values: np.array(values, np.float32)
quant = lambda x, scale, y, signed: N("Quant", [x, scale, "none", "bits"], [y], domain=QONNX, signed=signed,
                                      narrow=signed, rounding_mode="ROUND")
onnx_file("qonnx.onnx", [
    quant("x", "pixel", "1", 0), quant("cw", "each", "2", 1), N("Conv", ["1", "2"], ["3"], pads=[1, 1, 1, 1]),
    N("BatchNormalization", ["3", "g", "g", "g", "h"], ["4"]), N("Relu", ["4"], ["5"]), quant("5", "step", "6", 0),
    N("MaxPool", ["6"], ["7"], kernel_shape=[2, 2], strides=[2, 2]), N("Flatten", ["7"], ["8"]),
    N("BipolarQuant", ["dw", "step"], ["9"], domain=QONNX), N("Transpose", ["9"], ["10"], perm=[1, 0]),
    N("MatMul", ["8", "10"], ["11"]), quant("11", "step", "y", 1)],
    {"pixel": real(1 / 255), "none": real(0), "bits": real(6), "each": np.full((2, 1, 1, 1), 0.05, np.float32), "step": real(0.125),
     "cw": f(2, 1, 3, 3), "dw": f(3, 18), "g": real(0.5, -0.25), "h": real(1, 2)}, [QONNX])
onnx_file("attention.onnx", [
    N("Resize", ["x", "", "twice"], ["1"], mode="linear"), N("MaxPool", ["1"], ["2"], kernel_shape=[2, 2], strides=[2, 2]),
    N("Squeeze", ["2", "first"], ["3"]), N("LayerNormalization", ["3", "scale", "shift"], ["4"], epsilon=0.01),
    N("MatMul", ["4", "w"], ["5"]), N("Transpose", ["5"], ["6"], perm=[0, 2, 1]), N("MatMul", ["5", "6"], ["7"]),
    N("Softmax", ["7"], ["8"], axis=-1), N("MatMul", ["8", "5"], ["9"]), N("Add", ["9", "3"], ["10"]),
    N("ReduceMean", ["10"], ["11"], axes=[1], keepdims=0), N("Gemm", ["11", "fc"], ["y"], transB=1)],
    {"twice": real(1, 1, 2, 2), "first": np.array([1], np.int64), "scale": f(6), "shift": f(6), "w": f(6, 6), "fc": f(3, 6)})

# A conversation with qsim serve about dense.yaml: every kind of request once.
def frame(kind, number, head, *arrays):
    if arrays:
        names = {"uint8": "u1", "float32": "f4", "int32": "i4"}
        head = {**head, "arrays": [{"name": n, "dtype": names[a.dtype.name], "shape": list(a.shape)} for n, a in arrays]}
    text, body = json.dumps(head).encode(), b"".join(a.tobytes() for _, a in arrays)
    return struct.pack("<IB3xII", 12 + len(text) + len(body), kind, number, len(text)) + text + body

with np.load("dense.npz") as dense:
    features, classes = dense["fc.weight"].shape[1], dense["fc.weight"].shape[0]
pixels = R.random((3, features), np.float32)
write("serve.bin", b"".join([
    frame(1, 1, {"protocol": 1, "client": "seed"}),
    frame(3, 2, {"profile": "int8-acc-sat", "study": {"network": "dense.yaml", "seed": 3}}, ("calibration", pixels)),
    frame(4, 3, {"handle": 1, "first_image": 7}, ("images", (pixels * 255).astype(np.uint8))),
    frame(5, 4, {"handle": 1, "layers": ["input", "fc"]}, ("images", pixels)),
    frame(6, 5, {"handle": 1, "loss": "ce"}, ("images", pixels), ("labels", np.array([0, 1, 1], np.int32))),
    frame(6, 6, {"handle": 1}, ("images", pixels[:2]), ("vectors", np.eye(2, classes, dtype=np.float32))),
    frame(8, 7, {"handle": 1, "first": 1, "count": 2}),
    frame(3, 8, {"profile": {"name": "mine", "text": "schema: qsim/hardware-profile/1\nname: mine\nextends: int4\n"},
                 "study": {"network": "dense.yaml", "data": "grey.npz"}, "backend": "simd"}),
    frame(4, 9, {"handle": 2}, ("images", pixels)),
    frame(7, 10, {"handle": 1}),
    frame(2, 11, {}),
]))

# Scales that each image decides, as ONNX Runtime's quantize_dynamic writes them; signs of sums, and a pool that drops bits.
byte = lambda *shape: R.integers(0, 256, shape).astype(np.uint8)
onnx_file("dynamic.onnx", [
    N("DynamicQuantizeLinear", ["x"], ["1", "s1", "z1"]), N("ConvInteger", ["1", "cw", "z1", "half"], ["2"], pads=[1, 1, 1, 1]),
    N("Cast", ["2"], ["3"], to=1), N("Mul", ["s1", "each"], ["4"]), N("Mul", ["3", "4"], ["5"]), N("Add", ["5", "cb"], ["6"]),
    N("Relu", ["6"], ["7"]), N("MaxPool", ["7"], ["8"], kernel_shape=[2, 2], strides=[2, 2]), N("Flatten", ["8"], ["9"]),
    N("DynamicQuantizeLinear", ["9"], ["10", "s2", "z2"]), N("MatMulInteger", ["10", "dw", "z2", "half"], ["11"]),
    N("Cast", ["11"], ["12"], to=1), N("Mul", ["s2", "step"], ["13"]), N("Mul", ["12", "13"], ["14"]), N("Add", ["14", "db"], ["y"])],
    {"cw": byte(2, 1, 3, 3), "half": np.array(128, np.uint8), "each": np.full((1, 2, 1, 1), 0.01, np.float32), "cb": f(1, 2, 1, 1),
     "dw": byte(18, 3), "step": np.array(0.005, np.float32), "db": f(3)})
onnx_file("signs.onnx", [
    quant("x", "pixel", "1", 0), quant("cw", "step", "2", 1), N("Conv", ["1", "2"], ["3"], pads=[1, 1, 1, 1]),
    N("BipolarQuant", ["3", "step"], ["4"], domain=QONNX), quant("ew", "step", "5", 1), N("Conv", ["4", "5"], ["6"]), N("Relu", ["6"], ["7"]),
    quant("7", "step", "8", 0), N("AveragePool", ["8"], ["9"], kernel_shape=[2, 2], strides=[2, 2]), N("Mul", ["9", "four"], ["10"]),
    N("Trunc", ["10", "step", "none", "eight", "bits"], ["11"], domain=QONNX, rounding_mode="FLOOR"), N("Flatten", ["11"], ["12"]),
    N("BipolarQuant", ["dw", "step"], ["13"], domain=QONNX), N("MatMul", ["12", "13"], ["14"]), quant("14", "step", "y", 1)],
    {"pixel": real(1 / 255), "none": real(0), "bits": real(6), "eight": real(8), "four": real(4), "step": real(0.125),
     "cw": f(2, 1, 3, 3), "ew": f(2, 2, 1, 1), "dw": f(18, 3)}, [QONNX])
# signs.yaml and signs.npz: qsim export signs.onnx --profile tflite-int8 --out signs.yaml
# Float32 operators between scales of each image: means in every order, gates, functions.
onnx_file("gates.onnx", [
    N("DynamicQuantizeLinear", ["x"], ["1", "s1", "z1"]), N("ConvInteger", ["1", "cw", "z1", "half"], ["2"], pads=[1, 1, 1, 1]),
    N("Cast", ["2"], ["3"], to=1), N("Mul", ["s1", "each"], ["4"]), N("Mul", ["3", "4"], ["5"]), N("HardSwish", ["5"], ["6"]),
    N("GlobalAveragePool", ["6"], ["7"]), N("ReduceMean", ["5"], ["8"], axes=[2, 3]), N("Add", ["7", "8"], ["9"]), N("Sigmoid", ["9"], ["10"]),
    N("Mul", ["6", "10"], ["11"]), N("LeakyRelu", ["11"], ["12"], alpha=0.1), N("AveragePool", ["12"], ["13"], kernel_shape=[2, 3], strides=[2, 1]),
    N("Flatten", ["13"], ["14"]), N("DynamicQuantizeLinear", ["14"], ["15", "s2", "z2"]), N("MatMulInteger", ["15", "dw", "z2", "half"], ["16"]),
    N("Cast", ["16"], ["17"], to=1), N("Mul", ["s2", "step"], ["18"]), N("Mul", ["17", "18"], ["19"]), N("HardSigmoid", ["19"], ["y"])],
    {"cw": byte(2, 1, 3, 3), "half": np.array(128, np.uint8), "each": np.full((1, 2, 1, 1), 0.01, np.float32),
     "dw": byte(24, 3), "step": np.array(0.005, np.float32)})
# Operators that a quantizer left in float32 between its pairs.
pair = lambda x, y: [N("QuantizeLinear", [x, "step", "zero"], [y + "q"]), N("DequantizeLinear", [y + "q", "step", "zero"], [y])]
onnx_file("floats.onnx", [
    *pair("x", "1"), N("DequantizeLinear", ["cw", "each", "none"], ["2"], axis=0), N("Conv", ["1", "2"], ["3"], pads=[1, 1, 1, 1]),
    *pair("3", "4"), N("HardSwish", ["4"], ["5"]), N("ReduceMean", ["5"], ["6"], axes=[2, 3]), *pair("6", "7"), N("Mul", ["4", "7"], ["8"]),
    *pair("8", "9"), N("LayerNormalization", ["9", "scale", "shift"], ["10"]), *pair("10", "11"), N("Gelu", ["11"], ["12"], domain=MICROSOFT),
    *pair("12", "13"), N("Softmax", ["13"], ["14"], axis=-1), *pair("14", "15"), N("AveragePool", ["15"], ["16"], kernel_shape=[2, 2], strides=[2, 2]),
    N("Flatten", ["16"], ["17"]), *pair("17", "18"), N("DequantizeLinear", ["dw", "step", "low"], ["19"]), N("MatMul", ["18", "19"], ["20"]),
    *pair("20", "y")],
    {"step": np.array(0.02, np.float32), "zero": np.array(120, np.uint8), "low": np.array(0, np.int8), "each": real(0.01, 0.02),
     "none": np.zeros(2, np.int8), "cw": R.integers(-63, 64, (2, 1, 3, 3), np.int8), "dw": R.integers(-63, 64, (18, 3), np.int8),
     "scale": f(6), "shift": f(6)}, [MICROSOFT])

# Layers left in float32, the parts of a LayerNormalization, integers of fewer bits.
onnx_file("excluded.onnx", [
    N("Conv", ["x", "fw", "fb"], ["1"], pads=[1, 1, 1, 1]), *pair("1", "2"), N("ReduceMean", ["2"], ["3"], axes=[3]), *pair("3", "4"),
    N("Sub", ["2", "4"], ["5"]), *pair("5", "6"), N("Mul", ["6", "6"], ["7"]), *pair("7", "8"), N("ReduceMean", ["8"], ["9"], axes=[3]),
    *pair("9", "10"), N("Sqrt", ["10"], ["11"]), *pair("11", "12"), N("Div", ["6", "12"], ["13"]), *pair("13", "14"),
    N("ConvTranspose", ["14", "tw"], ["15"], strides=[2, 2]), N("Relu", ["15"], ["16"]), N("QuantizeLinear", ["16", "step", "zero"], ["17"]),
    N("Clip", ["17", "", "most"], ["18"]), N("Cast", ["18"], ["19"], to=2), N("DequantizeLinear", ["19", "step", "zero"], ["20"]),
    N("Flatten", ["20"], ["21"]), N("Gemm", ["21", "gw", "gb"], ["y"], transB=1)],
    {"step": np.array(0.02, np.float32), "zero": np.array(120, np.uint8), "most": np.array(127, np.uint8), "fw": f(2, 1, 3, 3), "fb": f(2),
     "tw": f(2, 1, 2, 2), "gw": f(3, 144), "gb": f(3)}, [MICROSOFT])
