"""Token tables of every kind of tokenizer: pieces, texts and flags, lookup, and invalid tokenizer files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

import vocabularies
from embgeo.errors import FormatError, ModelError
from embgeo.formats.token_marks import (
    ABSENT,
    BYTE,
    NO_MARK,
    PREFIX_MARK,
    SPACE_MARK,
    SPECIAL,
    SUFFIX_MARK,
    WORD,
    Scheme,
    fold_key,
)
from embgeo.formats.token_table import Entry, TokenTable, build_table
from embgeo.formats.tokenizer_json import byte_alphabet, read_tokens
from vocabularies import KINDS, decoded, ids, read

CAT = {"unigram": "▁cat", "byte-fallback": "▁cat", "byte-level": "Ġcat", "clip": "cat</w>", "end-of-word": "cat</w>"}
MARKS = {
    "byte-level": SPACE_MARK, "wordpiece": PREFIX_MARK, "unigram": SPACE_MARK, "byte-fallback": SPACE_MARK,
    "clip": SUFFIX_MARK, "end-of-word": SUFFIX_MARK, "word-level": NO_MARK,
}  # fmt: skip
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_pieces_are_those_of_tokenizers(kind: str, tmp_path: Path) -> None:
    """Every row has the piece that the library gives for its id."""
    tokenizer = KINDS[kind]()
    table = read(tokenizer, tmp_path)
    assert len(table) == len(table.order) == tokenizer.get_vocab_size()
    for token in range(len(table)):
        assert table.pieces[token].decode() == tokenizer.id_to_token(token)


@every_kind
def test_texts_are_those_of_tokenizers(kind: str, tmp_path: Path) -> None:
    """Every text is the library's own decoding; if that isn't UTF-8, up to the replacement characters."""
    tokenizer = KINDS[kind]()
    table = read(tokenizer, tmp_path)
    for token in range(len(table)):
        assert table.texts[token].decode("utf-8", "replace") == decoded(kind, tokenizer, token)


@every_kind
def test_every_token_is_found_by_its_key(kind: str, tmp_path: Path) -> None:
    """Looking up a token's key gives a token with that key: itself, unless it shares the key."""
    table = read(KINDS[kind](), tmp_path)
    keys = [table.key(token) for token in range(len(table))]
    for token, key in enumerate(keys):
        found = table.find(key)
        assert found is not None
        assert keys[found] == key
        assert found == token or keys.count(key) > 1


@every_kind
def test_lookup_with_a_leading_space(kind: str, tmp_path: Path) -> None:
    """A leading space finds the token that is a word, whatever the mark; unknown keys find nothing."""
    tokenizer = KINDS[kind]()
    table = read(tokenizer, tmp_path)
    (cat,) = ids(tokenizer, CAT.get(kind, "cat"))
    assert table.scheme.mark == MARKS[kind]
    assert table.scheme.lowercase == (kind in {"wordpiece", "clip"})
    assert table.find(b" cat") == cat
    assert [table.find(absent) for absent in (b"", b" catx", b" ca\xff", b"\xff\xff", b" cat ")] == [None] * 5


@pytest.mark.parametrize(
    ("kind", "piece"),
    [
        ("byte-level", "cat"), ("wordpiece", "##cat"), ("unigram", "cat"), ("byte-fallback", "cat"), ("clip", "cat"),
        ("end-of-word", "cat"), ("word-level", None),
    ],
)  # fmt: skip
def test_lookup_without_a_space(kind: str, piece: str | None, tmp_path: Path) -> None:
    """The token for the inside of a word is found; a plain word list has none."""
    tokenizer = KINDS[kind]()
    assert read(tokenizer, tmp_path).find(b"cat") == (None if piece is None else ids(tokenizer, piece)[0])


def test_ordinary_before_special(tmp_path: Path) -> None:
    """An ordinary token is found before a special one with the same text."""
    tokenizer = vocabularies.byte_level()
    tokenizer.add_special_tokens([" run"])
    table = read(tokenizer, tmp_path)
    assert table.find(b" run") == tokenizer.token_to_id(" run")
    assert table.flags[tokenizer.token_to_id(" run")] == SPECIAL
    tokenizer.add_special_tokens([" dog"])
    assert read(tokenizer, tmp_path).find(b" dog") == ids(tokenizer, "Ġdog")[0]


