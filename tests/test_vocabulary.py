"""From typed text to rows: which tokens a term has, which terms are errors, and what is imported."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

import embgeo
import vocabularies
from conftest import data_folder
from embgeo.errors import EmbgeoError, FormatError, TermError, UsageError
from embgeo.formats.open_file import OpenFile
from embgeo.formats.tokenizer_json import read_tokens
from embgeo.vocabulary.vocabulary import Vocabulary, VocabularyToken
from vocabularies import KINDS, ids, read


def open_vocabulary(tokenizer: Tokenizer, folder: Path, rows: int | None = None) -> Vocabulary:
    """The vocabulary of a tokenizer saved in a folder."""
    table = read(tokenizer, folder, rows)
    return Vocabulary(table, OpenFile(folder / "tokenizer.json"))


@pytest.fixture
def vocabulary(tmp_path: Path) -> Vocabulary:
    """A small GPT-2."""
    return open_vocabulary(vocabularies.byte_level(), tmp_path)


@pytest.fixture
def bert(tmp_path: Path) -> Vocabulary:
    """A small lower-casing BERT, its matrix padded to 20 rows."""
    return open_vocabulary(vocabularies.wordpiece(), tmp_path, rows=20)


TERMS = {
    "byte-level": {
        "cat": ["Ġcat"], "Cat": ["ĠCat"], "run": ["Ġ", "run"], '"run"': ["run"], "catdog": ["Ġcat", "dog"],
        "café": ["ĠcafÃ©"], " cat ": ["Ġcat"], '"cat"': ["cat"], '" cat"': ["Ġcat"], "'cat'": ["cat"], '" "': ["Ġ"],
        '"é"': ["Ã©"], "cat dog": ["Ġcat", "Ġdog"], "<|endoftext|>": ["<|endoftext|>"], '"': ["Ġ", '"'], "id:0": ["!"],
    },
    "wordpiece": {
        "cat": ["cat"], "CAT": ["cat"], "dogs": ["dogs"], "catdog": ["cat", "##dog"],
        "Catdogs": ["cat", "##dog", "##s"], "Paris": ["paris"], "Kätzchen": ["katzchen"],
        "KÄTZCHEN": ["katzchen"], '" cat"': ["cat"], '"##s"': ["##s"], '"dogs"': ["dogs"], "[CLS]": ["[CLS]"],
        "id:9": ["run"],
    },
    "unigram": {
        "cat": ["▁cat"], "run": ["▁", "run"], "catdog": ["▁cat", "dog"], "dogs": ["▁dog", "s"], "café": ["▁café"],
        '"cat"': ["cat"], '" cat"': ["▁cat"], "id:3": ["▁cat"],
    },
    "byte-fallback": {
        "cat": ["▁cat"], "run": ["▁", "run"], "catdog": ["▁cat", "dog"],
        "cat猫": ["▁cat", "<0xE7>", "<0x8C>", "<0xAB>"],
        '"cat"': ["cat"], '" cat"': ["▁cat"], '"A"': ["A"], '"!"': ["<0x21>"], "id:3": ["<0x00>"],
    },
    "clip": {
        "cat": ["cat</w>"], "CAT": ["cat</w>"], "run": ["ru", "n</w>"], "catdog": ["cat", "dog</w>"],
        "café": ["cafÃ©</w>"], '"cat"': ["cat"], '" cat"': ["cat</w>"],
    },
    "end-of-word": {
        "cat": ["cat</w>"], "run": ["ru", "n</w>"], "catdog": ["cat", "dog</w>"],
        '"cat"': ["cat"], '" cat"': ["cat</w>"],
    },
    "word-level": {"cat": ["cat"], "Cat": ["Cat"], "2nd": ["2nd"], '"cat"': ["cat"], '" cat"': ["cat"]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "term", "pieces"), [(kind, *term) for kind, terms in TERMS.items() for term in terms.items()]
)
def test_tokens_of_terms(kind: str, term: str, pieces: list[str], tmp_path: Path) -> None:
    """A word is its token with a leading space, else the tokens it splits into; quotes and ids are exact."""
    tokenizer = KINDS[kind]()
    resolved = open_vocabulary(tokenizer, tmp_path).resolve(term)
    assert resolved.term == term
    assert resolved.ids == ids(tokenizer, *pieces)


@pytest.mark.parametrize("kind", ["wordpiece", "unigram", "byte-fallback", "clip", "end-of-word"])
def test_words_are_split_as_by_tokenizers(kind: str, tmp_path: Path) -> None:
    """A word of several tokens is what the library splits it into, without special tokens."""
    tokenizer = KINDS[kind]()
    for word in ("catdog", "dogcatdog", "catcat"):
        expected = tokenizer.encode(word, add_special_tokens=False).ids
        assert open_vocabulary(tokenizer, tmp_path).resolve(word).ids == tuple(expected)


@pytest.mark.parametrize("kind", ["byte-level", "wordpiece", "unigram", "byte-fallback", "clip", "end-of-word"])
def test_parts_of_words_are_not_words(kind: str, tmp_path: Path) -> None:
    """A word never resolves to a piece that only continues or starts other words."""
    tokenizer = KINDS[kind]()
    vocabulary = open_vocabulary(tokenizer, tmp_path)
    table = vocabulary.table
    pieces = {row: table.key(row).decode("utf-8", "replace").removeprefix("##") for row in range(len(table))}
    pieces = {row: word for row, word in pieces.items() if word.isalpha()}
    assert len(pieces) > 2
    for row, word in pieces.items():
        with suppress(TermError):  # nothing but the unknown token
            assert vocabulary.resolve(word).ids != (row,)


def test_continuations_are_split_as_the_tokenizer_does() -> None:
    """2,000 pieces of MiniLM's vocabulary, typed as words, give the tokenizer's tokens."""
    folder = data_folder("EMBGEO_TEST_MINILM", "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    vocabulary = embgeo.load("minilm").vocabulary
    pieces = sorted(piece for piece in tokenizer.get_vocab() if piece.startswith("##"))
    several = 0
    for piece in random.Random(12).sample(pieces, 2_000):
        word = piece.removeprefix("##")
        expected = tuple(tokenizer.encode(word, add_special_tokens=False).ids)
        if tokenizer.token_to_id("[UNK]") in expected:
            with pytest.raises(TermError, match="not in this model's vocabulary"):
                vocabulary.resolve(word)
        else:
            assert vocabulary.resolve(word).ids == expected
            several += len(expected) > 1
    assert several > 500


def test_a_word_that_exists_only_as_a_continuation(bert: Vocabulary) -> None:
    """It is an error, and the hint shows how to type the piece."""
    with pytest.raises(TermError, match="'ing' is not in this model's vocabulary") as caught:
        bert.resolve("ing")
    assert "'\"##ing\"'" in caught.value.hint
    assert bert.resolve('"##ing"').ids == (12,)


def test_scripts_without_spaces(tmp_path: Path) -> None:
    """A word of a script without spaces has a token without the mark of a space, and splits without that mark."""
    pieces = ["<unk>", "▁", "▁cat", "東京", "都", "แมว", "été"]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(n)) for n, piece in enumerate(pieces)], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    vocabulary = open_vocabulary(tokenizer, tmp_path)
    assert [vocabulary.resolve(word).ids for word in ("東京", "東京都", "แมว")] == [(3,), (3, 4), (5,)]
    assert vocabulary.resolve("été").ids == (1, 6)


def test_added_words(tmp_path: Path) -> None:
    """A word that was added to a tokenizer is found, although it has no space mark."""
    tokenizer = vocabularies.byte_level()
    tokenizer.add_tokens(["embgeo"])
    vocabulary = open_vocabulary(tokenizer, tmp_path)
    assert vocabulary.resolve("embgeo").ids == ids(tokenizer, "embgeo")


@pytest.mark.parametrize(
    ("multi", "pieces"),
    [("mean", ["Ġcat", "dog", "s"]), ("sum", ["Ġcat", "dog", "s"]), ("first", ["Ġcat"]), ("last", ["s"])],
)
def test_multi(vocabulary: Vocabulary, multi: str, pieces: list[str]) -> None:
    """A split word gives all of its tokens, the first or the last; a word of one token always gives that."""
    assert vocabulary.resolve("catdogs", multi).ids == ids(vocabularies.byte_level(), *pieces)
    assert vocabulary.resolve("cat", multi) == vocabulary.resolve("cat")


def test_multi_error(vocabulary: Vocabulary) -> None:
    """`error` refuses a split word and lists its tokens, but accepts a word of one token."""
    with pytest.raises(TermError) as caught:
        vocabulary.resolve("catdogs", "error")
    assert caught.value.message == "'catdogs' is 3 tokens (' cat', 'dog', 's')"
    assert "--multi" in caught.value.hint
    assert vocabulary.resolve("cat", "error") == vocabulary.resolve("cat")


def test_unknown_multi(vocabulary: Vocabulary) -> None:
    """Any other --multi is a usage error that lists the choices, even if no word is split."""
    with pytest.raises(UsageError, match="'median'; expected mean, first, last, sum or error"):
        vocabulary.resolve("cat", "median")


@pytest.mark.parametrize(
    ("term", "quoted", "hint"),
    [
        ("", "''", "Give a word"), ("  ", "'  '", "Give a word"), ("\t\n", "an empty term", "Give a word"),
        ("a\0b", r"'a\x00b'", "Remove it"), ("\ud800x", r"\ud800x", "surrogates"),
        ("x" * 10_001, "10,001 characters: 'xxxx", "10,000"),
        ("id:20", "'id:20'", "id:0 to id:19"), ("id:-1", "'id:-1'", "id:0 to id:19"), ("id:", "'id:'", "id:0 to id:19"),
        ("id:1.0", "'id:1.0'", "id:0 to id:19"), ("id:²", "'id:²'", "id:0 to id:19"),
        ("id:٣", "'id:٣'", "id:0 to id:19"),
        ("id:" + "9" * 5000, "'id:9999", "id:0 to id:19"), ("id:18", "'id:18' is a row without a token", "pads"),
        ('"ca"', 'exactly "ca"', "inner quotes"), ('" ing"', 'exactly " ing"', "inner quotes"),
        ("猫", "'猫'", "Try another"),
        ("Pariz", "'Pariz'", "Similar spellings: paris."), ("runn", "'runn'", "Similar spellings: run."),
        ("dogz", "'dogz'", "Similar spellings: dog, dogs."),
        ("katzschen", "'katzschen'", "Similar spellings: katzchen."),
    ],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_invalid_terms(bert: Vocabulary, term: str, quoted: str, hint: str) -> None:
    """The error quotes the term, and has a hint."""
    with pytest.raises(TermError) as caught:
        bert.resolve(term)
    assert quoted in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(("kind", "unknown"), [("wordpiece", "[UNK]"), ("unigram", "<unk>"), ("word-level", "[UNK]")])
def test_the_unknown_token_is_not_a_word(kind: str, unknown: str, tmp_path: Path) -> None:
    """The unknown token isn't found by typing its text; its row can still be requested."""
    tokenizer = KINDS[kind]()
    vocabulary = open_vocabulary(tokenizer, tmp_path)
    with pytest.raises(TermError, match="is not in this model's vocabulary"):
        vocabulary.resolve(unknown)
    (row,) = ids(tokenizer, unknown)
    assert vocabulary.resolve(f"id:{row}").ids == (row,)


