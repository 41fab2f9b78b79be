"""The tokens that an encoder expects in place of [MASK], by the head that it was trained with."""

from __future__ import annotations

from typing import Final

from embgeo.errors import UsageError
from embgeo.numerics.dtypes import shortest
from embgeo.numerics.softmax import entropy, softmax
from embgeo.questions.likely_tokens import logits_of, through_lens
from embgeo.questions.rows import about, tokens_of
from embgeo.questions.running import Runner
from embgeo.questions.unembed import likeliest
from embgeo.results.next import FilledMask, Next
from embgeo.transformer.activations import Floats
from embgeo.transformer.head import has_head

MASKS: Final = ("[MASK]", "<mask>")  # BERT's and RoBERTa's; either is understood, whichever the model has


def fill_masks(
    ready: Runner, text: str, k: int, *, temperature: float, lens: bool, precision: str, special: bool, cut: bool
) -> Next:
    """The tokens in place of each mask of a text; parameters as in `EmbeddingSpace.next`.

    Raises:
        UsageError: the text has no mask, or the model no head that fills it.
    """
    model, mask = ready.model, _mask_of(ready, text)
    given = text
    for name in MASKS:
        text = text.replace(name, mask)
    (read,) = ready.read([text], special=special, cut=cut)
    states = ready.states(read)  # [depth + 1, tokens, dims]
    own = model.vocabulary.splitter.token_to_id(mask)
    places = [n for n, token in enumerate(read.ids) if token == own]
    if not places:
        raise UsageError(f"the part of the text within the model's limit has no {mask}", "Give a shorter text.")
    filled = tuple(_filled(ready, states, place, k, temperature) for place in places)
    layers = through_lens(ready, states[:, places[:1]], temperature, k) if lens else ()
    for one in filled:
        text = text.replace(mask, one.results[0].text.strip() if one.results else mask, 1)
    notes = [f"the last {read.cut:,} tokens of the text were cut"] if read.cut else []
    return Next(
        **about(model, "next", (*ready.files.notes, *notes)), text=given, precision=precision,
        temperature=temperature, tokens=tokens_of(model, read.ids), entropy=filled[0].entropy,
        results=filled[0].results, seed=None, steps=(), lens=layers, continued=text, masks=filled,
    )  # fmt: skip


def _mask_of(ready: Runner, text: str) -> str:
    """How this model writes a mask."""
    name, splitter = ready.model.manifest.model, ready.model.vocabulary.splitter
    asked, able = any(mask in text for mask in MASKS), has_head(ready.transformer)
    mask = next((mask for mask in MASKS if splitter.token_to_id(mask) is not None), None)
    if asked and not able:
        raise UsageError(
            f"{name} has no head that fills [MASK]: its files hold layers for vectors of texts alone",
            "Name a model trained to fill it, such as -m google-bert/bert-base-uncased.",
        )
    if not asked or mask is None:
        raise UsageError(
            f"{name} is an encoder: it reads a text from both sides and predicts no next token",
            "Write [MASK] where a token is missing." if able and mask else "Name a decoder, such as -m gpt2.",
        )
    return mask


def _filled(ready: Runner, states: Floats, place: int, k: int, temperature: float) -> FilledMask:
    """What stands in one place, by the states of all layers [depth + 1, tokens, dims]."""
    scores = logits_of(ready, states[-1, place : place + 1])  # [rows]
    shares = softmax(scores, temperature)
    return FilledMask(place, shortest(entropy(shares)), likeliest(ready.model, scores, shares, k))
