"""The Embedding Projector's two files: tab-separated numbers, and the words."""

from __future__ import annotations

from typing import IO

from embgeo.formats.word_list import write_list
from embgeo.formats.writers import Rows, number_lines


def write(files: list[IO[bytes]], rows: Rows, dtype: str) -> None:  # noqa: ARG001  # text holds float32
    """Write the numbers, and the words without a header line: the Projector wants none for a single column."""
    for block in rows.blocks:
        files[0].write("".join(f"{numbers}\n" for numbers in number_lines(block, "\t")).encode())
    write_list(files[1], rows.words)
