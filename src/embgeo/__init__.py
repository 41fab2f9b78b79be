"""embgeo: the geometry of a model's embedding matrix.

from embgeo import load
space = load("gpt2")
space.neighbors("cat", k=10)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from embgeo.errors import EmbgeoError, FormatError, ModelError, NetworkError, TermError, UsageError
    from embgeo.questions.direction import Direction
    from embgeo.questions.side_by_side import side_by_side
    from embgeo.space import EmbeddingSpace, load, peek

__version__ = "0.1.0"

_HOMES = {
    "load": "space", "peek": "space", "EmbeddingSpace": "space", "Direction": "questions.direction",
    "side_by_side": "questions.side_by_side",
    "EmbgeoError": "errors", "FormatError": "errors", "ModelError": "errors",
    "NetworkError": "errors", "TermError": "errors", "UsageError": "errors",
}  # fmt: skip

__all__ = [
    "Direction", "EmbeddingSpace", "EmbgeoError", "FormatError", "ModelError", "NetworkError", "TermError",
    "UsageError", "load", "peek", "side_by_side",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Public names are imported when first used, so that `import embgeo` costs nothing."""
    if name in _HOMES:
        return getattr(import_module(f"embgeo.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'embgeo' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
