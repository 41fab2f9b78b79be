"""From a vector to tokens: logits (dot products with the rows of the unembedding) and their softmax.

This is the last step of a transformer, applied to any vector. Neither the layers nor the last layer norm are applied.
"""

from __future__ import annotations

import math

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.models.choice import POSITION, Choice
from embgeo.models.model import Model
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.names import NO_LOGITS
from embgeo.numerics.softmax import entropy, row_logits, softmax
from embgeo.questions.points import TermLike
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import identity, listable
from embgeo.questions.terms import read_term, term_notes
from embgeo.results.base import Query
from embgeo.results.unembed import LikelyToken, Unembedded


def unembed(model: Model, term: TermLike, k: int = 10, *, temperature: float = 1.0, multi: str = "mean") -> Unembedded:
    """The likeliest tokens by the model's unembedding, which is fetched if necessary; see `EmbeddingSpace.unembed`."""
    output = model
    if model.manifest.unembedding and not model.manifest.row_transform:
        output = side_of(model, Choice("output"))
    return unembed_with(model, output, term, k, temperature=temperature, multi=multi)


def unembed_with(
    model: Model, output: Model, term: TermLike, k: int = 10, *, temperature: float = 1.0, multi: str = "mean"
) -> Unembedded:
    """The likeliest tokens for a term's vector, by the same model's `output` matrix; see `EmbeddingSpace.unembed`.

    Spellings are not folded and inputs not excluded, since a probability belongs to a token.
    """
    check_count(k)
    check_temperature(temperature)
    _check_logits(model, output)
    point = read_term(model, term, multi=multi)
    scores = row_logits(output.searchable(), point.vector, listable(output, []))  # [rows]
    if not np.isfinite(scores).any():
        raise TermError(f"the unembedding of '{model.manifest.model}' has no finite row")
    probabilities = softmax(scores, temperature)  # [rows]
    manifest = output.manifest
    output_notes = () if output is model else tuple(f"{manifest.tensor}: {note}" for note in output.notes)
    if manifest.headless and manifest.side == "input":  # as an output side, its own notes say so
        output_notes = (manifest.stand_in_note,)
    return Unembedded(
        **identity(output), command="unembed", notes=(*model.notes, *output_notes, *term_notes([point], multi)),
        query=Query(point.term.term, (point.term,)), unembedding=manifest.tensor, tied=manifest.tied,
        temperature=temperature, entropy=shortest(entropy(probabilities)),
        results=likeliest(output, scores, probabilities, k),
    )  # fmt: skip


def check_temperature(temperature: float) -> None:
    """Raise a `UsageError` unless a softmax can have this temperature."""
    if not (math.isfinite(temperature) and temperature >= 0):
        raise UsageError(f"invalid temperature '{temperature:g}'; expected 0 or more")


def _check_logits(model: Model, output: Model) -> None:
    """Raise an error if the vectors of one matrix have no logits with the other."""
    if model.manifest.unembedding is None:
        what = "positions" if model.manifest.side == POSITION else f"the word vectors of '{model.manifest.model}'"
        raise UsageError(f"unembed needs an unembedding, and {what} have none")
    if model.manifest.row_transform:
        raise UsageError(f"{model.manifest.row_transform} has moved the rows", NO_LOGITS)
    if model.weights.shape[1] != output.weights.shape[1]:
        widths = f"{model.weights.shape[1]:,} and {output.weights.shape[1]:,}"
        raise TermError(f"embedding and unembedding have {widths} dimensions, so they can't be multiplied")


def likeliest(output: Model, scores: F64, probabilities: F64, k: int) -> tuple[LikelyToken, ...]:
    """The k tokens with the highest logits [rows], without rows that hold NaN or infinity."""
    best = np.lexsort((np.arange(len(scores)), -scores))[:k]
    return tuple(
        LikelyToken(
            *output.vocabulary.token(row), rank=rank, logit=shortest(scores[row]),
            probability=shortest(probabilities[row]),
        )
        for rank, row in enumerate(best.tolist(), 1)
        if np.isfinite(scores[row])
    )  # fmt: skip
