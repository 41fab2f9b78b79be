"""Find a model's weights: one file or shards, in its folder or that of a module; never a pickle."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from embgeo.errors import FormatError, ModelError
from embgeo.formats.safetensors import Tensor
from embgeo.formats.small_files import MAX_INDEX, parse_json
from embgeo.models.architectures import candidates
from embgeo.models.choice import Choice

WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
CONFIG: Final = "config.json"
LAYER_BYTES: Final = "layer_bytes"  # in the header of a fetched matrix: the bytes of what its layers need besides
MODULE_FOLDERS: Final = ("", "0_StaticEmbedding/")  # sentence-transformers puts a StaticEmbedding there
PICKLED: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
# Masks that every pass computes anew, and heads for tasks that embgeo doesn't run.
NOT_NEEDED: Final = re.compile(
    r"(^|\.)(masked_bias|rotary_emb\.inv_freq|attn\.bias|attention\.bias|position_ids)$|(^|\.)pooler\.|"
    r"^(cls\.seq_relationship|classifier|pre_classifier|score|qa_outputs|discriminator_predictions)\."
)
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def needed_tensors(tensors: Iterable[Tensor], here: Collection[str] = ()) -> list[Tensor]:
    """The tensors that a pass needs and that aren't `here`, in the order of their bytes."""
    needed = (tensor for tensor in tensors if tensor.name not in here and not NOT_NEEDED.search(tensor.name))
    return sorted(needed, key=lambda tensor: (tensor.start, tensor.stop))


def tensor_bytes(tensors: Iterable[Tensor]) -> int:
    """The bytes of some tensors."""
    return sum(tensor.stop - tensor.start for tensor in tensors)


class WeightsFile(NamedTuple):
    """Where a model's weights are.

    Attributes:
        module: the folder of all its files, "" or ending with a slash.
        name: the file in it: the weights, or the index of their shards.
    """

    module: str
    name: str

    @property
    def sharded(self) -> bool:
        """Whether `name` is an index."""
        return self.name == INDEX


def find_weights(files: Collection[str], model: str) -> WeightsFile:
    """Find the weights among a model's files.

    Raises:
        ModelError: there are no weights in a format that embgeo reads.
    """
    for module in MODULE_FOLDERS:
        for name in (WEIGHTS, INDEX):
            if module + name in files:
                return WeightsFile(module, name)
    pickled = sorted(name for name in files if name.endswith(PICKLED))
    if pickled:
        why = f"its weights only as '{pickled[0]}', a pickle, which could run any code"
        hint = "Convert it: https://huggingface.co/spaces/safetensors/convert, or load it with transformers, "
        raise ModelError(f"'{model}' has {why}", hint + "save_pretrained('folder'), and name that folder.")
    raise ModelError(f"no {WEIGHTS} in '{model}'", "Name a model or a folder that holds it, or a .safetensors file.")


def preferred(weights: WeightsFile) -> list[str]:
    """The files that would have been preferred if they existed."""
    names = [module + name for module in MODULE_FOLDERS for name in (WEIGHTS, INDEX)]
    return names[: names.index(weights.module + weights.name)]


def shard_of(index: bytes, file: str, choice: Choice) -> tuple[str, list[str]]:
    """Find the shard with a matrix; also returns the names of all tensors of the model.

    Args:
        index: content of model.safetensors.index.json.
        file: its name for error messages.
        choice: which matrix.

    Raises:
        FormatError: the index is not valid, or names a file in another folder.
        ModelError: no tensor in it fits.
    """
    shards = _shards(index, file)
    names = candidates(shards, choice)
    if not names:
        near = [name for name in shards if "emb" in name or "wte" in name or "head" in name][:8]
        listed = f"Its likeliest are {', '.join(near)}; choose with --tensor." if near else "Choose with --tensor."
        raise ModelError(f"'{file}' names no tensor that fits", listed)
    shard = shards[names[0]]
    if not isinstance(shard, str) or not PLAIN_NAME.fullmatch(shard):
        raise FormatError(f"'{file}' puts '{names[0]}' into {shard!r:.80}, which is not a file next to it")
    return shard, list(shards)


def index_bytes(index: bytes, file: str) -> int | None:
    """The bytes of all tensors of a model, if its index of shards says so."""
    metadata = parse_json(index, file, MAX_INDEX).get("metadata")
    size = metadata.get("total_size") if isinstance(metadata, dict) else None
    return int(size) if isinstance(size, int | float) and 0 <= size < 2**63 else None


def shard_names(index: bytes, file: str) -> list[str]:
    """The names of all shards, in order.

    Args:
        index: content of model.safetensors.index.json.
        file: its name for error messages.

    Raises:
        FormatError: the index is not valid, or names a file in another folder.
    """
    shards = _shards(index, file).values()
    if unsafe := [name for name in shards if not (isinstance(name, str) and PLAIN_NAME.fullmatch(name))]:
        raise FormatError(f"'{file}' names {unsafe[0]!r:.80}, which is not a file next to it")
    return sorted(set(shards))


def _shards(index: bytes, file: str) -> dict[str, Any]:
    """The shard of each tensor by its name, as an index has it; not checked."""
    try:
        return dict(parse_json(index, file, MAX_INDEX)["weight_map"])
    except (ValueError, KeyError, TypeError) as error:
        why = f"'{file}' is not an index of shards: {error!s:.120}"
        raise FormatError(why, "Fetch or copy the file again.") from None