def test_cased_vocabulary(tmp_path: Path) -> None:
    """A case-sensitive tokenizer doesn't find a word in another case."""
    vocabulary = open_vocabulary(vocabularies.wordpiece(lowercase=False), tmp_path)
    assert vocabulary.token(vocabulary.resolve("Cat").ids[0]).piece == "Cat"
    with pytest.raises(TermError, match=r"'Paris'.*") as caught:
        vocabulary.resolve("Paris")
    assert caught.value.hint == "Similar spellings: paris."


def test_a_word_that_splits_beyond_the_last_row(tmp_path: Path) -> None:
    """A word that splits into a token without a row is refused."""
    vocabulary = open_vocabulary(vocabularies.wordpiece(), tmp_path, rows=6)
    with pytest.raises(TermError, match="'catdog'"):
        vocabulary.resolve("catdog")


def test_longest_term(vocabulary: Vocabulary) -> None:
    """A term of 10,000 characters is accepted."""
    assert len(vocabulary.resolve("~" * 10_000).ids) == 1 + 10_000


def test_token(vocabulary: Vocabulary) -> None:
    """A row has its id, piece and text; half a letter is shown as a replacement character."""
    (cat, half) = ids(vocabularies.byte_level(), "Ġcat", "ðŁ")
    assert vocabulary.token(cat) == VocabularyToken(cat, "Ġcat", " cat")
    assert vocabulary.token(half) == VocabularyToken(half, "ðŁ", "\ufffd")


