"""Vector files of the user's own as models: mapped where they are, or converted once into the store."""

from __future__ import annotations

from pathlib import Path

from embgeo.errors import Report, UsageError, silent
from embgeo.formats.detect import SAFETENSORS, Format, detect, is_spacy
from embgeo.models.architectures import choose
from embgeo.models.choice import EMBEDDING, Choice
from embgeo.models.manifest import Located


def is_vectors(path: Path, file_format: str | None = None) -> bool:
    """Whether a path is a vector file: any readable file, except safetensors without a word list or with a tokenizer.

    Raises:
        UsageError: unknown `file_format`.
        ModelError: the format is unknown, or the file can't be read.
    """
    if file_format is None and not path.is_file():
        return is_spacy(path)
    if detect(path, file_format) is not SAFETENSORS:
        return True
    from embgeo.formats.word_list import has_list

    return not path.with_name("tokenizer.json").is_file() and has_list(path)


def locate(path: Path, place: Path, choice: Choice = EMBEDDING, report: Report = silent) -> Located:
    """Find the matrix and words of a vector file.

    Args:
        path: the file.
        place: the store's folder for a converted matrix.
        choice: its format, where the content doesn't decide; of GGUF also which matrix.
        report: called with the progress of a conversion.

    Raises:
        ModelError: it can't be read, or lacks its words.
        FormatError: it is damaged; the line or the byte is named.
        UsageError: a side or tensor of a file that has one matrix, or a limit or encoding that it can't have.
    """
    from embgeo.formats.vector_file import VectorSource

    form = detect(path, choice.file_format)
    _check(path, form, choice)
    by_name = lambda header: choose(header, {}, str(path))  # noqa: E731
    source = VectorSource(
        path, place, by_name, choice.tensor, choice.side, report, forced=choice.file_format is not None,
        limit=choice.limit, encoding=choice.words_in,
    )  # fmt: skip
    found = form.read(source)
    return Located(
        str(path.absolute()), "", "local", found.matrix, found.tensor, None, found.unembedding, choice.side,
        table=found.table, watched=found.watched, notes=found.notes, headless=found.headless,
        ngrams=found.ngrams,
    )  # fmt: skip


def _check(path: Path, form: Format, choice: Choice) -> None:
    """Refuse options that make no sense for a file's format."""
    if not form.is_model and (choice.tensor is not None or choice.side != "input"):
        raise UsageError(f"'{path}' has one matrix", "Leave out --side and --tensor.")
    if form.is_model and choice.limit is not None:
        raise UsageError(f"'{path}' has a tokenizer, and is read as a whole", "--limit is for files of word vectors.")
    if not form.has_encoding and (choice.encoding or choice.encoding_errors):
        hint = "Leave out --encoding and --encoding-errors."
        raise UsageError(f"'{path}' is {form.title}, whose words are always Unicode", hint)
