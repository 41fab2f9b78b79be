"""Texts through a model's layers: hidden states of one text, sentence vectors of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, UsageError, check_choice, check_is_list, silent
from embgeo.models.fetched_layers import TensorFilter
from embgeo.models.layers import LayerFiles, layer_files
from embgeo.models.local import read_config
from embgeo.models.model import Model
from embgeo.models.sentence_rules import SentenceRules, read_rules
from embgeo.numerics.dtypes import F32, Ids
from embgeo.numerics.names import PRECISIONS
from embgeo.questions.workers import side_by_side
from embgeo.transformer.activations import Floats
from embgeo.transformer.families import is_needed
from embgeo.transformer.forward import Past, Transformer, hidden_states, open_transformer
from embgeo.transformer.settings import read_settings
from embgeo.vocabulary.running_text import RunningText, read_texts

TOKENS_AT_ONCE: Final = 2048  # of short texts in one pass


class Runner(NamedTuple):
    """A model whose layers are ready to run.

    Attributes:
        model: its vocabulary splits the texts.
        files: where its layers are.
        transformer: its layers.
        chosen: the numbers of the layers that the question is about, 0 for the input of the first; the others up to the
            last of these are run too, and those after it are not.
    """

    model: Model
    files: LayerFiles
    transformer: Transformer
    chosen: list[int]

    @property
    def depth(self) -> int:
        """How many layers are run."""
        return self.chosen[-1]

    def read(self, texts: Sequence[str], *, special: bool = True, cut: bool = False) -> list[RunningText]:
        """Split texts, each of at most as many tokens as the model takes; errors as in `read_texts`."""
        limit = self.transformer.settings.limit
        return read_texts(self.model.vocabulary, texts, special=special, limit=limit, cut=cut)

    def states(self, text: RunningText) -> Floats:
        """The hidden states of one text [depth + 1, tokens, dims]."""
        return self._stacked(list(self.run([np.array(text.ids)])))

    def states_of(self, texts: Sequence[RunningText]) -> list[Floats]:
        """The hidden states of each text [depth + 1, tokens, dims], run together: weights are widened once for all."""
        found: dict[int, Floats] = {}
        for part in portions([len(text.ids) for text in texts]):
            together = self._stacked(
                list(self.run([np.array(texts[n].ids) for n in part]))
            )  # [depth + 1, tokens, dims]
            ends = np.cumsum([len(texts[n].ids) for n in part])
            found |= zip(part, np.split(together, ends[:-1], axis=1), strict=True)
        return [found[n] for n in range(len(texts))]

    def last_states(self, text: RunningText, past: Past | None = None) -> Floats:
        """The hidden states of a text's last token [depth + 1, dims]; `past` takes what its next ones need."""
        return self._stacked([state[-1].copy() for state in self.run([np.array(text.ids)], past)])

    def run(self, texts: Sequence[Ids], past: Past | None = None) -> Iterator[Floats]:
        """As `forward.hidden_states`, up to the last chosen layer."""
        return islice(hidden_states(self.transformer, texts, past), self.depth + 1)

    def _stacked(self, states: list[Floats]) -> Floats:
        self.files.check_current()
        return np.stack(states)


def runner(
    model: Model, precision: str = "float64", report: Report = silent, *, sentences: bool = False,
    layers: str | None = None, head: bool | None = False,
) -> Runner:  # fmt: skip
    """Find and check the layers of a model, which are fetched if necessary.

    Args:
        precision: float64 or float32, to compute in.
        report: called with the progress of fetching.
        sentences: refuse what is no sentence model before its layers are fetched; errors as in `read_rules`.
        layers: which layers the question is about, as in `read_layers`; those after the last of them are not fetched.
        head: whether the unembedding is needed too; None: if it is a decoder's.

    Raises:
        UsageError: an unknown precision, layers that don't exist, or a matrix that layers don't start from.
        ModelError, NetworkError: the model has no layers, they can't be fetched, or its pass isn't known.
    """
    check_choice("precision", precision, PRECISIONS)
    name = f"config.json of '{model.manifest.model}'"

    def accept(folder: Path) -> TensorFilter:
        settings = read_settings(read_config(folder), name)
        if sentences:
            read_rules(folder, model.manifest.model)
        depth, family = read_layers(layers, settings.layers)[-1], settings.family
        return partial(is_needed, family, depth=depth, head=family.causal if head is None else head)

    files = layer_files(model, report, accept)
    chosen = read_layers(layers, read_settings(files.config, name).layers)
    transformer = open_transformer(files.config, files.places, np.dtype(precision), name, chosen[-1])
    return Runner(model, files, transformer, chosen)