def test_damaged_tokenizer(vocabulary: Vocabulary, tmp_path: Path) -> None:
    """A tokenizer.json that broke after it was read is reported when text must be split, and not before."""
    (tmp_path / "tokenizer.json").write_text("{")
    assert vocabulary.resolve("cat").ids
    with pytest.raises(FormatError) as caught:
        vocabulary.resolve("catdog")
    assert str(tmp_path / "tokenizer.json") in caught.value.message


def test_truncation_and_padding_are_ignored(tmp_path: Path) -> None:
    """Truncation and padding settings in a tokenizer.json don't affect splitting."""
    tokenizer = vocabularies.wordpiece()
    tokenizer.enable_truncation(2)
    tokenizer.enable_padding(length=9)
    assert open_vocabulary(tokenizer, tmp_path).split("cat dog cat") == ids(tokenizer, "cat", "dog", "cat")


@settings(deadline=None)
@given(term=st.text() | st.text("\"' id:0129catdogĠ▁#é\0\ud800", max_size=12), kind=st.sampled_from(list(KINDS)))
@pytest.mark.slow
def test_any_term(term: str, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any text gives rows that have tokens, or is refused."""
    folder = tmp_path_factory.getbasetemp() / f"vocabulary-{kind}"
    if not folder.exists():
        folder.mkdir()
        vocabularies.write(KINDS[kind](), folder)
    rows = KINDS[kind]().get_vocab_size() + 3
    path = folder / "tokenizer.json"
    try:
        found = Vocabulary(read_tokens(path, rows), OpenFile(path)).resolve(term).ids
    except EmbgeoError:
        return
    assert found
    assert max(found) < rows - 3


@pytest.mark.parametrize(
    ("kind", "terms", "imported"),
    [
        ("byte-level", ["cat", '"run"', '"cat"', "id:5"], False), ("byte-level", ["catdog"], True),
        ("wordpiece", ["cat", "Paris", "Kätzchen", "DOGS", "id:4"], False), ("clip", ["CAT", '"run"'], False),
        ("unigram", ["cat", '"dog"'], False), ("word-level", ["cat", "2nd"], False),
    ],
)  # fmt: skip
def test_single_tokens_need_no_import(kind: str, terms: list[str], imported: bool, tmp_path: Path) -> None:
    """The tokenizers package is only imported for text that isn't a single token."""
    tokenizer = KINDS[kind]()
    path = vocabularies.write(tokenizer, tmp_path)
    script = (
        "import sys\nfrom pathlib import Path\nfrom embgeo.formats.open_file import OpenFile\n"
        "from embgeo.formats.tokenizer_json import read_tokens\nfrom embgeo.vocabulary.vocabulary import Vocabulary\n"
        "path = Path(sys.argv[1])\nvocabulary = Vocabulary(read_tokens(path, int(sys.argv[2])), OpenFile(path))\n"
        "assert all(vocabulary.resolve(term).ids for term in sys.argv[3:])\nprint('tokenizers' in sys.modules)\n"
    )
    command = [sys.executable, "-c", script, str(path), str(tokenizer.get_vocab_size()), *terms]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout == f"{imported}\n", result.stderr


@pytest.mark.parametrize("kind", ["unigram", "wordpiece"])
def test_words_of_unknown_characters(kind: str, tmp_path: Path) -> None:
    """A word that splits into only a space mark and the unknown token is an error."""
    with pytest.raises(TermError, match="'猫' is not in this model's vocabulary"):
        open_vocabulary(KINDS[kind](), tmp_path).resolve("猫")


@pytest.mark.parametrize(("strip", "expected"), [(None, "katzchen"), (True, "katzchen"), (False, "kätzchen")])
def test_accents_are_stripped_as_by_the_tokenizer(tmp_path: Path, strip: bool | None, expected: str) -> None:
    """A lower-casing tokenizer strips accents too, unless configured otherwise."""
    pieces = {"[UNK]": 0, "katzchen": 1, "kätzchen": 2}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=strip)
    tokenizer.decoder = decoders.WordPiece()
    vocabulary = open_vocabulary(tokenizer, tmp_path)
    assert vocabulary.resolve("Kätzchen").ids == (pieces[expected],) == tuple(tokenizer.encode("Kätzchen").ids)


def test_a_separate_space_token(vocabulary: Vocabulary) -> None:
    """In byte-level BPE, a word may split into the space Ġ and letters; the space is one of its tokens."""
    found = [vocabulary.token(token).piece for token in vocabulary.resolve("zebra").ids]
    assert found == ["Ġ", "z", "e", "b", "r", "a"]


def test_a_tokenizer_with_a_missing_unknown_token(tmp_path: Path) -> None:
    """If it can't split a text, the error is about the file."""
    tokenizer = Tokenizer(models.WordLevel({"cat": 0}, unk_token="<unk>"))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    with pytest.raises(FormatError, match="can't split"):
        open_vocabulary(tokenizer, tmp_path).split("dog")


@pytest.mark.parametrize("term", ['""', "''"])
def test_empty_quotes(vocabulary: Vocabulary, term: str) -> None:
    """Quotes with nothing between them are an empty term."""
    with pytest.raises(TermError, match="empty"):
        vocabulary.resolve(term)


def test_control_tokens_are_never_suggested(bert: Vocabulary) -> None:
    """Similar spellings are words."""
    assert bert.similar.to("[UNK]") == []
