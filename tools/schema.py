"""JSON Schemas of the answers of every command with `--json`, from the results' types and docstrings.

tools/readme.py writes and checks them; tests/test_schema.py validates the golden answers against them.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import types
import typing
from importlib import import_module
from typing import Any, Final

import numpy as np

from embgeo.cli.records import VERSION_KEY
from embgeo.cli.startup import command_names
from embgeo.results.base import Answer
from embgeo.results.records import OPTIONAL
from embgeo.results.several import Several
from embgeo.results.side_by_side import SideBySide, Unanswered
from embgeo.results.vector import VectorAnswer

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
BASES: Final = (Answer, VectorAnswer)  # base classes only
# Commands whose answers are defined in the modules of other commands.
SHARED: Final = {
    "compare": ("compare", "row_changes"), "reject": ("project",), "pull": ("info",),
    "neighbors": ("neighbors", "neighbors_without", "neighbors_across"),
    "plot": (
        "plots.pairs", "plots.direction", "plots.neighbors", "plots.positions", "similarity", "cluster", "space",
        "context", "compare",
    ),
}  # fmt: skip
PLAIN: Final = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}
ATTRIBUTE: Final = re.compile(r"^ {4}(\w+(?:, \w+)*): (.*(?:\n {8}.*)*)", re.MULTILINE)

NO_QUESTION: Final = frozenset({"shell"})  # it has no answer of its own
SIDE_BY_SIDE: Final = "side_by_side"  # of any command that takes several models
SEVERAL: Final = "several"  # of any command that takes several terms
INSIDE: Final = {"type": "object", "required": ["command", "notes"]}  # an answer within another one


def schemas() -> dict[str, str]:
    """The schema of each command's JSON, by the command's name."""
    found = {name: _schema(name) for name in command_names() if name not in NO_QUESTION}
    found[SIDE_BY_SIDE], found[SEVERAL] = _of_models(), _of_terms()
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in found.items()}


def _of_models() -> dict[str, Any]:
    """The schema of several models' answers to one question, each of which has its command's own schema."""
    parts: dict[str, Any] = {}
    whole = _whole(SideBySide, parts)
    whole["properties"]["models"]["items"] = {"anyOf": [_type(Unanswered, parts), INSIDE]}
    del parts["Several"]  # it contains the answers for each term
    head = {"$schema": DIALECT, "title": "embgeo COMMAND -m MODEL -m MODEL --json"}
    return {**head, **whole, "$defs": dict(sorted(parts.items()))}


def _of_terms() -> dict[str, Any]:
    """The schema of one model's answers to a question about several terms."""
    whole = _whole(Several, {})
    whole["properties"]["answers"]["items"] = INSIDE
    return {"$schema": DIALECT, "title": "embgeo COMMAND TERM TERM --json", **whole}


def _schema(command: str) -> dict[str, Any]:
    kinds = [kind for module in SHARED.get(command, (command,)) for kind in answers(module)]
    parts: dict[str, Any] = {}
    found = [_whole(kind, parts) for kind in kinds]
    head = {"$schema": DIALECT, "title": f"embgeo {command} --json"}
    return {**head, **(found[0] if len(found) == 1 else {"anyOf": found}), "$defs": dict(sorted(parts.items()))}


def answers(module: str) -> list[type]:
    """The results of a module that are whole answers, not parts of one."""
    found = vars(import_module(f"embgeo.results.{module}")).values()
    return [
        kind for kind in found
        if isinstance(kind, type) and kind.__module__.endswith(f".{module}") and kind not in BASES
        and dataclasses.is_dataclass(kind) and "command" in {field.name for field in dataclasses.fields(kind)}
    ]  # fmt: skip


def _whole(kind: type, parts: dict[str, Any]) -> dict[str, Any]:
    found = _object(kind, parts)
    found["properties"][VERSION_KEY] = {"type": "string", "description": "The version of embgeo that answered."}
    found["required"].append(VERSION_KEY)
    return found


def _object(kind: Any, parts: dict[str, Any]) -> dict[str, Any]:
    """The schema of a dataclass; those inside it go into `parts`."""
    hints, described = typing.get_type_hints(kind), descriptions(kind)
    names = [field.name for field in dataclasses.fields(kind) if field.repr]  # the others exist only in Python
    properties = {
        name: _type(hints[name], parts) | ({"description": described[name]} if name in described else {})
        for name in names
    }
    about = inspect.getdoc(kind) or ""
    return {
        "description": about.partition("\n")[0], "type": "object", "properties": properties,
        "required": [name for name in names if name != OPTIONAL], "additionalProperties": False,
    }  # fmt: skip


def _type(hint: Any, parts: dict[str, Any]) -> dict[str, Any]:
    if hint is Answer:
        return {"type": "object"}
    if hint in PLAIN:
        return {"type": PLAIN[hint]}
    if dataclasses.is_dataclass(hint):
        name = getattr(hint, "__name__", "")
        if name not in parts:
            parts[name] = {}  # reserves the name, in case the type is recursive
            parts[name] = _object(hint, parts)
        return {"$ref": f"#/$defs/{name}"}
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is np.ndarray or getattr(origin, "__name__", "") == "NDArray":  # an alias from NumPy 2.5 on
        return {"type": "array", "items": {"type": "number"}}
    if origin in (types.UnionType, typing.Union):
        kinds = [_type(one, parts) for one in inside]
        if all(set(one) == {"type"} for one in kinds):
            return {"type": [one["type"] for one in kinds]}
        return {"anyOf": kinds}
    if origin is typing.Literal:
        return {"enum": list(inside)}
    if origin is tuple and inside[-1] is Ellipsis:
        return {"type": "array", "items": _type(inside[0], parts)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_type(one, parts) for one in inside], "items": False}
    raise TypeError(f"no JSON type for {hint}")


def descriptions(kind: Any) -> dict[str, str]:
    """The description of each attribute of a dataclass and its bases."""
    found: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        section = (inspect.getdoc(one) or "").partition("Attributes:\n")[2] if one is not object else ""
        for match in ATTRIBUTE.finditer(section):
            text = " ".join(match[2].split())
            found |= dict.fromkeys(match[1].split(", "), text[:1].upper() + text[1:])
    return found
