"""Running text as the model reads it: split by its own tokenizer, with the special tokens of its template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from embgeo.errors import TermError, UsageError, check_is_list
from embgeo.formats.splitter import splitter_errors
from embgeo.vocabulary.reading import needs_no_spaces
from embgeo.vocabulary.vocabulary import Vocabulary

BATCH_CHARACTERS: Final = 1 << 18  # characters that are split together; their tokens take about 200 times their bytes
MAX_WORD_LENGTH: Final = 1000  # characters
SPACE: Final = re.compile(r"\s+")


class RunningText(NamedTuple):
    """A text and its tokens.

    Attributes:
        text: as given.
        ids: of the tokens, special ones included.
        spans: the start and end of each token as characters of the text; (0, 0) for special ones.
        cut: how many tokens were cut off at the end; for a text of more than `BATCH_CHARACTERS` characters, give or
            take one or two for each piece of that size.
    """

    text: str
    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    cut: int = 0


def read_texts(
    vocabulary: Vocabulary, texts: Sequence[str], *, special: bool = True, limit: int | None = None, cut: bool = False
) -> list[RunningText]:
    """Split texts into tokens.

    Args:
        special: add the special tokens of the tokenizer's own template ([CLS] and [SEP], a leading <s>, or none).
        limit: the maximum number of tokens in a text, special ones included; None for no limit.
        cut: truncate longer texts instead of refusing them.

    Raises:
        TermError: an empty text, or one that is not valid Unicode.
        UsageError: a text is longer than the limit.
        FormatError: the tokenizer can't be used.
    """
    check_is_list(texts)
    for text in texts:
        _check_text(text)
    found = list[RunningText]()
    for part in _portions(texts):
        found += _within(vocabulary, part, limit, special=special)
        long = next((one for one in found[-len(part) :] if one.cut), None)
        if long and not cut:
            raise UsageError(
                f"{len(long.ids) + long.cut:,} tokens: '{long.text[:40]}…'; the model takes at most {limit:,}",
                "--cut truncates it (cut=True in Python).",
            )
    return found


def _portions(texts: Sequence[str]) -> Iterator[list[str]]:
    """Runs of texts that have at most `BATCH_CHARACTERS` characters together; a longer text is a run of its own."""
    part, size = list[str](), 0
    for text in texts:
        if part and size + len(text) > BATCH_CHARACTERS:
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part


def _within(vocabulary: Vocabulary, part: list[str], limit: int | None, *, special: bool) -> list[RunningText]:
    """The tokens of some texts, without those past the limit."""
    if limit and len(part[0]) > BATCH_CHARACTERS:
        first, *others = _pieces(part[0])
        (start,) = _within(vocabulary, [first], limit, special=special)
        if start.cut:
            more = sum(len(_encode(vocabulary, [piece], special=False)[0].ids) for piece in others)
            return [start._replace(text=part[0], cut=start.cut + more)]
    found = _encode(vocabulary, part, special=special)
    for number, one in enumerate(found):
        if limit and len(one.ids) > limit:
            shorter = _cut(vocabulary, one.text, limit, special=special)
            found[number] = shorter._replace(cut=len(one.ids) - len(shorter.ids))
    return found


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces of at most `BATCH_CHARACTERS` characters, which end before white space if there is any."""
    at = 0
    while at < len(text):
        stop = min(at + BATCH_CHARACTERS, len(text))
        spaces = list(SPACE.finditer(text, max(at + 1, stop - MAX_WORD_LENGTH), stop)) if stop < len(text) else []
        stop = spaces[-1].start() if spaces else stop
        yield text[at:stop]
        at = stop


def _check_text(text: str) -> None:
    if not text.strip():
        raise TermError(f"an empty text: '{text[:20]}'", "Give at least one word.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TermError(f"{text[:40]!r} is not valid Unicode", "Give text without lone surrogates.") from None


def _encode(vocabulary: Vocabulary, texts: Sequence[str], *, special: bool) -> list[RunningText]:
    splitter = vocabulary.splitter
    with splitter_errors(f"the model's tokenizer can't split {texts[0][:40]!r}"):
        encodings = splitter.encode_batch(list(texts), add_special_tokens=special)
    return [
        RunningText(text, tuple(one.ids), tuple(one.offsets)) for text, one in zip(texts, encodings, strict=True)
    ]  # fmt: skip


def _cut(vocabulary: Vocabulary, text: str, limit: int, *, special: bool) -> RunningText:
    """A text truncated to the limit; the special tokens at its end stay."""
    splitter = vocabulary.splitter
    splitter.enable_truncation(limit)
    try:
        return _encode(vocabulary, [text], special=special)[0]
    finally:
        splitter.no_truncation()


class Occurrence(NamedTuple):
    """Where a word is in a text: characters `start` to `stop`, and the positions of its tokens."""

    start: int
    stop: int
    tokens: tuple[int, ...]


def occurrences(vocabulary: Vocabulary, read: RunningText, word: str) -> list[Occurrence]:
    """Where a word or phrase occurs in a text as a whole word; case matters if it does to the tokenizer.

    Raises:
        TermError: it occurs nowhere; the message shows the text's tokens.
    """
    wanted = re.escape(word.strip())
    if not needs_no_spaces(word):
        wanted = rf"(?<!\w){wanted}(?!\w)"
    flags = re.IGNORECASE if vocabulary.table.scheme.lowercase else re.NOFLAG
    found = [
        Occurrence(match.start(), match.end(), inside)
        for match in re.finditer(wanted, read.text, flags)
        if (inside := tokens_in(read, match.start(), match.end()))
    ]
    if not found or not word.strip():
        pieces = " ".join(vocabulary.token(token).piece for token in read.ids)
        what = "the part of the text within the model's limit: " if read.cut else ""
        raise TermError(
            f"'{word}' does not occur in {what}'{read.text[:60]}'", f"The tokens of that text are: {pieces[:200]}"
        )
    return found


def tokens_in(read: RunningText, start: int, stop: int) -> tuple[int, ...]:
    """The positions of the tokens that overlap characters `start` to `stop` of the text."""
    return tuple(n for n, (begin, end) in enumerate(read.spans) if begin < stop and start < end)
