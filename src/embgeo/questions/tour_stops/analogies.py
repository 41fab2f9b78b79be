"""Analogies: the step from one word to another, taken from a third."""

from __future__ import annotations

from functools import partial
from typing import Final

from embgeo.questions.command_log import CommandLog
from embgeo.questions.tour_stops.claims import FAILS, HOLDS, IN_PART, Claim, Finding
from embgeo.results.analogy import Analogy
from embgeo.results.tour import Figure

CAPITALS: Final = (("Germany", "Berlin"), ("Italy", "Rome"), ("Japan", "Tokyo"))
FAMILIES: Final = (("father", "mother"), ("brother", "sister"), ("uncle", "aunt"), ("nephew", "niece"))
ORIGINS: Final = (("sushi", "Germany", "Japan", "bratwurst"), ("Hitler", "Italy", "Germany", "Mussolini"))
OF_ANALOGIES: Final = (
    "holds if the answer is first with the inputs included; in part, if {half}it is first with them excluded"
)


def _capitals(log: CommandLog) -> Finding:
    paris, france = log.word("Paris"), log.word("France")
    return _analogies(log, [(paris, france, log.word(country), capital) for country, capital in CAPITALS])


def _analogies(log: CommandLog, questions: list[tuple[str, str, str, str]]) -> Finding:
    """Count the right answers: first among all tokens, or first once the inputs are excluded, as in the literature."""
    answers = [(log.analogy(a, b, c), due.casefold()) for a, b, c, due in questions]
    right = [answer for answer, due in answers if answer and answer[0].text.strip().casefold() == due]
    first = [answer for answer in right if all(out.rank != 1 for out in answer.excluded)]
    figures = [figure for answer, _ in answers for figure in _of_analogy(answer)]
    return _verdict(figures, len(right), len(first), len(answers))


def _verdict(figures: list[Figure], right: int, first: int, of: int) -> Finding:
    """The verdict on so many answers that are right, and so many of these that are first among all tokens."""
    verdict = HOLDS if first == of else IN_PART if 2 * right >= of else FAILS
    reason = f"{right} of {of} right with the inputs excluded, {first} of {of} with them included."
    return Finding(figures, verdict, reason)


def _of_analogy(answer: Analogy) -> list[Figure]:
    """The score of the answer, and of the input that ranks above it, if any."""
    figures = [Figure(name=f"{one.text.strip()} for {answer.query.text}", value=one.score) for one in answer]
    figures += [
        Figure(name=f"{out.text.strip()} before it", value=out.score) for out in answer.excluded if out.rank == 1
    ]
    return figures


def _origins(log: CommandLog) -> Finding:
    """Whether the named answer is nearer to each sum than all tokens; it may be several tokens itself."""
    figures: list[Figure] = []
    first = right = 0
    for food, to, of, due in ORIGINS:
        total = f"{log.word(food)} + {log.word(to)} - {log.word(of)}"
        listed = log.nearest(total)
        own = log.dot(total, log.word(due)).pairs[0].cosine
        best, inputs = listed[0], max(out.score for out in listed.excluded)
        is_best = best.text.strip().casefold() == due.casefold() or own > best.score
        right += is_best
        first += is_best and own > inputs
        figures += [Figure(name=f"{due} for {total}", value=own)]
        figures += [] if is_best else [Figure(name=f"{best.text.strip()} before it", value=best.score)]
        figures += [Figure(name=f"{out.text.strip()} before it", value=out.score) for out in listed.excluded
                    if out.score > own]  # fmt: skip
    return _verdict(figures, right, first, len(ORIGINS))


GENDER: Final = Claim(
    "gender", "The step from man to woman leads from king to queen.", OF_ANALOGIES.format(half=""),
    partial(_analogies, questions=[("king", "man", "woman", "queen")]),
)  # fmt: skip
COUNTRY_AND_CAPITAL: Final = Claim(
    "country and capital", "The step from France to Paris leads from other countries to their capitals.",
    OF_ANALOGIES.format(half="in at least half of the cases "), _capitals,
)  # fmt: skip
FAMILY_WORDS: Final = Claim(
    "family words", "The step from man to woman leads from father to mother, and likewise for other family words.",
    OF_ANALOGIES.format(half="in at least half of the cases "),
    partial(_analogies, questions=[(male, "man", "woman", female) for male, female in FAMILIES]),
)  # fmt: skip
COUNTRY_OF_ORIGIN: Final = Claim(
    "country of origin", "What sushi is to Japan, bratwurst is to Germany; what Hitler is to Germany, Mussolini is to "
    "Italy.", "holds if both answers are nearer to sushi + Germany - Japan and Hitler + Italy - Germany than every "
    "token; in part, if one of them is, the inputs excluded", _origins,
)  # fmt: skip
