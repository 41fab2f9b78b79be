"""The JSON of every command follows docs/schema, and docs/schema follows the types of the results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import embgeo
from conftest import Run
from embgeo.results.unembed import LikelyToken
from golden import CASES, DATA, FOLDER
from schema import SEVERAL, SIDE_BY_SIDE, answers, descriptions, schemas

SCHEMAS = Path(__file__).parent.parent / "docs" / "schema"


def documents() -> Iterator[tuple[str, Any]]:
    """Every JSON answer in the golden files, with the name of its schema."""
    for name, command in CASES.items():
        text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").partition("\n")[2].partition("--- ")[0]
        if text.startswith("{"):
            document = json.loads(text)
            kind = SIDE_BY_SIDE if {"shared", "models"} <= document.keys() else command.split()[0]
            yield SEVERAL if "answers" in document else kind, document


def validator(name: str) -> Draft202012Validator:
    """The validator of a command's answers."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


# The size of a map's page depends on zlib; `next` needs a decoder, which isn't bundled; the last digit of a score of
# `search` depends on the processor.
NOT_GOLDEN = {"map", "next", "search"}


@pytest.mark.parametrize("name", sorted(schemas().keys() - NOT_GOLDEN))
def test_golden_answers_follow_their_schema(name: str) -> None:
    """Each command has golden JSON, and it is valid."""
    found = [document for command, document in documents() if command == name]
    assert found
    check = validator(name)
    assert [error.message for document in found for error in check.iter_errors(document)] == []
    assert {document["embgeo_version"] for document in found} == {embgeo.__version__}


@pytest.mark.parametrize(("kind", "part"), [(SIDE_BY_SIDE, "models"), (SEVERAL, "answers")])
def test_each_of_several_answers_follows_its_command(kind: str, part: str) -> None:
    """The answers of several models or for several terms follow the command's schema, except for the version."""
    parts = [one for found, document in documents() if found == kind for one in document[part]]
    assert parts
    assert [
        error.message for one in parts
        for error in validator(one["command"]).iter_errors(one | {"embgeo_version": embgeo.__version__})
    ] == []  # fmt: skip


def test_a_search_follows_its_schema(run: Run) -> None:
    """`search` has no golden answer, so it runs here."""
    done = run("search", "they fly", str(DATA / "odd.txt"), "-k", "2", "-m", "minilm", "--json")
    assert [error.message for error in validator("search").iter_errors(json.loads(done.stdout))] == []


def test_schemas_are_up_to_date() -> None:
    """docs/schema has exactly the schemas of the current results."""
    written = {path.stem: path.read_text(encoding="utf-8") for path in SCHEMAS.glob("*.json")}
    assert written == schemas()


@pytest.mark.parametrize(
    ("damage", "why"),
    [({"pairs": [{"a": "cat"}]}, "'b' is a required property"), ({"scroe": 1}, "Additional properties"),
     ({"sha256": 5}, "not of type 'string', 'null'"), ({"notes": "none"}, "not of type 'array'")],
)  # fmt: skip
def test_a_schema_rejects_invalid_answers(damage: dict[str, Any], why: str) -> None:
    """A missing key, an unknown key, or a value of the wrong type."""
    document = next(document for command, document in documents() if command == "dot")
    assert any(why in error.message for error in validator("dot").iter_errors(document | damage))


def test_every_answer_has_the_digest_of_its_matrix() -> None:
    """Every answer from the bundled matrix has the digest that `info` reports, also as one of several models."""
    digest = embgeo.load("minilm").info().sha256
    bundled = [document for _, document in documents() if not document.get("model", "").startswith("data/")]
    named = [one for document in bundled for one in (document, *document.get("models", [])) if "model" in one]
    digests = [
        one["sha256"] for one in named if not one.get("transform") and "positions" not in one and "bytes" not in one
    ]
    assert digests
    assert set(digests) == {digest}


def test_descriptions_are_inherited() -> None:
    """An attribute without a description has that of the base class."""
    assert descriptions(LikelyToken)["piece"] == "The vocabulary's own string."
    assert [kind.__name__ for kind in answers("models")] == ["Models", "RemovedModels"]
