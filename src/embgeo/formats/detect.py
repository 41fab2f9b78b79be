"""The vector-file formats that embgeo reads, and how each is recognized by its first bytes.

A new format is a row here and a module with `read(source: VectorSource) -> VectorFile`. The command line takes its
choices from this table, so that only what the table itself needs is imported here, and NumPy is not.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from embgeo.errors import ModelError, check_choice, silent
from embgeo.formats.packed import SUFFIXES as PACKED
from embgeo.formats.packed import packing_of

if TYPE_CHECKING:
    from embgeo.formats.vector_file import VectorFile, VectorSource

SAMPLE_BYTES: Final = 1 << 16  # bytes from which a format is recognized
BOM: Final = b"\xef\xbb\xbf"
ZIP: Final = b"PK\x03\x04"
DELIMITERS: Final = "\t,;"
MAX_HEADER_LENGTH: Final = 1 << 17  # characters; the csv module's own limit for a field
CONTROL: Final = rb"[\0-\x08\x0e-\x1f]"
SAMPLE_LINES: Final = 100  # lines that show how many numbers per line has where a file doesn't say


class Counts(NamedTuple):
    """The first line of a file that has one: the number of rows, and of numbers in each."""

    rows: int
    dims: int


def read_counts(first: bytes, second: bytes) -> Counts | None:
    """The counts in a first line; None where it is a word and its numbers."""
    fields = first.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 16 for field in fields):
        return None
    counts = Counts(int(fields[0]), int(fields[1]))
    # A word "5" with the one number "3" looks the same; the next line then has one number too.
    following = second.split()
    return None if len(following) == 2 and numbers_at_end(following) == 1 and counts.dims != 1 else counts


def count_numbers(lines: list[bytes]) -> int:
    """How many numbers most of these lines end with (the fewer at a tie: a word may look like a number); 0 if none."""
    counts = Counter(numbers_at_end(line.split()) for line in lines[:SAMPLE_LINES] if line.strip())
    return max(counts, key=lambda count: (counts[count], -count), default=0)


def numbers_at_end(fields: list[bytes]) -> int:
    """How many of the last fields of a line are numbers; the first field is a word."""
    return sum(1 for _ in itertools.takewhile(is_number, reversed(fields[1:])))


def is_number(field: bytes) -> bool:
    """Whether a field of a text file can be read as a number."""
    try:
        float(field)
    except ValueError:
        return False
    return True


def _has_counts(start: bytes) -> bool:
    first, second = [*start.removeprefix(BOM).split(b"\n", 2)[:2], b""][:2]
    return read_counts(first, second) is not None


def _is_text(start: bytes) -> bool:
    """Whether what follows the first line is words and numbers, and not words and the bits of floats."""
    rest = start.partition(b"\n")[2][:512]
    if re.search(CONTROL, rest):
        return False
    valid = codecs.getincrementaldecoder("utf-8")("ignore").decode(rest).encode() == rest
    return valid or count_numbers(rest.split(b"\n")[:1]) > 0


def _is_glove(start: bytes) -> bool:
    return (
        not (_has_counts(start) or _is_projector(start) or table_header(start))
        and count_numbers(_whole_lines(start)) > 0
    )


def _is_projector(start: bytes) -> bool:
    rows = [line.rstrip(b"\r").split(b"\t") for line in _whole_lines(start)[:SAMPLE_LINES] if line]
    return bool(rows) and all(len(row) > 1 and all(map(is_number, row)) for row in rows)


def table_header(start: bytes) -> str | None:
    """The delimiter of a table that begins with a line of names, one of which is the words'; None if it doesn't.

    A line of GloVe can begin with the word "word": its numbers are not 0, 1, 2, ...
    """
    import csv

    from embgeo.formats.columns import are_numbered, word_column

    text = start.removeprefix(BOM).partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    for delimiter in DELIMITERS if len(text) < MAX_HEADER_LENGTH else "":
        try:
            names = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error:
            continue
        word = word_column(names) if len(names) > 1 else None
        others = [name for at, name in enumerate(names) if at != word]
        if word is not None and (are_numbered(others) or not any(is_number(name.encode()) for name in others)):
            return delimiter
    return None


def _is_jsonl(start: bytes) -> bool:
    from embgeo.formats.columns import WORD_NAMES

    line = start.removeprefix(BOM).lstrip().partition(b"\n")[0]
    word = rb'(?i)"(%s)"\s*:' % "|".join(WORD_NAMES).encode()
    return line.startswith(b"{") and re.search(word, line) is not None


def _whole_lines(start: bytes) -> list[bytes]:
    lines = start.removeprefix(BOM).split(b"\n")
    return lines[:-1] if len(lines) > 1 else lines


def _is_safetensors(start: bytes) -> bool:
    return start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 1 << 32


def _is_pickle(start: bytes) -> bool:
    return len(start) > 2 and start[0] == 0x80 and 2 <= start[1] <= 5  # a pickle's first opcode, and its protocol


def _is_npz(start: bytes) -> bool:
    length = int.from_bytes(start[26:28], "little")
    return start.startswith(ZIP) and start[30 : 30 + length].endswith(b".npy")


class Format(NamedTuple):
    """A format of vector files.

    Attributes:
        name: for --file-format.
        title: for messages.
        suffixes: file names that end so are never names on the Hub.
        module: the module in this package that reads it.
        recognize: whether a file with these first bytes is one; the rows of the table exclude each other.
        has_magic: whether it begins with bytes of its own; if not, it may be compressed.
        is_model: whether it holds a whole model's matrices, so that a side or tensor can be chosen.
        has_encoding: whether its words are bytes, which may be in another encoding than UTF-8.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str
    recognize: Callable[[bytes], bool]
    has_magic: bool = True
    is_model: bool = False
    has_encoding: bool = True

    def read(self, source: VectorSource) -> VectorFile:
        """Read a file of this format.

        Raises:
            ModelError: it can't be read, or lacks its words.
            FormatError: it is damaged; the line or the byte is named.
        """
        found: VectorFile = import_module(f"embgeo.formats.{self.module}").read(source)
        return found


