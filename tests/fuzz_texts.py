"""Fuzz targets for other files that text commands read: pooling rules, config.json, and files of the store."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embgeo.errors import EmbgeoError
from embgeo.formats.safetensors import file_head
from embgeo.models.fetched_layers import LIST_NAME, fetched_files, read_fetched
from embgeo.models.local import read_config
from embgeo.models.sentence_rules import POOLINGS, read_rules
from embgeo.questions.passage_vectors import KEY_BYTES, stored_vectors
from embgeo.transformer.families import ROWS
from embgeo.transformer.settings import MAX_LAYERS, read_settings
from tiny_transformers import FAMILIES, FOLDER

DIMS = 4
POOLING = {"word_embedding_dimension": DIMS, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]
RULES = {
    "modules.json": MODULES, "1_Pooling/config.json": POOLING,
    "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
    "config_sentence_transformers.json": {"similarity_fn_name": "cosine", "default_prompt_name": None},
}  # fmt: skip


def rules_seeds(name: str) -> Callable[[], list[bytes]]:
    """A valid file of rules; for modules.json, also one without the last module."""
    contents = [RULES[name], MODULES[:2]] if name == "modules.json" else [RULES[name]]
    return lambda: [json.dumps(content).encode() for content in contents]


def rules(name: str) -> Callable[[bytes, Path], bool]:
    """A target that reads a sentence model's rules with one file replaced by the input."""

    def run(data: bytes, folder: Path) -> bool:
        for file, content in RULES.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(json.dumps(content))
        (folder / name).write_bytes(data)
        try:
            result = read_rules(folder, "model")
        except EmbgeoError:
            return False
        assert result.pooling in POOLINGS.values()
        assert result.limit is None or result.limit > 0
        return True

    return run


def settings_seeds() -> list[bytes]:
    """The config.json of every family."""
    return [(FOLDER / family / "config.json").read_bytes() for family in FAMILIES]


def settings(data: bytes, folder: Path) -> bool:
    """A config.json, if accepted, has whole head groups, and a window and rotary angles for each layer."""
    (folder / "config.json").write_bytes(data)
    try:
        result = read_settings(read_config(folder))
    except EmbgeoError:
        return False
    assert result.family in ROWS
    assert len(result.windows) == len(result.rotary) == result.layers <= MAX_LAYERS
    assert result.heads % result.kv_heads == 0
    return True


def listed_seeds() -> list[bytes]:
    """The list of fetched layers, complete and incomplete."""
    names = {"layers-000-8.safetensors": "0" * 64}
    return [json.dumps({"files": names, "absent": absent}).encode() for absent in ([], ["h.1.ln_1.weight"])]


def listed(data: bytes, folder: Path) -> bool:
    """A list of fetched layers is ignored if it is damaged or names a missing file."""
    (folder / LIST_NAME).write_bytes(data)
    result = read_fetched(folder)
    files = fetched_files(folder, lambda _: bool)
    assert files is None or all(file.is_file() for file in files)
    return result is not None


def passages_seeds() -> list[bytes]:
    """A file with the vectors of two passages."""
    layout = {"vectors": ("F32", (2, DIMS)), "cut": ("I32", (2,)), "keys": ("U8", (2, KEY_BYTES))}
    numbers = np.arange(2 * DIMS, dtype=np.float32).tobytes() + bytes(8)
    return [file_head(layout, {}) + numbers + bytes(range(2 * KEY_BYTES))]


def passages(data: bytes, folder: Path) -> bool:
    """A file of passage vectors in the store is used as a whole or not at all."""
    (folder / "passages-0.safetensors").write_bytes(data)
    result = list(stored_vectors(folder, DIMS))
    for keys, vectors, cut in result:
        assert vectors.shape == (len(keys), DIMS)
        assert cut.shape == (len(keys),)
        assert all(len(key) == KEY_BYTES for key in keys)
        assert float(np.abs(vectors).sum()) != -1
    return bool(result)
