"""How the model's tokenizer splits texts."""

from __future__ import annotations

from embgeo.models.model import Model
from embgeo.questions.rows import about, tokens_of
from embgeo.results.tokens import TokenizedText, Tokens


def tokens(model: Model, texts: list[str]) -> Tokens:
    """How the model's tokenizer splits texts, without special tokens added."""
    split = tuple(TokenizedText(text=text, tokens=tokens_of(model, model.vocabulary.split(text))) for text in texts)
    return Tokens(**about(model, "tokens"), tokens=tuple(token for text in split for token in text.tokens), texts=split)
