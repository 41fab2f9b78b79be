"""Benchmark files in their common formats: analogy questions, word pairs with scores, odd-one-out lines.

None of them is part of embgeo; `SOURCES` says where to get them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

from embgeo.errors import FormatError, UsageError
from embgeo.formats.regular import open_stream

SOURCES: Final = {
    "analogies": "questions-words.txt is in https://github.com/tmikolov/word2vec, BATS at https://vecto.space.",
    "similarity": "WordSim-353 and SimLex-999 are in https://github.com/piskvorky/gensim, gensim/test/test_data.",
    "odd-one-out": "Each line holds words, the last of which is the odd one.",
}
Item = TypeVar("Item")
SLASH: Final = re.compile(r"\s*/\s*")
DELIMITERS: Final = ("\t", ",", None)  # None: any white space


class Question(NamedTuple):
    """`a` is to `b` as `c` is to `d`."""

    a: str
    b: str
    c: str
    d: str


class Related(NamedTuple):
    """A word of a relation, and its accepted partners; questions use the first."""

    word: str
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of an analogy file: questions as they stand in it (Google), or a relation's pairs (BATS)."""

    name: str
    questions: tuple[Question, ...] = ()
    pairs: tuple[Related, ...] = ()


class Rated(NamedTuple):
    """Two words and their similarity as rated by people."""

    a: str
    b: str
    score: float


class Benchmark(NamedTuple, Generic[Item]):
    """The items of a file, and how many of its lines could not be read."""

    name: str
    items: tuple[Item, ...]
    bad_lines: int


def words_in(file: Benchmark[Any]) -> set[str]:
    """All words in the items of a file."""
    found: set[str] = set()
    for item in file.items:
        if isinstance(item, Section):
            found.update(*item.questions, *((word, *partners) for word, partners in item.pairs))
        else:
            found.update((item.a, item.b) if isinstance(item, Rated) else item)
    return found


def read_analogies(path: Path) -> Benchmark[Section]:
    """Google's format (`: section` lines, then four words per line), a file of pairs, or a folder of such files (BATS).

    A line of a pair is a word, a tab or spaces, and its partners, separated by `/`. A section has questions or pairs,
    whichever are more (questions at a tie); lines of the other kind count as bad.

    Raises:
        UsageError: no such file.
        FormatError: it has no readable line.
    """
    files = sorted(one for one in path.rglob("*.txt") if one.is_file()) if path.is_dir() else [path]
    if not files:
        raise FormatError(f"the folder '{path}' holds no .txt file", SOURCES["analogies"])
    sections: list[Section] = []
    bad = 0
    for file in files:
        found, wrong = _sections(file)
        sections += found
        bad += wrong
    if not any(section.questions or section.pairs for section in sections):
        raise FormatError(
            f"'{path}' holds no analogies",
            "Expected are four words per line, or a word and its partners: see docs/evaluation.md.",
        )
    return Benchmark(path.name, tuple(sections), bad)


def read_rated(path: Path) -> Benchmark[Rated]:
    """Two words and a number a line, separated by tabs, commas or spaces; lines that begin with # are skipped.

    Raises:
        as `read_analogies`.
    """
    found: list[Rated] = []
    bad = 0
    for number, line in enumerate(_lines(path, "similarity")):
        rated = _rated(line)
        found += [rated] if rated else []
        bad += rated is None and number > 0  # the first may name the columns
    if not found:
        raise FormatError(f"'{path}' holds no rated pairs", "Expected are two words and a number a line.")
    return Benchmark(path.name, tuple(found), bad)


def read_odd(path: Path) -> Benchmark[tuple[str, ...]]:
    """Three or more words a line, separated by tabs, commas or spaces, the odd one last.

    Raises:
        as `read_analogies`.
    """
    lines = [tuple(_words(line)) for line in _lines(path, "odd-one-out") if not line.startswith(":")]
    found = tuple(words for words in lines if len(words) >= 3)
    if not found:
        raise FormatError(f"'{path}' holds no line of three words or more", SOURCES["odd-one-out"])
    return Benchmark(path.name, found, len(lines) - len(found))


def _sections(path: Path) -> tuple[list[Section], int]:
    found: list[Section] = []
    name, lines, bad = path.stem, list[str](), 0
    for line in (*_lines(path, "analogies", comments=False), ":"):
        if line.startswith(":"):
            section, wrong = _section(name, lines)
            found += [section] if section.questions or section.pairs else []
            bad += wrong
            name, lines = line.lstrip(": ").strip(), []
        else:
            lines.append(line)
    return found, bad


def _section(name: str, lines: list[str]) -> tuple[Section, int]:
    """A section of the kind that most of its lines have, and how many lines can't be read."""
    read = [_question(line) or _related(line) for line in lines]
    questions = tuple(one for one in read if isinstance(one, Question))
    pairs = tuple(one for one in read if isinstance(one, Related))
    section = Section(name, pairs=pairs) if len(pairs) > len(questions) else Section(name, questions)
    return section, len(lines) - max(len(pairs), len(questions))


def _question(line: str) -> Question | None:
    words = line.split()
    return Question(*words) if len(words) == 4 and "/" not in words else None


def _related(line: str) -> Related | None:
    word, _, rest = line.strip().partition("\t" if "\t" in line.strip() else " ")
    rest = SLASH.sub("/", rest.strip())
    partners = tuple(part for part in rest.split("/") if part)
    return Related(word.strip(), partners) if partners and len(rest.split()) == 1 else None


def _rated(line: str) -> Rated | None:
    """The two words and the first number after them (SimLex-999 has the part of speech in between)."""
    for delimiter in DELIMITERS:
        fields = [field.strip() for field in line.split(delimiter)]
        if len(fields) >= 3 and fields[0] and fields[1]:
            scores = (_number(field) for field in fields[2:])
            score = next((one for one in scores if one is not None), math.nan)
            return Rated(fields[0], fields[1], score) if math.isfinite(score) else None
    return None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _words(line: str) -> list[str]:
    delimiter = next((one for one in ("\t", ",") if one in line), None)
    return [word.strip() for word in line.split(delimiter) if word.strip()]


def _lines(path: Path, kind: str, *, comments: bool = True) -> Iterator[str]:
    try:
        with open_stream(path) as file:
            text = file.read().decode("utf-8-sig", "replace")
    except FileNotFoundError:
        raise UsageError(f"no file '{path}'", SOURCES[kind]) from None
    except OSError as error:
        raise UsageError(f"'{path}' can't be read: {error.strerror}", SOURCES[kind]) from None
    for line in text.splitlines():
        if line.strip() and not (comments and line.startswith("#")):
            yield line
