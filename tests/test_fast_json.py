"""Ranked lists encoded from rows and scores: the same text as the general encoder's for the whole answer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embgeo import EmbeddingSpace, load
from embgeo.cli import output
from embgeo.cli.fast_json import ListWriter
from embgeo.cli.records import to_json
from embgeo.formats.token_marks import NO_MARK, Scheme
from embgeo.formats.token_table import Entry, build_table
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest, shortest_of
from embgeo.numerics.search import Hits
from embgeo.questions.batch import Listing, analogy_lists, neighbor_lists
from embgeo.questions.ranking import ListOptions
from embgeo.results.analogy import Analogy
from embgeo.results.base import Query, Term, Token
from embgeo.results.neighbors import ExcludedToken, Neighbors
from embgeo.vocabulary.vocabulary import Vocabulary

TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=()),  # lone surrogates too
        st.sampled_from('"\\/\0\x1f\x7f\x85\xad\u200e\u2028\u202e\u2066\ufeff\U0001f600\U000e0001'),
    ),
    max_size=12,
)
SCORES = st.floats(width=32, allow_nan=False, allow_infinity=False)
TOKENS = st.builds(Token, st.integers(0, 99), TEXTS, TEXTS)
TERMS = st.lists(st.builds(Term, TEXTS, st.floats(allow_nan=False, allow_infinity=False), st.tuples(TOKENS, TOKENS)))
QUERIES = st.builds(Query, TEXTS, TERMS.map(tuple))
EXCLUDED = st.builds(ExcludedToken, st.integers(0, 99), TEXTS, TEXTS, SCORES, st.none() | st.integers(1, 9))
FIELDS = {
    "command": TEXTS, "model": TEXTS, "revision": TEXTS, "dtype": TEXTS, "notes": st.lists(TEXTS).map(tuple),
    "query": QUERIES, "metric": st.just("cosine"), "results": st.just(()), "transform": st.sampled_from(["", "center"]),
    "excluded": st.lists(EXCLUDED).map(tuple), "pieces": st.sampled_from([True, False, None]),
}  # fmt: skip
ANSWERS = st.one_of(st.builds(Neighbors, **FIELDS), st.builds(Analogy, **FIELDS, method=TEXTS))


@st.composite
def listings(draw: st.DrawFn, rows: int) -> Listing:
    """An answer, and a list of rows with their scores."""
    ids = draw(st.lists(st.integers(0, rows - 1), max_size=6))
    scores = draw(st.lists(SCORES, min_size=len(ids), max_size=len(ids)))
    return Listing(draw(ANSWERS), Hits(np.array(ids, np.intp), np.array(scores, np.float32)))


def model_with_tokens(texts: list[str]) -> Model:
    """The bundled model with another vocabulary."""
    entries = [Entry(row, text, text.encode("utf-8", "surrogatepass")) for row, text in enumerate(texts)]
    table = build_table(entries, len(texts), Scheme(NO_MARK))
    return dataclasses.replace(load("minilm"), vocabulary=Vocabulary(table, None))


@given(data=st.data(), texts=st.lists(TEXTS, min_size=1, max_size=6), raw=st.booleans(), ascii_only=st.booleans())
@pytest.mark.slow
def test_lists_are_encoded_as_by_the_general_encoder(
    data: st.DataObject, texts: list[str], *, raw: bool, ascii_only: bool
) -> None:
    """Any text in tokens, terms and notes, such as control characters and surrogates, and any float32 score."""
    space = model_with_tokens(texts)
    lists = data.draw(st.lists(listings(len(texts)), max_size=3))
    writer = ListWriter(space, raw=raw, ascii_only=ascii_only)
    answers = [listing.to_answer(space, raw=raw) for listing in lists]
    assert writer.lines(lists) == [to_json(answer, lines=True, ascii_only=ascii_only) for answer in answers]
    lines = output.escape_controls(lambda: ListWriter(space, raw=raw, ascii_only=output.is_narrow()).lines(lists))
    assert lines == [output.as_json(answer, lines=True) for answer in answers]


@pytest.mark.parametrize("score", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite(minilm: EmbeddingSpace, score: float) -> None:
    """NaN and infinity raise an error, as in the general encoder."""
    answer = dataclasses.replace(minilm.neighbors("cat", 0), results=())
    listing = Listing(answer, Hits(np.array([5]), np.array([score], np.float32)))
    with pytest.raises(ValueError, match="not finite"):
        ListWriter(minilm, raw=False, ascii_only=False).lines([listing])


def test_lists_of_the_bundled_model(minilm: EmbeddingSpace) -> None:
    """Terms of one and several tokens, expressions and analogies on the bundled model."""
    options = ListOptions(5)
    terms = ["cat", "embeddings", "2 * king - man", '"dog"', "id:3797"]
    lists = neighbor_lists(minilm, terms, options)
    lists += analogy_lists(minilm, [("king", "man", "woman")] * 4 + [("cats", "cat", "dog")], options)
    results = [listing for listing in lists if isinstance(listing, Listing)]
    assert len(results) == len(lists)
    expected = [to_json(listing.to_answer(minilm, raw=False), lines=True, ascii_only=False) for listing in results]
    assert ListWriter(minilm, raw=False, ascii_only=False).lines(results) == expected


@given(st.lists(st.one_of(SCORES, st.floats(-1, 1, width=32), st.integers(-512, 512).map(lambda n: n / 512))))
def test_shortest_decimals_of_an_array(scores: list[float]) -> None:
    """Shortest decimals computed for an array equal those of each number, in float32 and float64."""
    for values in (np.array(scores, np.float32), np.array(scores, np.float64) / 3):
        assert list(map(repr, shortest_of(values))) == [repr(shortest(float(value))) for value in values]
