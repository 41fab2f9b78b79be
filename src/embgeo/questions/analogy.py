"""Analogies: A - B + C, as Mikolov et al. 2013 and Levy & Goldberg 2014 define them."""

from __future__ import annotations

import numpy as np

from embgeo.errors import TermError
from embgeo.models.model import CANCELLED, Embedding, Point
from embgeo.numerics.analogies import SIGNS, check_method, single
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.search import Scan, scan
from embgeo.questions.neighbors import check_count, ranked
from embgeo.results.base import Query
from embgeo.results.neighbors import Analogy, LeftOut


def analogy(
    space: Embedding, a: str, b: str, c: str, k: int = 10, *, method: str = "3cosadd",
    keep_inputs: bool = False, raw: bool = False, words: bool = False, multi: str = "mean",
) -> Analogy:  # fmt: skip
    """The tokens that complete "a - b + c".

    Args:
        a, b, c: terms or expressions; `king`, `man`, `woman` asks for what is to woman as king is to man.
        k: how many.
        method: `3cosadd`: cosine with unit(a) - unit(b) + unit(c) (Mikolov et al. 2013); `3cosmul`: the product of
            (1 + cos) / 2 for a and c, by that for b plus 1e-6 (Levy & Goldberg 2014); `offset`: cosine with the
            sum of the raw rows; `pairdirection`: cosine of x - c with a - b, all of length 1 (see `methods`).
        keep_inputs: rank the inputs too, which the literature leaves out.
        raw, words, multi: as in `neighbours`.

    Raises:
        TermError: the model has no vector for a term, or the sum has no direction.
        UsageError: no such method, or a negative k.
    """
    check_method(method)
    check_count(k)
    points = [space.point(term, weight, multi) for term, weight in zip((a, b, c), SIGNS, strict=True)]
    question = _question(space, points, method)
    inputs = list(dict.fromkeys(token for point in points for token in point.ids))
    fold = space.fold(raw=raw)
    hits = question.best(k, space.allowed([] if keep_inputs else inputs, words=words, raw=raw), fold)
    excluded = () if keep_inputs else left_out(space, question, inputs, words=words, raw=raw)
    manifest = space.manifest
    return Analogy(
        "analogy", manifest.model, manifest.revision, manifest.dtype,
        (*space.notes, *space.split_notes(points, multi)),
        Query(question_text(points), tuple(point.term for point in points)), "cosine",
        ranked(space, hits, "cosine", raw=raw), method, excluded, transform=manifest.transform,
    )  # fmt: skip


def question_text(points: list[Point]) -> str:
    """A - B + C as it is titled; an expression among them stands in parentheses."""
    a, b, c = (f"({point.term.term})" if len(point.parts) > 1 else point.term.term for point in points)
    return f"{a} - {b} + {c}"


def _question(space: Embedding, points: list[Point], method: str) -> Scan:
    if method != "offset":
        for point in points:
            point.unit()
    a, b, c = (point.vector for point in points)
    vectors, objective = single(method, a, b, c)  # [n, dims]
    length = float(np.linalg.norm(vectors[0]))
    added = sum(point.added for point in points) if method == "offset" else 1.0
    if not (np.isfinite(length) and length > CANCELLED * added):
        text = " ".join(point.term.term for point in points)
        raise TermError(f"the vectors of '{text}' cancel out: nothing is left to look for")
    return scan(space.searchable(), vectors, objective)


def left_out(space: Embedding, question: Scan, inputs: list[int], *, words: bool, raw: bool) -> tuple[LeftOut, ...]:
    """The rows that a list leaves out, with the places that they would have had in it."""
    allowed = space.allowed([], words=words, raw=raw)
    fold = space.fold(raw=raw)
    scores = question.score(np.array(inputs))
    places = sorted(
        (question.rank(token, allowed, fold), token, score)
        for token, score in zip(inputs, scores, strict=True)
        if np.isfinite(score)  # from C to C itself there is no direction
    )
    tokens = [(space.vocabulary.token(token), score, rank) for rank, token, score in places]
    return tuple(LeftOut(token.id, token.piece, token.text, shortest(score), rank) for token, score, rank in tokens)
