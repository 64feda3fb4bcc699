"""Hardware as a PyTorch module: exact logits forward, straight-through gradients backward.

    import torch, qsim.torch

    hardware = qsim.torch.Hardware("int8-acc-wrap", module, calibration=images)
    logits = hardware(images)                      # exactly the hardware's
    torch.nn.functional.cross_entropy(logits, labels).backward()

Foolbox, ART and AutoAttack take it as they take any module of images in 0..1.
"""
import os
import tempfile

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from ._command import Error
from ._hardware import Hardware as _Served

_GRADIENTS = ("hardware", "float")


class Hardware(torch.nn.Module):
    """A network on one hardware profile as a module of images.

    profile: as for ``qsim.Hardware``.
    network: a ``torch.nn.Module`` of images [image, channel, row, column] (or [image, feature]) in 0..1, which is exported to ONNX
    as it stands (in eval mode); or a network's file or name, as for ``qsim.Hardware``.
    calibration: images to choose scales by, a tensor or array as the network takes them; needed unless ``data`` is given.
    straight_through: what backward is.
        "hardware" (the default): the float layers' backward pass from the values that the hardware had, which QSim computes. It is
        what QSim's own attacks climb: where the hardware saturated, wrapped or clamped differently from the float network, its
        own ReLUs and pooling windows decide.
        "float": the gradient of the torch module itself at the same images. It needs a module; it sees nothing of the hardware,
        and works where QSim has no gradients (see ``hardware.about["why_no_gradients"]``).
    opset: version of ONNX operators for the export.
    other arguments: those of ``qsim.Hardware`` (data, server, command, backend, seed, ...).

    Logits come as float32 on the images' device, of images in float32 or, without gradients, uint8. Two classes whose raw logits
    are equal are decided for the lower index by hardware; ``hardware.predictions`` says so of any images.
    A module is exported once: changes of its weights afterwards are not seen.
    """

    def __init__(self, profile, network, calibration=None, *, straight_through="hardware", opset=13, **options):
        super().__init__()
        if straight_through not in _GRADIENTS:
            raise Error(f"straight_through: {straight_through!r} (supported: {', '.join(_GRADIENTS)})")
        is_module = isinstance(network, torch.nn.Module)
        if straight_through == "float" and not is_module:
            raise Error("straight_through='float' needs a torch module, not a file or name")
        calibration = None if calibration is None else _array(calibration, "calibration")
        #: The ``qsim.Hardware`` behind it.
        self.hardware = None
        # Not a submodule: its parameters are not this one's, whose weights are the hardware's integers.
        self._float = (network if straight_through == "float" else None,)
        if not is_module:
            self.hardware = _Served(profile, network, calibration=calibration, **options)
        else:
            if calibration is None:
                raise Error("calibration: is missing (supported: images that the module takes, to choose scales by)")
            with tempfile.TemporaryDirectory(prefix="qsim-") as folder:
                path = os.path.join(folder, "network.onnx")
                export(network, calibration[:1], path, opset)
                self.hardware = _Served(profile, path, calibration=calibration, **options)
        if straight_through == "hardware" and self.hardware.about.get("why_no_gradients"):
            reason = self.hardware.about["why_no_gradients"]
            self.close()
            raise Error(f"no gradients: {reason} (supported: straight_through='float' with a torch module)")

    def forward(self, images):
        """float32 [image, class] of float32 images in 0..1, or of uint8."""
        return _StraightThrough.apply(images, self.hardware, self._float[0])

    def predictions(self, images):
        """int64 [image]: the class that the hardware decides on, the lowest among equal logits."""
        return torch.from_numpy(self.hardware.predictions(_array(images, "images"))).to(images.device, torch.int64)

    def close(self):
        """Lets go of the hardware; the module cannot be called any more."""
        if self.hardware is not None:
            self.hardware.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getstate__(self):
        raise Error("hardware lives in a server and cannot be copied or pickled: make another, or share the server")

    def extra_repr(self):
        return repr(self.hardware)


def export(module, example, path, opset=13):
    """Writes a module as ONNX with any number of images at a time, in eval mode, and leaves it in the mode it was in.

    example: one image or more, as the module takes them.
    """
    was_training = module.training
    parameter = next(module.parameters(), None)
    device = parameter.device if parameter is not None else torch.device("cpu")
    example = torch.as_tensor(example)
    if example.dtype == torch.uint8:
        example = example.float() / 255
    try:
        module.eval()
        torch.onnx.export(
            module, example.to(device, torch.float32), path, opset_version=opset, input_names=["images"],
            output_names=["logits"], dynamic_axes={"images": {0: "n"}, "logits": {0: "n"}})
    except Error:
        raise
    except Exception as reason:
        raise Error(f"torch.onnx.export: {str(reason).strip().splitlines()[0] if str(reason).strip() else type(reason)}") from reason
    finally:
        module.train(was_training)


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(context, images, hardware, module):
        context.save_for_backward(images)
        context.hardware, context.module = hardware, module
        logits = hardware.logits(_array(images, "images"))
        return torch.from_numpy(logits).to(images.device)

    @staticmethod
    @once_differentiable
    def backward(context, vectors):
        images, = context.saved_tensors
        if context.module is None:
            found = context.hardware.vjp(_array(images, "images"), _array(vectors, "vectors"))
            return torch.from_numpy(found).to(images.device, images.dtype), None, None
        with torch.enable_grad():
            at = images.detach().requires_grad_(True)
            gradient, = torch.autograd.grad(context.module(at), at, vectors)
        return gradient, None, None


def _array(tensor, name):
    """The tensor's own memory as an array, without a copy where it is on the CPU."""
    if isinstance(tensor, torch.Tensor):
        if tensor.is_complex() or tensor.is_quantized:
            raise Error(f"{name}: {tensor.dtype} (supported: float32, uint8)")
        return tensor.detach().cpu().numpy()
    return np.asarray(tensor)
