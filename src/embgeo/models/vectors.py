"""Files of word vectors, and GGUF: each told by its content, mapped where it lies or converted once into the store."""

from __future__ import annotations

from pathlib import Path

from embgeo.errors import Report, UsageError, silent
from embgeo.formats.detect import FORMATS, SAFETENSORS, told
from embgeo.models.architectures import EMBEDDING, Choice
from embgeo.models.manifest import Located

__all__ = ["FORMATS", "is_vectors", "locate"]


def is_vectors(path: Path, file_format: str | None = None) -> bool:
    """Whether a path is this package's to read: a file that is no safetensors, or one that only has a word list.

    Raises:
        UsageError: no such `file_format`.
        ModelError: a file that nobody can read.
    """
    if file_format is None and (not path.is_file() or path.is_dir()):
        return False
    if told(path, file_format) != SAFETENSORS:
        return True
    from embgeo.formats.word_list import list_beside

    return not path.with_name("tokenizer.json").is_file() and list_beside(path) is not None


def locate(path: Path, place: Path, choice: Choice = EMBEDDING, report: Report = silent) -> Located:
    """Find a file's matrix and words; text and other forms that can't be searched as they lie are converted first.

    Args:
        place: the store's folder for what is converted.
        choice: the file's format, where its content isn't to be asked; of GGUF also which matrix.

    Raises:
        ModelError: it can't be read, or lacks its words.
        FormatError: it is damaged; the line or the byte is named.
        UsageError: another matrix than the one that a file of word vectors has.
    """
    from embgeo.models import vector_readers

    form = told(path, choice.file_format)
    if form == "gguf":
        return vector_readers.gguf(path, place, report, choice)
    if choice.tensor is not None or choice.side != "input":
        raise UsageError(f"'{path}' has one matrix", "Leave out --side and --tensor.")
    return vector_readers.READERS[form](path, place, report)
