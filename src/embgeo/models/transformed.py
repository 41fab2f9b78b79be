"""Transformed spaces: computed once from a prepared model in passes over blocks, kept in the store, then mapped.

Which rows count for mean and covariance: those that have a token, and are neither zero nor hold NaN or infinity. Zero
rows and rows that hold such numbers stay what they are; all others are transformed, also those that no token has.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Final

import numpy as np

from embgeo.errors import ModelError, Report, UsageError, silent, waiting
from embgeo.formats.token_table import ABSENT
from embgeo.models import locks, store
from embgeo.models.architectures import POSITION, Choice
from embgeo.models.manifest import Located
from embgeo.models.model import Model
from embgeo.models.prepare import prepare
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import F64, Mask, to_float64
from embgeo.numerics.kernels import Matrix, pieces
from embgeo.numerics.moments import moments
from embgeo.numerics.names import Transform, parse
from embgeo.numerics.transform import Map, centring, removal, spectrum, whitening

FORMULAS: Final = "1"  # those of `transform`; spaces made by others are made again


def transformed(source: Model, name: str, choice: Choice, report: Report = silent) -> Model:
    """A model's space, transformed; the first time it is computed, after that it is mapped.

    Args:
        source: the model as `loader.load` gives it, by `choice`.
        name: see `transform.parse`.
        report: told how far the passes are.

    Raises:
        UsageError: no such transformation, or one that this model can't have.
        ModelError: nothing in it to go by, or the store can't be written.
        NetworkError: the unembedding that `inner=causal` needs can't be fetched.
    """
    wanted = parse(name)
    basis = _unembedding(source, choice, report) if wanted.kind == "inner" else source
    notes: tuple[str, ...] = ()
    if wanted.kind == "inner" and basis is source:
        wanted = Transform("whiten")
        notes = (f"inner=causal: {_why_the_same(source)}, so that this is whitening",)
    made_of = (FORMULAS, *dict.fromkeys(_digest(one) for one in (source, basis)))
    place = _place(source, wanted)
    found = _kept(place, made_of)
    if found is None:
        with locks.lock(place, waiting(report, f"transforms '{source.manifest.model}'")):
            found = _kept(place, made_of) or _make(source, basis, wanted, made_of, report)
    return _joined(found, source, name).noted(*notes)


def counted(prepared: Model) -> Mask:
    """The rows [rows] that count for mean and covariance (see the module's text)."""
    norms = prepared.weights.norms
    counts: Mask = np.isfinite(norms) & (norms > 0) & ((prepared.vocabulary.table.flags & ABSENT) == 0)
    return counts


def _unembedding(source: Model, choice: Choice, report: Report) -> Model:
    """The model's unembedding; the model itself where that is what it has open."""
    manifest = source.manifest
    if manifest.side == POSITION:
        raise UsageError("positions are read by no unembedding, which --inner causal is made from")
    if manifest.unembedding is None:
        raise UsageError(f"'{manifest.model}' has word vectors and no unembedding, which --inner causal is made from")
    if choice.tensor is None and (manifest.side == "output" or (manifest.side == "input" and not manifest.unembedding)):
        return source
    wanted = Choice("output" if manifest.unembedding else "input", None, choice.file_format)
    found = side_of(source, wanted, report)
    if found.weights.shape[1] != source.weights.shape[1]:
        widths = f"{source.weights.shape[1]:,} and {found.weights.shape[1]:,}"
        raise UsageError(f"'{manifest.model}' has {widths} dimensions on its two sides", "Try --side output.")
    return found


def _why_the_same(source: Model) -> str:
    manifest = source.manifest
    return "the unembedding itself answers" if manifest.unembedding else f"{manifest.model} is tied"


def _place(source: Model, wanted: Transform) -> Path:
    # The bundled model's positions lie beside its tokens; all other matrices have a place of their own.
    side = "+position" if source.manifest.side == POSITION else ""
    return store.derived_place(source.place, wanted.name + side)


def _digest(prepared: Model) -> str:
    """Of the numbers, and of which rows count; two prepared forms of one matrix have the same."""
    flags = np.asarray(prepared.vocabulary.table.flags & ABSENT)
    return hashlib.sha256(prepared.manifest.sha256.encode() + flags.tobytes()).hexdigest()


def _kept(place: Path, made_of: tuple[str, ...]) -> Model | None:
    found = store.open_prepared(place)
    return found if found and found.manifest.made_of == made_of else None


def _joined(found: Model, source: Model, name: str) -> Model:
    """Transformed rows under the model's own tokens."""
    manifest = found.manifest._replace(
        model=source.manifest.model,
        transform=name,
        tokenizer_size=source.manifest.tokenizer_size,
        tokenizer_sha256=source.manifest.tokenizer_sha256,
    )
    return dataclasses.replace(
        found, manifest=manifest, vocabulary=source.vocabulary, load_notes=source.load_notes, side_note=source.side_note
    )


def _make(
    source: Model, basis: Model, wanted: Transform, made_of: tuple[str, ...], report: Report
) -> Model:  # fmt: skip
    from embgeo.formats.converted import FILE, writing

    place, model = _place(source, wanted), source.manifest.model
    rule, said = _map(source, basis, wanted, report)
    rows, dims = source.weights.shape
    store.invalidate(place)
    with writing(place, dims) as out:
        for part in pieces(rows, 8 * dims):
            block = to_float64(np.asarray(source.weights.rows[part]), source.weights.dtype)  # [piece, dims]
            with np.errstate(invalid="ignore", over="ignore"):
                usual = np.isfinite(source.weights.norms[part]) & (source.weights.norms[part] > 0)
                out.add(np.where(usual[:, None], rule(block), block).astype("<f4"))
            report(f"Writing {model}, {wanted.name}", part.stop, rows, "rows")
    manifest = source.manifest
    located = Located(
        manifest.full_name, manifest.revision, manifest.source, place / FILE, out.tensor(), None, manifest.unembedding,
        manifest.side, source.vocabulary.table, notes=(*manifest.notes, f"{wanted.name}: {said}"), scale=manifest.scale,
        transform=wanted.name, made_of=made_of,
    )  # fmt: skip
    return prepare(located, place, report)


def _map(source: Model, basis: Model, wanted: Transform, report: Report) -> Map:
    model, rows = source.manifest.model, counted(source)
    if not rows.any():
        raise ModelError(f"no row of '{model}' counts: all are zero, hold no numbers, or have no token")
    if wanted.kind == "center":
        return centring(mean(source.weights, rows, report), int(rows.sum()))
    with np.errstate(over="ignore", invalid="ignore"):  # `spectrum` refuses what comes of it
        found = moments(basis.weights, counted(basis), report)
    axes = spectrum(found.mean, found.covariance, model)
    if wanted.kind == "inner":
        return whitening(mean(source.weights, rows, report), axes, basis.manifest.tensor)
    return removal(found.mean, axes, wanted.top) if wanted.kind == "remove-top" else whitening(found.mean, axes)


def mean(matrix: Matrix, keep: Mask, report: Report = silent) -> F64:
    """Mean [dims] of the rows that `keep` [rows] names, in one pass."""
    total = np.zeros(matrix.shape[1])
    for part in pieces(len(keep), 8 * matrix.shape[1]):
        total += to_float64(np.asarray(matrix.rows[part])[keep[part]], matrix.dtype).sum(axis=0)
        report("Mean", part.stop, len(keep), "rows")
    return total / max(1, int(keep.sum()))
