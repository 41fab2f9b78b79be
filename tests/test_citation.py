"""What `info --cite` prints can be pasted into a paper."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import embgeo
from embgeo.errors import ModelError
from embgeo.questions.citation import YEAR, cite
from embgeo.results.info import Survey

ROOT = Path(__file__).parent.parent


def test_the_bundled_model() -> None:
    """The citation has its name on the Hub, its rounding, its digest, and embgeo's version."""
    space = embgeo.load("minilm")
    text = space.cite().text
    assert text.startswith("sentence-transformers/all-MiniLM-L6-v2, rounded to float16 for embgeo (53aa51172d14-f16)")
    assert f"SHA-256 {space.info().sha256}" in text
    assert text.endswith(f"read with embgeo {embgeo.__version__}.")


def test_bibtex_has_two_entries_with_balanced_braces() -> None:
    """One entry for embgeo and one for the model, with escaped underscores."""
    bibtex = embgeo.load("minilm").cite().bibtex
    assert re.findall(r"^@(\w+)\{([\w-]+),$", bibtex, re.MULTILINE) == [
        ("software", "embgeo"), ("misc", "all-minilm-l6-v2")
    ]  # fmt: skip
    assert bibtex.count("{") == bibtex.count("}")
    assert r"embeddings.word\_embeddings.weight" in bibtex


def test_a_local_file(tmp_path: Path) -> None:
    """The citation has the full path and no URL; special characters of BibTeX are escaped."""
    folder = tmp_path / "50%_done & {more}"
    folder.mkdir()
    save_file({"vectors": np.eye(3, dtype=np.float32)}, folder / "own.safetensors")
    (folder / "words.txt").write_text("a\nb\nc\n")
    result = embgeo.load(str(folder / "own.safetensors")).cite()
    assert result.text.startswith(f"{folder}/own.safetensors (vectors, 3 × 3 F32; SHA-256 ")
    assert r"50\%\_done \& \{more\}" in result.bibtex
    assert "url" not in result.bibtex
    assert "Hub" not in result.bibtex


def test_a_transformed_space() -> None:
    """The citation names the transformation, and the digest is that of the transformed matrix."""
    space = embgeo.load("minilm", transform="center")
    assert f"center; SHA-256 {space.info().sha256}" in space.cite().text


def test_a_model_that_is_not_fetched() -> None:
    """The error says how to fetch it."""
    survey = Survey("info", "org/name", "a" * 40, "F32", (), 1, 1, 1, 4, True, "", "input", "wte", "f", 4, 4)
    with pytest.raises(ModelError, match="'org/name' is not on this machine") as error:
        cite(survey)
    assert error.value.hint == "Fetch it first: embgeo pull org/name"


def test_versions_agree() -> None:
    """The package, pyproject.toml and CITATION.cff agree on the version, and on the year of the release."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", text, re.MULTILINE) == [embgeo.__version__]
    assert re.findall(r"^date-released: (\d+)-", text, re.MULTILINE) == [str(YEAR)]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == embgeo.__version__
