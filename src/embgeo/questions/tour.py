"""A tour of common claims about embeddings, each judged by the model's own figures.

The claims come from introductions to transformers (3Blue1Brown, Deep Learning, chapters 5 and 6, 2024; Mikolov et al.
2013). The rules are our own, and each verdict states its rule. Every figure comes from a command that the stop names.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from embgeo.errors import EmbgeoError, Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.questions.command_log import CommandLog
from embgeo.questions.rows import about
from embgeo.questions.tour_stops import analogies, matrix, output_and_positions, texts, words
from embgeo.questions.tour_stops.claims import FAILS, HOLDS, IN_PART, NOT_ASKED, Claim, Finding
from embgeo.results.tour import Stop, Tour

# A stop's number never changes: new ones come last.
CLAIMS: Final = (
    words.LOOKUP, words.NEIGHBORS, analogies.GENDER, words.PLURAL, analogies.COUNTRY_AND_CAPITAL,
    words.NUMBERS_IN_LINE, analogies.FAMILY_WORDS, words.DOT_PRODUCTS, output_and_positions.SOFTMAX,
    output_and_positions.NEAR_POSITIONS, analogies.COUNTRY_OF_ORIGIN, matrix.SINGLE_COORDINATES, matrix.SUPERPOSITION,
    matrix.FREQUENCY, texts.BANK, texts.MOLE, texts.NEXT_TOKEN,
)  # fmt: skip


def tour(model: Model, report: Report = silent, *, stop: int | None = None) -> Tour:
    """Check every claim in `CLAIMS` on a model, or the one of a stop; see `EmbeddingSpace.tour`."""
    if stop is not None and not 1 <= stop <= len(CLAIMS):
        raise UsageError(f"the tour has no stop {stop}", f"Its stops go from 1 to {len(CLAIMS)}.")
    manifest = model.manifest
    if manifest.row_transform:
        raise UsageError(f"{manifest.row_transform} has moved the rows", "The claims are about the model's own rows.")
    wanted = [(number, claim) for number, claim in enumerate(CLAIMS, 1) if stop in (None, number)]
    stops = tuple(_stop(model, number, claim, report) for number, claim in wanted)
    verdicts = Counter(one.verdict for one in stops)
    return Tour(
        **about(model, "tour"), stops=stops,
        holds=verdicts[HOLDS], in_part=verdicts[IN_PART], fails=verdicts[FAILS], not_asked=verdicts[NOT_ASKED],
    )  # fmt: skip


def _stop(model: Model, number: int, claim: Claim, report: Report) -> Stop:
    log = CommandLog(model, report)
    try:
        found = claim.ask(log)
    except EmbgeoError as error:
        found = Finding([], NOT_ASKED, f"{error.message}. {error.hint}".rstrip(" "))
    return Stop(
        number=number, name=claim.name, claim=claim.claim, rule=claim.rule, figures=tuple(found.figures),
        verdict=found.verdict, reason=found.reason, commands=tuple(log.commands), notes=tuple(log.notes),
    )  # fmt: skip
