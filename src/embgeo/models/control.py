"""Controls: spaces with a model's vocabulary but rows unrelated to its words.

`random` has rows as before training, `shuffled` the model's own rows moved to other words. A finding that also shows up
in a control says nothing about the model.
"""

from __future__ import annotations

import dataclasses
from typing import Final, TypeVar

import numpy as np

from embgeo.errors import UsageError, check_choice, is_whole
from embgeo.formats.token_marks import ABSENT
from embgeo.models.model import Model
from embgeo.numerics.controls import MAX_SEED, random_matrix, shuffled_matrix
from embgeo.numerics.names import CONTROLS, SIDES, control_name, parse_control

M = TypeVar("M", bound=Model)
OTHER_TENSORS: Final = len(SIDES)  # the stream of rows for a matrix chosen by its name


def control(model: M, kind: str = "random", seed: int = 0) -> M:
    """The control of a model: the same vocabulary and the same number of rows; nothing is stored.

    Args:
        kind: `random` or `shuffled`; for a transformed space, `shuffled` has the transformed rows, `random` new ones.
        seed: of the random numbers; the same on every machine.

    Raises:
        UsageError: an unknown kind, a seed out of range, a control of a control, or a model opened with --peek.
    """
    check_choice("control", kind, CONTROLS)
    if not is_whole(seed, 0, MAX_SEED):
        raise UsageError(f"invalid seed '{seed}'; expected a whole number from 0 to {MAX_SEED}")
    manifest, matrix = model.manifest, model.searchable()
    if parse_control(manifest.transform):
        raise UsageError(f"'{manifest.model}' is already a control", "Make one from the model itself.")
    name = control_name(kind, seed)
    if kind == "random":
        matrix = random_matrix(matrix.shape, seed, _stream(model))
        manifest = manifest._replace(transform=name, dtype="F32", zero_rows=0, bad_rows=0, notes=())
    else:
        tokens = np.flatnonzero((model.vocabulary.table.flags & ABSENT) == 0)
        matrix = shuffled_matrix(matrix, tokens, seed)
        manifest = manifest._replace(transform=f"{manifest.transform} {name}".lstrip())
    # The n-grams of fastText are trained, and would give words outside the vocabulary their own vectors.
    return dataclasses.replace(model, manifest=manifest._replace(sha256="", ngrams=None), weights=matrix)


def same_control(model: Model, side: Model) -> Model:
    """Another matrix of the same model: its control, if the first is one."""
    found = parse_control(model.manifest.transform)
    return control(side, *found) if found else side


def _stream(model: Model) -> int:
    """The number of a matrix of the model, so that its sides don't have the same random rows."""
    return OTHER_TENSORS if "--tensor" in model.options else SIDES.index(model.manifest.side)
