"""The best rotation of one space onto another, fitted on some of the words they share and judged on the others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

import numpy as np

from embgeo.errors import Report
from embgeo.formats.map_file import SavedMap, SpaceReference
from embgeo.formats.map_file import save as save_map
from embgeo.models.model import Model
from embgeo.numerics.correlation import cosines_between
from embgeo.numerics.dtypes import F64, Ids, Mask, shortest
from embgeo.numerics.procrustes import Ranks, rotation, target_ranks
from embgeo.questions.common_neighbors import text_of
from embgeo.questions.shared_words import MatchedWords
from embgeo.results.compare import Alignment, MovedWord, Precision

MIN_WORDS: Final = 5  # words, of which one is held out
HELD_OUT_PART: Final = 5  # of the shared words one in so many is held out at most
HISTOGRAM_STEPS: Final = 80  # of the histogram of cosines
BLOCK_WORDS: Final = 4096  # words mapped at a time


@dataclass(frozen=True, slots=True)
class FittedRotation:
    """A rotation, and how it maps the shared words.

    Attributes:
        matched: the shared words.
        rotation: [p, q]
        held_out: [words] which words it was not fitted on.
        seed: of that choice.
        ranks: of the words held out.
        cosines: [words] of each rotated row with its own row in the second space.
    """

    matched: MatchedWords
    rotation: F64
    held_out: Mask
    seed: int
    ranks: Ranks
    cosines: F64

    def answer(self, model: Model, top: int, saved: str) -> Alignment:
        """The rotation's figures, and the words that moved most."""
        words, held_out = len(self.held_out), int(self.held_out.sum())
        return Alignment(
            fitted=words - held_out, held_out=held_out, seed=self.seed,
            determined=words - held_out >= max(self.rotation.shape),
            cosine=_precision(self.ranks.cosine), csls=_precision(self.ranks.csls),
            chance=Precision(shortest(1 / words), shortest(min(1.0, 10 / words))),
            mean_cosine=shortest(float(self.cosines[self.held_out].mean())),
            fitted_cosine=shortest(float(self.cosines[~self.held_out].mean())),
            histogram=tuple(np.histogram(self.cosines.clip(-1, 1), HISTOGRAM_STEPS, (-1, 1))[0].tolist()),
            moved=tuple(self._moved(model, place) for place in np.argsort(self.cosines, kind="stable")[:top].tolist()),
            saved=saved,
        )  # fmt: skip

    def save(self, first: Model, second: Model, path: str | os.PathLike[str], *, force: bool) -> None:
        """Write the rotation to a file, for `--through`."""
        fitted = int((~self.held_out).sum())
        save_map(path, SavedMap(self.rotation, space_reference(first), space_reference(second), fitted), force=force)

    def _moved(self, model: Model, place: int) -> MovedWord:
        ids = int(self.matched.first[place]), int(self.matched.second[place])
        text = text_of(model, self.matched, place)
        return MovedWord(text, ids, shortest(float(self.cosines[place])), bool(self.held_out[place]))


def fit_rotation(
    first: Model, second: Model, matched: MatchedWords, cross: F64, *, held_out: int, seed: int, report: Report
) -> FittedRotation | None:
    """Fit a rotation on most of the shared words and test it on the others; None for fewer than five words.

    Args:
        cross: [p, q] x^T y of all shared rows at length 1.
        held_out: how many words, at most a fifth of all.
        seed: of the random choice.
    """
    words = len(matched.first)
    if words < MIN_WORDS:
        return None
    chosen = np.sort(np.random.default_rng((seed, 2)).permutation(words)[: min(held_out, words // HELD_OUT_PART)])
    x, y = _units(first, matched.first[chosen]), _units(second, matched.second[chosen])  # [held out, p], [., q]
    turn = rotation(cross - x.T @ y)  # [p, q]
    found = target_ranks(x @ turn, lambda ids: _units(second, matched.second[ids]), words, chosen)
    cosines = np.empty(words)
    for at in range(0, words, BLOCK_WORDS):
        part = slice(at, at + BLOCK_WORDS)
        mapped = first.weights.take(matched.first[part]) @ turn  # [block, p] @ [p, q]
        cosines[part] = cosines_between(mapped, second.weights.take(matched.second[part]))
        report("Rotated words", min(at + BLOCK_WORDS, words), words, "words")
    apart = np.zeros(words, bool)
    apart[chosen] = True
    return FittedRotation(matched, turn, apart, seed, found, np.nan_to_num(cosines))


def cross_of_units(first: Model, second: Model, matched: MatchedWords) -> F64:
    """The sum x^T y [p, q] over the shared words' rows at length 1."""
    cross = np.zeros((first.weights.shape[1], second.weights.shape[1]))
    for at in range(0, len(matched.first), BLOCK_WORDS):
        part = slice(at, at + BLOCK_WORDS)
        cross += _units(first, matched.first[part]).T @ _units(second, matched.second[part])  # [p, block] @ [block, q]
    return cross


def space_reference(model: Model) -> SpaceReference:
    """A space as a saved map names it."""
    manifest = model.manifest
    return SpaceReference(manifest.model, manifest.revision, manifest.transform, manifest.side, manifest.tensor)


def _units(model: Model, rows: Ids) -> F64:
    """Rows at length 1 [rows, dims]."""
    units: F64 = model.weights.take(rows) / model.weights.norms[rows, None]
    return units


def _precision(ranks_of: Ids) -> Precision:
    return Precision(shortest(float((ranks_of == 1).mean())), shortest(float((ranks_of <= 10).mean())))
