"""Transformed spaces: computed once from a prepared model, block by block, stored, then mapped.

Mean and covariance are over the rows that have a token, are not zero and are finite. Rows that are zero or not finite
stay as they are; all others are transformed, including those without a token.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Final

import numpy as np

from embgeo.errors import ModelError, Report, UsageError, silent, waiting
from embgeo.formats.system_faults import enough_memory
from embgeo.formats.token_marks import ABSENT
from embgeo.models import locks, places, store
from embgeo.models.choice import POSITION, Choice
from embgeo.models.manifest import Located
from embgeo.models.model import Model
from embgeo.models.prepare import prepare
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import F64, Mask, to_float64
from embgeo.numerics.kernels import Matrix, pieces
from embgeo.numerics.moments import moments
from embgeo.numerics.names import Transform, parse_transform
from embgeo.numerics.transform import RowTransform, centering, principal_components, removal, whitening

FORMULAS: Final = "1"  # version of `numerics.transform`; spaces of other versions are computed again


def transform_model(source: Model, name: str, choice: Choice, report: Report = silent) -> Model:
    """Transform a model's space; the first time it is computed, after that it is mapped.

    Args:
        source: the model, loaded with `choice`.
        name: see `transform.parse`.
        report: called with the progress.

    Raises:
        UsageError: an unknown transformation, or one that this model does not support.
        ModelError: the model has too few usable rows, or the store can't be written.
        NetworkError: the unembedding that `inner=causal` needs can't be fetched.
    """
    transform = parse_transform(name)
    basis = _unembedding(source, choice, report) if transform.kind == "inner" else source
    notes: tuple[str, ...] = ()
    if transform.kind == "inner" and basis is source:
        transform = Transform("whiten")
        notes = (f"inner=causal: {_why_the_same(source)}, so this is whitening",)
    made_of = (FORMULAS, *dict.fromkeys(_digest(one) for one in (source, basis)))
    place = _place(source, transform)
    space = _open(place, made_of)
    if space is None:
        model = source.manifest.model
        with locks.lock(place, waiting(report, f"transforms '{model}'")), enough_memory(model):
            space = _open(place, made_of) or _compute(source, basis, transform, made_of, report)
    return _with_tokens(space, source, name).with_notes(*notes)


def usable_rows(model: Model) -> Mask:
    """Mask [rows] of the rows that mean and covariance are computed from (see above)."""
    norms = model.weights.norms
    usable: Mask = np.isfinite(norms) & (norms > 0) & ((model.vocabulary.table.flags & ABSENT) == 0)
    return usable


def _unembedding(source: Model, choice: Choice, report: Report) -> Model:
    """The model's unembedding; the model itself if that matrix is loaded already."""
    manifest = source.manifest
    if manifest.side == POSITION:
        raise UsageError("--inner causal needs an unembedding, and positions have none")
    if manifest.unembedding is None:
        raise UsageError(f"--inner causal needs an unembedding, and the word vectors of '{manifest.model}' have none")
    if choice.tensor is None and (manifest.side == "output" or (manifest.side == "input" and not manifest.unembedding)):
        return source
    side = Choice("output" if manifest.unembedding else "input", None, choice.file_format)
    unembedding = side_of(source, side, report)
    if unembedding.weights.shape[1] != source.weights.shape[1]:
        widths = f"{source.weights.shape[1]:,} and {unembedding.weights.shape[1]:,}"
        raise UsageError(f"'{manifest.model}' has {widths} dimensions on its two sides", "Try --side output.")
    return unembedding


def _why_the_same(source: Model) -> str:
    manifest = source.manifest
    tied = "the unembedding itself answers" if manifest.unembedding else f"{manifest.model} is tied"
    return manifest.stand_in_note or tied


def _place(source: Model, transform: Transform) -> Path:
    # The bundled model's two matrices share a folder; all other matrices have their own.
    side = "+position" if source.manifest.side == POSITION else ""
    return places.derived_place(source.place, transform.name + side)


def _digest(model: Model) -> str:
    """Digest of the matrix and of which rows have a token; equal for two prepared forms of one matrix."""
    flags = np.asarray(model.vocabulary.table.flags & ABSENT)
    return hashlib.sha256(model.manifest.sha256.encode() + flags.tobytes()).hexdigest()


def _open(place: Path, made_of: tuple[str, ...]) -> Model | None:
    space = store.open_prepared(place)
    return space if space and space.manifest.made_of == made_of else None


def _with_tokens(space: Model, source: Model, name: str) -> Model:
    """Transformed rows with the vocabulary and notes of their model."""
    manifest = space.manifest._replace(
        model=source.manifest.model,
        transform=name,
        tokenizer_size=source.manifest.tokenizer_size,
        tokenizer_sha256=source.manifest.tokenizer_sha256,
        headless=source.manifest.headless,
    )
    return dataclasses.replace(
        space, manifest=manifest, vocabulary=source.vocabulary, load_notes=source.load_notes,
        side_note=source.side_note, options=source.options,
    )  # fmt: skip


def _compute(
    source: Model, basis: Model, transform: Transform, made_of: tuple[str, ...], report: Report
) -> Model:  # fmt: skip
    from embgeo.formats.converted import MATRIX, converting

    place, model = _place(source, transform), source.manifest.model
    rule, summary = _map(source, basis, transform, report)
    rows, dims = source.weights.shape
    store.invalidate(place)
    with converting(place, dims) as out:
        for part in pieces(rows, 8 * dims):
            block = to_float64(np.asarray(source.weights.rows[part]), source.weights.dtype)  # [piece, dims]
            with np.errstate(invalid="ignore", over="ignore"):
                usable = np.isfinite(source.weights.norms[part]) & (source.weights.norms[part] > 0)
                out.add(np.where(usable[:, None], rule(block), block).astype("<f4"))
            report(f"Writing {model}, {transform.name}", part.stop, rows, "rows")
    manifest = source.manifest
    located = Located(
        manifest.full_name, manifest.revision, manifest.source, place / MATRIX, out.tensor(), None,
        manifest.unembedding, manifest.side, source.vocabulary.table,
        notes=(*manifest.notes, f"{transform.name}: {summary}"), scale=manifest.scale,
        transform=transform.name, made_of=made_of,
    )  # fmt: skip
    return prepare(located, place, report)


def _map(source: Model, basis: Model, transform: Transform, report: Report) -> RowTransform:
    model, rows = source.manifest.model, usable_rows(source)
    if not rows.any():
        raise ModelError(f"no usable row in '{model}': all are zero, not finite, or without a token")
    if transform.kind == "center":
        return centering(mean(source.weights, rows, report), int(rows.sum()))
    with np.errstate(over="ignore", invalid="ignore"):  # `principal_components` raises an error for the result
        basis_moments = moments(basis.weights, usable_rows(basis), report)
    axes = principal_components(basis_moments.mean, basis_moments.covariance, model)
    if transform.kind == "inner":
        return whitening(mean(source.weights, rows, report), axes, basis.manifest.tensor)
    if transform.kind == "remove-top":
        return removal(basis_moments.mean, axes, transform.top)
    return whitening(basis_moments.mean, axes)


def mean(matrix: Matrix, keep: Mask, report: Report = silent) -> F64:
    """Mean [dims] of the rows that the mask `keep` [rows] selects, in one pass."""
    total = np.zeros(matrix.shape[1])
    for part in pieces(len(keep), 8 * matrix.shape[1]):
        total += to_float64(np.asarray(matrix.rows[part])[keep[part]], matrix.dtype).sum(axis=0)
        report("Mean", part.stop, len(keep), "rows")
    return total / max(1, int(keep.sum()))
