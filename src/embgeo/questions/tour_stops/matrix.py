"""The matrix as a whole, against chance: single coordinates, nearly perpendicular rows, and their lengths."""

from __future__ import annotations

from typing import Final

import numpy as np

from embgeo.errors import TermError
from embgeo.formats.token_marks import WORD
from embgeo.models.model import Model
from embgeo.numerics.correlation import cosines_between, cosines_of, pearson, ranks
from embgeo.numerics.dtypes import F64, Ids, shortest
from embgeo.numerics.kernels import products
from embgeo.numerics.samples import random_pairs
from embgeo.questions.command_log import CommandLog
from embgeo.questions.rows import listable
from embgeo.questions.tour_stops.claims import FAILS, HOLDS, IN_PART, NOT_ASKED, Claim, Finding
from embgeo.results.tour import Figure

LIVING: Final = ("dog", "horse", "bird", "man")
LIFELESS: Final = ("car", "chair", "stone", "tower")
BLOCK_COORDINATES: Final = 64  # coordinates
MIN_BLOCKS: Final = 4  # with fewer, half of the length in one of them is little above chance
ROTATIONS: Final = 1000
RARE_SHARE: Final = 0.99  # of the rotations have less in one coordinate
MIN_ROWS: Final = 100
PAIRS: Final = 10_000
DEGREES: Final = 5.0
DIRECTIONS: Final = 16
DRAWS: Final = 100  # of as many random vectors as there are rows
STRONG, SOME = 0.5, 0.2  # rank correlations
SEED: Final = 0


def _coordinates(log: CommandLog) -> Finding:
    """How much of a learned direction is in its best coordinate and block, and after random rotations of the space.

    A rotation leaves a direction anywhere on the sphere alike, so rotated directions are drawn from there.
    """
    direction = np.asarray(log.vector(" + ".join(LIVING) + " - " + " - ".join(LIFELESS)))  # [dims]
    if not direction.any():
        raise TermError("the direction has length zero", "Its words have the same vectors.")
    own = _shares(direction[None])  # [1, dims]
    rotated = _shares(np.random.default_rng(SEED).standard_normal((ROTATIONS, len(direction))))  # [ROTATIONS, dims]
    best, chance = float(own.max()), rotated.max(axis=1)  # chance: [ROTATIONS]
    figures = [
        Figure(name=f"share of coordinate {int(own.argmax())}", value=shortest(best)),
        Figure(name="of the best one after a rotation", value=shortest(float(np.median(chance)))),
    ]
    below = float(np.mean(chance < best))
    reason = f"Its best coordinate holds {best:.1%} of its squared length, more than after {below:.0%} of the rotations"
    holds = best >= 0.5 and below >= RARE_SHARE
    if len(direction) >= MIN_BLOCKS * BLOCK_COORDINATES:
        blocks, turned = _blocks(own)[0], _blocks(rotated).max(axis=1)  # [blocks]; [ROTATIONS]
        start = int(blocks.argmax()) * BLOCK_COORDINATES
        holds = holds or float(blocks.max()) >= 0.5
        figures += [
            Figure(
                name=f"share of coordinates {start} to {start + BLOCK_COORDINATES - 1}",
                value=shortest(float(blocks.max())),
            ),
            Figure(name="of the best block after a rotation", value=shortest(float(np.median(turned)))),
        ]
        reason += f"; its best block {float(blocks.max()):.1%}"
    verdict = HOLDS if holds else IN_PART if below >= RARE_SHARE else FAILS
    return Finding(figures, verdict, f"{reason}.")


def _shares(vectors: F64) -> F64:
    """The share of each coordinate in the squared length [vectors, dims]."""
    squares = vectors**2
    shares: F64 = squares / squares.sum(axis=1, keepdims=True)
    return shares


def _blocks(shares: F64) -> F64:
    """The shares of whole blocks of coordinates [vectors, dims] -> [vectors, blocks]."""
    whole = shares.shape[1] // BLOCK_COORDINATES * BLOCK_COORDINATES
    blocks: F64 = shares[:, :whole].reshape(len(shares), -1, BLOCK_COORDINATES).sum(axis=2)
    return blocks


