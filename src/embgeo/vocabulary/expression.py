"""Expressions: `king - man + woman`, `0.5 * (paris + "rome")`, read once into weighted terms.

    expression = ["+" | "-"] product {("+" | "-") product}
    product    = factor {("*" | "/") factor}    one factor is a vector, the others are numbers; only numbers divide
    factor     = number | term | ("(" | "E(" | "e(") expression ")"
    term       = words | '"' exact text '"' | "'" exact text "'" | "id:" digits

Operators need spaces around them, so that `C++`, `24/7` and `f(x)` stay words, and so that text without an operator is
one term, exactly as typed: `new york` is one word that splits into tokens, inside an expression too. After a closing
parenthesis an operator needs no space. The minus sign (U+2212) and the en dash mean minus, and `E(king)` means `king`,
as in papers. A number is a factor only next to `*` or `/`; elsewhere, or alone in parentheses, it is a word: `3 * (7)`.
"""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple, NoReturn

from embgeo.errors import TermError
from embgeo.vocabulary.reading import MAX_TERM_LENGTH, OPERATORS

MAX_DEPTH: Final = 50  # nested parentheses
QUOTES: Final = "\"'"
NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
WORD: Final = re.compile(r"\S+")
OPENING: Final = ("(", "E(", "e(")
UNSPACED: Final = re.compile(rf"\s*([{re.escape(''.join(OPERATORS))}])\s*")
HINT: Final = (
    "Put spaces around operators, and quotes around text to take literally: embgeo neighbors 'king - man + \"woman\"'"
)


class WeightedTerm(NamedTuple):
    """A term as it was typed, and the factor of its vector."""

    term: str
    weight: float


Expression = tuple[WeightedTerm, ...]


class Piece(NamedTuple):
    """A part of the text: `kind` is an operator, a parenthesis, `word` or `exact`; [start, stop) its position."""

    kind: str
    start: int
    stop: int


def is_expression(text: str) -> bool:
    """Whether a text has an operator between spaces besides other text, or begins with `E(`."""
    words = text.split()
    return bool(words) and (
        (len(words) > 1 and not OPERATORS.keys().isdisjoint(words))
        or (words[0].startswith(OPENING[1:]) and ")" in text)
    )


def with_spaces(text: str) -> str:
    """A text with spaces around everything that could be an operator: `cats - cat` for `cats-cat`."""
    return UNSPACED.sub(r" \1 ", text).strip()


def parse(text: str) -> Expression:
    """Read a text into weighted terms, in the order typed; a repeated term stays separate.

    Raises:
        TermError: it is malformed; the message quotes the text and gives the position of the fault.
    """
    if not is_expression(text):
        return (WeightedTerm(text, 1.0),)
    if len(text) > MAX_TERM_LENGTH:
        raise TermError(
            f"an expression of {len(text):,} characters: '{text[:20]}…'",
            f"At most {MAX_TERM_LENGTH:,} characters are read.",
        )
    pieces = _pieces(text)
    if [piece.kind for piece in pieces] == ["exact"]:  # the operators were inside quotes
        return (WeightedTerm(text.strip(), 1.0),)
    return _Parser(text, pieces).whole()


def _pieces(text: str) -> list[Piece]:
    """Cut the text into operators, parentheses, exact texts in quotes, and words."""
    pieces: list[Piece] = []
    at = 0
    while found := WORD.search(text, at):
        start = at = found.start()
        if opened := next((mark for mark in OPENING if text.startswith(mark, at)), ""):
            at += len(opened)
            pieces.append(Piece("(", start, at))
        elif text[at] == ")":
            pieces.append(Piece(")", at, at + 1))
            at += 1
        elif text[at] in QUOTES:
            at = _end_of_quote(text, at)
            pieces.append(Piece("exact", start, at))
        else:
            at = start + _length(found[0])
            if start > 0 and text[start - 1] == ")" and text[start] in OPERATORS:
                at = start + 1
            pieces.append(Piece(OPERATORS.get(text[start:at], "word"), start, at))
        if _needs_space(pieces[-1], text[at : at + 1]):
            _refuse(text, at, "a space and an operator are missing")
    return pieces


def _needs_space(piece: Piece, after: str) -> bool:
    """Whether a piece must be followed by a space rather than by this character."""
    fine = after in {"", ")"} or after.isspace() or (piece.kind == ")" and after in OPERATORS)
    return piece.kind in ("exact", ")") and not fine


