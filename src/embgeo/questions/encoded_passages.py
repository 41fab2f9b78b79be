"""Passages of the user's own text files with their vectors, and what was left out or cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from embgeo.errors import Report, UsageError, first_of
from embgeo.formats.passages import Passages, read_passages
from embgeo.models.sentence_rules import SentenceRules
from embgeo.questions.passage_vectors import PassageVectors, passage_vectors
from embgeo.questions.running import Runner


def encoded_passages(
    ready: Runner, rules: SentenceRules, files: Sequence[str], by: str, report: Report
) -> tuple[Passages, PassageVectors, tuple[str, ...]]:
    """Read files, and compute the vectors that the store lacks; parameters as in `EmbeddingSpace.search`.

    Returns:
        The passages, their vectors, and notes on what was left out or cut.

    Raises:
        UsageError: there is no text in them; and as `read_passages`.
        ModelError: the store can't be written.
    """
    found = read_passages(files, by)
    if not found.passages:
        left_out = "; ".join(_left_out(found))
        raise UsageError(
            f"there is no text to search{f' ({left_out})' if left_out else ''}",
            "Name files or folders with text in them, or - and pipe it in.",
        )
    known = passage_vectors(ready, rules, [passage.text for passage in found.passages], report)
    return found, known, tuple(_notes(found, known))


def _notes(found: Passages, known: PassageVectors) -> Iterator[str]:
    """What was left out, or cut."""
    yield from _left_out(found)
    if found.changed:
        yield f"modified while it was read: {first_of(found.changed)}"
    if count := int((known.cut > 0).sum()):
        what = "1 passage is" if count == 1 else f"{count:,} passages are"
        yield f"{what} longer than the model's limit, and cut there"


def _left_out(found: Passages) -> Iterator[str]:
    """The files that were left out, and why."""
    kinds = {"not UTF-8 text": found.binary, "can't be read": found.unread}
    yield from (f"left out, {why}: {first_of(names)}" for why, names in kinds.items() if names)
