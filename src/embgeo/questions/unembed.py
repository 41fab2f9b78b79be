"""From a vector to tokens: dot products with the unembedding's rows, and their softmax at a temperature.

The last step of a transformer, put to any vector. Nothing of the layers between is applied, nor the last layer norm.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from embgeo.errors import TermError, UsageError
from embgeo.models.architectures import POSITION, Choice
from embgeo.models.model import Model
from embgeo.models.sides import side_of
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.softmax import entropy, logits, softmax
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import identity, listable
from embgeo.questions.terms import read_term, split_notes
from embgeo.results.base import Query
from embgeo.results.unembed import LikelyToken, Unembedded

NO_LOGITS: Final = "The unembedding reads the model's own vectors: leave the transformation out."


def unembed(model: Model, term: str, k: int = 10, *, temperature: float = 1.0, multi: str = "mean") -> Unembedded:
    """The likeliest tokens for a term's vector, by the unembedding of the same model, which is fetched if need be.

    Raises:
        as `unembed_with` and `sides.side_of`.
    """
    output = model
    if model.manifest.unembedding and not model.manifest.transform:
        output = side_of(model, Choice("output"))
    return unembed_with(model, output, term, k, temperature=temperature, multi=multi)


def unembed_with(
    model: Model, output: Model, term: str, k: int = 10, *, temperature: float = 1.0, multi: str = "mean"
) -> Unembedded:
    """The likeliest tokens for a term's vector.

    Args:
        space: where the term's vector is from.
        output: the same model's unembedding (the embedding again where the two are tied).
        term: as in `neighbors`.
        k: how many; nothing is folded or left out, since probabilities belong to tokens.
        temperature: logits are divided by it before the softmax; at 0 all weight is on the highest (the lowest id of
            several).
        multi: as in `neighbors`.

    Raises:
        TermError: the model has no vector for the term, no row of the unembedding has numbers, or the two matrices are
            of different widths.
        UsageError: a temperature below 0, a negative k, positions or word vectors instead of a language model's tokens,
            or rows that were transformed.
    """
    check_count(k)
    if model.manifest.unembedding is None:
        what = "positions" if model.manifest.side == POSITION else f"'{model.manifest.model}' has word vectors, which"
        raise UsageError(f"{what} are read by no unembedding")
    if model.manifest.transform:
        raise UsageError(f"{model.manifest.transform} has moved the rows", NO_LOGITS)
    if not (math.isfinite(temperature) and temperature >= 0):
        raise UsageError(f"'{temperature:g}' is no temperature", "Give a number from 0.")
    point = read_term(model, term, multi=multi)
    if model.weights.shape[1] != output.weights.shape[1]:
        widths = f"{model.weights.shape[1]:,} and {output.weights.shape[1]:,}"
        raise TermError(f"embedding and unembedding of this model have {widths} dimensions: they can't be multiplied")
    scores = logits(output.searchable(), point.vector, listable(output, []))  # [rows]
    if not np.isfinite(scores).any():
        raise TermError(f"the unembedding of '{model.manifest.model}' has no row with numbers")
    chances = softmax(scores, temperature)  # [rows]
    best = np.lexsort((np.arange(len(scores)), -scores))[:k]
    found = [
        LikelyToken(
            id=token.id,
            piece=token.piece,
            text=token.text,
            rank=rank,
            logit=shortest(scores[token.id]),
            probability=shortest(chances[token.id]),
        )
        for rank, token in enumerate(map(output.vocabulary.token, best.tolist()), 1)
        if np.isfinite(scores[token.id])
    ]
    manifest = output.manifest
    bad = () if output is model else tuple(f"{manifest.tensor}: {note}" for note in output.notes)
    return Unembedded(
        **identity(output), command="unembed", notes=(*model.notes, *bad, *split_notes([point], multi)),
        query=Query(term, (point.term,)), unembedding=manifest.tensor, tied=not manifest.unembedding,
        temperature=temperature, entropy=shortest(entropy(chances)), results=tuple(found),
    )  # fmt: skip
