"""The next token after a text, by a decoder's own layers and unembedding."""

from __future__ import annotations

import math

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.softmax import entropy, softmax
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import about
from embgeo.questions.running import Runner, runner
from embgeo.results.next import LensLayer, Next, NextStep
from embgeo.results.unembed import LikelyToken
from embgeo.transformer.activations import Floats
from embgeo.transformer.forward import check_length, final_norm, hidden_states, logits


def next_tokens(
    model: Model, text: str, k: int = 10, *, temperature: float = 1.0, lens: bool = False, steps: int = 0,
    seed: int | None = None, precision: str = "float64", special: bool = True, cut: bool = False,
    report: Report = silent,
) -> Next:  # fmt: skip
    """The tokens that a decoder expects after a text; see `EmbeddingSpace.next`."""
    check_count(k)
    if not (math.isfinite(temperature) and temperature >= 0):
        raise UsageError(f"invalid temperature '{temperature:g}'; expected 0 or more")
    if steps < 0:
        raise UsageError(f"invalid number of steps '{steps}'; expected 0 or more")
    if seed is not None and seed < 0:
        raise UsageError(f"invalid seed '{seed}'; expected 0 or more")
    ready = runner(model, precision, report, head=True)
    if not ready.transformer.settings.family.causal:
        raise UsageError(
            f"{model.manifest.model} is an encoder: it reads a text from both sides and predicts no next token",
            "Name a decoder, such as -m gpt2.",
        )
    (read,) = ready.read([text], special=special, cut=cut)
    check_length(ready.transformer.settings, len(read.ids) + max(0, steps - 1))
    states = ready.last_states(read)[:, None]  # [layers + 1, 1, dims]
    scores = _scores(ready, states[-1])  # [rows]
    shares = softmax(scores, temperature)
    taken = _continued(ready, list(read.ids), scores, k, temperature, steps, seed)
    ids = [*read.ids, *(step.token.id for step in taken)]
    notes = [f"the last {read.cut:,} tokens of the text were cut"] if read.cut else []
    return Next(
        **about(model, "next", (*ready.files.notes, *notes)), text=text, precision=precision, temperature=temperature,
        tokens=tuple(map(model.vocabulary.token, read.ids)), entropy=shortest(entropy(shares)),
        results=_likeliest(ready, scores, shares, k), seed=seed, steps=taken,
        lens=_lens(ready, states, temperature, k) if lens else (),
        continued=model.vocabulary.splitter.decode(ids) if taken else text,
    )  # fmt: skip


def _scores(ready: Runner, state: Floats) -> F64:
    """The logits [rows] of one state [1, dims] after the final norm."""
    rows = ready.model.manifest.shape[0]
    return np.asarray(logits(ready.transformer, state, rows)[0], np.float64)  # [1, dims] -> [1, rows] -> [rows]


def _likeliest(ready: Runner, scores: F64, shares: F64, k: int) -> tuple[LikelyToken, ...]:
    best = np.lexsort((np.arange(len(scores)), -scores))[:k].tolist()
    return tuple(
        LikelyToken(
            id=token.id, piece=token.piece, text=token.text, rank=rank, logit=shortest(float(scores[token.id])),
            probability=shortest(float(shares[token.id])),
        )
        for rank, token in enumerate(map(ready.model.vocabulary.token, best), 1)
    )  # fmt: skip


def _lens(ready: Runner, states: Floats, temperature: float, k: int) -> tuple[LensLayer, ...]:
    """Every layer's states [layers + 1, 1, dims] through the final norm, anew for each, and the unembedding."""
    normed = [final_norm(ready.transformer, state) for state in states[:-1]] + [states[-1]]
    found = [_scores(ready, state) for state in normed]  # each [rows]
    all_shares = [softmax(scores, temperature) for scores in found]
    return tuple(
        LensLayer(
            layer=layer, entropy=shortest(entropy(shares)), results=_likeliest(ready, scores, shares, k),
            divergence=shortest(_divergence(all_shares[-1], shares)),
        )
        for layer, (scores, shares) in enumerate(zip(found, all_shares, strict=True))
    )  # fmt: skip


def _divergence(last: F64, shares: F64) -> float:
    """Kullback-Leibler divergence of `shares` from `last`, both [rows], in nats; shares below 1e-300 count as that."""
    some = last > 0
    ratio = np.log(last[some]) - np.log(np.maximum(shares[some], 1e-300))
    return max(0.0, float(last[some] @ ratio))


def _continued(
    ready: Runner, ids: list[int], scores: F64, k: int, temperature: float, steps: int, seed: int | None
) -> tuple[NextStep, ...]:
    """The tokens that continue a text: the likeliest, or with a seed drawn by their probabilities."""
    draws, taken = np.random.default_rng(seed), list[NextStep]()
    for step in range(steps):
        if step:
            *_, last = hidden_states(ready.transformer, [np.array(ids)])
            scores = _scores(ready, last[-1:])
        shares = softmax(scores, temperature)
        chosen = int(scores.argmax()) if seed is None else int(draws.choice(len(shares), p=shares))
        token = ready.model.vocabulary.token(chosen)
        taken.append(NextStep(token, shortest(float(shares[chosen])), _likeliest(ready, scores, shares, k)))
        ids = [*ids, chosen]
    return tuple(taken)
