"""The next token after a text, by a decoder's own layers and unembedding; an encoder fills [MASK]."""

from __future__ import annotations

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.softmax import entropy, softmax
from embgeo.questions.likely_tokens import logits_of, through_lens
from embgeo.questions.masks import fill_masks
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import about, tokens_of
from embgeo.questions.running import Runner, runner
from embgeo.questions.unembed import check_temperature, likeliest
from embgeo.results.next import Next, NextStep
from embgeo.transformer.forward import Past, hidden_states


def next_tokens(
    model: Model, text: str, k: int = 10, *, temperature: float = 1.0, lens: bool = False, steps: int = 0,
    seed: int | None = None, precision: str = "float64", special: bool = True, cut: bool = False,
    report: Report = silent,
) -> Next:  # fmt: skip
    """The tokens that a model expects after a text, or in place of [MASK]; see `EmbeddingSpace.next`."""
    check_count(k)
    check_temperature(temperature)
    for what, number in (("number of steps", steps), ("seed", seed)):
        if number is not None and number < 0:
            raise UsageError(f"invalid {what} '{number}'; expected 0 or more")
    ready = runner(model, precision, report, head=True)
    if not ready.transformer.settings.family.causal:
        if steps:
            raise UsageError(f"{model.manifest.model} is an encoder and can't continue a text", "Leave out --steps.")
        return fill_masks(
            ready, text, k, temperature=temperature, lens=lens, precision=precision, special=special, cut=cut
        )
    (read,) = ready.read([text], special=special, cut=cut)
    limit = ready.transformer.settings.limit
    if len(read.ids) + steps - 1 > limit:
        raise UsageError(
            f"{len(read.ids):,} + {steps:,} tokens are too many; the model takes at most {limit:,}",
            f"Give at most --steps {limit + 1 - len(read.ids)}.",
        )
    past = Past()
    states = ready.last_states(read, past)[:, None]  # [layers + 1, 1, dims]
    scores = logits_of(ready, states[-1])  # [rows]
    shares = softmax(scores, temperature)
    taken = _continued(ready, past, scores, k, temperature, steps, seed)
    ids = [*read.ids, *(step.token.id for step in taken)]
    notes = [f"the last {read.cut:,} tokens of the text were cut"] if read.cut else []
    return Next(
        **about(model, "next", (*ready.files.notes, *notes)), text=text, precision=precision, temperature=temperature,
        tokens=tokens_of(model, read.ids), entropy=shortest(entropy(shares)),
        results=likeliest(model, scores, shares, k), seed=seed, steps=taken,
        lens=through_lens(ready, states, temperature, k) if lens else (),
        continued=model.vocabulary.splitter.decode(ids) if taken else text,
        ended=len(taken) < steps or (steps > 0 and taken[-1].token.id in _ends(ready)),
    )  # fmt: skip


def _continued(
    ready: Runner, past: Past, scores: F64, k: int, temperature: float, steps: int, seed: int | None
) -> tuple[NextStep, ...]:
    """The tokens that continue a text: the likeliest, or with a seed drawn by their probabilities.

    It stops after the token that ends a text. Only the last token goes through the layers at each step.
    """
    draws, taken, ends = np.random.default_rng(seed), list[NextStep](), _ends(ready)
    for step in range(steps):
        if step:
            *_, last = hidden_states(ready.transformer, [np.array([taken[-1].token.id])], past)
            scores = logits_of(ready, last)
        shares = softmax(scores, temperature)
        chosen = int(scores.argmax()) if seed is None else int(draws.choice(len(shares), p=shares))
        (token,) = tokens_of(ready.model, [chosen])
        taken.append(NextStep(token, shortest(float(shares[chosen])), likeliest(ready.model, scores, shares, k)))
        if chosen in ends:
            break
    return tuple(taken)


def _ends(ready: Runner) -> set[int]:
    """The tokens that end a text, by config.json."""
    found = ready.files.config.get("eos_token_id")
    return {one for one in (found if isinstance(found, list) else [found]) if type(one) is int}
