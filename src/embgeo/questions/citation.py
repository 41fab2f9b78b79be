"""How to cite a model's matrix, and embgeo."""

from __future__ import annotations

import re
from typing import Final

from embgeo import __version__
from embgeo.errors import ModelError
from embgeo.results.info import Citation, Info, Survey

YEAR: Final = 2026  # of this version
TITLE: Final = "embgeo: the geometry of a model's embedding matrix"
BIBTEX_SPECIAL: Final = re.compile(r"([&%$#_{}~^\\])")  # what BibTeX would read as its own
HUB: Final = "https://huggingface.co/"
ESCAPES: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def cite(found: Info | Survey) -> Citation:
    """A sentence and BibTeX entries for a matrix on this machine.

    Raises:
        ModelError: the model isn't fetched yet, so that the digest of its matrix isn't known.
    """
    if isinstance(found, Survey):
        raise ModelError(
            f"'{found.model}' is not on this machine, and a citation gives the SHA-256 of its matrix",
            f"Fetch it first: embgeo pull {found.model}",
        )
    matrix = f"{found.tensor}, {found.rows:,} × {found.dimensions:,} {found.dtype}"
    revision = f", {_revision(found)}" if found.revision else ""
    transform = f", {found.transform}" if found.transform else ""
    matrix += f"{transform}; SHA-256 {found.sha256}" if found.sha256 else transform  # a control has no file
    text = f"{found.full_name}{revision} ({matrix}), read with embgeo {__version__}."
    common = {name: getattr(found, name) for name in ("model", "revision", "dtype", "notes", "transform", "sha256")}
    return Citation(**common, command="info", text=text, bibtex=_bibtex(found, matrix))


def _bibtex(found: Info, matrix: str) -> str:
    on_hub = found.source != "local"
    model = {
        "title": found.full_name,
        "howpublished": f"Hugging Face Hub, {_revision(found)}" if on_hub else "",
        "url": HUB + found.full_name if on_hub else "",
        "note": matrix,
    }
    software = {
        "author": "{The embgeo authors}", "title": TITLE, "version": __version__, "year": str(YEAR),
    }  # fmt: skip
    key = re.sub(r"[^a-z0-9]+", "-", found.full_name.rpartition("/")[2].lower()).strip("-") or "model"
    return _entry("software", "embgeo", software) + "\n" + _entry("misc", key, model)


def _revision(found: Info) -> str:
    if found.source == "bundled":
        return f"rounded to float16 for embgeo ({found.revision})"
    return f"revision {found.revision}"


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = [f"  {name} = {{{_escaped(value, name)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _escaped(value: str, name: str) -> str:
    if name in ("url", "author"):
        return value
    return BIBTEX_SPECIAL.sub(lambda found: ESCAPES.get(found[0], f"\\{found[0]}"), value)
