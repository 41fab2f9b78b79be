"""Terms as vectors: a word, an exact text, a row, or an expression of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np

from embgeo.errors import TermError
from embgeo.models.model import Model
from embgeo.questions.points import Point, TermLike, length_of, refuse_overflow, weighted_sum
from embgeo.questions.rows import tokens_of
from embgeo.results.base import Term, Token
from embgeo.vocabulary.reading import check_term

if TYPE_CHECKING:
    from embgeo.vocabulary.expression import Expression

PHRASE_WORDS: Final = 3  # words from which a term is a text rather than a name


def read_term(model: Model, text: TermLike, *, weight: float = 1.0, multi: str = "mean", unit: bool = False) -> Point:
    """The vector of a term (see `Vocabulary.resolve`), of an expression (see `expression.parse`) or of `@FILE`.

    Args:
        text: or a vector: see `vectors_as_terms.read_given`.
        weight: of the term in the question; stored with the vector, not applied to it.
        multi: how to read a word of several tokens, one of `reading.MULTI`.
        unit: scale the vector of each term of an expression, or of the only one, to length 1 first.

    Raises:
        TermError: the model has no token for a term, the expression is malformed, a number in it is not finite, or
            a saved direction has several axes or other dimensions.
        UsageError, FormatError: a saved direction that can't be read.
    """
    if not isinstance(text, str):
        from embgeo.questions.vectors_as_terms import read_given

        return read_given(model, text, weight=weight, unit=unit)
    if len(text.split()) > 1 or "(" in text:  # a plain word needs no parser, and no import
        from embgeo.vocabulary.expression import is_expression, parse

        if is_expression(text):
            return _sum(model, text, parse(text), weight, multi, unit=unit)
    return _part(model, text, weight, multi, unit=unit)


def read_terms(model: Model, texts: Iterable[TermLike], *, multi: str = "mean", unit: bool = False) -> list[Point]:
    """The vectors of several terms; errors as in `read_term`."""
    return [read_term(model, text, multi=multi, unit=unit) for text in texts]


def listed_terms(model: Model, texts: Iterable[str]) -> list[str]:
    """Terms, with lists such as `one,two,three` split; tokens with commas, quoted texts and expressions are not."""
    terms: list[str] = []
    for text in texts:
        apart = [part.strip() for part in text.split(",")]
        quoted = text.strip()[:1] in {"'", '"'}
        whole = len(apart) == 1 or not all(apart) or quoted or model.vocabulary.single_token(text) is not None
        terms += [text] if whole else apart
    return terms


def is_one_token(model: Model, text: str) -> bool:
    """Whether a word, an exact text or a row is one token of the vocabulary; False for text that can't be a term."""
    if not text.startswith(("id:", "'", '"')):
        return model.vocabulary.single_token(text) is not None
    try:
        return len(model.vocabulary.resolve(text, "error").ids) == 1
    except TermError:
        return False


def term_notes(points: Iterable[Point], multi: str) -> tuple[str, ...]:
    """A note for each term that splits into several tokens, and those of the terms themselves."""
    points = list(points)
    several = (part for point in points if point.given is None for part in point.parts if len(part.tokens) > 1)
    own = (note for point in points for note in point.notes)
    return tuple(dict.fromkeys([*(_split_note(part.term, part.tokens, multi) for part in several), *own]))


def phrase_notes(points: Iterable[Point]) -> tuple[str, ...]:
    """A note if a term is a phrase: the mean of its rows ignores word order and context."""
    parts = [point.parts[0].term for point in points if len(point.parts) == 1]
    phrases = [part for part in parts if len(part.split()) >= PHRASE_WORDS]
    if not phrases:
        return ()
    how = "`embgeo similarity --texts` compares whole texts"
    return (f"'{phrases[0]}' is a text, and the mean of its rows ignores word order and context; {how}",)


