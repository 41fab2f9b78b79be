"""Passages of the user's own text files with their vectors, as files that search engines and databases read."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from embgeo.errors import ModelError, Report, UsageError, any_of, check_choice, silent
from embgeo.formats.atomic import file_path
from embgeo.formats.passage_table import FORMATS, PassageTable, check_files, files_of, write
from embgeo.formats.passages import Passage
from embgeo.formats.regular import disk_size
from embgeo.models.model import Model
from embgeo.questions.encoded_passages import encoded_passages
from embgeo.questions.rows import about
from embgeo.questions.running import runner, sentence_rules
from embgeo.results.export import Export, WrittenFile

ID_NAMESPACE: Final = uuid.UUID("6f1b6b0e-54c7-5f4e-9a43-5b8a1f0c7d11")  # the namespace of passages' ids


def export_passages(
    model: Model, out: str | os.PathLike[str], files: Sequence[str], *, by: str = "line", to: str | None = None,
    force: bool = False, report: Report = silent,
) -> Export:  # fmt: skip
    """Write passages with their vectors; see `EmbeddingSpace.export_passages`."""
    form = to or Path(out).suffix.lower().removeprefix(".")
    if to is None and form not in FORMATS:
        raise UsageError(f"'{out}' has no suffix of a known format", f"Passages go to {any_of(FORMATS)}.")
    check_choice("format of passages", form, FORMATS)
    place = Path(out) if form == "lance" else file_path(out)
    check_files(place, form, force=force)
    ready = runner(model, "float32", report, sentences=True)
    rules = sentence_rules(ready)
    found, known, notes = encoded_passages(ready, rules, files, by, report)
    said = about(model, "export", (*ready.files.notes, *notes))
    table = PassageTable(
        [_id(passage) for passage in found.passages], found.passages, known.cut, known.vectors,
        {"model": model.manifest.model, "revision": model.manifest.revision, "metric": rules.metric},
    )  # fmt: skip
    try:
        write(table, place, form)
    except OSError as error:
        raise ModelError(f"can't write '{out}': {error.strerror or error}", "Name another place.") from None
    rows, dims = known.vectors.shape
    return Export(
        **said, rows=rows, dimensions=dims, form=form, numbers="F32", unit=rules.normalize,
        files=tuple(WrittenFile(path=str(path), bytes=disk_size(path)) for path in files_of(place, form)),
    )  # fmt: skip


def _id(passage: Passage) -> str:
    """A UUID of a passage's file, line and text: the same as long as these are, so that a database can update it."""
    return str(uuid.uuid5(ID_NAMESPACE, f"{passage.file}\n{passage.first}\n{passage.text}"))
