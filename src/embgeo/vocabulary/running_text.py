"""Running text as the model reads it: split by its own tokenizer, with the special tokens of its template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from embgeo.errors import FormatError, TermError, UsageError
from embgeo.vocabulary.scripts import needs_no_spaces
from embgeo.vocabulary.vocabulary import Vocabulary

AT_ONCE: Final = 1 << 18  # characters that are split together: their tokens take some 200 times their bytes
LONGEST_WORD: Final = 1000  # characters
SPACE: Final = re.compile(r"\s+")


class RunningText(NamedTuple):
    """A text and its tokens.

    Attributes:
        text: as given.
        ids: of the tokens, special ones included.
        spans: from and to which character of the text each token is; (0, 0) for special ones.
        cut: how many tokens at the end were left out; of more than `AT_ONCE` characters within one or two for each
            piece of so many.
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
        special: add the special tokens of the tokenizer's own template ([CLS] and [SEP], a first <s>, or none).
        limit: the most tokens of a text, special ones included; None for no limit.
        cut: leave out the end of longer texts, and not refuse them.

    Raises:
        TermError: an empty text, or one that is not valid Unicode.
        UsageError: a text is longer than the limit.
        FormatError: the tokenizer can't be used.
    """
    for text in listed(texts):
        _check_text(text)
    found = list[RunningText]()
    for part in _portions(texts):
        found += _within(vocabulary, part, limit, special=special)
        long = next((one for one in found[-len(part) :] if one.cut), None)
        if long and not cut:
            raise UsageError(
                f"{len(long.ids) + long.cut:,} tokens: '{long.text[:40]}…'; the model takes at most {limit:,}",
                "--cut leaves out the rest (cut=True in Python).",
            )
    return found


def _portions(texts: Sequence[str]) -> Iterator[list[str]]:
    """Runs of texts of at most `AT_ONCE` characters together; a longer text is alone."""
    part, size = list[str](), 0
    for text in texts:
        if part and size + len(text) > AT_ONCE:
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part


def _within(vocabulary: Vocabulary, part: list[str], limit: int | None, *, special: bool) -> list[RunningText]:
    """The tokens of some texts, without those past the limit."""
    if limit and len(part[0]) > AT_ONCE:
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
    """A text in pieces of `AT_ONCE` characters or fewer, which end before white space where there is any."""
    at = 0
    while at < len(text):
        stop = min(at + AT_ONCE, len(text))
        spaces = list(SPACE.finditer(text, max(at + 1, stop - LONGEST_WORD), stop)) if stop < len(text) else []
        stop = spaces[-1].start() if spaces else stop
        yield text[at:stop]
        at = stop


def listed(texts: Sequence[str]) -> Sequence[str]:
    """The same texts, unless they are one string, whose letters would be taken for texts.

    Raises:
        UsageError: they are.
    """
    if isinstance(texts, str):
        raise UsageError(f"one text where a list is expected: '{texts[:40]}'", "Put it in a list.")
    return texts


def _check_text(text: str) -> None:
    if not text.strip():
        raise TermError(f"an empty text: '{text[:20]}'", "Give at least one word.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TermError(f"{text[:40]!r} is not valid Unicode", "Give text without lone surrogates.") from None


def _encode(vocabulary: Vocabulary, texts: Sequence[str], *, special: bool) -> list[RunningText]:
    splitter = vocabulary.splitter
    try:
        encodings = splitter.encode_batch(list(texts), add_special_tokens=special)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  # a bare Exception, or Rust's panic, which is not an Exception
        raise FormatError(f"the model's tokenizer can't split {texts[0][:40]!r}: {error!s:.200}") from None
    return [
        RunningText(text, tuple(one.ids), tuple(one.offsets)) for text, one in zip(texts, encodings, strict=True)
    ]  # fmt: skip


def _cut(vocabulary: Vocabulary, text: str, limit: int, *, special: bool) -> RunningText:
    """A text with its last tokens left out, so that the special tokens after them stay."""
    splitter = vocabulary.splitter
    splitter.enable_truncation(limit)
    try:
        return _encode(vocabulary, [text], special=special)[0]
    finally:
        splitter.no_truncation()


class Occurrence(NamedTuple):
    """Where a word is in a text: characters `start` to `stop`, and the numbers of its tokens."""

    start: int
    stop: int
    tokens: tuple[int, ...]


def occurrences(vocabulary: Vocabulary, read: RunningText, word: str) -> list[Occurrence]:
    """Where a word or phrase stands in a text, as a whole word; capitals matter if they do to the tokenizer.

    Raises:
        TermError: nowhere; the message shows the text's tokens.
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
        what = "the part that the model takes of " if read.cut else ""
        raise TermError(
            f"'{word}' does not occur in {what}'{read.text[:60]}'", f"The tokens of that text are: {pieces[:200]}"
        )
    return found


def tokens_in(read: RunningText, start: int, stop: int) -> tuple[int, ...]:
    """The numbers of the tokens that share a character with a part of the text."""
    return tuple(n for n, (begin, end) in enumerate(read.spans) if begin < stop and start < end)