def _length(word: str) -> int:
    """The length of a word without a parenthesis that it doesn't open: 3 in `man)` and `man)/2`, 4 in `f(x)`."""
    depth = 0
    for place, character in enumerate(word):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return place
    return len(word)


def _end_of_quote(text: str, start: int) -> int:
    """The position after the closing quote: the next quote before a space, a parenthesis or the end."""
    at = start
    while (at := text.find(text[start], at + 1)) > 0:
        if at > start + 1 and (at + 1 == len(text) or text[at + 1] == ")" or text[at + 1].isspace()):
            return at + 1
    return _refuse(text, start, "this quote has no end, or is empty")


def _refuse(text: str, at: int, why: str) -> NoReturn:
    raise TermError(f"'{text}' is not a valid expression: at character {at + 1}, {why}", HINT)


class _Parser:
    """Reads pieces from left to right, looking one ahead."""

    def __init__(self, text: str, pieces: list[Piece]) -> None:
        self.text = text
        self.pieces = pieces
        self.at = 0
        self.depth = 0

    def whole(self) -> Expression:
        terms = self.sum()
        if self.kind == ")":
            self.refuse("this parenthesis was never opened")
        if self.kind:
            self.refuse("an operator is missing")
        if bad := next((term for term in terms if not math.isfinite(term.weight)), None):
            _refuse(self.text, self.text.find(bad.term), "the weight is too large for a number")
        return terms

    @property
    def kind(self) -> str:
        """The kind of the next piece; empty at the end."""
        return self.pieces[self.at].kind if self.at < len(self.pieces) else ""

    def refuse(self, why: str, piece: Piece | None = None) -> NoReturn:
        here = self.pieces[self.at].start if self.at < len(self.pieces) else len(self.text.rstrip())
        _refuse(self.text, here if piece is None else piece.start, why)

    def sum(self) -> Expression:
        sign = self.sign() if self.kind in ("+", "-") else 1.0
        terms: list[WeightedTerm] = []
        while True:
            terms += (WeightedTerm(term, sign * weight) for term, weight in self.product())
            if self.kind not in ("+", "-"):
                return tuple(terms)
            sign = self.sign()

    def sign(self) -> float:
        self.at += 1
        return -1.0 if self.pieces[self.at - 1].kind == "-" else 1.0

    def product(self) -> Expression:
        first = self.at
        factors = [self.factor()]
        divisor = 1.0
        while self.kind in ("*", "/"):
            self.at += 1
            if self.pieces[self.at - 1].kind == "*":
                factors.append(self.factor())
            else:
                divisor *= self.divisor()
        if len(factors) == 1 and isinstance(factors[0], str) and self.at == first + 1:
            return (WeightedTerm(factors[0], 1.0),)  # a number alone is the word
        vectors = [factor for factor in factors if not isinstance(factor, str)]
        if len(vectors) != 1:
            many = "two vectors can't be multiplied; `embgeo dot` gives their dot product"
            none = "there are only numbers here; put one in parentheses to use it as a word"
            self.refuse(many if vectors else none, self.pieces[first])
        size = math.prod(float(factor) for factor in factors if isinstance(factor, str)) / divisor
        return tuple(WeightedTerm(term, weight * size) for term, weight in vectors[0])

    def divisor(self) -> float:
        here = self.pieces[self.at] if self.kind else None
        number = self.factor()
        if not isinstance(number, str):
            self.refuse("only a number divides a vector", here)
        if float(number) == 0:
            self.refuse("a vector can't be divided by 0", here)
        return float(number)

    def factor(self) -> str | Expression:
        """A number as it was typed, or terms."""
        if self.kind == "(":
            return self.parentheses()
        if self.kind == "exact":
            self.at += 1
            return (WeightedTerm(self.source(self.at - 1), 1.0),)
        if self.kind != "word":
            self.refuse("a term is missing" if self.kind else "a term is missing at the end")
        first = self.at
        while self.kind == "word":
            self.at += 1
        words = self.source(first)
        return words if NUMBER.fullmatch(words) else (WeightedTerm(words, 1.0),)

    def parentheses(self) -> Expression:
        opened = self.pieces[self.at]
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.refuse(f"more than {MAX_DEPTH} parentheses are nested")
        self.at += 1
        terms = self.sum()
        if not self.kind:
            self.refuse("this parenthesis is never closed", opened)
        if self.kind != ")":
            self.refuse("an operator is missing")
        self.at += 1
        self.depth -= 1
        return terms

    def source(self, first: int) -> str:
        """The text from a piece to the last one read."""
        return self.text[self.pieces[first].start : self.pieces[self.at - 1].stop]
