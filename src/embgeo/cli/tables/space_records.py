"""The figures of a space as rows, for CSV and TSV: one a line, with the row or dimension that it is of."""

from __future__ import annotations

from collections.abc import Iterator

from embgeo.cli.records import Record, as_data
from embgeo.results.space import Shape

OF = ("id", "dimension", "piece", "text")


def records(answer: Shape) -> list[Record]:
    """Every number of the answer: `figure` is its place in the JSON, `of` the number of the row, dimension or step."""
    data = as_data(answer)
    figures = data.keys() - {"command", "model", "revision", "dtype", "transform", "notes", "reading"}
    return [row for name, value in data.items() if name in figures for row in _rows(name, value)]


def _rows(name: str, value: object, of: object = "", text: object = "") -> Iterator[Record]:
    if isinstance(value, dict):
        own, said = value.get("id", value.get("dimension", of)), value.get("text", text)
        if not (left := [key for key in value if key not in OF]):  # a token and nothing else: the group it is in
            yield {"figure": name, "of": own, "text": said, "value": of}
        for key in left:
            yield from _rows(f"{name}.{key}", value[key], own, said)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _rows(name, item, number if of == "" else of, text)
    else:
        yield {"figure": name, "of": of, "text": text, "value": value}
