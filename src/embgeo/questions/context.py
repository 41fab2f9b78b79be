"""A word inside its texts, layer by layer: how alike its occurrences are, and what each is near to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embgeo.errors import Report, UsageError, check_choice, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.names import NEAR
from embgeo.numerics.softmax import softmax
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import about
from embgeo.questions.running import Runner, runner
from embgeo.questions.words_alone import candidates, cosines_with, states_alone, unrelated, whole_words
from embgeo.results.context import Context, ContextLayer, NearState, WordInText
from embgeo.transformer.activations import Floats
from embgeo.transformer.forward import final_norm, logits
from embgeo.vocabulary.running_text import Occurrence, RunningText, occurrences


def context(
    model: Model, texts: Sequence[str], word: str, k: int = 3, *, at: int | None = None, layers: str | None = None,
    near: str | None = None, precision: str = "float64", special: bool = True, cut: bool = False,
    report: Report = silent,
) -> Context:  # fmt: skip
    """A word inside its texts, layer by layer; see `EmbeddingSpace.context`."""
    check_count(k)
    if near is not None:
        check_choice("near", near, NEAR)
    ready = runner(model, precision, report, layers=layers, head=None if near is None else near == "lens")
    causal = ready.transformer.settings.family.causal
    near = near or ("lens" if causal else "words")
    if near == "lens" and model.manifest.headless:
        raise UsageError(f"the lens needs an unembedding, and {model.manifest.model} has none", "Use --near words.")
    read = ready.read(texts, special=special, cut=cut)
    found = [(text, one) for text in read for one in _at(text, occurrences(model.vocabulary, text, word), at)]
    all_states = {text.text: ready.states(text) for text in read}  # each [depth + 1, tokens, dims]
    states = np.stack([all_states[text.text][:, one.tokens].mean(axis=1) for text, one in found], axis=1)
    words = tuple(
        WordInText(
            text=text.text, start=one.start, stop=one.stop, positions=one.tokens,
            tokens=tuple(model.vocabulary.token(text.ids[n]) for n in one.tokens),
        )
        for text, one in found
    )  # fmt: skip
    usual = unrelated(ready)  # [depth + 1], or None
    nearest = _nearest(ready, near, states, word, k, report)
    return Context(
        **about(model, "context", (*ready.files.notes, *_notes(read, words))), word=word, near=near,
        precision=precision, occurrences=words,
        layers=tuple(ContextLayer(
            layer=layer, unrelated=None if usual is None else shortest(float(usual[layer])), nearest=nearest[place],
            cosines=tuple(tuple(map(shortest, row)) for row in cosines_with(states[layer], states[layer]).tolist()),
        ) for place, layer in enumerate(ready.chosen)),
    )  # fmt: skip


def _at(text: RunningText, found: list[Occurrence], at: int | None) -> list[Occurrence]:
    """The occurrences that --at leaves: all, or the one of that number in each text."""
    if at is None:
        return found
    if not 1 <= at <= len(found):
        raise UsageError(f"no occurrence {at} in '{text.text[:60]}'; it has {len(found)}", "--at counts from 1.")
    return [found[at - 1]]


def _nearest(
    ready: Runner, near: str, states: Floats, word: str, k: int, report: Report
) -> list[tuple[tuple[NearState, ...], ...]]:
    """What each occurrence of a word is near to at each chosen layer, without the word itself.

    Args:
        states: [depth + 1, occurrences, dims].
    """
    if near == "lens":
        last = ready.transformer.settings.layers
        return [_through_lens(ready, states[layer], k, last=layer == last) for layer in ready.chosen]
    if near == "none" or not k:
        return [((),) * states.shape[1]] * len(ready.chosen)
    words = whole_words(ready.model)
    found = candidates(ready, states, k, report)
    needed = sorted({int(number) for layer in found for few in layer for number in few})
    alone = states_alone(ready, [words[number] for number in needed])  # [depth + 1, needed, dims]
    at = {number: place for place, number in enumerate(needed)}
    answer = []
    for layer, few_of_each in zip(ready.chosen, found, strict=True):
        cosines = cosines_with(states[layer], alone[layer])  # [occurrences, needed]
        lists = []
        for row, few in zip(cosines.tolist(), few_of_each, strict=True):
            best = sorted(((row[at[int(number)]], words[number]) for number in few), key=lambda one: (-one[0], one[1]))
            others = [one for one in best if one[1].casefold() != word.strip().casefold()]
            lists.append(tuple(NearState(text, shortest(cosine)) for cosine, text in others[:k]))
        answer.append(tuple(lists))
    return answer


def _through_lens(ready: Runner, states: Floats, k: int, *, last: bool) -> tuple[tuple[NearState, ...], ...]:
    """The likeliest tokens if the layers ended here (nostalgebraist 2020, the logit lens).

    The final norm is computed anew for these states [occurrences, dims]; the last layer's are after it already.
    """
    rows = ready.model.manifest.shape[0]
    scores = logits(ready.transformer, states if last else final_norm(ready.transformer, states), rows)
    answer = []
    for row in scores.astype(np.float64):  # [rows]
        shares = softmax(row, 1.0)
        best = np.lexsort((np.arange(rows), -row))[:k].tolist()
        answer.append(tuple(NearState(ready.model.vocabulary.token(n).text, shortest(shares[n])) for n in best))
    return tuple(answer)


def _notes(read: Sequence[RunningText], words: Sequence[WordInText]) -> list[str]:
    """What was cut, and which words are several tokens."""
    notes = [f"the last {text.cut:,} tokens of '{text.text[:40]}…' were cut" for text in read if text.cut]
    several = {one.text[one.start : one.stop]: one.tokens for one in words if len(one.tokens) > 1}
    for word, tokens in several.items():
        parts = " + ".join(repr(token.text) for token in tokens)
        notes.append(f"'{word}' is {len(tokens)} tokens: {parts}; the mean of their states is used")
    return notes
