"""A map's content as compressed text inside a page.

Numbers are split into planes of equal bytes, which compress far better, and all lists are flattened column by column.
Rows and spellings are stored as differences, most of which are 0. `data.js` and `lists.js` read this again.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.pictures.map.central import central
from embgeo.results.local_paths import without_folders
from embgeo.results.map import MapColor, MapContent

BlockRanges = dict[str, list[Any]]


def packed(content: MapContent, version: str) -> dict[str, str]:
    """The page's data blocks by name: `about`, `numbers`, `lists`, and `rows` (and `output`) if it holds the matrix."""
    arrays = _arrays(content)
    header: BlockRanges = {name: [array.dtype.itemsize, array.size] for name, array in arrays.items()}
    numbers = b"".join(_planes(array) for array in arrays.values())
    blocks = {"about": json.dumps(_about(content, version) | {"arrays": header}, ensure_ascii=False).encode()}
    blocks |= {"numbers": numbers, "lists": _lists(content)}
    for name, held in (("rows", content.rows), ("output", content.softmax.rows if content.softmax else None)):
        if held is not None:
            parts = (held.scales.astype("<f4"), held.errors.astype("<f4"), np.ascontiguousarray(held.rows))
            blocks[name] = b"".join(part.tobytes() for part in parts)
    return {name: _text(block) for name, block in blocks.items()}


def _about(content: MapContent, version: str) -> dict[str, Any]:
    color = content.color
    own = {name: content.about[name] for name in ("revision", "transform")}
    return own | {
        "model": without_folders(content.about["model"]),
        "notes": [without_folders(note) for note in content.about["notes"]],
        "request": content.request, "naming": content.naming, "layout": without_folders(content.layout),
        "version": version,
        "share": round(content.share, 4), "near": content.near, "tokens": len(content.texts),
        "lists": [content.listed.shape[1], _width(content)],
        "norms": [float(content.norms.min()), float(content.norms.max())],
        "reading": {name: getattr(content.reading, name) for name in ("mark", "lowercase", "strips_accents", "folds")},
        "color": None if color is None else _named_range(color),
        "groups": None if content.groups is None else list(content.groups.names),
        "softmax": None if content.softmax is None else {"zeros": content.softmax.zeros, "note": content.softmax.note},
        "pairs": [[*pair.words, *pair.places] for pair in content.pairs],
        "head": content.softmax is not None and content.softmax.rows is not None,
        "live": None if content.rows is None else [content.rows.numbers, content.rows.rows.shape[1]],
        "texts": list(content.texts),
    }  # fmt: skip


def _named_range(color: MapColor) -> list[Any]:
    return [without_folders(color.name), float(color.values.min()), float(color.values.max())]


def _arrays(content: MapContent) -> dict[str, NDArray[Any]]:
    """All numbers by name, each of one or more whole bytes."""
    count = len(content.texts)
    arrays = {
        "x": content.places[:, 0].astype("<u2"), "y": content.places[:, 1].astype("<u2"),
        "ids": _narrow(np.diff(content.ids, prepend=-1) - 1), "fold": _narrow(np.arange(count) - content.fold),
        "kinds": content.kinds.astype("u1"), "norms": _levels(content.norms), "kept": content.kept.astype("u1"),
        "central": central(content.places, content.listed, content.kinds),
    }  # fmt: skip
    if content.color is not None:
        arrays["color"] = _levels(content.color.values)
    if content.groups is not None:
        arrays["groups"] = content.groups.numbers.astype("<u2")
    return arrays


def _narrow(numbers: NDArray[Any]) -> NDArray[Any]:
    """In one, two or four bytes, as the highest needs."""
    return numbers.astype(np.min_scalar_type(int(numbers.max())).newbyteorder("<"))


def _width(content: MapContent) -> int:
    """Bytes of a token's number in the lists, where the highest number stands for a missing token."""
    return 2 if len(content.texts) < 2**16 - 1 else 3


def _lists(content: MapContent) -> bytes:
    """The nearest tokens, then their cosines: the first in ten thousandths above -1, each other's step down."""
    cosines = np.rint(content.cosines.astype(np.float64) * 10000).astype(np.int64) + 10000
    cosines[:, 1:] = np.maximum(cosines[:, :-1] - cosines[:, 1:], 0) * (content.listed[:, 1:] >= 0)
    size = content.listed.size * _width(content)  # of all planes: higher ones would hold nothing, as would those of -1
    return _planes(content.listed.T.astype("<u4"))[:size] + _planes(cosines.T.astype("<u2"))


def _levels(values: Any) -> NDArray[Any]:
    """Numbers as 0 (the lowest) to 65535 (the highest)."""
    low, high = float(values.min()), float(values.max())
    return np.rint((np.asarray(values) - low) / ((high - low) or 1) * 65535).astype("<u2")


def _planes(array: NDArray[Any]) -> bytes:
    """The lowest bytes of all numbers, then the next bytes, and so on."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(np.uint8).reshape(-1, flat.dtype.itemsize).T.tobytes()


def _text(block: bytes) -> str:
    return base64.b64encode(gzip.compress(block, 9 if len(block) < 50_000_000 else 4, mtime=0)).decode()
