"""From a tokenizer.json to a token table: byte-level BPE, WordPiece, SentencePiece-style and plain word lists.

The file is read as JSON: its vocabulary and decoder contain all that is needed, and the tokenizers package, which is
only needed to split text, takes several times as long to load.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from embgeo.errors import FormatError, ModelError
from embgeo.formats.small_files import MAX_TOKENIZER, read_json
from embgeo.formats.splitter import check_growth, components
from embgeo.formats.token_marks import BYTE, NO_MARK, PREFIX_MARK, SPACE_MARK, SPECIAL, SUFFIX_MARK, Scheme
from embgeo.formats.token_table import Entry, TokenTable, build_table

BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def read_tokens(path: Path, rows: int) -> TokenTable:
    """The token table of a tokenizer.json, for a matrix of `rows` rows.

    Raises:
        ModelError: the file is missing.
        FormatError: it is not a tokenizer.json.
    """
    try:
        spec = read_json(path, MAX_TOKENIZER)
        check_growth(spec, str(path))
        mark, decode = _scheme(spec)
        scheme = _reading(mark, spec.get("normalizer"))
        entries = {token: Entry(token, piece, *decode(piece)) for token, piece in _vocabulary(spec["model"])}
        for added in spec.get("added_tokens") or ():
            token, content = int(added["id"]), str(added["content"])
            entries[token] = Entry(token, content, content.encode(), SPECIAL if added.get("special") else 0)
    except OSError as error:
        hint = "embgeo reads the tokenizer.json next to a model."
        raise ModelError(f"can't read '{path}': {error.strerror}", hint) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise FormatError(f"'{path}' is not a valid tokenizer.json: {error!r:.120}") from None
    return build_table(entries.values(), rows, scheme)


Decode = Callable[[str], tuple[bytes, int]]


def _vocabulary(model: dict[str, Any]) -> list[tuple[int, str]]:
    listed = model["vocab"]
    if isinstance(listed, dict):
        return [(int(token), piece) for piece, token in listed.items()]
    return [(token, str(piece)) for token, (piece, _score) in enumerate(listed)]


def _scheme(spec: dict[str, Any]) -> tuple[str, Decode]:
    """How this tokenizer marks words, and how a piece decodes to (text, flags)."""
    model = spec["model"]
    parts = {part["type"] for key in ("decoder", "pre_tokenizer") for part in components(spec.get(key))}
    suffix = model.get("end_of_word_suffix") or ""
    if model.get("type") == "WordPiece":
        return PREFIX_MARK, _decode_wordpiece(model.get("continuing_subword_prefix", "##"))
    if "ByteLevel" in parts:
        return (SUFFIX_MARK if suffix else SPACE_MARK), _decode_byte_level(suffix)
    if suffix:
        return SUFFIX_MARK, lambda piece: (_spaced(piece, suffix).encode(), 0)
    if parts & {"Metaspace", "Replace"} or model.get("type") == "Unigram":
        return SPACE_MARK, _decode_metaspace
    return NO_MARK, lambda piece: (piece.encode("utf-8", "surrogatepass"), 0)


def _reading(mark: str, normalizer: dict[str, Any] | None) -> Scheme:
    lowercase = accents = False
    for part in components(normalizer):
        lowercase |= part["type"] == "Lowercase" or part.get("lowercase") is True
        # BertNormalizer strips accents where it lowercases, unless set otherwise.
        stripped = part.get("strip_accents")
        accents |= part["type"] == "StripAccents" or bool(part.get("lowercase") if stripped is None else stripped)
    return Scheme(mark, lowercase, accents)


def byte_alphabet() -> dict[str, int]:
    """GPT-2's printable stand-ins for the 256 bytes (bytes_to_unicode in its encoder.py): character -> byte."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    shifted = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(shifted)}


def _decode_byte_level(suffix: str) -> Decode:
    alphabet = byte_alphabet() | {" ": 0x20}

    def decode(piece: str) -> tuple[bytes, int]:
        text = _spaced(piece, suffix)
        try:
            return bytes([alphabet[character] for character in text]), 0
        except KeyError:  # an ordinary entry that was never byte-encoded
            return text.encode("utf-8", "surrogatepass"), 0

    return decode


def _decode_wordpiece(prefix: str) -> Decode:
    def decode(piece: str) -> tuple[bytes, int]:
        text = "##" + piece[len(prefix) :] if prefix and piece.startswith(prefix) else piece
        return text.encode("utf-8", "surrogatepass"), 0

    return decode


def _decode_metaspace(piece: str) -> tuple[bytes, int]:
    if byte := BYTE_PIECE.fullmatch(piece):
        return bytes([int(byte[1], 16)]), BYTE
    return piece.replace("▁", " ").encode("utf-8", "surrogatepass"), 0


def _spaced(piece: str, suffix: str) -> str:
    return piece[: -len(suffix)] + " " if suffix and piece.endswith(suffix) else piece
