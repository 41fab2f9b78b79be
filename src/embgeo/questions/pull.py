"""Fetching a model ahead of use."""

from __future__ import annotations

from embgeo.errors import Report, silent
from embgeo.models import loader, reference
from embgeo.models.choice import EMBEDDING, Choice
from embgeo.models.transformed import transform_model
from embgeo.questions.info import describe
from embgeo.results.info import Info


def pull(
    name: str, revision: str | None = None, *, choice: Choice = EMBEDDING, transform: str | None = None,
    layers: str | None = None, report: Report = silent,
) -> Info:  # fmt: skip
    """Fetch and prepare a model, or a transformed space of it; a branch is updated to its newest commit.

    Args:
        layers: also fetch these of its layers, as in `running.read_layers`.

    Raises:
        UsageError, ModelError, NetworkError: as `loader.load`, `transformed.transform_model` and `running.runner`.
    """
    model = loader.pull(reference.parse_reference(name, revision, choice), report)
    if layers is not None:
        from embgeo.questions.running import runner

        runner(model, report=report, layers=layers, head=layers == "all")
    return describe(transform_model(model, transform, choice, report) if transform else model, command="pull")
