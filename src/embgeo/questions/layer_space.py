"""The vocabulary's whole words at one layer, as a space of their own."""

from __future__ import annotations

import dataclasses

import numpy as np

from embgeo.errors import ModelError, Report, UsageError, silent
from embgeo.formats.safetensors import map_tensor, read_header
from embgeo.formats.token_marks import NO_MARK, Scheme
from embgeo.formats.token_table import Entry, build_table
from embgeo.models.model import Model
from embgeo.numerics.dtypes import to_float64
from embgeo.numerics.kernels import Matrix, pieces
from embgeo.numerics.names import LAYER_PREFIX
from embgeo.questions.running import runner
from embgeo.questions.words_alone import whole_words, words_file
from embgeo.vocabulary.vocabulary import Vocabulary


def layer_space(model: Model, layer: int, report: Report = silent) -> Model:
    """The words of a model, each run alone through its layers; parameters and errors as in `words_at_layer`."""
    if layer < 0:
        raise UsageError(f"there is no layer {layer}", "Layers are counted from 0, the input of the first.")
    ready = runner(model, "float32", report, layers=str(layer))
    words = whole_words(model)
    if not words:
        raise ModelError(f"the vocabulary of '{model.manifest.model}' has no whole words", "Name another model.")
    file = words_file(ready, report)
    tensor = read_header(file).tensors[f"layer.{layer}"]
    rows = map_tensor(file, tensor)  # [words, dims]
    norms = np.empty(len(rows))
    for part in pieces(len(rows), 8 * rows.shape[1]):
        norms[part] = np.linalg.norm(to_float64(np.asarray(rows[part]), tensor.dtype), axis=1)
    scheme = model.manifest.scheme
    entries = (Entry(row, word, word.encode()) for row, word in enumerate(words))
    table = build_table(entries, len(words), Scheme(NO_MARK, scheme.lowercase, scheme.strips_accents))
    manifest = model.manifest._replace(
        transform=f"{LAYER_PREFIX}{layer}", tensor=tensor.name, dtype=tensor.dtype, shape=(len(words), rows.shape[1]),
        sha256="", scheme=table.scheme, zero_rows=int((norms == 0).sum()), bad_rows=int((~np.isfinite(norms)).sum()),
    )  # fmt: skip
    note = f"layer {layer}: {len(words):,} whole words, each run alone; their states at length 1, in float16"
    return dataclasses.replace(
        model, manifest=manifest, weights=Matrix(rows, tensor.dtype, norms), vocabulary=Vocabulary(table, None),
        side_note=note, options=(),
    )  # fmt: skip
