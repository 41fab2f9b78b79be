"""A .safetensors matrix with its words in a list next to it, without a tokenizer."""

from __future__ import annotations

from typing import IO

from embgeo.formats.older_tokenizers import TOKENIZER
from embgeo.formats.safetensors import file_head, read_header
from embgeo.formats.vector_file import VectorFile, VectorSource
from embgeo.formats.watched import Watched
from embgeo.formats.word_list import find_list, list_watched, mapped_file, read_list, write_list
from embgeo.formats.writers import ExportRows, write_rows


def read(source: VectorSource) -> VectorFile:
    """Map the only matrix of a file, or of several the one that is known as an embedding."""
    path, listed = source.path, find_list(source.path)
    watched = (*list_watched(path, listed), Watched.absent(path.with_name(TOKENIZER)))
    header = read_header(path)
    matrices = [tensor for tensor in header.tensors.values() if len(tensor.shape) == 2]
    tensor = matrices[0] if len(matrices) == 1 else source.choose(header)
    words = read_list(listed, tensor.shape[0], path, source.encoding)
    return mapped_file(source, (path, tensor), words, watched)


def write(files: list[IO[bytes]], rows: ExportRows, dtype: str) -> None:
    """Write one tensor, `embedding`, and the words one per line."""
    files[0].write(file_head({"embedding": (dtype, (len(rows.words), rows.dims))}, {"format": "np"}))
    write_rows(files[0], rows, dtype)
    write_list(files[1], rows.words)
