"""An untrusted tokenizer.json can't end the process, exhaust memory, print a panic or give random answers."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import data_folder, write_model
from embgeo import FormatError, load
from embgeo.formats.splitter import check_growth
from limits import assert_refused, limited

WORDS = [*"abcdefgh", "ab", "cd", "abc", "abcd"]
ROWS = np.random.default_rng(1).standard_normal((len(WORDS) + 1, 4)).astype("<f4")


def model(folder: Path, **changes: Any) -> Path:
    """A model folder, with changes to its tokenizer.json."""
    path = write_model(folder / "model", ROWS, WORDS)
    spec = json.loads((path / "tokenizer.json").read_text())
    for key, value in changes.items():
        spec[key] = {**spec[key], **value} if key == "model" else value
    (path / "tokenizer.json").write_text(json.dumps(spec))
    return path


def replacing(pattern: dict[str, str], content: str) -> dict[str, Any]:
    """A normalizer that replaces text."""
    return {"type": "Replace", "pattern": pattern, "content": content}


def table(content: bytes) -> dict[str, Any]:
    """SentencePiece's normalizer with this table."""
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(content).decode()}


EXPANDING = {
    "doubled 40 times": {"type": "Sequence", "normalizers": [replacing({"String": "a"}, "aa")] * 40},
    "a long content": replacing({"String": "a"}, "a" * 100_000),
    "between all letters": {"type": "Sequence", "normalizers": [replacing({"Regex": ""}, "x" * 40)] * 3},
    "a regex": replacing({"Regex": "[a-z]"}, "b" * 5000),
    "a long entry": table((4).to_bytes(4, "little") + bytes(4) + b"a" * 5000 + b"\0"),
    "a truncated table": table((1 << 31).to_bytes(4, "little") + b"a" * 40),
    "an odd table": table((7).to_bytes(4, "little") + b"a" * 40),
}


@pytest.mark.parametrize("kind", EXPANDING)
@pytest.mark.slow
def test_normalizers_that_expand_text(kind: str, tmp_path: Path) -> None:
    """Normalizers that could expand text without bound are refused before they run."""
    done = limited("tokens", "abab cdcd", "-m", model(tmp_path, normalizer=EXPANDING[kind]), memory=2 << 30)
    assert_refused(done, 4, "the normalizer of ")


def test_usual_normalizers_are_accepted() -> None:
    """The normalizers of T5, ALBERT, Llama and CLIP are accepted."""
    usual = [replacing({"Regex": " {2,}"}, "▁"), replacing({"String": " "}, "▁"), replacing({"String": "``"}, '"')]
    usual += [replacing({"Regex": r"\s+"}, " "), {"type": "Prepend", "prepend": "▁"}, {"type": "NFKC"}]
    check_growth({"normalizer": {"type": "Sequence", "normalizers": usual}, "pre_tokenizer": None}, "file")
    path = data_folder("EMBGEO_TEST_MINILM", "the published all-MiniLM-L6-v2 files") / "tokenizer.json"
    check_growth(json.loads(path.read_text("utf-8")), "file")


def test_a_panic_is_one_line(tmp_path: Path) -> None:
    """A panic in the Rust library gives a one-line error, with no other output on stderr."""
    broken = table((8).to_bytes(4, "little") + b"\xff" * 8 + b"abc\0")
    path = model(tmp_path, normalizer=broken)
    done = limited("tokens", "abab", "-m", path, memory=4 << 30)
    assert_refused(done, 4, "can't split")
    (path / "tokenizer.json").unlink()
    (path / "vocab.json").write_text('{"a": 99999999999999999999}')
    (path / "merges.txt").write_text("a b c\n")
    done = limited("tokens", "abab", "-m", path, memory=4 << 30)
    assert_refused(done, 4, "can't be read")


def test_dropout_is_off(tmp_path: Path) -> None:
    """BPE dropout, which skips merges at random, is off: a text is always split in the same way."""
    merges = [["a", "b"], ["c", "d"], ["ab", "c"], ["ab", "cd"]]
    vocabulary = {**{word: row for row, word in enumerate(WORDS)}, "<unk>": len(WORDS)}
    changes = {"vocab": vocabulary, "merges": merges, "dropout": 0.5}
    path = model(tmp_path, model=changes, pre_tokenizer=None, decoder=None)
    results = {tuple(token.id for token in load(path).tokens("abcdabcdabcdabcd").tokens) for _ in range(20)}
    assert results == {(WORDS.index("abcd"),) * 4}


def test_the_library_raises_an_error(tmp_path: Path) -> None:
    """In the library it is a FormatError."""
    with pytest.raises(FormatError, match="the normalizer of"):
        load(model(tmp_path, normalizer=EXPANDING["a regex"]))
