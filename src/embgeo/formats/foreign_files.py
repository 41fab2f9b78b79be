"""Files that embgeo recognizes and doesn't read, each with the command that makes a file that it reads."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from embgeo.errors import FormatError

TORCH_ZIP: Final = (b"PK\x03\x04", b"data.pkl")  # how PyTorch's zip archive begins, and the file in it
TORCH_OLD: Final = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # a pickle of the number that torch.save wrote first
# The version of ONNX, then a field that follows it: the producer's name or version, the graph, the operators.
ONNX: Final = rb"(?s)\x08[\x03-\x20](\x12[\x00-\x7f]|\x1a[\x00-\x7f]|:.|B[\x00-\x7f]).*(onnx|torch|graph)"
LIST: Final = "Put its words next to it, one per line, as vectors.txt"
TORCH_LINE: Final = (
    "import sys, torch; from safetensors.torch import save_file; d = torch.load(sys.argv[1], weights_only=True); "
    'save_file({k: v.clone().contiguous() for k, v in d.items()}, "model.safetensors")'
)
HDF5_LINE: Final = (
    "import sys, h5py, numpy; found = []; h5py.File(sys.argv[1]).visititems(lambda name, x: "
    'found.append(x) if getattr(x, "ndim", 0) == 2 else None); '
    'numpy.save("vectors.npy", max(found, key=len)[:])'
)
ONNX_LINE: Final = (
    "import sys, onnx, numpy; found = map(onnx.numpy_helper.to_array, onnx.load(sys.argv[1]).graph.initializer); "
    'numpy.save("vectors.npy", max((x for x in found if x.ndim == 2), key=len))'
)


class ForeignFile(NamedTuple):
    """A kind of file that isn't read.

    Attributes:
        title: what it is.
        recognize: whether a file with these first bytes is one.
        line: Python that converts the file named by its argument.
        result: what that makes, for the hint.
    """

    title: str
    recognize: Callable[[bytes], bool]
    line: str
    result: str


def is_torch_zip(start: bytes) -> bool:
    """Whether a file with these first bytes is what torch.save writes."""
    return start.startswith(TORCH_ZIP[0]) and TORCH_ZIP[1] in start


TABLE: Final = (
    ForeignFile("PyTorch's pickle, which could run any code", lambda start: is_torch_zip(start) or
            start.startswith(TORCH_OLD), TORCH_LINE, "It writes model.safetensors. Put the tokenizer next to it"),
    ForeignFile("HDF5", lambda start: start.startswith(b"\x89HDF\r\n\x1a\n"), HDF5_LINE,
            f"It writes the matrix with the most rows to vectors.npy. {LIST}"),
    ForeignFile("ONNX", lambda start: re.match(ONNX, start) is not None, ONNX_LINE,
            f"It writes the matrix with the most rows to vectors.npy. {LIST}"),
)  # fmt: skip


def refuse_foreign(path: Path, start: bytes) -> None:
    """Raise a `FormatError` if a file with these first bytes is one of them."""
    for row in TABLE:
        if row.recognize(start):
            command = f"python -c {shlex.quote(row.line)} {shlex.quote(str(path))}"
            raise FormatError(f"'{path}' is {row.title}", f"Convert it: {command} . {row.result}.")
