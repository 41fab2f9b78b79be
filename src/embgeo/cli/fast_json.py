"""Many ranked lists as lines of JSON, with the bytes of `records.to_json` but without an object for each token.

The lists of many questions repeat the same tokens: the JSON of each token is encoded once.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from embgeo import __version__
from embgeo.cli.records import VERSION_KEY
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest_of
from embgeo.questions.batch import Listing
from embgeo.questions.rows import tokens_of
from embgeo.questions.rows import variants as variants_of
from embgeo.results.base import Query, Term
from embgeo.results.records import fields

CACHED_TOKENS: Final = 1 << 15  # tokens
ScoreColumns = Iterator[tuple[str, int]]  # score and variants of each result of all lists


class ListWriter:
    """Writes the lists of one space.

    Args:
        raw: whether they list every row for itself.
        ascii_only: write other characters as escapes.
    """

    def __init__(self, model: Model, *, raw: bool, ascii_only: bool) -> None:
        self.model, self._raw = model, raw
        self._encode = json.JSONEncoder(default=fields, ensure_ascii=ascii_only, allow_nan=False).encode
        self._token = functools.lru_cache(CACHED_TOKENS)(self._encode)
        self._row = functools.lru_cache(CACHED_TOKENS)(self._inside)

    def lines(self, lists: Sequence[Listing]) -> list[str]:
        """A line for each list.

        Raises:
            ValueError: a number is NaN or infinite.
        """
        if not lists:
            return []
        scores = _numbers(shortest_of(np.concatenate([one.hits.scores for one in lists])))
        variants = variants_of(self.model, np.concatenate([one.hits.ids for one in lists]), raw=self._raw)
        columns = zip(scores, variants, strict=True)
        return [self._line(one, columns) for one in lists]

    def _line(self, listing: Listing, columns: ScoreColumns) -> str:
        named = ", ".join(
            f'"{name}": {self._list(listing, columns) if name == "results" else self._value(value)}'
            for name, value in fields(listing.answer).items()
        )
        return f'{{{named}, "{VERSION_KEY}": "{__version__}"}}\n'

    def _value(self, value: object) -> str:
        return self._query(value) if isinstance(value, Query) else self._encode(value)

    def _list(self, listing: Listing, columns: ScoreColumns) -> str:
        rows = map(self._row, listing.hits.ids.tolist())
        results = [
            f'{{"rank": {rank}, {token}, "score": {score}, "variants": {variants}}}'
            for rank, (token, (score, variants)) in enumerate(zip(rows, columns, strict=False), 1)
        ]
        return f"[{', '.join(results)}]"

    def _inside(self, row: int) -> str:
        return self._token(tokens_of(self.model, [row])[0])[1:-1]

    def _query(self, query: Query) -> str:
        terms = ", ".join(map(self._term, query.terms))
        return f'{{"text": {self._encode(query.text)}, "terms": [{terms}], "unit": {self._encode(query.unit)}}}'

    def _term(self, term: Term) -> str:
        tokens = ", ".join(map(self._token, term.tokens))
        return f'{{"term": {self._encode(term.term)}, "weight": {self._encode(term.weight)}, "tokens": [{tokens}]}}'


def _numbers(values: list[float]) -> list[str]:
    """Numbers as JSON writes them."""
    text = repr(values)[1:-1]
    if "n" in text:  # of nan and inf
        raise ValueError("a score is not finite")
    return text.split(", ") if text else []
