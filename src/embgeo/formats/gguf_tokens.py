"""The tokens of a GGUF file as a token table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from embgeo.errors import ModelError
from embgeo.formats.gguf_header import Gguf
from embgeo.formats.stream import damaged
from embgeo.formats.token_marks import BYTE, SPACE_MARK, SPECIAL, Scheme
from embgeo.formats.token_table import Entry, TokenTable, build_table
from embgeo.formats.tokenizer_json import BYTE_PIECE, byte_alphabet

PIECES: Final = "tokenizer.ggml.tokens"
KIND: Final = "tokenizer.ggml.model"
TYPES: Final = "tokenizer.ggml.token_type"
KEYS: Final = frozenset({PIECES, KIND, TYPES})
NORMAL, UNKNOWN, CONTROL, UNUSED, BYTE_TYPE = 1, 2, 3, 5, 6  # of token_type
PADDING: Final = re.compile(r"\[PAD\d+\]")  # how llama.cpp's converter names rows that no token has
BYTE_LEVEL: Final = "gpt2"  # any byte-level BPE is called so; of the others, all mark words with ▁


def token_table(gguf: Gguf, rows: int) -> TokenTable:
    """The token table for a matrix of `rows` rows.

    Raises:
        ModelError: the file has no tokens.
        FormatError: they are damaged.
    """
    pieces, kind, types = gguf.keys.get(PIECES), gguf.keys.get(KIND), gguf.keys.get(TYPES)
    if not pieces:
        raise ModelError(f"'{gguf.path}' has no tokens ({PIECES})", "Name a file that holds the whole model.")
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise damaged(gguf.path, f"{PIECES} is not a list of texts")
    if types is not None and (not isinstance(types, list) or len(types) != len(pieces)):
        raise damaged(gguf.path, f"{TYPES} doesn't have one number for each of {len(pieces):,} tokens")
    entries = list(_entries(pieces, types or [NORMAL] * len(pieces), kind))
    # The file doesn't say whether a BERT lowercases; a vocabulary without upper case shows it.
    lowers = kind == "bert" and all(entry.piece == entry.piece.lower() for entry in entries if not entry.flags)
    return build_table(entries, rows, Scheme(SPACE_MARK, lowers, lowers))


def _entries(pieces: list[str], types: list[Any], kind: Any) -> Iterator[Entry]:
    alphabet = byte_alphabet()
    for token, (piece, sort) in enumerate(zip(pieces, types, strict=True)):
        if sort == UNUSED and PADDING.fullmatch(piece):
            continue
        if sort in (UNKNOWN, CONTROL):
            yield Entry(token, piece, piece.encode(), SPECIAL)
        elif byte := BYTE_PIECE.fullmatch(piece) if sort == BYTE_TYPE else None:
            yield Entry(token, piece, bytes([int(byte[1], 16)]), BYTE)
        elif kind == BYTE_LEVEL and all(character in alphabet for character in piece):
            yield Entry(token, piece, bytes(alphabet[character] for character in piece))
        else:
            yield Entry(token, piece, piece.replace("▁", " ").encode())
