"""A network on an accelerator's arithmetic."""
import collections
import json
import os

import numpy as np

from . import _wire
from ._command import Error
from ._server import Server

_REQUEST_BYTES = 1 << 25

Forward = collections.namedtuple("Forward", "logits raw predictions")
Forward.__doc__ = """What hardware makes of images.

logits: float32 [image, class], ``scale * (raw - zero_point)``.
raw: int64 [image, class], the integers at the output.
predictions: int32 [image], the largest raw logit, the lowest index among equals.
"""


class Hardware:
    """A network on one hardware profile, exact to the bit; a context manager.

    profile: a shipped profile's name ("int8-acc-wrap"), a file, YAML text (several lines), or a dict of a profile's keys.
    network: a file (.onnx, .tflite, .yaml), or a name that is trained on data ("digits-cnn", "lenet5", ...).
    data: a dataset ("digits", "mnist", a FILE.npz, ...): its training images calibrate, and train a named network.
    calibration: in place of data, images to calibrate on, as for ``logits``; all of them are used.
    server: a ``Server`` to share; one is started, and ended with this, where it is left out.
    command: which ``qsim`` to start; see ``find_command``.
    backend, gradients, threads, cache: as ``--backend``, ``--gradients``, ``--threads`` and ``--cache`` of ``qsim run``.
    progress: called as ``progress(stage, share, detail)`` while a network is trained, share from 0 to 1.
    study: any other key of a study that makes trained networks: seed=1, epochs=60, calibration_images=256,
    pixel_range=[-1, 1], preprocess={...}, training={...}, images=500, ...

    Images are [image, channel, row, column], or [image, feature], as float32 in 0..1 or as uint8, of which 255 is 1. Whatever is
    refused raises ``Error`` with the command's line.
    """

    def __init__(
            self, profile, network, data=None, calibration=None, *, server=None, command=None, backend=None, gradients=None,
            threads=None, cache=None, progress=None, **study):
        self._handle, self._own = None, server is None
        study["network"] = _path(network)
        if data is not None:
            study["data"] = _path(data)
        head = {
            "profile": _profile(profile), "study": study, "backend": backend, "gradients": gradients, "threads": threads,
            "cache": None if cache is None else os.path.abspath(cache)}
        arrays = {} if calibration is None else {"calibration": as_images(calibration, "calibration")}
        head = {key: value for key, value in head.items() if value is not None}
        try:
            json.dumps(head)
        except TypeError as reason:
            raise Error(f"Hardware: {reason}") from None
        self._server = Server(command) if server is None else server
        try:
            #: What the server said of it, as docs/serve.md has it: formats of input and output, layers, ...
            self.about, _ = self._server.request(_wire.OPEN, head, arrays, progress)
        except BaseException:
            if self._own:
                self._server.close()
            raise
        self._handle = self.about["handle"]

    @property
    def input_shape(self):
        """(channels, rows, columns) of an image."""
        return tuple(self.about["input"]["shape"])

    @property
    def classes(self):
        """Number of logits."""
        return self.about["classes"]

    @property
    def layers(self):
        """Names of the layers, in order; those of ``taps``."""
        return [layer["name"] for layer in self.about["layers"]]

    @property
    def bits_sha256(self):
        """SHA-256 of everything that decides a bit: equal where two pieces of hardware compute the same."""
        return self.about["bits_sha256"]

    def forward(self, images, first_image=0):
        """Logits, raw logits and predictions at once: a ``Forward``.

        first_image: index of the first image in its dataset; matters to stochastic rounding alone.
        """
        images = as_images(images)
        parts = [
            self._ask(_wire.FORWARD, {"first_image": first_image + at}, {"images": some})
            for at, some in self._split(images, 12 * self.classes + 4)]
        return Forward(*(_join(parts, name) for name in Forward._fields))

    def logits(self, images, first_image=0):
        """float32 [image, class]: real values of the logits that the hardware has."""
        return self.forward(images, first_image).logits

    def raw(self, images, first_image=0):
        """int64 [image, class]: the integers at the hardware's output; ``about["output"]`` has their format."""
        return self.forward(images, first_image).raw

    def predictions(self, images, first_image=0):
        """int32 [image]: the class that the hardware decides on, the lowest among equal logits."""
        return self.forward(images, first_image).predictions

    def taps(self, images, layers=None, first_image=0):
        """Raw values of layers: a dict of name to int32 (or int64) [image, channel, row, column].

        layers: names, "input" among them; one name, or None for all.
        """
        images = as_images(images)
        wanted = [layers] if isinstance(layers, str) else layers
        known = {"input": self.about["input"], **{layer["name"]: layer for layer in self.about["layers"]}}
        each = sum(
            8 * int(np.prod(known[name]["shape"])) for name in (known if wanted is None else wanted) if name in known)
        head = {} if wanted is None else {"layers": list(wanted)}
        parts = [
            self._ask(_wire.TAPS, {**head, "first_image": first_image + at}, {"images": some})
            for at, some in self._split(images, each)]
        return {name: _join(parts, name) for name in parts[0]}

    def gradient(self, images, labels, loss="ce", first_image=0):
        """The straight-through gradient of each image's loss: (gradients as the images float32, losses float32 [image]).

        loss: "ce", "dlr", "margin" or "scaled", as in src/Attacks/README.md of QSim. The forward pass is the hardware's; the
        backward pass is the float layers', from the values that the hardware had.
        """
        images, labels = as_images(images), np.asarray(labels)
        if labels.shape != images.shape[:1] or labels.dtype.kind not in "iu":
            raise Error(f"labels: {labels.dtype} {list(labels.shape)} (supported: whole numbers, [{len(images)}])")
        if labels.size and not -2**31 <= labels.min() <= labels.max() < 2**31:
            raise Error(f"labels: {labels.min()} to {labels.max()} (supported: 0..{self.classes - 1})")
        parts = [
            self._ask(
                _wire.GRADIENT, {"loss": loss, "first_image": first_image + at},
                {"images": some, "labels": np.ascontiguousarray(labels[at:at + len(some)], "<i4")})
            for at, some in self._split(images, 4 * (self._length + self.classes + 2))]
        return _join(parts, "gradients").reshape(images.shape), _join(parts, "losses")

    def vjp(self, images, vectors, first_image=0):
        """Vectors times the straight-through Jacobian: float32 as the images.

        vectors: float32 [image, class], the gradient of something by the logits.
        """
        images = as_images(images)
        vectors = np.ascontiguousarray(vectors, "<f4")
        if vectors.shape != (len(images), self.classes):
            raise Error(f"vectors: {list(vectors.shape)} (supported: {[len(images), self.classes]})")
        parts = [
            self._ask(
                _wire.GRADIENT, {"first_image": first_image + at},
                {"images": some, "vectors": vectors[at:at + len(some)]})
            for at, some in self._split(images, 4 * (self._length + self.classes + 2))]
        return _join(parts, "gradients").reshape(images.shape)

    def test_images(self, count=None, first=0):
        """Test images of the dataset: (images float32 [image, channel, row, column] in 0..1, labels int32 [image]).

        count: how many; None for all that the study has (images=500 of ``Hardware``, or all of fewer).
        """
        parts, most = [], max(1, _REQUEST_BYTES // (4 * self._length + 4))
        while True:
            take = most if count is None else min(most, count - sum(len(p["labels"]) for p in parts))
            at = first + sum(len(p["labels"]) for p in parts)
            head, arrays = self._server.request(
                _wire.IMAGES, {"handle": self._open(), "first": at, "count": take})
            parts.append(arrays)
            at += len(arrays["labels"])
            if at >= head["count"] or (count is not None and at >= first + count):
                return _join(parts, "images"), _join(parts, "labels")

    def close(self):
        """Lets go of the hardware, and of the server where this started it."""
        handle, self._handle = self._handle, None
        if self._own:
            self._server.close()
        elif handle is not None:
            self._server.request(_wire.CLOSE, {"handle": handle})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        return f"<qsim.Hardware {self.about['network']} on {self.about['profile']}>"

    @property
    def _length(self):
        return int(np.prod(self.input_shape))

    def _open(self):
        if self._handle is None:
            raise Error("the hardware is closed")
        return self._handle

    def _ask(self, kind, head, arrays):
        return self._server.request(kind, {"handle": self._open(), **head}, arrays)[1]

    def _split(self, images, answer):
        """Runs of images, so that neither they nor an answer of so many bytes an image are larger than a request should be."""
        each = max(1, images.nbytes // max(1, len(images)), answer)
        most = max(1, _REQUEST_BYTES // each)
        for at in range(0, max(1, len(images)), most):
            yield at, images[at:at + most]


def as_images(images, name="images"):
    """An array as the server takes it: contiguous, float32 or uint8; copied only where it is not."""
    images = np.asarray(images)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise Error(f"{name}: {images.dtype} (supported: float32 in 0..1, or uint8, of which 255 is 1)")
    if images.ndim not in (2, 4):
        raise Error(
            f"{name}: {list(images.shape)} (supported: [image, channel, row, column] or [image, feature]; one image is "
            f"{name}[None])")
    return np.ascontiguousarray(images, np.uint8 if images.dtype == np.uint8 else np.dtype("<f4"))


def _join(parts, name):
    arrays = [part[name] for part in parts]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _path(name):
    """A file by its whole path, for a server that may work in another folder; other names as they are."""
    name = os.fspath(name)
    return os.path.abspath(name) if os.path.exists(name.split("#")[0]) and _looks_like_path(name) else name


def _looks_like_path(name):
    return os.sep in name or "." in os.path.basename(name)


def _profile(profile):
    if isinstance(profile, dict):
        return {"name": str(profile.get("name", "profile")), "text": json.dumps(profile)}
    profile = os.fspath(profile)
    return {"name": "profile", "text": profile} if "\n" in profile else _path(profile)
