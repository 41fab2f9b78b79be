"""How a sentence model makes one vector of a text, by the files that sentence-transformers publishes with it.

modules.json lists its modules, each with a folder. After the transformer, whose settings are in
sentence_bert_config.json, come a pooling and perhaps a normalization; other modules are refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from embgeo.errors import FormatError, ModelError
from embgeo.formats.small_files import MAX_SETTINGS, read_json

MODULES: Final = "modules.json"
# As sentence-transformers looks for them, in this order; older models name their own family.
SETTINGS: Final = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
PROMPTS: Final = "config_sentence_transformers.json"
POOLINGS: Final = {
    "cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max", "mean_sqrt_len_tokens": "mean_sqrt",
    "lasttoken": "last",
}  # fmt: skip
COMPARED: Final = ("cosine", "dot")
OTHER_POOLINGS: Final = frozenset({"weightedmean_tokens"})


class SentenceRules(NamedTuple):
    """How a text becomes a vector.

    Attributes:
        pooling: `mean`, `cls`, `max`, `mean_sqrt` (the sum divided by the root of the count) or `last`, of the last
            layer's states, special tokens included.
        normalize: whether vectors are scaled to length 1.
        limit: the most tokens of a text, special tokens included; None for the model's own limit.
        lowercase: whether texts are lowercased before they are split.
        by_dot: whether texts are compared by the dot products of their vectors, and not by their cosines.
    """

    pooling: str
    normalize: bool
    limit: int | None
    lowercase: bool
    by_dot: bool = False

    @property
    def metric(self) -> str:
        """How texts are compared: `dot` or `cosine`."""
        return "dot" if self.by_dot else "cosine"


def read_rules(folder: Path, model: str) -> SentenceRules:
    """Read the rules in a model's folder.

    Raises:
        ModelError: it is no sentence model, or one with a module or setting that embgeo doesn't know.
        FormatError: a file is not valid JSON.
    """
    if not (folder / MODULES).is_file():
        why = f"'{model}' has no {MODULES}, which says how to make one vector of a text"
        raise ModelError(why, "Name a sentence-transformers model, such as -m minilm.")
    modules = _list(folder / MODULES)
    names = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    if names not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ModelError(
            f"'{model}' has the modules {', '.join(names)[:80]} ({MODULES})",
            "embgeo runs Transformer and Pooling, with or without Normalize.",
        )
    own, pooling = (_inside(folder, str(module.get("path", ""))) for module in modules[:2])
    file = next((name for name in SETTINGS if (own / name).is_file()), SETTINGS[0])
    settings = _object(own / file, needed=False)
    _refuse_others(settings, {"max_seq_length", "do_lower_case"}, file)
    general = _object(folder / PROMPTS, needed=False)
    if prompt := general.get("default_prompt_name"):
        raise ModelError(f"'{model}' puts the prompt '{prompt!s:.40}' before every text, which embgeo doesn't")
    compared = general.get("similarity_fn_name") or "cosine"
    if compared not in COMPARED:
        raise ModelError(f"'{model}' compares texts by '{compared!s:.40}'; embgeo does by {' or '.join(COMPARED)}")
    limit = settings.get("max_seq_length")
    if limit is not None and (type(limit) is not int or limit < 1):
        raise ModelError(f"{file} of '{model}' has max_seq_length = {limit!s:.40}; expected a whole number from 1")
    return SentenceRules(
        _pooling(pooling / "config.json"), len(names) == 3, limit, settings.get("do_lower_case") is True,
        by_dot=compared != "cosine",
    )  # fmt: skip


def _pooling(file: Path) -> str:
    """The one pooling that a file turns on."""
    values = _object(file, needed=True)
    modes = {name.removeprefix("pooling_mode_"): on for name, on in values.items() if name.startswith("pooling_mode_")}
    if isinstance(mode := values.get("pooling_mode"), str):
        modes = {next((name for name, short in POOLINGS.items() if short == mode), mode): True}
    chosen = [name for name, on in modes.items() if on]
    known = {*(f"pooling_mode_{name}" for name in (*POOLINGS, *OTHER_POOLINGS)), "pooling_mode"}
    _refuse_others(values, known | {"word_embedding_dimension", "embedding_dimension", "include_prompt"}, str(file))
    if len(chosen) != 1 or chosen[0] not in POOLINGS:
        raise ModelError(f"'{file}' pools by {', '.join(chosen) or 'nothing'}; embgeo by one of {', '.join(POOLINGS)}")
    return POOLINGS[chosen[0]]


def _inside(folder: Path, path: str) -> Path:
    """A module's folder, which must not be outside the model's."""
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise FormatError(f"{MODULES} in '{folder}' puts a module into '{path[:80]}', which is not inside it")
    return folder / path


def _refuse_others(values: dict[str, Any], known: set[str], file: str) -> None:
    for name, value in values.items():
        if name not in known and value not in (None, False, {}):
            raise ModelError(f"{file} has {name} = {json.dumps(value)[:60]}, which embgeo doesn't know")


def _object(file: Path, *, needed: bool) -> dict[str, Any]:
    """A JSON object; {} if there is no such file and none is needed."""
    if not needed and not file.is_file():
        return {}
    value = _json(file)
    if not isinstance(value, dict):
        raise FormatError(f"'{file}' is not a JSON object", "Fetch or copy the file again.")
    return value


def _list(file: Path) -> list[dict[str, Any]]:
    """A JSON list of objects."""
    value = _json(file)
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise FormatError(f"'{file}' is not a JSON list of objects", "Fetch or copy the file again.")
    return value


def _json(file: Path) -> Any:
    try:
        return read_json(file, MAX_SETTINGS)
    except OSError as error:
        raise FormatError(f"can't read '{file}': {error.strerror}", "Fetch or copy the file again.") from None