def test_ordinary_before_byte(tmp_path: Path) -> None:
    """The letter A is found before the token <0x41>, though that has the lower number."""
    tokenizer = vocabularies.byte_fallback()
    table = read(tokenizer, tmp_path)
    letter, byte, other = ids(tokenizer, "A", "<0x41>", "<0x21>")
    assert byte < letter
    assert table.texts[byte] == table.texts[letter] == b"A"
    assert table.find(b"A") == letter
    assert table.find(b"!") == other


def test_flags(tmp_path: Path) -> None:
    """Special, byte and word tokens are distinguished; only whole words of letters are words."""
    tokenizer = vocabularies.byte_level()
    table = read(tokenizer, tmp_path)
    words = ids(tokenizer, "Ġcat", "ĠCat", "ĠCAT", "Ġdog", "ĠcafÃ©")
    assert np.flatnonzero(table.flags & WORD).tolist() == sorted(words)
    assert np.flatnonzero(table.flags & ~np.uint8(WORD)).tolist() == list(ids(tokenizer, "<|endoftext|>"))
    fallback = read(vocabularies.byte_fallback(), tmp_path)
    assert np.flatnonzero(fallback.flags & SPECIAL).tolist() == [0, 1, 2]
    assert np.flatnonzero(fallback.flags & BYTE).tolist() == list(range(3, 259))
    assert [bytes([byte]) for byte in range(256)] == [fallback.texts[token] for token in range(3, 259)]
    whole = read(vocabularies.word_level(), tmp_path)
    assert (whole.flags & WORD).astype(bool).tolist() == [False, True, True, True, True, True, False]


def test_variants_are_folded(tmp_path: Path) -> None:
    """Tokens that differ in case or leading space are variants; white space and partial characters aren't."""
    tokenizer = vocabularies.byte_level()
    table = read(tokenizer, tmp_path)
    variants = ids(tokenizer, "cat", "Ġcat", "Cat", "ĠCat", "CAT", "ĠCAT")
    assert {int(table.fold[token]) for token in variants} == {min(variants)}
    apart = ids(tokenizer, "Ġ", "ĠĠ", "Ċ", "ðŁ", "ð", "Ã", "ã", "cat", "dog")
    assert len({int(table.fold[token]) for token in apart}) == len(apart)
    pieces = read(vocabularies.wordpiece(), tmp_path)
    assert int(pieces.fold[8]) == int(pieces.fold[17]) == int(pieces.fold[4]) == 4  # ##cat and Cat are cat


def test_more_rows_than_tokens(tmp_path: Path) -> None:
    """Rows past the last token are marked as absent, and empty."""
    table = read(vocabularies.wordpiece(), tmp_path, rows=25)
    assert len(table) == 25
    assert len(table.order) == 18
    assert np.flatnonzero(table.flags & ABSENT).tolist() == list(range(18, 25))
    assert table.texts[24] == table.pieces[24] == b""
    assert table.fold[18:].tolist() == list(range(18, 25))
    assert table.find(b"") is None


def test_fewer_rows_than_tokens(tmp_path: Path) -> None:
    """Tokens past the last row are dropped and not found."""
    table = read(vocabularies.wordpiece(), tmp_path, rows=5)
    assert len(table) == len(table.order) == 5
    assert table.find(b" cat") == 4
    assert table.find(b" dog") is None


def test_gaps_in_the_ids(tmp_path: Path) -> None:
    """An id without a token is an absent row; a negative id is dropped."""
    path = tmp_path / "tokenizer.json"
    model = {"type": "WordLevel", "vocab": {"dog": 3, "cat": 1, "less": -1}, "unk_token": "dog"}
    path.write_text(json.dumps({"model": model, "added_tokens": [{"id": 5, "content": "<s>", "special": True}]}))
    table = read_tokens(path, 6)
    assert table.flags.tolist() == [ABSENT, WORD, ABSENT, WORD, ABSENT, SPECIAL]
    assert [table.key(token) for token in table.order.tolist()] == [b" <s>", b" cat", b" dog"]