def _superposition(log: CommandLog) -> Finding:
    """How many pairs of rows are nearly perpendicular, and of as many random vectors in as many dimensions."""
    model, rows = log.rows(), _directed(log.model)
    if len(rows) < MIN_ROWS:
        return Finding([], NOT_ASKED, f"Fewer than {MIN_ROWS} rows have a direction.")
    limit, dims = np.sin(np.radians(DEGREES)), model.weights.shape[1]
    random = np.random.default_rng(SEED)
    cosines = cosines_of(model.weights, random_pairs(rows, PAIRS, SEED))  # [PAIRS]
    share, chance = (float(np.mean(np.abs(one) < limit)) for one in (cosines, _random_cosines(random, PAIRS, dims)))
    directions = random.standard_normal((DIRECTIONS, dims))
    best = _best_matches(model, rows, directions)  # [DIRECTIONS]
    of_random = [_random_cosines(random, len(rows), dims).max() for _ in range(DRAWS)]
    figures = [
        Figure(name=f"pairs within {DEGREES:g} degrees of perpendicular", value=shortest(share)),
        Figure(name="pairs of random vectors", value=shortest(chance)),
        Figure(name="cosine of a random direction's best match", value=shortest(float(np.mean(best)))),
        Figure(name="of its best match among random vectors", value=shortest(float(np.mean(of_random)))),
    ]
    error = 3 * np.sqrt(2 * chance * (1 - chance) / PAIRS)
    verdict = HOLDS if share >= chance - error else IN_PART if share >= 0.5 else FAILS
    return Finding(figures, verdict, f"{share:.1%} of the pairs are, and {chance:.1%} of pairs of random vectors.")


def _random_cosines(random: np.random.Generator, count: int, dims: int) -> F64:
    """Cosines [count] of a fixed direction with random ones: a coordinate of a random vector of length 1."""
    own = random.standard_normal(count)
    cosines: F64 = own / np.sqrt(own**2 + random.chisquare(dims - 1, count))
    return cosines


def _best_matches(model: Model, rows: Ids, directions: F64) -> F64:
    """The highest cosine of each direction with a row [directions]; the row is found in float32."""
    units = directions / np.linalg.norm(directions, axis=1, keepdims=True)  # [directions, dims]
    dots, _ = products(model.weights, units)  # [directions, dims] @ [dims, rows] -> [directions, rows]
    best = rows[(dots[:, rows] / model.weights.norms[rows]).argmax(axis=1)]  # [directions]
    return cosines_between(model.weights.take(best), units)


def _frequency(log: CommandLog) -> Finding:
    """Spearman's correlation of a row's length and its place in the vocabulary: of whole words, and of all rows."""
    model, rows = log.rows(), _directed(log.model)
    words = rows[model.vocabulary.table.flags[rows] & WORD > 0]  # unused and special tokens have no frequency
    norms = model.weights.norms
    of_words, of_all = (pearson(ranks(norms[one]), np.arange(len(one), dtype=np.float64)) for one in (words, rows))
    if len(words) < MIN_ROWS or of_words is None or of_all is None:
        return Finding([], NOT_ASKED, f"Fewer than {MIN_ROWS} whole words have a direction, or all are equally long.")
    figures = [
        Figure(name="rank correlation of whole words", value=of_words), Figure(name="of all rows", value=of_all)
    ]  # fmt: skip
    verdict = HOLDS if abs(of_words) >= STRONG else IN_PART if abs(of_words) >= SOME else FAILS
    later = "longer" if of_words > 0 else "shorter"
    return Finding(figures, verdict, f"The rank correlation is {of_words:.3f}: later words tend to be {later}.")


def _directed(model: Model) -> Ids:
    """Rows with a token and a finite length above zero."""
    norms = model.weights.norms
    return np.flatnonzero(np.isfinite(norms) & (norms > 0) & listable(model, []))


SINGLE_COORDINATES: Final = Claim(
    "single coordinates", "Single coordinates carry meaning: one of them, or a block such as 0 to 63, says whether "
    "something lives.", "in part, if the best coordinate of the step from lifeless to living things holds more of its "
    "squared length than after 99% of random rotations; holds if that is half of it, or if one of at least four "
    "blocks of 64 holds half", _coordinates,
)  # fmt: skip
SUPERPOSITION: Final = Claim(
    "superposition", "There is room for many more directions than dimensions: nearly all rows are nearly perpendicular "
    "to each other.", f"holds if as many pairs are within {DEGREES:g} degrees of perpendicular as of random vectors in "
    "as many dimensions; in part, if half of them are", _superposition,
)  # fmt: skip
FREQUENCY: Final = Claim(
    "frequency", "The length of a vector goes with the frequency of its word, and so with its place in the vocabulary.",
    f"holds if the rank correlation of whole words is {STRONG:g} or more either way; in part, if {SOME:g} or more",
    _frequency,
)  # fmt: skip