def _part(model: Model, text: str, weight: float, multi: str, *, unit: bool) -> Point:
    """A term that is not an expression; also `-king`, since a leading sign needs no space."""
    if text.startswith("@") and len(text) > 1 and model.vocabulary.single_token(text) is None:
        point = _saved(model, text, weight)
    elif _is_missing(model, text) and (of_ngrams := _of_ngrams(model, text, weight)):
        if signed := _arithmetic(model, text):
            return _sum(model, text, signed, weight, multi, unit=unit)
        point = of_ngrams
    else:
        _, ids, folded = model.vocabulary.resolve(text, multi)
        if len(ids) > 1 and (signed := _arithmetic(model, text)):
            return _sum(model, text, signed, weight, multi, unit=unit)
        point = _single(model, text, ids, weight, multi)
        if folded:
            point = point._replace(notes=(f"'{text}' is not in the vocabulary; '{folded}' is used",))
    return point.scaled_to_unit() if unit else point


def _arithmetic(model: Model, text: str) -> Expression | None:
    """The expression that -king is; None for text that isn't arithmetic.

    Raises:
        TermError: operators without spaces between words of the vocabulary.
    """
    from embgeo.vocabulary.expression import parse, with_spaces

    spaced = with_spaces(text)
    if spaced == text.strip() or text.strip()[0] in "\"'":
        return None
    try:
        terms = parse(spaced)
    except TermError:
        return None
    if not all(model.vocabulary.single_token(part.term) is not None for part in terms):
        return None
    if len(terms) == 1 and spaced[0] in "+-−–":
        return terms
    own = model.vocabulary.quoted(text)
    raise TermError(f"'{text}': did you mean '{spaced}'?", f"If you mean the text itself, put it in quotes: '{own}'.")


def _is_missing(model: Model, text: str) -> bool:
    """Whether a word is missing from a fastText file, which has n-grams for it; exact texts and rows are not words."""
    word = text.strip()
    exact = word[:1] in {"'", '"'} or word.startswith("id:")
    return (
        model.manifest.ngrams is not None and word != "" and not exact and model.vocabulary.single_token(word) is None
    )


def _of_ngrams(model: Model, text: str, weight: float) -> Point | None:
    """A word as the mean of its n-grams; None for one that is too short to have any."""
    check_term(text)
    grams = model.manifest.ngrams
    found = grams.vector(text.strip()) if grams else None
    if found is None:
        return None
    vector = found[0].astype(np.float64)  # [dims]
    note = f"'{text}' is not in the vocabulary; the mean of its {found[1]:,} n-grams is used"
    term, norm = Term(text, weight, ()), length_of(vector)
    return Point(term, vector, norm, (term,), norm, (note,))


def _saved(model: Model, text: str, weight: float) -> Point:
    from embgeo.questions.saved_directions import read_saved

    saved, notes = read_saved(model, text[1:])
    if len(saved.axes) > 1:
        import shlex

        raise TermError(
            f"'{text}' holds {len(saved.axes)} axes, which is a subspace and not one vector",
            f"As in: embgeo project cat --onto {shlex.quote(text)}",
        )
    vector = saved.axes[0]  # [components, dims] -> [dims]
    term = Term(text, weight, ())
    norm = length_of(vector)
    return Point(term, vector, norm, (term,), norm, notes)


def _single(model: Model, text: str, ids: tuple[int, ...], weight: float, multi: str) -> Point:
    rows = model.weights.take(np.array(ids))  # [tokens, dims]
    vector = rows[0] if len(ids) == 1 else rows.sum(axis=0) if multi == "sum" else rows.mean(axis=0)  # [dims]
    norm = length_of(vector)
    if not (math.isfinite(norm) or np.isfinite(vector).all()):
        raise TermError(f"the row of '{text}' holds NaN or infinity", "`embgeo info` counts such rows.")
    refuse_overflow(norm, text)
    term = Term(text, weight, tokens_of(model, ids))
    return Point(term, vector, norm, (term,), norm)


def _sum(model: Model, text: str, terms: Expression, weight: float, multi: str, *, unit: bool) -> Point:
    points = [_part(model, part.term, part.weight, multi, unit=unit) for part in terms]
    return weighted_sum(text, points, weight)


def _split_note(term: str, tokens: tuple[Token, ...], multi: str) -> str:
    parts = " + ".join(repr(token.text) for token in tokens)
    return f"'{term}' is {len(tokens)} tokens: {parts}; their {multi} is used"
