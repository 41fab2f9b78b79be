"""Which files of a model hold its weights: one file or shards, at the top or in a module's folder; never a pickle."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Final, NamedTuple

from embgeo.errors import FormatError, ModelError
from embgeo.models.architectures import Choice, candidates

WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
CONFIG: Final = "config.json"
MODULES: Final = ("", "0_StaticEmbedding/")  # where sentence-transformers keeps a StaticEmbedding
PICKLED: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


class WeightsFile(NamedTuple):
    """Where a model keeps its weights.

    Attributes:
        module: the folder that all its files are in, "" or ending with a slash.
        name: of the file in it: the weights, or the index of their shards.
    """

    module: str
    name: str

    @property
    def sharded(self) -> bool:
        """Whether `name` is an index."""
        return self.name == INDEX


def find_weights(there: Collection[str], model: str) -> WeightsFile:
    """Where the weights are, of these files.

    Raises:
        ModelError: there are none that embgeo reads.
    """
    for module in MODULES:
        for name in (WEIGHTS, INDEX):
            if module + name in there:
                return WeightsFile(module, name)
    pickled = sorted(name for name in there if name.endswith(PICKLED))
    if pickled:
        why = f"its weights only as '{pickled[0]}', a pickle, which could run any code"
        hint = "Convert it: https://huggingface.co/spaces/safetensors/convert, or load it with transformers, "
        raise ModelError(f"'{model}' has {why}", hint + "save_pretrained('folder'), and name that folder.")
    raise ModelError(f"no {WEIGHTS} in '{model}'", "Name a model or a folder that holds it, or a .safetensors file.")


def preferred(found: WeightsFile) -> list[str]:
    """The files that would have been taken instead, had they been there."""
    names = [module + name for module in MODULES for name in (WEIGHTS, INDEX)]
    return names[: names.index(found.module + found.name)]


def shard_of(index: bytes, file: str, choice: Choice) -> tuple[str, list[str]]:
    """The shard that holds the matrix asked for, and the names of all tensors of the model.

    Args:
        index: the text of model.safetensors.index.json.
        file: the name that errors give.
        choice: which matrix.

    Raises:
        FormatError: it is no such index, or names a file that is not beside it.
        ModelError: no tensor in it fits.
    """
    try:
        shards = dict(json.loads(index)["weight_map"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError(f"'{file}' is no index of shards: {error!s:.120}", "Fetch or copy the file again.") from None
    names = candidates(shards, choice)
    if not names:
        near = [name for name in shards if "emb" in name or "wte" in name or "head" in name][:8]
        listed = f"Its likeliest are {', '.join(near)}; choose with --tensor." if near else "Choose with --tensor."
        raise ModelError(f"'{file}' names no tensor that could be the one asked for", listed)
    shard = shards[names[0]]
    if not isinstance(shard, str) or not PLAIN_NAME.fullmatch(shard):
        raise FormatError(f"'{file}' puts '{names[0]}' into {shard!r:.80}, which is no file beside it")
    return shard, list(shards)
