"""From hidden states to logits: the unembedding of a decoder, or an encoder's head for masked tokens."""

from __future__ import annotations

import numpy as np

from embgeo.errors import ModelError
from embgeo.transformer.activations import Floats, activate
from embgeo.transformer.families import MaskHead
from embgeo.transformer.forward import Transformer, finite_or_raise, norm


def logits(model: Transformer, x: Floats, vocabulary: int) -> Floats:
    """The logits of states after the final norm: [tokens, dims] -> [tokens, vocabulary].

    An encoder's are of a masked token (Devlin et al. 2019).

    Raises:
        ModelError: the model has no unembedding.
        FormatError: a logit is NaN or infinite.
    """
    (settings, weights), tensors = model, model.settings.family.tensors
    if settings.family.mask_head:
        return finite_or_raise(_masked_logits(model, settings.family.mask_head, x, vocabulary), "the head")
    own = weights.has(f"{tensors.head}.weight")
    if not own and not settings.tied:
        raise ModelError(f"no tensor '{tensors.head}.weight', and by config.json the embedding doesn't stand in for it")
    scores = weights.linear(x, tensors.head if own else tensors.embedding, vocabulary) * settings.logit_scale
    finite_or_raise(scores, "the unembedding")
    return scores if settings.logit_cap is None else settings.logit_cap * np.tanh(scores / settings.logit_cap)


def has_head(model: Transformer) -> bool:
    """Whether the model predicts tokens."""
    (settings, weights), mask = model, model.settings.family.mask_head
    if mask:
        return weights.has(f"{mask.dense}.weight")
    return settings.family.causal and (settings.tied or weights.has(f"{settings.family.tensors.head}.weight"))


def _masked_logits(model: Transformer, head: MaskHead, x: Floats, vocabulary: int) -> Floats:
    """Dense, activation, norm, decoder: [tokens, dims] -> [tokens, embedding width] -> [tokens, vocabulary]."""
    settings, weights = model
    x = activate(weights.linear(x, head.dense, settings.embedding_width), settings.head_activation)
    x = norm(model, head.norm, x)  # [tokens, embedding width]
    own = weights.has(f"{head.decoder}.weight")
    scores = weights.linear(x, head.decoder if own else settings.family.tensors.embedding, vocabulary)
    added = own and weights.has(f"{head.decoder}.bias")  # by `linear`
    if not added and weights.has(head.bias):
        scores += weights.vector(head.bias, vocabulary)  # [vocabulary]
    return scores
