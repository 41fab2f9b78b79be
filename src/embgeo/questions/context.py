"""A word in context, layer by layer: how alike its occurrences are, and what each is near to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from embgeo.errors import Report, UsageError, check_choice, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.names import NEAR_TARGETS
from embgeo.questions.near_states import OccurrenceStates, check_near, nearest_states
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import about, tokens_of
from embgeo.questions.running import Runner, runner
from embgeo.questions.words_alone import cosines_with, unrelated_cosines
from embgeo.results.context import Context, ContextLayer, WordInText
from embgeo.transformer.activations import Floats
from embgeo.vocabulary.running_text import Occurrence, RunningText, occurrences


def context(
    model: Model, texts: Sequence[str], word: str, k: int = 3, *, at: int | None = None, layers: str | None = None,
    near: str | None = None, precision: str = "float64", special: bool = True, cut: bool = False,
    report: Report = silent,
) -> Context:  # fmt: skip
    """A word inside its texts, layer by layer; see `EmbeddingSpace.context`."""
    check_count(k)
    if not len(texts):
        raise UsageError("context needs at least one text", "As in: embgeo context 'the bank of a river' --word bank")
    if near is not None:
        check_choice("near", near, NEAR_TARGETS)
    ready = runner(model, precision, report, layers=layers, head=None if near is None else near == "lens")
    causal = ready.transformer.settings.family.causal
    near = near or ("lens" if causal else "words")
    check_near(ready, near)
    read = ready.read(texts, special=special, cut=cut)
    found, all_states, states = word_states(ready, read, word, at)
    words = tuple(
        WordInText(
            text=text.text, start=one.start, stop=one.stop, positions=one.tokens,
            tokens=tokens_of(model, (text.ids[n] for n in one.tokens)),
        )
        for text, one in found
    )  # fmt: skip
    usual = unrelated_cosines(ready)  # [depth + 1], or None
    nearest = nearest_states(ready, near, OccurrenceStates(word, words, states, all_states), k, report)
    return Context(
        **about(model, "context", (*ready.files.notes, *_notes(read, words))), word=word, near=near,
        precision=precision, occurrences=words,
        layers=tuple(ContextLayer(
            layer=layer, unrelated=None if usual is None else shortest(float(usual[layer])), nearest=nearest[place],
            cosines=tuple(tuple(map(shortest, row)) for row in cosines_with(states[layer], states[layer]).tolist()),
        ) for place, layer in enumerate(ready.chosen)),
    )  # fmt: skip


class WordStates(NamedTuple):
    """A word in its texts.

    Attributes:
        found: its occurrences, each with its text.
        texts: the states of each text [depth + 1, tokens, dims].
        states: of the word [depth + 1, occurrences, dims]: the mean of its tokens'.
    """

    found: list[tuple[RunningText, Occurrence]]
    texts: dict[RunningText, Floats]
    states: Floats


def word_states(ready: Runner, read: Sequence[RunningText], word: str, at: int | None = None) -> WordStates:
    """Run texts, and take the states of a word in them; errors as for `context`."""
    found = [(text, one) for text in read for one in _at(text, occurrences(ready.model.vocabulary, text, word), at)]
    different = list(dict.fromkeys(read))
    texts = dict(zip(different, ready.states_of(different), strict=True))
    states = np.stack([texts[text][:, one.tokens].mean(axis=1) for text, one in found], axis=1)
    return WordStates(found, texts, states)


def _at(text: RunningText, found: list[Occurrence], at: int | None) -> list[Occurrence]:
    """The occurrences that --at selects: all, or the one with that number in each text."""
    if at is None:
        return found
    if not 1 <= at <= len(found):
        raise UsageError(f"no occurrence {at} in '{text.text[:60]}'; it has {len(found)}", "--at counts from 1.")
    return [found[at - 1]]


def _notes(read: Sequence[RunningText], words: Sequence[WordInText]) -> list[str]:
    """What was cut, and which words are several tokens."""
    notes = [f"the last {text.cut:,} tokens of '{text.text[:40]}…' were cut" for text in read if text.cut]
    several = {one.text[one.start : one.stop]: one.tokens for one in words if len(one.tokens) > 1}
    for word, tokens in several.items():
        parts = " + ".join(repr(token.text) for token in tokens)
        notes.append(f"'{word}' is {len(tokens)} tokens: {parts}; the mean of their states is used")
    return notes
