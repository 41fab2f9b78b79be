"""How the model's tokenizer splits texts."""

from __future__ import annotations

from embgeo.models.model import Model
from embgeo.questions.rows import about
from embgeo.results.tokens import TokenizedText, Tokens


def tokens(model: Model, texts: list[str]) -> Tokens:
    """How the model's tokenizer splits texts, without special tokens added."""
    vocabulary = model.vocabulary
    split = tuple(
        TokenizedText(text=text, tokens=tuple(map(vocabulary.token, vocabulary.split(text)))) for text in texts
    )
    return Tokens(**about(model, "tokens"), tokens=tuple(token for text in split for token in text.tokens), texts=split)