TEXTS = st.binary() | st.sampled_from(
    [b"", b" ", b"  ", b"a", b" a", b"A", b"##a", b"a ", b"\xc3", b" \xc3", b"\xc3\xa9"]
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(TEXTS, st.sampled_from([0, BYTE, SPECIAL])), max_size=12),
    st.sampled_from([SPACE_MARK, PREFIX_MARK, SUFFIX_MARK, NO_MARK]),
)
def test_any_table(tokens: list[tuple[bytes, int]], mark: str) -> None:
    """For any texts, a key finds its first ordinary token, and variants fold to the lowest id."""
    entries = [Entry(2 * n, "", text, flags) for n, (text, flags) in enumerate(tokens)]
    built = build_table(entries, 2 * len(tokens) + 1, Scheme(mark))
    table = TokenTable.from_arrays(built.arrays(), Scheme(mark))
    for entry in entries:
        key = table.key(entry.id)
        alike = [other for other in entries if table.key(other.id) == key]
        assert table.find(key) == min(alike, key=lambda other: (other.flags, other.id)).id
        variants = [other.id for other in entries if fold_key(table.key(other.id)) == fold_key(key)]
        assert table.fold[entry.id] == min(variants)


@settings(deadline=None)
@given(st.text())
@pytest.mark.slow
def test_byte_alphabet(text: str) -> None:
    """The alphabet undoes the library's own byte-level encoding."""
    alphabet = byte_alphabet()
    assert set(alphabet) == set(pre_tokenizers.ByteLevel.alphabet())
    encoded = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text)
    assert bytes(alphabet[character] for piece, _ in encoded for character in piece) == text.encode()


VOCAB = '{"a": 0}'


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\xff\xfe\x00", b"\x00" * 9, b"{", b"null", b"[]", b'"text"', b"7", b"[" * 100_000,
        b"{}", b'{"model": 1}',
        b'{"model": {}}', b'{"model": {"vocab": 1}}', b'{"model": {"vocab": "ab"}}', b'{"model": {"vocab": [["a"]]}}',
        b'{"model": {"vocab": {"a": "b"}}}', b'{"model": {"vocab": {"a": null}}}',
        b'{"model": {"vocab": {"a": 1e999}}}',
        b'{"model": {"vocab": {"a": ' + b"9" * 5000 + b"}}}",
        *(
            f'{{"model": {{"vocab": {VOCAB}{more}'.encode()
            for more in (
                '}, "added_tokens": 1}', '}, "added_tokens": [{}]}', '}, "added_tokens": [[0, "a"]]}',
                '}, "added_tokens": [{"id": 1, "content": "\\ud800"}]}',
                '}, "added_tokens": [{"id": 1e999, "content": ""}]}',
                '}, "decoder": "ByteLevel"}', '}, "decoder": {"type": []}}', '}, "normalizer": {"lowercase": true}}',
                '}, "decoder": {"type": "Sequence", "decoders": 1}}', ', "end_of_word_suffix": 1}}',
                ', "type": "WordPiece", "continuing_subword_prefix": 1}}',
            )
        ),
    ],
    ids=lambda text: text[-50:].decode("latin-1"),
)  # fmt: skip
def test_invalid_tokenizer_files(text: bytes, tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "tokenizer.json"
    path.write_bytes(text)
    with pytest.raises(FormatError) as caught:
        read_tokens(path, 4)
    assert f"'{path}' is not valid JSON" in caught.value.message or f"'{path}' is not a valid tokenizer.json" in (
        caught.value.message
    )


def test_missing_file(tmp_path: Path) -> None:
    """A missing tokenizer.json is a ModelError, but not a FormatError."""
    with pytest.raises(ModelError) as caught:
        read_tokens(tmp_path / "tokenizer.json", 4)
    assert str(tmp_path / "tokenizer.json") in caught.value.message
    assert not isinstance(caught.value, FormatError)
