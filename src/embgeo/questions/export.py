"""Export: rows of the matrix with their words, as files that other programs read.

Rows are written in blocks of float32, which represents every matrix dtype exactly; on request they are scaled to length
1 or rounded. A file gets its name only once it is complete on disk.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from embgeo.errors import ModelError, Report, UsageError, check_choice, silent
from embgeo.formats.atomic import check_free, file_path, names_folder, replacing
from embgeo.formats.regular import open_stream
from embgeo.formats.writers import FORMATS, SPACE_STAND_IN, SUFFIXES, ExportRows, WritableFormat
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F32, F64, Ids
from embgeo.questions.rows import about, listable
from embgeo.questions.terms import read_terms, term_notes
from embgeo.results.export import Export as Exported
from embgeo.results.export import WrittenFile

MAX_LINE_BYTES: Final = 1_000_000  # bytes
WORD_PER_LINE: Final = "Give a file with a word in each line."
BLOCK_NUMBERS: Final = 1 << 20  # numbers at a time


def export(
    model: Model, out: str | os.PathLike[str], terms: Sequence[str] = (), *, to: str | None = None,
    dtype: str | None = None, words: bool = False, unit: bool = False, force: bool = False, multi: str = "mean",
    report: Report = silent,
) -> Exported:  # fmt: skip
    """Write rows of the matrix, each under its token's piece or the term as typed; see `EmbeddingSpace.export`."""
    form = _form(out, to)
    place = Path(out) if form.folder else file_path(out)
    numbers, files = _numbers(form, dtype, model.weights.dtype), form.files(place)
    _check_files(files, force=force)
    if words and terms:
        raise UsageError("--words selects from the whole vocabulary", "Omit it if you name words.")
    names, take, notes = _selected_rows(model, terms, multi) if terms else _all_rows(model, words=words)
    rows, cleaned, more = _cleaned(names, form)
    if not rows:
        raise UsageError("there are no rows to write", "Omit --words, or name some words.")
    dims, what = model.weights.shape[1], f"Writing {place.name}"
    blocks = _blocks(take, np.array(rows), unit=unit, dims=dims, done=lambda done: report(what, done, len(rows)))
    _write(files, form, ExportRows(cleaned, blocks, dims), numbers)
    return Exported(
        **about(model, "export", (*notes, *more)), rows=len(rows), dimensions=dims, form=form.name, numbers=numbers,
        unit=unit, files=tuple(WrittenFile(path=str(path), bytes=path.stat().st_size) for path in files),
    )  # fmt: skip


def read_words(path: Path) -> list[str]:
    """Read terms from a file, one per line; empty lines are skipped.

    Raises:
        UsageError: the file holds no terms, or can't be read.
    """
    try:
        with open_stream(path) as file:
            lines: list[bytes] = []
            while line := file.readline(MAX_LINE_BYTES):
                if len(line) == MAX_LINE_BYTES:
                    raise UsageError(
                        f"line {len(lines) + 1:,} of '{path}' has {MAX_LINE_BYTES:,} bytes or more", WORD_PER_LINE
                    )
                lines.append(line)
        text = b"".join(lines).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = "it is not valid UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UsageError(f"can't read words from '{path}': {why}", WORD_PER_LINE) from None
    terms = [line.strip() for line in text.split("\n") if line.strip()]
    if not terms:
        raise UsageError(f"there are no words in '{path}'", WORD_PER_LINE)
    return terms


ReadRows = Callable[[Ids], F64]


def _all_rows(model: Model, *, words: bool) -> tuple[list[str], ReadRows, tuple[str, ...]]:
    """The names of all rows that have a token, how to read them [ids, dims], and notes."""
    vocabulary = model.vocabulary
    ids = np.flatnonzero(listable(model, [], words=words, raw=True))
    names = [vocabulary.token(token) for token in ids.tolist()]
    shown = [token.text.strip() if words else token.piece for token in names]
    return shown, lambda part: model.weights.take(ids[part]), ()


def _selected_rows(model: Model, terms: Sequence[str], multi: str) -> tuple[list[str], ReadRows, tuple[str, ...]]:
    points = read_terms(model, terms, multi=multi)
    names = [_bare(term) for term in terms]
    return names, lambda part: np.array([points[row].vector for row in part]), term_notes(points, multi)


def _bare(term: str) -> str:
    quoted = len(term) > 2 and term[0] == term[-1] and term[0] in "\"'"
    return term[1:-1] if quoted else term.strip()


def _cleaned(names: list[str], form: WritableFormat) -> tuple[list[int], list[str], tuple[str, ...]]:
    """Rows to write, their words and notes: in these files white space ends a word, and no word occurs twice."""
    rows: dict[str, int] = {}
    changed = 0
    for row, name in enumerate(names):
        word = form.writable(name)
        changed += word != name
        if word:
            rows.setdefault(word, row)
    left = len(names) - len(rows)
    notes = []
    if changed:
        notes.append(f"{_count(changed, 'word has', 'words have')} white space, written as {SPACE_STAND_IN}")
    if left:
        notes.append(f"{_count(left, 'row is', 'rows are')} left out, as the word is empty or already written")
    return list(rows.values()), list(rows), tuple(notes)


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def _blocks(take: ReadRows, ids: Ids, *, unit: bool, dims: int, done: Callable[[int], None]) -> Iterator[F32]:
    step = max(1, BLOCK_NUMBERS // dims)
    for at in range(0, len(ids), step):
        block = take(ids[at : at + step])  # [block, dims]
        with np.errstate(invalid="ignore", over="ignore"):
            if unit:
                lengths = np.linalg.norm(block, axis=1, keepdims=True)  # [block, 1]
                block = block / np.where(lengths > 0, lengths, 1)
            yield block.astype(np.float32)
        done(at + len(block))


def _form(out: str | os.PathLike[str], to: str | None) -> WritableFormat:
    if to is not None:
        check_choice("export format", to, FORMATS)
        return FORMATS[to]
    suffix = Path(out).suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if names_folder(out) or Path(out).is_dir():
        return FORMATS["projector"]
    raise UsageError(f"'{out}' has no suffix of a known format", f"Name the format: --to {'|'.join(FORMATS)}.")


def _numbers(form: WritableFormat, dtype: str | None, own: str) -> str:
    """The dtype to write."""
    possible = form.dtypes
    if dtype is None:
        return own if own in possible else possible[0]
    if dtype not in possible:
        raise UsageError(f"{form.name} has no dtype {dtype}", f"Use {' or '.join(possible)}.")
    return dtype


def _check_files(files: list[Path], *, force: bool) -> None:
    if len(set(files)) < len(files):
        raise UsageError(f"'{files[0]}' would be both the matrix and its words", "Choose a suffix other than .txt.")
    for path in files:
        check_free(path, force=force)


def _write(files: list[Path], form: WritableFormat, rows: ExportRows, dtype: str) -> None:
    """Write all files, then rename them, the matrix last."""
    try:
        if form.folder:
            files[0].parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(replacing(path)) for path in files]
            form.write(opened, rows, dtype)
            for file in opened:
                file.flush()  # a full disk must show before the first rename
    except OSError as error:
        raise ModelError(f"can't write '{files[0]}': {error.strerror or error}", "Name another place.") from None
