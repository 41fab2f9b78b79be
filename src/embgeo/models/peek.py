"""A model on the Hub that is not fetched: what it is, and single rows of its matrix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import Report, UsageError, silent
from embgeo.formats.open_file import OpenFile
from embgeo.formats.safetensors import NUMPY
from embgeo.models import loader, reference
from embgeo.models.architectures import EMBEDDING, POSITION, Choice
from embgeo.models.manifest import Manifest
from embgeo.models.model import Model
from embgeo.models.reference import Reference
from embgeo.models.scratch import scratch
from embgeo.numerics.dtypes import F64, to_float64
from embgeo.numerics.kernels import Matrix
from embgeo.results.info import Survey
from embgeo.vocabulary.vocabulary import Vocabulary


class RemoteMatrix(Matrix):
    """A matrix of which each row is fetched when it is asked for."""

    plan: Any

    def take(self, ids: NDArray[np.intp]) -> F64:
        """Rows by number, as float64 [ids, dims]."""
        from embgeo.models.hub.fetch import fetch_rows

        found = b"".join(fetch_rows(self.plan, [int(row) for row in ids]))
        block = np.frombuffer(found, NUMPY[self.dtype]).reshape(len(ids), self.shape[1])  # [ids, dims]
        return to_float64(block, self.dtype)


@contextmanager
def peek_model(
    name: str | None = None, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING
) -> Iterator[Model]:
    """An embedding of which only the rows that are asked for travel; nothing is written into the store.

    A model that is on this machine already answers as ever. Arguments and errors as for `loader.load`.
    """
    if here := loader.here(name, revision, choice):
        yield here
        return
    if choice.side == POSITION:
        raise UsageError("a peek is at rows of tokens, not of positions", "Positions are few: ask without peeking.")
    from embgeo.formats import model2vec
    from embgeo.formats.tokenizer_json import read_tokens
    from embgeo.models.hub import fetch
    from embgeo.models.hub import repository as hub

    asked = reference.parse(loader.named(name) or reference.DEFAULT, revision, choice)
    repository = hub.resolve(asked.name, asked.revision)
    with scratch() as folder:
        planned = fetch.plan(repository, folder, choice)
        if model2vec.is_static(planned.header):
            raise UsageError(f"'{asked.name}' is a static model, whose rows are put together from all of its file")
        path = fetch.fetch_tokenizer(repository, folder, report)
        rows, dims = planned.tensor.shape
        table, tokenizer = read_tokens(path, rows), OpenFile(path)
        nothing = np.broadcast_to(np.zeros(1, NUMPY[planned.tensor.dtype]), (rows, dims))  # a shape without memory
        matrix = RemoteMatrix(nothing, planned.tensor.dtype, np.empty(0))
        matrix.plan = planned
        manifest = _manifest(repository.id, repository.commit, planned, table.scheme, choice)
        notes = (f"only the rows asked for were fetched from {planned.remote.name}",)
        yield Model(folder, manifest, matrix, Vocabulary(table, tokenizer), notes)


def survey(asked: Reference, *, hurry: bool = False) -> Survey:
    """What a model on the Hub is, and what would travel; only its small files and one header do.

    Args:
        asked: the model.
        hurry: don't wait long for the Hub.

    Raises:
        as `loader.load`.
    """
    from embgeo.models.hub import fetch
    from embgeo.models.hub import repository as hub

    choice = asked.choice
    repository = hub.resolve(asked.name, asked.revision, sizes=True, **(loader.HURRY if hurry else {}))
    with scratch() as folder:
        planned = fetch.plan(repository, folder, choice)
    tensor = planned.tensor
    rows, dims = tensor.shape
    return Survey(
        "info", repository.id, repository.commit, tensor.dtype, (), rows, dims, rows * dims, tensor.stop - tensor.start,
        not planned.unembedding, planned.unembedding, choice.side, tensor.name, planned.remote.name,
        fetch.travelling(repository, planned, choice), sum(repository.sizes.values()),
    )  # fmt: skip


def _manifest(model: str, revision: str, planned: Any, scheme: Any, choice: Choice) -> Manifest:
    tensor = planned.tensor
    return Manifest(
        model=model, revision=revision, source="hub", unembedding=planned.unembedding, side=choice.side,
        matrix=planned.remote.name, tokenizer="", tensor=tensor.name, dtype=tensor.dtype, shape=tensor.shape,
        start=tensor.start, matrix_size=planned.header.size, tokenizer_size=0, matrix_changed=0, tokenizer_changed=0,
        sha256="", zero_rows=0, bad_rows=0, scheme=scheme,
    )  # fmt: skip
