"""Frames of ``qsim serve``, as docs/serve.md has them."""
import json
import struct

import numpy as np

from ._command import Error

PROTOCOL = 1
MOST_FRAME = 1 << 28
HELLO, PING, OPEN, FORWARD, TAPS, GRADIENT, CLOSE, IMAGES = range(1, 9)
ANSWER, PROGRESS, ERROR = 0x80, 0xFE, 0xFF

_HEADER = struct.Struct("<IB3xII")
_LENGTH = 4
_DTYPES = {"u1": np.dtype("u1"), "f4": np.dtype("<f4"), "i4": np.dtype("<i4"), "i8": np.dtype("<i8")}


class Broken(Exception):
    """The other end is gone, or is something else than ``qsim serve``."""


def dtype_name(dtype):
    return {np.dtype(v): k for k, v in _DTYPES.items()}[np.dtype(dtype)]


def send(write, kind, number, head, arrays):
    """Writes one request; arrays are sent from where they lie."""
    if arrays:
        head = {**head, "arrays": [
            {"name": name, "dtype": dtype_name(a.dtype), "shape": list(a.shape)} for name, a in arrays.items()]}
    text = json.dumps(head).encode()
    length = _HEADER.size - _LENGTH + len(text) + sum(a.nbytes for a in arrays.values())
    if length > MOST_FRAME:
        raise Error(f"the request would have {length} bytes (at most {MOST_FRAME}): send fewer images at a time")
    write(memoryview(_HEADER.pack(length, kind, number, len(text)) + text))
    for array in arrays.values():
        if array.nbytes:
            write(memoryview(array).cast("B"))


def receive(read_into, kind, number, progress):
    """Reads answers up to that of one request: its head, and its arrays by name.

    read_into fills a memoryview and raises Broken where the stream ends.
    """
    header = bytearray(_HEADER.size)
    while True:
        read_into(memoryview(header))
        length, found, answered, size = _HEADER.unpack(header)
        rest = length - (_HEADER.size - _LENGTH)
        if found not in (kind | ANSWER, PROGRESS, ERROR) or header[5:8] != b"\0\0\0" or not 0 <= size <= min(rest, 1 << 20):
            raise Broken(f"what answers does not speak protocol {PROTOCOL} of qsim serve")
        text = bytearray(size)
        read_into(memoryview(text))
        try:
            head = json.loads(text.decode())
            arrays = _arrays(head, rest - size, read_into)
        except (ValueError, KeyError, TypeError, AttributeError) as reason:
            raise Broken(f"what answers does not speak protocol {PROTOCOL} of qsim serve: {reason}") from None
        if found == PROGRESS:
            if progress is not None and answered == number:
                progress(head.get("stage", ""), head.get("share", 0.0), head.get("detail", ""))
        elif found == ERROR:
            raise Error(head.get("error", "refused"), head.get("code", 2))
        elif answered != number:
            raise Broken(f"an answer to request {answered}, where {number} was asked")
        else:
            return head, arrays


def _arrays(head, body, read_into):
    said, arrays = [], {}
    for one in head.get("arrays", []):
        dtype, shape = _DTYPES[one["dtype"]], tuple(one["shape"])
        if any(type(n) is not int or n < 0 for n in shape):
            raise ValueError("a shape with other than whole numbers")
        size = dtype.itemsize
        for extent in shape:
            size *= extent
        said.append((one["name"], dtype, shape, size))
    if sum(size for *_, size in said) != body:
        raise ValueError("arrays and body differ in length")
    for name, dtype, shape, size in said:
        arrays[name] = np.empty(shape, dtype)
        if size:
            read_into(memoryview(arrays[name]).cast("B"))
    return arrays
