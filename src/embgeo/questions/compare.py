"""Two spaces compared over the words that they share: neighbors, CKA, all cosines, and the best rotation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.formats.lines import COUNTS, read_word_counts
from embgeo.models.model import Model, check_is_model
from embgeo.numerics.dtypes import Ids, shortest
from embgeo.numerics.moments import RunningMoments
from embgeo.numerics.paired_moments import PairedMoments, cosine_moments, linear_cka, paired
from embgeo.questions.aligned import FittedRotation, fit_rotation
from embgeo.questions.common_neighbors import common_neighbors
from embgeo.questions.rows import about, identity
from embgeo.questions.shared_words import MatchedWords, shared_place, shared_words
from embgeo.results.compare import ComparedSpace, Comparison, SharedCounts, WordLists

BLOCK_PAIRS: Final = 4096  # pairs of rows at a time


def compare(
    first: Model, second: Model, terms: Sequence[str] = (), k: int = 10, *, top: int = 5, bands: int = 10,
    queries: int | None = None, held_out: int = 2000, words: bool = False, case: str = "fold",
    counts: str | None = None, seed: int = 0, save: str | os.PathLike[str] | None = None, force: bool = False,
    report: Report = silent,
) -> Comparison:  # fmt: skip
    """How alike two spaces are, over the words that they share; parameters as in `EmbeddingSpace.compare`."""
    _check(k, top, bands, queries, held_out)
    check_is_model(second)
    matched = shared_words(first, second, words=words, case=case)
    if k >= len(matched.first):
        raise UsageError(f"can't list {k} of {len(matched.first)} shared words", "Choose a smaller -k.")
    counted = _counts(first, matched, counts)
    places = [shared_place(first, second, matched, term) for term in terms]
    near = common_neighbors(first, second, matched, k, queries=queries, seed=seed, report=report)
    rows, units = _joint_moments(first, second, matched, report)
    cosines, cka = cosine_moments(units), linear_cka(rows)
    turned = fit_rotation(first, second, matched, units.cross, held_out=held_out, seed=seed, report=report)
    if save is not None:
        if turned is None:
            raise UsageError(f"{len(matched.first)} shared words are too few for a rotation")
        turned.save(first, second, save, force=force)
    best, worst = near.extremes(first, top)
    in_bands, notes = near.bands(bands, counted), left_out_notes(first, second, matched)
    if counts is not None and in_bands[-1].by != "count":
        notes += (f"'{counts}' counts none of the words compared: raise --queries for bands by count",)
    return Comparison(
        **about(first, "compare", notes),
        spaces=(_space(first, matched, 0, cosines.means[0]), _space(second, matched, 1, cosines.means[1])),
        shared=SharedCounts(len(matched.first), matched.folded, matched.without_direction),
        k=k, queries=len(near.queries), overlap=shortest(near.overlap), overlap_chance=shortest(near.chance),
        shares=near.shares, bands=in_bands, most=best, least=worst,
        asked=tuple(_word_lists(first, second, matched, place, k, turned) for place in places),
        cka=None if cka is None else shortest(cka[0]), cka_chance=None if cka is None else shortest(cka[1]),
        cosines=None if cosines.correlation is None else shortest(cosines.correlation), pairs=cosines.pairs,
        alignment=None if turned is None else turned.answer(first, top, str(save or "")),
    )  # fmt: skip


def _joint_moments(
    first: Model, second: Model, matched: MatchedWords, report: Report
) -> tuple[PairedMoments, PairedMoments]:
    """The moments of the shared rows of both spaces side by side, in one pass; no cosine depends on their scale.

    Those of the rows are about their mean, those of the same rows at length 1 about zero.
    """
    width = first.weights.shape[1]
    raw, units = (RunningMoments(width + second.weights.shape[1]) for _ in range(2))
    scales = [float(model.weights.norms[rows].max()) for model, rows in ((first, matched[0]), (second, matched[1]))]
    for at in range(0, len(matched.first), BLOCK_PAIRS):
        part = slice(at, at + BLOCK_PAIRS)
        x, y = first.weights.take(matched.first[part]), second.weights.take(matched.second[part])  # [block, p], [., q]
        norms = first.weights.norms[matched.first[part], None], second.weights.norms[matched.second[part], None]
        raw.add(np.concatenate([x / scales[0], y / scales[1]], axis=1))  # [block, p + q]
        units.add(np.concatenate([x / norms[0], y / norms[1]], axis=1))
        report("Moments of both spaces", min(at + BLOCK_PAIRS, len(matched.first)), len(matched.first), "words")
    return paired(raw.moments(), width, centered=True), paired(units.moments(), width, centered=False)


def _check(k: int, top: int, bands: int, queries: int | None, held_out: int) -> None:
    numbers = (("-k", k, 1), ("--top", top, 0), ("--bands", bands, 1), ("--held-out", held_out, 1))
    for name, value, least in (*numbers, *((("--queries", queries, 1),) if queries is not None else ())):
        if value < least:
            raise UsageError(f"{name} {value} is too small", f"Give a whole number from {least}.")


def _space(model: Model, matched: MatchedWords, side: int, mean: float) -> ComparedSpace:
    rows, dims = model.weights.shape
    return ComparedSpace(
        **identity(model), side=model.manifest.side, tensor=model.manifest.tensor, rows=rows, dimensions=dims,
        left_out=matched.left_out[side], mean_cosine=shortest(mean),
    )  # fmt: skip


def left_out_notes(first: Model, second: Model, matched: MatchedWords) -> tuple[str, ...]:
    """The other model's notes, and what is left out."""
    notes = [note for note in second.notes if note not in first.notes]
    both = zip(matched.left_out, (first, second), ("A", "B"), ("B", "A"), strict=True)
    for count, model, here, there in both:
        if count:
            tokens = "token" if count == 1 else "tokens"
            notes.append(f"left out of {here} ({space_title(model)}): {count:,} {tokens} that {there} doesn't have")
    if matched.folded:
        notes.append(f"{matched.folded:,} of the words are matched in other capitals")
    if matched.without_direction:
        notes.append(f"left out: {matched.without_direction:,} shared words whose row is zero, NaN or infinite")
    return tuple(notes)


def space_title(model: Model) -> str:
    """A model with its transformation."""
    return " ".join(filter(None, (model.manifest.model, model.manifest.transform)))


def _counts(model: Model, matched: MatchedWords, file: str | None) -> Ids | None:
    """The counts of the shared words [words] by a file, -1 for words that it lacks and parts of words."""
    if file is None:
        return None
    counted, table = read_word_counts(file), model.vocabulary.table
    found = np.full(len(matched.first), -1, np.intp)
    for place, row in enumerate(matched.first.tolist()):
        if (key := table.key(row)).startswith(b" "):
            word = key.decode("utf-8", "replace").strip()
            found[place] = counted.get(word, counted.get(word.lower(), -1))
    if (found < 0).all():
        raise UsageError(f"'{file}' counts none of the {len(found):,} shared words", COUNTS)
    return found


def _word_lists(
    first: Model, second: Model, matched: MatchedWords, place: int, k: int, turned: FittedRotation | None
) -> WordLists:
    """A word's list in each space."""
    alone = common_neighbors(first, second, matched, k, only=np.array([place]))
    one = alone.word(first, 0)
    lists = [alone.listed(first, side) for side in (0, 1)]
    cosine = None if turned is None else shortest(float(turned.cosines[place]))
    return WordLists(one.text, one.ids, one.overlap, one.common, lists[0], lists[1], cosine)
