"""How alike two spaces are, over the words that they share."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer
from embgeo.results.other_space import OtherSpace
from embgeo.results.records import Record, as_data
from embgeo.results.tabular import Drawable


@dataclass(frozen=True, slots=True)
class ComparedSpace(OtherSpace):
    """One of the two spaces.

    Attributes:
        side: which matrix of the model: `input`, `output` or `position`.
        tensor: its name in the file.
        rows, dimensions: its shape.
        left_out: tokens that the other space has none for.
        mean_cosine: of all pairs of shared words.
    """

    side: str
    tensor: str
    rows: int
    dimensions: int
    left_out: int
    mean_cosine: float


@dataclass(frozen=True, slots=True)
class SharedCounts:
    """The words that are compared.

    Attributes:
        words: how many.
        other_capitals: of them, those that are spelled in other capitals in the other space.
        without_direction: shared words left out since a row is zero, NaN or infinite.
    """

    words: int
    other_capitals: int
    without_direction: int


@dataclass(frozen=True, slots=True)
class OverlapBand:
    """The mean overlap of the words in one band of ids or counts.

    Attributes:
        by: `id` (rows of the first space) or `count` (in a file of counts).
        first, last: the lowest and highest id, or the highest and lowest count.
        words: how many.
        overlap: mean share of the k nearest, from 0 to 1.
    """

    by: str
    first: int
    last: int
    words: int
    overlap: float


@dataclass(frozen=True, slots=True)
class NearWord:
    """A shared word near another in one space.

    Attributes:
        text: of the first space's token.
        cosine: from -1 to 1.
        in_both: whether the other space lists it too.
    """

    text: str
    cosine: float
    in_both: bool


@dataclass(frozen=True, slots=True)
class WordOverlap:
    """A shared word, and what its lists in the two spaces have in common.

    Attributes:
        text: of the first space's token.
        ids: its rows in the two spaces.
        overlap: share of the k nearest, from 0 to 1.
        common: the words in both lists, nearest in the first space first.
    """

    text: str
    ids: tuple[int, int]
    overlap: float
    common: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordLists(WordOverlap):
    """A word with its list in each space.

    Attributes:
        first, second: nearest first.
        aligned: cosine of its row in the first space, rotated, with its row in the second; None without a rotation.
    """

    first: tuple[NearWord, ...]
    second: tuple[NearWord, ...]
    aligned: float | None


@dataclass(frozen=True, slots=True)
class Precision:
    """How often a mapped word's own row is the nearest of all shared words, or among the 10 nearest; from 0 to 1."""

    at_1: float
    at_10: float


@dataclass(frozen=True, slots=True)
class MovedWord:
    """A shared word and the cosine of its rotated row with its row in the other space.

    Attributes:
        held_out: whether the rotation was fitted without it.
    """

    text: str
    ids: tuple[int, int]
    cosine: float
    held_out: bool


@dataclass(frozen=True, slots=True)
class Alignment:
    """The best rotation of the first space onto the second, fitted on some of the shared words.

    Attributes:
        fitted, held_out: how many words it was fitted on, and judged on.
        seed: of the random choice.
        determined: whether there were more words than dimensions; else what these don't span is taken to zero.
        cosine, csls: how well the words held out are found again.
        chance: the same for a rotation that tells nothing.
        mean_cosine, fitted_cosine: mean cosine of a rotated word with its own row, of words held out and fitted.
        histogram: [80] numbers of words by that cosine, in equal steps from -1 to 1.
        moved: the words with the lowest cosines.
        saved: the file that the rotation was written to; empty without one.
    """

    fitted: int
    held_out: int
    seed: int
    determined: bool
    cosine: Precision
    csls: Precision
    chance: Precision
    mean_cosine: float
    fitted_cosine: float
    histogram: tuple[int, ...]
    moved: tuple[MovedWord, ...]
    saved: str = ""


@dataclass(frozen=True, slots=True)
class Comparison(Answer, Drawable):
    """How alike two spaces are, over the words that they share.

    Attributes:
        spaces: the two; the fields of every answer are the first's.
        shared: which words are compared.
        k: length of the lists.
        queries: words whose lists are compared; the lists hold any shared words.
        overlap: mean share of the k nearest that the two spaces have in common, from 0 to 1.
        overlap_chance: the same for random lists, k / (words - 1).
        shares: [k + 1] numbers of queries with 0, 1, ..., k words in common.
        bands: the same by id and, with a file of counts, by frequency.
        most, least: words with the highest and lowest overlap; lower ids first among equal ones.
        asked: the words that were named.
        cka: linear CKA of the rows, from 0 to 1; None where all rows of one space are equal.
        cka_chance: its mean over all ways to pair the words.
        cosines: Pearson's correlation of the cosines of all pairs of words; None where they don't vary.
        pairs: how many pairs there are.
        alignment: the best rotation; None for fewer than five words.
    """

    spaces: tuple[ComparedSpace, ComparedSpace]
    shared: SharedCounts
    k: int
    queries: int
    overlap: float
    overlap_chance: float
    shares: tuple[int, ...]
    bands: tuple[OverlapBand, ...]
    most: tuple[WordOverlap, ...]
    least: tuple[WordOverlap, ...]
    asked: tuple[WordLists, ...]
    cka: float | None
    cka_chance: float | None
    cosines: float | None
    pairs: int
    alignment: Alignment | None

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return " and ".join(" ".join(filter(None, (one.model, one.transform))) for one in self.spaces)

    def records(self) -> list[Record]:
        """A row for each word that was named; else one with the figures of the whole."""
        if self.asked:
            return [
                {"word": one.text, "id": one.ids[0], "other_id": one.ids[1], "overlap": one.overlap,
                 "aligned": one.aligned, "common": " ".join(word.strip() for word in one.common)}
                for one in self.asked
            ]  # fmt: skip
        figures = {
            "model": self.spaces[0].model, "other": self.spaces[1].model, "words": self.shared.words, "k": self.k,
            "overlap": self.overlap, "overlap_chance": self.overlap_chance, "cka": self.cka,
            "cka_chance": self.cka_chance, "cosines": self.cosines,
        }  # fmt: skip
        found = self.alignment
        if found is None:
            return [figures]
        scores = {f"{name}_{at}": value for name, one in (("cosine", found.cosine), ("csls", found.csls))
                  for at, value in as_data(one).items()}  # fmt: skip
        return [figures | scores | {"mean_cosine": found.mean_cosine}]
