"""Facts about a model's matrix and where it is stored; for a model on the Hub, what fetching it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from embgeo.errors import ModelError, NetworkError, Report, silent
from embgeo.formats.token_marks import ABSENT
from embgeo.models import hub_records, loader
from embgeo.models.choice import EMBEDDING, Choice
from embgeo.models.layers import layers_config, layers_size
from embgeo.models.model import Model
from embgeo.models.open import apply_choice
from embgeo.models.peek import survey
from embgeo.models.reference import BUNDLED_FULL_NAME, Reference, parse_or_default
from embgeo.numerics.names import parse_control
from embgeo.questions.rows import about
from embgeo.results.info import Info, Survey
from embgeo.transformer.settings import read_settings


def info(
    name: str | None = None, revision: str | None = None, *, choice: Choice = EMBEDDING,
    transform: str | None = None, report: Report = silent,
) -> Info | Survey:  # fmt: skip
    """Describe a model on this machine; for a model on the Hub only, also what fetching it would cost.

    A transformed space is computed, and its model fetched, if it is not in the store yet.

    Raises:
        UsageError, ModelError, NetworkError: as `open.open_model`.
    """
    reference = parse_or_default(name, revision, choice)
    model = None if transform else loader.load_offline(reference, report)
    if model is None and not transform and not (reference.implied and hub_records.unreachable_lately(reference.name)):
        try:
            return _survey(reference)
        except NetworkError:
            if not reference.implied:
                raise
            hub_records.note_unreachable(reference.name)
    return describe(apply_choice(model or loader.load(reference, report), choice, transform, report))


def _survey(reference: Reference) -> Survey:
    found, choice = survey(reference), reference.choice
    rows, dims = found.tensor.shape
    return Survey(
        command="info", model=found.name, revision=found.revision, dtype=found.tensor.dtype, notes=(), rows=rows,
        dimensions=dims, parameters=rows * dims, bytes=found.tensor.stop - found.tensor.start, tied=found.tied,
        unembedding=found.unembedding, side=choice.side, tensor=found.tensor.name, file=found.file,
        travels=found.travels, repository_bytes=found.repository_bytes,
        layer_bytes=found.layer_bytes if choice.side == EMBEDDING.side and runs(found.config) else None,
    )  # fmt: skip


def describe(model: Model, *, command: str = "info") -> Info:
    """Describe a loaded model's matrix."""
    manifest = model.manifest
    rows, dims = manifest.shape
    all_bytes, here = _layers(model)
    return Info(
        **about(model, command), rows=rows, dimensions=dims, parameters=rows * dims,
        tokens=int(np.count_nonzero(model.vocabulary.table.flags != ABSENT)), bytes=model.weights.rows.nbytes,
        tied=manifest.tied, unembedding=manifest.unembedding,
        side=manifest.side, zero_rows=manifest.zero_rows, bad_rows=manifest.bad_rows, source=manifest.source,
        tensor=manifest.tensor, path=_path(model),
        full_name=BUNDLED_FULL_NAME if manifest.source == "bundled" else manifest.full_name,
        layer_bytes=all_bytes, layer_bytes_here=here,
    )  # fmt: skip


def _path(model: Model) -> str:
    """The file of the matrix; none has that of a control."""
    return "" if parse_control(model.manifest.transform) else str((model.place / model.manifest.matrix).absolute())


def runs(config: Mapping[str, Any]) -> bool:
    """Whether embgeo runs the layers of a model with this config.json."""
    try:
        read_settings(config)
    except ModelError:
        return False
    return True


def _layers(model: Model) -> tuple[int | None, int]:
    """The bytes of a model's layers, and how many of them are here; (None, 0) if embgeo doesn't run them."""
    with suppress(ModelError):  # damaged layers: `verify` says which
        if runs(layers_config(model)):
            return layers_size(model)
    return None, 0
