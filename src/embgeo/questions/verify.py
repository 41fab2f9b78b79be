"""Whether a model is intact: its files against the manifest, and GPT-2 against published figures."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from embgeo.errors import EmbgeoError, Report, UsageError, silent
from embgeo.models.architectures import matrix_shape
from embgeo.models.model import Model
from embgeo.numerics.kernels import norms_and_digest
from embgeo.numerics.names import parse_control
from embgeo.questions.analogy import analogy
from embgeo.questions.direction import from_pairs
from embgeo.questions.dot import dot
from embgeo.questions.neighbors import neighbors
from embgeo.questions.rows import about
from embgeo.questions.terms import read_term
from embgeo.questions.verify_layers import layer_checks, same
from embgeo.results.verify import Check, Verification

FACTS: Final = Path(__file__).resolve().parent.parent / "data" / "gpt2.json"
TOKENIZER: Final = ("tokenizer, bytes", "tokenizer, SHA-256")
HALF_DIGIT: Final = 0.00051  # tolerance for figures published with three decimals


def verify(model: Model, report: Report = silent) -> Verification:
    """Check the matrix, what was prepared from it, and its layers, byte by byte; of GPT-2 also the published facts.

    Checks against the manifest only show that the model has not changed since it was prepared.

    Raises:
        UsageError: the model is a control, of which nothing is stored.
    """
    manifest = model.manifest
    if parse_control(manifest.transform):
        raise UsageError("a control is not kept on disk", "Verify the model itself.")
    checks = list(_against_manifest(model, report))
    failed = [check.name for check in checks if not check.passed]
    notes = [_repair(model, tokenizer=all(name in TOKENIZER for name in failed))] if failed else []
    layers = list(layer_checks(model, report))
    if not all(check.passed for check in layers):
        notes.append(_repair_layers(model))
    checks += layers
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    named = manifest.model == facts["model"] and manifest.side == "input" and not manifest.transform
    if named or manifest.sha256 == facts["digest"]["sha256"]:
        checks += published(model, facts)
    return Verification(**about(model, "verify", tuple(notes)), checks=tuple(checks))  # fmt: skip


def _repair(model: Model, *, tokenizer: bool) -> str:
    """How to repair a matrix that failed, or the `tokenizer` if that alone failed."""
    manifest = model.manifest
    if manifest.transform and not tokenizer:
        again = shlex.join(["embgeo", "models", "rm", manifest.model, f"--{manifest.transform}"])
        return f"to compute it again: {again}"
    if manifest.source == "hub":
        return "to fetch it again: " + shlex.join(["embgeo", "pull", f"{manifest.model}@{manifest.revision}"])
    if manifest.source == "bundled":
        return "to repair it, reinstall embgeo"
    place = model.place / manifest.matrix
    if tokenizer and model.vocabulary.tokenizer:
        place = model.vocabulary.tokenizer.path
    return f"to repair it, fetch or copy '{place}' again"


def _repair_layers(model: Model) -> str:
    manifest = model.manifest
    if manifest.source == "hub":
        free = shlex.join(["embgeo", "models", "rm", f"{manifest.model}@{manifest.revision}"])
        return f"to fetch its layers again, free the model first: {free}"
    return "to repair it, reinstall embgeo" if manifest.source == "bundled" else "to repair it, copy its files again"


def published(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    """A model against published facts (data/gpt2.json); a question that the model can't answer counts as failed."""
    digest = facts["digest"]
    yield same("published digest", digest["sha256"], model.manifest.sha256, digest["source"])
    yield same("published shape", _shape(facts["shape"]), _shape(model.weights.shape), "config.json on the Hub")
    for answer in (_ids, _rows, _lengths, _dots, _cosines, _neighbors, _analogy):
        try:
            yield from answer(model, facts)
        except EmbgeoError as error:
            yield same(answer.__name__.strip("_"), "an answer", error.message, "")


def _against_manifest(model: Model, report: Report) -> Iterator[Check]:
    manifest, rows = model.manifest, model.weights.rows
    norms, digest = norms_and_digest(rows, manifest.dtype, lambda done: report("Reading", done, rows.nbytes))
    when = "when it was prepared"
    size = manifest.matrix_size  # compared when it was opened; another process may have freed it since
    with suppress(FileNotFoundError):
        size = (model.place / manifest.matrix).stat().st_size
    yield same("matrix file, bytes", f"{manifest.matrix_size:,}", f"{size:,}", when)
    yield same("matrix, SHA-256", manifest.sha256, digest, when)
    alike = np.array_equal(norms, model.weights.norms, equal_nan=True)
    yield same("lengths of the rows", "as kept", "as kept" if alike else "others", when)
    yield from _official(model, when)
    if model.vocabulary.tokenizer:
        size = model.vocabulary.tokenizer.size
        yield same(TOKENIZER[0], f"{manifest.tokenizer_size:,}", f"{size:,}", when)
        yield same(TOKENIZER[1], manifest.tokenizer_sha256, model.vocabulary.tokenizer.sha256(), when)