SAFETENSORS: Final = Format("safetensors", "safetensors", (".safetensors",), "safetensors_words", _is_safetensors)
SPACY: Final = Format("spacy", "spaCy's folder of vectors", (), "spacy_vectors", lambda _: False, has_encoding=False)
TABLE: Final = (
    Format("word2vec", "word2vec text (also fastText's .vec)", (".txt", ".vec"), "word2vec_text",
           lambda start: _has_counts(start) and _is_text(start), has_magic=False),
    Format("glove", "GloVe", (".txt",), "glove", _is_glove, has_magic=False),
    Format("projector", "the Embedding Projector's vectors.tsv", (".tsv",), "projector", _is_projector,
           has_magic=False),
    Format("csv", "CSV or TSV with a line of names", (".csv", ".tsv"), "csv_table",
           lambda start: table_header(start) is not None, has_magic=False),
    Format("jsonl", "JSON lines", (".jsonl",), "jsonl_table", _is_jsonl, has_magic=False, has_encoding=False),
    Format("parquet", "Parquet or Feather", (".parquet", ".feather", ".arrow"), "arrow_table",
           lambda start: start.startswith((b"PAR1", b"ARROW1", b"FEA1")), has_encoding=False),
    Format("word2vec-binary", "word2vec binary", (".bin",), "word2vec_binary",
           lambda start: _has_counts(start) and not _is_text(start), has_magic=False),
    Format("npy", ".npy", (".npy",), "npy", lambda start: start.startswith(b"\x93NUMPY")),
    Format("npz", ".npz", (".npz",), "npz", _is_npz),
    Format("gensim", "gensim's .kv", (".kv",), "gensim_kv", _is_pickle, has_encoding=False),
    Format("fasttext", "fastText's .bin", (".bin", ".ftz"), "fasttext_bin",
           lambda start: start.startswith(b"\xba\x16\x4f\x2f")),
    Format("finalfusion", "finalfusion's .fifu", (".fifu",), "finalfusion", lambda start: start.startswith(b"FiFu"),
           has_encoding=False),
    SPACY,
    Format("gguf", "GGUF", (".gguf",), "gguf", lambda start: start.startswith(b"GGUF"), is_model=True,
           has_encoding=False),
)  # fmt: skip
FORMATS: Final = tuple(row.name for row in TABLE)
SUFFIXES: Final = (*SAFETENSORS.suffixes, *dict.fromkeys(suffix for row in TABLE for suffix in row.suffixes), *PACKED)
BY_MAGIC: Final = (*(row for row in TABLE if row.has_magic), SAFETENSORS)
BY_TEXT: Final = tuple(row for row in TABLE if not row.has_magic)


def detect(path: Path, named: str | None = None) -> Format:
    """The format of a file.

    Args:
        named: the format's name, where the user gave it.

    Raises:
        UsageError: no such format.
        ModelError: the format is unknown, or the file can't be read.
    """
    from embgeo.formats.foreign_files import refuse_foreign

    if named is not None:
        check_choice("file format", named, FORMATS)
        return next(row for row in TABLE if row.name == named)
    if is_spacy(path):
        return SPACY
    start = _first_bytes(path)
    refuse_foreign(path, start)
    found = _recognize(start)
    if found is None and path.suffix == ".safetensors":
        return SAFETENSORS  # a damaged one, of which its own reader says more
    if found is None:
        known = ", ".join(row.title for row in TABLE)
        hint = f"embgeo reads {known} and safetensors. If it is one of them, name its --file-format."
        raise ModelError(f"can't tell what '{path}' is", hint)
    return found


def is_spacy(path: Path) -> bool:
    """Whether a path is a folder with spaCy's vectors: its own, a model's, or an installed package's."""
    return path.is_dir() and any(any(path.glob(f"{inside}key2row")) for inside in ("", "vocab/", "*/vocab/"))


def recognized(path: Path) -> Format | None:
    """The format of a file by its first bytes; None if it has none of these, or can't be read."""
    try:
        start = _first_bytes(path)
    except ModelError:
        return None
    return _recognize(start)


def _recognize(start: bytes) -> Format | None:
    return next((row for row in (*BY_MAGIC, *BY_TEXT) if row.recognize(start)), None)


def _first_bytes(path: Path) -> bytes:
    """The first bytes of a file, decompressed where it is packed."""
    from embgeo.formats.foreign_files import is_torch_zip
    from embgeo.formats.stream import open_vectors, read_errors

    with read_errors(path), path.open("rb") as file:
        start = file.read(SAMPLE_BYTES)
    packing = packing_of(start)
    if packing is None or is_torch_zip(start) or _is_npz(start):
        return start
    with open_vectors(path, silent) as stream:
        inside = stream.first(SAMPLE_BYTES)
    inner = packing_of(inside) or next((row for row in BY_MAGIC if row.recognize(inside)), None)
    if inner is not None:
        import shlex

        hint = f"Unpack it first, as in: {packing.command} {shlex.quote(str(path))}"
        raise ModelError(f"'{path}' is {inner.name} packed with {packing.name}", hint)
    return inside
