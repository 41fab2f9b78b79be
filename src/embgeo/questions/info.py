"""What a model's matrix is and where it lies; of a model on the Hub, what fetching it would cost."""

from __future__ import annotations

import numpy as np

from embgeo.errors import NetworkError, Report, silent
from embgeo.formats.token_table import ABSENT
from embgeo.models import loader, reference, store
from embgeo.models.architectures import EMBEDDING, Choice
from embgeo.models.model import Model
from embgeo.models.open import open_model, ready
from embgeo.models.peek import survey
from embgeo.questions.rows import about
from embgeo.results.info import Info, Survey


def info(
    name: str | None = None, revision: str | None = None, *, choice: Choice = EMBEDDING,
    transform: str | None = None, report: Report = silent,
) -> Info | Survey:  # fmt: skip
    """All that is known of a model on this machine; what fetching it would cost of one that is on the Hub only.

    A transformed space is computed, and the model fetched for it, where it is not in the store yet.

    Raises:
        as `open.open_model`.
    """
    if transform:
        return describe(open_model(name, revision, choice=choice, transform=transform, report=report))
    known = loader.here(name, revision, choice, report)
    wanted = reference.parse(loader.named(name) or reference.DEFAULT, revision, choice)
    by_name = bool(loader.named(name) or revision)
    if known is None and (by_name or not loader.was_away(wanted.name)):
        try:
            return survey(wanted, hurry=not by_name)
        except NetworkError:
            if by_name:
                raise
            store.note_unreachable(wanted.name)
    model = known or loader.load(name, revision, report, choice)
    return describe(ready(model, choice, None, report))


def describe(model: Model, *, command: str = "info") -> Info:
    """What a loaded model's matrix is, and where it lies."""
    manifest = model.manifest
    rows, dims = manifest.shape
    return Info(
        **about(model, command), rows=rows, dimensions=dims, parameters=rows * dims,
        tokens=int(np.count_nonzero(model.vocabulary.table.flags != ABSENT)), bytes=model.weights.rows.nbytes,
        tied=None if manifest.unembedding is None else not manifest.unembedding, unembedding=manifest.unembedding,
        side=manifest.side, zero_rows=manifest.zero_rows, bad_rows=manifest.bad_rows, source=manifest.source,
        tensor=manifest.tensor, path=str((model.place / manifest.matrix).absolute()), sha256=manifest.sha256,
    )  # fmt: skip