def _official(model: Model, when: str) -> Iterator[Check]:
    """What the safetensors library says of the file, if it is one: the tensor's dtype and shape."""
    from safetensors import SafetensorError, safe_open

    manifest, path = model.manifest, model.place / model.manifest.matrix
    expected = f"{manifest.dtype} {_shape(manifest.shape)}"
    if path.suffix != ".safetensors":
        return
    try:
        with safe_open(path, "numpy") as file:
            tensor = file.get_slice(manifest.tensor)
            found = f"{tensor.get_dtype()} {_shape(matrix_shape(tuple(tensor.get_shape())))}"
    except FileNotFoundError:  # another process has freed it since it was mapped
        found = expected
    except (SafetensorError, OSError) as error:
        found = f"{error!s:.120}"
    yield same("matrix, read by the safetensors library", expected, found, when)


def _ids(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    for text, token in facts["ids"].items():
        found = model.vocabulary.resolve(f'"{text}"').ids
        yield same(f"id of {text!r}", str(token), ", ".join(map(str, found)), "vocab.json on the Hub")


def _rows(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    for row, printed in facts["rows"]["values"].items():
        row_vector = read_term(model, f"id:{row}").vector  # [dims]
        for name, part in printed.items():
            found = row_vector[: len(part)] if name == "first" else row_vector[-len(part) :]
            close = np.allclose(found, part, rtol=0, atol=5e-8)
            shown = ", ".join(f"{value:z.4f}" for value in found[:3])
            expected = ", ".join(f"{value:z.4f}" for value in part[:3])
            yield Check(
                name=f"row {row}, {name} {len(part)}", passed=bool(close), expected=expected, found=shown,
                source=facts["rows"]["source"],
            )  # fmt: skip


def _lengths(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    for text, length in facts["lengths"]["tokens"]:
        found = read_term(model, f'"{text}"').norm
        yield _near(f"length of {text!r}", length, found, HALF_DIGIT, facts["lengths"]["source"])


def _dots(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    fact = facts["direction"]
    found = from_pairs(model, [(fact["a"], fact["b"])]).score(list(fact["dots"]))
    for score, expected_value in zip(found.scores, fact["dots"].values(), strict=True):
        yield _near(f"{score.term} along {fact['a']} - {fact['b']}", expected_value, score.dot, 1e-5, fact["source"])


def _cosines(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    fact = facts["cosines"]
    pairs = dot(model, fact["words"]).pairs
    off = np.abs(np.array([pair.cosine for pair in pairs]) - fact["pairs"])  # [pairs]
    worst = int(off.argmax())
    name = f"{len(pairs):,} cosines of {len(fact['words'])} words; furthest off: {pairs[worst].a}, {pairs[worst].b}"
    yield _near(name, fact["pairs"][worst], pairs[worst].cosine, HALF_DIGIT, fact["source"])


def _neighbors(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    for word, listed in facts["neighbours"]["words"].items():
        expected_value = ", ".join(text for text, _ in listed[:5])
        found = ", ".join(n.text.strip() for n in neighbors(model, word, 5, raw=True, words=True))
        yield same(f"neighbours of {word}", expected_value, found, facts["neighbours"]["source"])


def _analogy(model: Model, facts: dict[str, Any]) -> Iterator[Check]:
    fact = facts["analogy"]
    answer = analogy(model, fact["a"], fact["b"], fact["c"], len(fact["first"]), method="offset", raw=True)
    yield same(answer.query.text, ", ".join(fact["first"]), ", ".join(n.text for n in answer), fact["source"])


def _near(name: str, expected: float, found: float, within: float, source: str) -> Check:
    return Check(
        name=name, passed=abs(expected - found) <= within, expected=f"{expected:z.5g}", found=f"{found:z.5g}",
        source=source,
    )  # fmt: skip


def _shape(shape: Any) -> str:
    return " x ".join(str(length) for length in shape)