def read_layers(text: str | None, layers: int) -> list[int]:
    """Which layers "0-4" or "0,3,6" names; None or "all": all of them.

    Raises:
        UsageError: not such a list, or a layer that the model doesn't have.
    """
    if text in (None, "all"):
        return list(range(layers + 1))
    chosen = set[int]()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= layers):
            raise UsageError(f"no such layers: '{text}'; they go from 0 to {layers}", "As in --layers 0-2,6.")
        chosen.update(range(int(first), int(last) + 1))
    return sorted(chosen)


def states_of(
    model: Model, text: str, *, precision: str = "float64", special: bool = True, cut: bool = False,
    report: Report = silent,
) -> Floats:  # fmt: skip
    """The hidden states of a text [layers + 1, tokens, dims]; see `EmbeddingSpace.hidden_states`."""
    ready = runner(model, precision, report)
    return ready.states(ready.read([text], special=special, cut=cut)[0])


def encode(
    model: Model, texts: Sequence[str], *, precision: str = "float32", cut: bool = False, report: Report = silent
) -> F32:
    """The sentence vectors of texts [texts, dims], by the model's published rules; see `EmbeddingSpace.encode`."""
    ready = runner(model, precision, report, sentences=True)
    rules = sentence_rules(ready)
    read = read_sentences(ready, rules, texts, cut=cut)
    vectors = np.empty((len(texts), ready.transformer.settings.width), np.float32)
    fill(vectors, ready, rules, read, report)
    return vectors


def fill(vectors: Floats, ready: Runner, rules: SentenceRules, texts: Sequence[RunningText], report: Report) -> None:
    """Write the vectors of texts into an array [texts, dims], in its dtype."""
    done = 0
    for which, found in sentence_vectors(ready, rules, texts):
        vectors[which] = found
        done += len(which)
        report("Encoding texts", done, len(texts), "texts")


def sentence_rules(ready: Runner) -> SentenceRules:
    """How this model makes one vector of a text; errors as in `read_rules`."""
    return read_rules(ready.files.folder, ready.model.manifest.model)


def read_sentences(ready: Runner, rules: SentenceRules, texts: Sequence[str], *, cut: bool) -> list[RunningText]:
    """Split texts as sentence-transformers does: without white space around them, at most `rules.limit` tokens."""
    limit = min(rules.limit or 1 << 30, ready.transformer.settings.limit)
    check_is_list(texts)
    stripped = [text.strip().lower() if rules.lowercase else text.strip() for text in texts]
    return read_texts(ready.model.vocabulary, stripped, limit=limit, cut=cut)


def sentence_vectors(
    ready: Runner, rules: SentenceRules, texts: Sequence[RunningText]
) -> Iterator[tuple[list[int], Floats]]:
    """The vectors of texts, some at a time: the numbers of the texts, and their vectors [texts, dims].

    Texts go through the layers sorted by length, so that those of equal length attend in one product.
    """
    parts = list(portions([len(text.ids) for text in texts]))

    def run(part: list[int]) -> Floats:
        *_, last = hidden_states(ready.transformer, [np.array(texts[number].ids) for number in part])
        ready.files.check_current()
        return _pooled(last, [len(texts[number].ids) for number in part], rules)  # [part, dims]

    yield from side_by_side(run, parts)


def portions(lengths: list[int]) -> Iterator[list[int]]:
    """The numbers of texts of these lengths, shortest first, in runs of about `TOKENS_AT_ONCE` tokens together."""
    part, tokens = list[int](), 0
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if part and tokens + lengths[number] > TOKENS_AT_ONCE:
            yield part
            part, tokens = [], 0
        part.append(number)
        tokens += lengths[number]
    if part:
        yield part


def _pooled(states: Floats, lengths: Sequence[int], rules: SentenceRules) -> Floats:
    """One vector for each of some texts [texts, dims], of their states [tokens, dims] (Reimers & Gurevych 2019)."""
    counts = np.array(lengths)
    ends = np.cumsum(counts)
    vectors: Floats
    match rules.pooling:
        case "cls":
            vectors = states[ends - counts]
        case "last":
            vectors = states[ends - 1]
        case "max":
            vectors = np.maximum.reduceat(states, ends - counts)
        case pooling:
            vectors = np.add.reduceat(states, ends - counts)
            divisors = np.sqrt(counts) if pooling == "mean_sqrt" else counts
            vectors /= divisors[:, None].astype(vectors.dtype)  # [texts, dims] / [texts, 1]
    if rules.normalize:
        vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return vectors
