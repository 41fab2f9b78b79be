"""A model's tensors where they lie, in their own dtype; what is multiplied is widened a block at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import FormatError, ModelError
from embgeo.formats.safetensors import NUMPY, Place, map_file, tensor_in
from embgeo.numerics.dtypes import to_float32
from embgeo.transformer.activations import Floats, row_pieces
from embgeo.transformer.families import Family, Tensors, is_in_head

RowCallback = Callable[[slice, Floats], object]  # takes which rows of a result these are, and these
BLOCK_NUMBERS: Final = 1 << 20  # widened at a time; a quarter for few tokens, whose products wait for the memory
FEW: Final = 64
FLOATS: Final = ("F64", "F32", "F16", "BF16")
# Masks and angles that older files hold, which every pass computes anew.
NOT_WEIGHTS: Final = re.compile(r"(\.|^)(masked_bias|rotary_emb\.inv_freq|attn\.bias|attention\.bias)$")
# The names that TensorFlow gave a norm's weight and bias, which files such as bert-base-uncased's still have.
LEGACY: Final = re.compile(r"(?<=\.)(gamma|beta)$")
MODERN: Final = {"gamma": "weight", "beta": "bias"}


class Weights:
    """The tensors of one model by their family's names.

    Args:
        places: where each tensor is, by its full name.
        family: whose names and layout these are.
        dtype: float32 or float64, to compute in.

    Raises:
        ModelError: the embedding is not among them, or there are several.
    """

    def __init__(self, places: Mapping[str, Place], family: Family, dtype: Any) -> None:
        places = {LEGACY.sub(lambda match: MODERN[match[0]], name): place for name, place in places.items()}
        self.places, self.family, self.dtype = places, family, np.dtype(dtype)
        ending = re.compile(rf"((?:.*\.)?){re.escape(family.tensors.embedding)}\.weight")
        prefixes = [match[1] for match in map(ending.fullmatch, places) if match]
        if len(prefixes) != 1:
            many = "several tensors" if prefixes else "no tensor"
            raise ModelError(f"{many} named '{family.tensors.embedding}.weight', which a {family.type} model has once")
        self.prefix, self.files = prefixes[0], dict[Path, memoryview]()

    def has(self, name: str) -> bool:
        """Whether there is a tensor of this name; "" is never one."""
        return bool(name) and self._full(name) in self.places

    def vector(self, name: str, length: int) -> Floats:
        """A vector [length], such as a bias."""
        return self._widen(self._mapped(name, (length,)))

    def rows(self, name: str, ids: NDArray[np.intp], width: int) -> Floats:
        """Rows of a table [ids, width].

        Raises:
            FormatError: the table has no such row.
        """
        mapped = self._mapped(f"{name}.weight", (None, width))
        if len(ids) and int(ids.max()) >= len(mapped[0]):
            raise FormatError(f"'{self._full(name)}' has {len(mapped[0]):,} rows, and row {int(ids.max())} is needed")
        return self._widen((mapped[0][ids], mapped[1]))

    def linear(self, x: Floats, name: str, width: int, then: RowCallback | None = None) -> Floats:
        """A linear map of the rows of x: [tokens, in] -> [tokens, width], with its bias if it has one.

        Args:
            then: changes some rows of the result in place, while they are in the processor's cache.
        """
        tensors = self.family.tensors
        transposed = self.family.transposed and name not in (tensors.embedding, tensors.head)
        shape = (x.shape[1], width) if transposed else (width, x.shape[1])
        mapped, dtype = self._mapped(f"{name}.weight", shape)
        matrix = mapped.T if transposed else mapped  # [width, in]
        y = np.empty((len(x), width), self.dtype)
        step = max(1, (BLOCK_NUMBERS if len(x) > FEW else BLOCK_NUMBERS // 4) // x.shape[1])
        if matrix.dtype == self.dtype and matrix.flags.aligned:
            step = width  # BLAS reads it where it lies
        for at in range(0, width, step):
            part = slice(at, at + step)
            np.matmul(x, self._widen((matrix[part], dtype)).T, out=y[:, part])  # [tokens, in] @ [in, step]
        bias = self.vector(f"{name}.bias", width) if self.has(f"{name}.bias") else None  # [width]
        for rows in row_pieces(y) if bias is not None or then else ():
            if bias is not None:
                y[rows] += bias
            if then:
                then(rows, y[rows])
        return y

    def check_layers(self, layers: int, depth: int) -> None:
        """Check that the first `depth` of all layers are here and hold what the family's pass uses, and nothing else.

        Raises:
            ModelError: a tensor that the pass doesn't know, or some layers lack what others have.
        """
        tensors = self.family.tensors
        known = {name for name in tensors[Tensors._fields.index("before_attention") : -1] if name}
        pattern = re.compile(re.escape(self.prefix) + re.escape(tensors.layer).replace(r"\{\}", r"(\d+)") + "(.+)")
        found: dict[str, set[int]] = {}
        for match in filter(None, map(pattern.fullmatch, self.places)):
            name = match[2]
            if NOT_WEIGHTS.search(name):
                continue
            if name.rpartition(".")[0] not in known or name.rpartition(".")[2] not in ("weight", "bias"):
                raise ModelError(f"its layers hold '{name}', which embgeo's pass for {self.family.type} doesn't know")
            found.setdefault(name, set()).add(int(match[1]))
        if beyond := set[int]().union(*found.values()) - set(range(layers)):
            raise ModelError(f"there is a layer {min(beyond)}; by config.json the last of {layers} is {layers - 1}")
        everywhere = set(range(depth))
        for name in (f"{one}.weight" for one in known if not self._may_lack(one)):
            missing = everywhere - found.get(name, set())
            if missing:
                raise ModelError(f"layer {min(missing)} of {layers} (by config.json) lacks '{name}'")
        for name, where in found.items():
            missing = everywhere - where
            if missing and not self._may_lack(name.rpartition(".")[0]):
                raise ModelError(f"layer {min(missing)} lacks '{name}', which layer {min(where)} has")

    def _may_lack(self, name: str) -> bool:
        """ModernBERT's first layer has no norm before attention, since the embedding has one; see `forward.norm`."""
        return self.family.type == "modernbert" and name == self.family.tensors.before_attention

    def _full(self, name: str) -> str:
        return name if is_in_head(self.family, name) else self.prefix + name

    def _mapped(self, name: str, shape: tuple[int | None, ...]) -> tuple[NDArray[Any], str]:
        """A tensor as it lies, and its dtype.

        Raises:
            ModelError: there is none.
            FormatError: its shape is not the one that config.json implies, or its numbers are not floats.
        """
        full = self._full(name)
        if full not in self.places:
            raise ModelError(f"no tensor '{full}', which a {self.family.type} model has")
        file, tensor = self.places[full]
        if len(tensor.shape) != len(shape) or any(b not in (a, None) for a, b in zip(tensor.shape, shape, strict=True)):
            wanted = [one if one is not None else "any" for one in shape]
            raise FormatError(f"'{full}' has shape {[*tensor.shape]}; by config.json it has {wanted}")
        if tensor.dtype not in FLOATS:
            raise FormatError(f"'{full}' has dtype {tensor.dtype}, in which embgeo runs no layers")
        mapped = self.files.get(file)
        if mapped is None:
            mapped = self.files[file] = map_file(file)
        return tensor_in(mapped, file, tensor), tensor.dtype

    def _widen(self, found: tuple[NDArray[Any], str]) -> Floats:
        """The same numbers in the dtype to compute in; a copy unless they lie so already."""
        block, dtype = found
        if dtype in ("BF16", "F16"):
            block = to_float32(block, dtype)
        if block.dtype == np.dtype(NUMPY["F32"]) == self.dtype and block.flags.aligned:
            return block
        with np.errstate(invalid="ignore", over="ignore"):  # what isn't finite is refused after each layer
            widened: Floats = block.astype(self.dtype)  # float64 rounds where float32 is computed in
        return widened
