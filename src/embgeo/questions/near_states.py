"""What a word's states are near to: words run alone, rows of the matrix, other words of its texts, or likely tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, UsageError
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.softmax import softmax
from embgeo.questions.ranking import ListOptions, nearest
from embgeo.questions.running import Runner
from embgeo.questions.unembed import likeliest
from embgeo.questions.words_alone import candidates, cosines_with, states_alone, whole_words
from embgeo.results.context import NearState, WordInText
from embgeo.transformer.activations import Floats
from embgeo.transformer.forward import final_norm
from embgeo.transformer.head import has_head, logits
from embgeo.vocabulary.reading import needs_no_spaces
from embgeo.vocabulary.running_text import RunningText, tokens_in

NearStates = tuple[NearState, ...]
WORD: Final = re.compile(r"\w+(?:['’]\w+)*")


class OccurrenceStates(NamedTuple):
    """A word in its texts, and all of their states.

    Attributes:
        word: as typed.
        occurrences: of it.
        states: of these [depth + 1, occurrences, dims].
        texts: the states of each different text [depth + 1, tokens, dims].
    """

    word: str
    occurrences: Sequence[WordInText]
    states: Floats
    texts: Mapping[RunningText, Floats]


def check_near(ready: Runner, near: str) -> None:
    """Raise an error if the model lacks what to compare with.

    Raises:
        UsageError: the lens of a model without an unembedding, or rows of another width than its layers.
    """
    name = ready.model.manifest.model
    if near == "lens" and (ready.model.manifest.headless or not has_head(ready.transformer)):
        raise UsageError(f"the lens needs an unembedding, and {name} has none", "Use --near words.")
    rows, states = ready.model.weights.shape[1], ready.transformer.settings.width
    if near == "rows" and rows != states:
        raise UsageError(f"the rows of {name} have {rows} dimensions, and its states {states}", "Use --near words.")


def nearest_states(
    ready: Runner, near: str, found: OccurrenceStates, k: int, report: Report
) -> list[tuple[NearStates, ...]]:
    """What each occurrence of a word is near to at each chosen layer, without the word itself."""
    states = found.states
    if near == "none" or not k:
        return [((),) * states.shape[1]] * len(ready.chosen)
    match near:
        case "lens":
            last = ready.transformer.settings.layers
            return [_through_lens(ready, states[layer], k, last=layer == last) for layer in ready.chosen]
        case "rows":
            return [_rows(ready, found, layer, k) for layer in ready.chosen]
        case "texts":
            return list(_other_words(ready, found, k))
        case _:
            return _words_alone(ready, found, k, report)


def _words_alone(ready: Runner, found: OccurrenceStates, k: int, report: Report) -> list[tuple[NearStates, ...]]:
    """The vocabulary's words, each run alone through the same layers."""
    words, itself = whole_words(ready.model), found.word.strip().casefold()
    few = candidates(ready, found.states, k, report)
    needed = sorted({int(number) for layer in few for some in layer for number in some})
    alone = states_alone(ready, [words[number] for number in needed])  # [depth + 1, needed, dims]
    at = {number: place for place, number in enumerate(needed)}
    answer = []
    for layer, few_of_each in zip(ready.chosen, few, strict=True):
        cosines = cosines_with(found.states[layer], alone[layer])  # [occurrences, needed]
        answer.append(tuple(
            _best([(row[at[int(number)]], words[number], None) for number in some
                   if words[number].casefold() != itself], k)
            for row, some in zip(cosines.tolist(), few_of_each, strict=True)
        ))  # fmt: skip
    return answer


def _rows(ready: Runner, found: OccurrenceStates, layer: int, k: int) -> tuple[NearStates, ...]:
    """The rows of the embedding matrix with the highest cosines."""
    answer = []
    for one, state in zip(found.occurrences, found.states[layer].astype(np.float64), strict=True):
        best = nearest(ready.model, state, [token.id for token in one.tokens], COSINE, ListOptions(k))
        answer.append(tuple(NearState(token.text, token.score) for token in best["results"]))
    return tuple(answer)


def _other_words(ready: Runner, found: OccurrenceStates, k: int) -> Iterator[tuple[NearStates, ...]]:
    """The other words of the texts, at the same layer; several tokens count with the mean of their states."""
    taken = {(one.text, n) for one in found.occurrences for n in one.positions}
    places = [
        (number, text, text.text[start:stop], tokens)
        for number, text in enumerate(found.texts, 1)
        for start, stop, tokens in _words_of(text)
        if not any((text.text, n) in taken for n in tokens)
    ]
    for layer in ready.chosen:
        if not places:
            yield ((),) * len(found.occurrences)
            continue
        others = np.stack([found.texts[text][layer, tokens].mean(axis=0) for _, text, _, tokens in places])
        cosines = cosines_with(found.states[layer], others)  # [occurrences, words]
        yield tuple(
            _best([(cosine, word, number) for cosine, (number, _, word, _) in zip(row, places, strict=True)], k)
            for row in cosines.tolist()
        )


def _words_of(text: RunningText) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Where each word of a text begins and ends, and its tokens; single tokens in scripts without spaces."""
    for match in WORD.finditer(text.text):
        if needs_no_spaces(match[0]):
            spans = [span for span in text.spans if match.start() <= span[0] < span[1] <= match.end()]
        else:
            spans = [match.span()]
        yield from ((*span, tokens) for span in spans if (tokens := tokens_in(text, *span)))


def _best(scored: list[tuple[float, str, int | None]], k: int) -> NearStates:
    """The k with the highest cosines; equal ones by their spelling, then by their text."""
    order = sorted(scored, key=lambda one: (-one[0], one[1], one[2] or 0))[:k]
    return tuple(NearState(word, shortest(cosine), number) for cosine, word, number in order)


def _through_lens(ready: Runner, states: Floats, k: int, *, last: bool) -> tuple[NearStates, ...]:
    """The likeliest tokens if the layers ended here (nostalgebraist 2020, the logit lens).

    The final norm is recomputed for these states [occurrences, dims]; the last layer's are after it already.
    """
    rows = ready.model.manifest.shape[0]
    scores = logits(ready.transformer, states if last else final_norm(ready.transformer, states), rows)
    answer = []
    for row in scores.astype(np.float64):  # [rows]
        best = likeliest(ready.model, row, softmax(row, 1.0), k)
        answer.append(tuple(NearState(token.text, token.probability) for token in best))
    return tuple(answer)
