"""Use a model on the Hub without fetching its matrix: facts about it, and single rows on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embgeo.errors import ModelError, Report, UsageError, silent
from embgeo.formats.open_file import OpenFile
from embgeo.formats.safetensors import NUMPY, Tensor
from embgeo.models import loader
from embgeo.models.choice import EMBEDDING, POSITION, Choice
from embgeo.models.manifest import Manifest
from embgeo.models.model import Model
from embgeo.models.reference import Reference, parse_or_default
from embgeo.numerics.dtypes import F64, to_float64
from embgeo.numerics.kernels import Matrix
from embgeo.vocabulary.vocabulary import Vocabulary


class RemoteModel(NamedTuple):
    """What a model's small files on the Hub and one header say of its matrix.

    Attributes:
        name, revision: the repository, and its commit.
        file: the file that holds the matrix.
        tensor: the matrix inside.
        tied: whether the embedding is also the unembedding; None without an output head.
        unembedding: name of a separate unembedding; empty if there is none.
        config: the model's config.json.
        travels: bytes to fetch: matrix, header, tokenizer.
        repository_bytes: size of all files of the model.
        layer_bytes: of all tensors that its layers need besides the matrix; None if the files don't say.
    """

    name: str
    revision: str
    file: str
    tensor: Tensor
    tied: bool | None
    unembedding: str
    config: Mapping[str, Any]
    travels: int
    repository_bytes: int
    layer_bytes: int | None


class RemoteMatrix(Matrix):
    """A matrix on the Hub; each row is fetched when it is needed."""

    plan: Any

    def take(self, ids: NDArray[np.intp]) -> F64:
        """Rows by number, as float64 [ids, dims]."""
        from embgeo.models.hub.fetch import fetch_rows

        data = b"".join(fetch_rows(self.plan, [int(row) for row in ids]))
        block = np.frombuffer(data, NUMPY[self.dtype]).reshape(len(ids), self.shape[1])  # [ids, dims]
        return to_float64(block, self.dtype)


@contextmanager
def peek_model(
    name: str | None = None, revision: str | None = None, report: Report = silent, choice: Choice = EMBEDDING
) -> Iterator[Model]:
    """Open a matrix on the Hub whose rows are fetched on demand; nothing is written to the store.

    A model that is already on this machine is loaded as usual. Errors as for `open.open_model`.
    """
    reference = parse_or_default(name, revision, choice)
    if model := loader.load_offline(reference):
        yield model
        return
    if choice.side == POSITION:
        raise UsageError("--peek fetches rows of tokens, not of positions", "Positions are few: leave out --peek.")
    from embgeo.formats import model2vec
    from embgeo.formats.tokenizer_json import read_tokens
    from embgeo.models.hub import repository as hub
    from embgeo.models.hub.fetch import fetch_tokenizer
    from embgeo.models.hub.plan import plan

    repository = hub.resolve(reference.name, reference.revision)
    with _temporary_folder() as folder:
        planned = plan(repository, folder, choice)
        if model2vec.is_static(planned.header):
            raise UsageError(f"'{reference.name}' is a static model; its rows are computed from the whole file")
        path = fetch_tokenizer(repository, folder, report)
        rows, dims = planned.tensor.shape
        table, tokenizer = read_tokens(path, rows), OpenFile(path)
        empty = np.broadcast_to(np.zeros(1, NUMPY[planned.tensor.dtype]), (rows, dims))  # a shape without memory
        matrix = RemoteMatrix(empty, planned.tensor.dtype, np.empty(0))
        matrix.plan = planned
        manifest = _manifest(repository.id, repository.commit, planned, table.scheme, choice)
        notes = (f"only the rows of these terms were fetched from {planned.remote.name}",)
        yield Model(folder, manifest, matrix, Vocabulary(table, tokenizer), notes)


def survey(reference: Reference) -> RemoteModel:
    """Describe a model on the Hub and what fetching it would cost, from its small files and one header.

    Raises:
        as `loader.load`.
    """
    from embgeo.models.hub import repository as hub
    from embgeo.models.hub.plan import download_size, plan

    choice, patience = reference.choice, hub.BRIEF_PATIENCE if reference.implied else hub.PATIENCE
    repository = hub.resolve(reference.name, reference.revision, patience)
    with _temporary_folder() as folder:
        planned = plan(repository, folder, choice)
    return RemoteModel(
        name=repository.id, revision=repository.commit, file=planned.remote.name, tensor=planned.tensor,
        tied=None if planned.headless else not planned.unembedding, unembedding=planned.unembedding,
        config=planned.config, travels=download_size(repository, planned, choice),
        repository_bytes=sum(repository.sizes.values()), layer_bytes=planned.layer_bytes,
    )  # fmt: skip


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    try:
        folder = TemporaryDirectory(prefix="embgeo-", ignore_cleanup_errors=True)
    except OSError as error:
        hint = "Free some space, or set TMPDIR to a folder that can be written."
        raise ModelError(f"can't make a temporary folder: {error.strerror or error}", hint) from None
    with folder as name:
        yield Path(name)


def _manifest(model: str, revision: str, planned: Any, scheme: Any, choice: Choice) -> Manifest:
    tensor = planned.tensor
    return Manifest(
        model=model, revision=revision, source="hub", unembedding=planned.unembedding, side=choice.side,
        matrix=planned.remote.name, tokenizer="", tensor=tensor.name, dtype=tensor.dtype, shape=tensor.shape,
        start=tensor.start, matrix_size=planned.header.size, tokenizer_size=0, matrix_changed=0, tokenizer_changed=0,
        sha256="", zero_rows=0, bad_rows=0, scheme=scheme, headless=planned.headless,
    )  # fmt: skip
