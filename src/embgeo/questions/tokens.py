"""How the model's tokenizer splits texts."""

from __future__ import annotations

from embgeo.models.model import Model
from embgeo.questions.rows import about
from embgeo.results.tokens import TokenizedText, Tokens


def tokens(model: Model, texts: list[str]) -> Tokens:
    """How the model's tokenizer splits texts, without special tokens added."""
    vocabulary, _manifest = model.vocabulary, model.manifest
    found = tuple(
        TokenizedText(
            text=text,
            tokens=tuple(vocabulary.token(token) for token in vocabulary.split(text)),
        )
        for text in texts
    )
    everything = tuple(token for split in found for token in split.tokens)
    return Tokens(**about(model, "tokens"), tokens=everything, texts=found)  # fmt: skip
