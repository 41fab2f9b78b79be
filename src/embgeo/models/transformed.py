"""Transformed spaces: computed once from a prepared model in passes over blocks, kept in the store, then mapped.

Which rows count for mean and covariance: those that have a token, and are neither zero nor hold NaN or infinity. Zero
rows and rows that hold such numbers stay what they are; all others are transformed, also those that no token has.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import numpy as np

from embgeo.errors import ModelError, UsageError
from embgeo.formats.token_table import ABSENT
from embgeo.models import locks, store
from embgeo.models.architectures import POSITION, Choice
from embgeo.models.loader import Loaded
from embgeo.models.manifest import Located
from embgeo.models.model import Embedding
from embgeo.models.prepare import prepare
from embgeo.models.sides import companion
from embgeo.models.store import Prepared
from embgeo.numerics.dtypes import F64, to_float64
from embgeo.numerics.kernels import Matrix, pieces
from embgeo.numerics.moments import moments
from embgeo.numerics.search import Mask
from embgeo.numerics.transform import Map, Transform, centring, parse, removal, spectrum, whitening
from embgeo.progress import Report, silent, waiting

FORMULAS: Final = "1"  # those of `transform`; spaces made by others are made again


def derive(loaded: Loaded, name: str, choice: Choice, report: Report = silent) -> Loaded:
    """A model's space, transformed; the first time it is computed, after that it is mapped.

    Args:
        loaded: the model as `loader.load` gives it, by `choice`.
        name: see `transform.parse`.
        report: told how far the passes are.

    Raises:
        UsageError: no such transformation, or one that this model can't have.
        ModelError: nothing in it to go by, or the store can't be written.
        NetworkError: the unembedding that `inner=causal` needs can't be fetched.
    """
    wanted = parse(name)
    source = loaded.prepared
    basis = _unembedding(source, choice, report) if wanted.kind == "inner" else source
    notes = loaded.notes
    if wanted.kind == "inner" and basis is source:
        wanted = Transform("whiten")
        notes = (*notes, f"inner=causal: {_why_the_same(source)}, so that this is whitening")
    made_of = (FORMULAS, *dict.fromkeys(_digest(one) for one in (source, basis)))
    place = _place(source, wanted)
    found = _kept(place, made_of)
    if found is None:
        with locks.lock(place, waiting(report, f"transforms '{source.manifest.model}'")):
            found = _kept(place, made_of) or _make(source, basis, wanted, made_of, report)
    return Loaded(_joined(found, source, name), notes)


def counted(prepared: Prepared) -> Mask:
    """The rows [rows] that count for mean and covariance (see the module's text)."""
    norms = prepared.matrix.norms
    counts: Mask = np.isfinite(norms) & (norms > 0) & ((prepared.table.flags & ABSENT) == 0)
    return counts


def _unembedding(source: Prepared, choice: Choice, report: Report) -> Prepared:
    """The model's unembedding; the model itself where that is what it has open."""
    manifest = source.manifest
    if manifest.side == POSITION:
        raise UsageError("positions are read by no unembedding, which --inner causal is made from")
    if manifest.unembedding is None:
        raise UsageError(f"'{manifest.model}' has word vectors and no unembedding, which --inner causal is made from")
    if choice.tensor is None and (manifest.side == "output" or (manifest.side == "input" and not manifest.unembedding)):
        return source
    wanted = Choice("output" if manifest.unembedding else "input", None, choice.file_format)
    found = companion(Embedding.of(source), wanted, report).prepared
    if found.matrix.shape[1] != source.matrix.shape[1]:
        widths = f"{source.matrix.shape[1]:,} and {found.matrix.shape[1]:,}"
        raise UsageError(f"'{manifest.model}' has {widths} dimensions on its two sides", "Try --side output.")
    return found


def _why_the_same(source: Prepared) -> str:
    manifest = source.manifest
    return "the unembedding itself answers" if manifest.unembedding else f"{manifest.model} is tied"


def _place(source: Prepared, wanted: Transform) -> Path:
    # The bundled model's positions lie beside its tokens; all other matrices have a place of their own.
    side = "+position" if source.manifest.side == POSITION else ""
    return store.derived_place(source.place, wanted.name + side)


def _digest(prepared: Prepared) -> str:
    """Of the numbers, and of which rows count; two prepared forms of one matrix have the same."""
    flags = np.asarray(prepared.table.flags & ABSENT)
    return hashlib.sha256(prepared.manifest.sha256.encode() + flags.tobytes()).hexdigest()


def _kept(place: Path, made_of: tuple[str, ...]) -> Prepared | None:
    found = store.open_prepared(place)
    return found if found and found.manifest.made_of == made_of else None


def _joined(found: Prepared, source: Prepared, name: str) -> Prepared:
    """Transformed rows under the model's own tokens."""
    manifest = found.manifest._replace(
        model=source.manifest.model,
        transform=name,
        tokenizer_size=source.manifest.tokenizer_size,
        tokenizer_sha256=source.manifest.tokenizer_sha256,
    )
    return found._replace(manifest=manifest, table=source.table, tokenizer=source.tokenizer)


def _make(
    source: Prepared, basis: Prepared, wanted: Transform, made_of: tuple[str, ...], report: Report
) -> Prepared:  # fmt: skip
    from embgeo.formats.converted import FILE, writing

    place, model = _place(source, wanted), source.manifest.model
    rule, said = _map(source, basis, wanted, report)
    rows, dims = source.matrix.shape
    store.begin(place)
    with writing(place, dims) as out:
        for part in pieces(rows, 8 * dims):
            block = to_float64(np.asarray(source.matrix.rows[part]), source.matrix.dtype)  # [piece, dims]
            with np.errstate(invalid="ignore", over="ignore"):
                usual = np.isfinite(source.matrix.norms[part]) & (source.matrix.norms[part] > 0)
                out.add(np.where(usual[:, None], rule(block), block).astype("<f4"))
            report(f"Writing {model}, {wanted.name}", part.stop, rows, "rows")
    manifest = source.manifest
    located = Located(
        manifest.full_name, manifest.revision, manifest.source, place / FILE, out.tensor(), None, manifest.unembedding,
        manifest.side, source.table, notes=(*manifest.notes, f"{wanted.name}: {said}"), scale=manifest.scale,
        transform=wanted.name, made_of=made_of,
    )  # fmt: skip
    return prepare(located, place, report)


def _map(source: Prepared, basis: Prepared, wanted: Transform, report: Report) -> Map:
    model, rows = source.manifest.model, counted(source)
    if not rows.any():
        raise ModelError(f"no row of '{model}' counts: all are zero, hold no numbers, or have no token")
    if wanted.kind == "center":
        return centring(mean(source.matrix, rows, report), int(rows.sum()))
    with np.errstate(over="ignore", invalid="ignore"):  # `spectrum` refuses what comes of it
        found = moments(basis.matrix, counted(basis), report)
    axes = spectrum(found.mean, found.covariance, model)
    if wanted.kind == "inner":
        return whitening(mean(source.matrix, rows, report), axes, basis.manifest.tensor)
    return removal(found.mean, axes, wanted.top) if wanted.kind == "remove-top" else whitening(found.mean, axes)


def mean(matrix: Matrix, keep: Mask, report: Report = silent) -> F64:
    """Mean [dims] of the rows that `keep` [rows] names, in one pass."""
    total = np.zeros(matrix.shape[1])
    for part in pieces(len(keep), 8 * matrix.shape[1]):
        total += to_float64(np.asarray(matrix.rows[part])[keep[part]], matrix.dtype).sum(axis=0)
        report("Mean", part.stop, len(keep), "rows")
    return total / max(1, int(keep.sum()))
