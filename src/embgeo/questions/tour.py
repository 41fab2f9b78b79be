"""A tour of common claims about embeddings, each judged by the model's own figures.

The claims come from introductions to transformers (3Blue1Brown, Deep Learning, chapters 5 and 6, 2024; Mikolov et al.
2013). The rules are our own, and each verdict states its rule. Every figure comes from a command that the stop names.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple

from embgeo.errors import EmbgeoError, Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.questions.command_log import CommandLog
from embgeo.questions.rows import about
from embgeo.results.analogy import Analogy
from embgeo.results.tour import Figure, Stop, Tour

HOLDS: Final = "holds"
IN_PART: Final = "holds in part"
FAILS: Final = "does not hold here"
NOT_ASKED: Final = "not asked here"

LIKE_CAT: Final = ("cats", "kitten", "dog")
NEAREST: Final = 10
NOUNS: Final = (("dog", "dogs"), ("car", "cars"), ("tree", "trees"), ("house", "houses"))
NUMBERS: Final = ("one", "two", "three", "four")
CAPITALS: Final = (("Germany", "Berlin"), ("Italy", "Rome"), ("Japan", "Tokyo"))
FAMILIES: Final = (("father", "mother"), ("brother", "sister"), ("uncle", "aunt"), ("nephew", "niece"))
TEMPERATURES: Final = (0.1, 0.5, 1.0, 2.0)  # at 0.1 the softmax is seen where rows are short, as an encoder's
OF_ANALOGIES: Final = (
    "holds if the answer is first with the inputs included; in part, if {half}it is first with them excluded"
)


class Finding(NamedTuple):
    """The outcome of a stop: its figures, the verdict and the reason."""

    figures: list[Figure]
    verdict: str
    reason: str


class Claim(NamedTuple):
    """A claim about embeddings, the rule for its verdict, and the function that checks it."""

    name: str
    claim: str
    rule: str
    ask: Callable[[CommandLog], Finding]


def tour(model: Model, report: Report = silent, *, stop: int | None = None) -> Tour:
    """Check every claim in `CLAIMS` on a model.

    A claim that can't be checked on the model (it lacks a word, or has no positions) says so; no error is raised.

    Args:
        report: progress callback for fetching the position embedding.
        stop: check only the claim of this number, from 1.

    Raises:
        UsageError: a transformed space, or no such stop.
    """
    if stop is not None and not 1 <= stop <= len(CLAIMS):
        raise UsageError(f"the tour has no stop {stop}", f"Its stops go from 1 to {len(CLAIMS)}.")
    manifest = model.manifest
    if manifest.moved:
        raise UsageError(f"{manifest.moved} has moved the rows", "The claims are about the model's own.")
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


def _lookup(log: CommandLog) -> Finding:
    vector, info = log.vector("cat"), log.info()
    tokens = vector.term.tokens
    figures = [
        Figure(name="row" if len(tokens) == 1 else "first row", value=tokens[0].id),
        Figure(name="length", value=vector.norm),
        Figure(name="rows in all", value=info.rows),
        Figure(name="numbers in each", value=info.dimensions),
    ]
    if len(tokens) == 1:
        return Finding(figures, HOLDS, "'cat' is one token.")
    return Finding(figures, IN_PART, f"'cat' is {len(tokens)} tokens; its vector is the mean of their rows.")


def _near(log: CommandLog) -> Finding:
    answer = log.neighbors("cat", NEAREST)
    placed = {one.text.strip().casefold(): one for one in answer}
    found = [word for word in LIKE_CAT if word in placed]
    figures = [Figure(name=word, value=placed[word].score) for word in found]
    reason = ", ".join(f"{word} {'is' if word in found else 'is not'} among them" for word in LIKE_CAT) + "."
    return Finding(figures, _of(len(found), len(LIKE_CAT), least=1), reason)


def _gender(log: CommandLog) -> Finding:
    return _analogies(log, [("king", "man", "woman", "queen")])


def _capitals(log: CommandLog) -> Finding:
    paris, france = log.word("Paris"), log.word("France")
    return _analogies(log, [(paris, france, log.word(country), capital) for country, capital in CAPITALS])


def _families(log: CommandLog) -> Finding:
    return _analogies(log, [(male, "man", "woman", female) for male, female in FAMILIES])


def _analogies(log: CommandLog, questions: list[tuple[str, str, str, str]]) -> Finding:
    """Count the right answers: first among all tokens, or first once the inputs are excluded, as in the literature."""
    answers = [(log.analogy(a, b, c), due.casefold()) for a, b, c, due in questions]
    right = [answer for answer, due in answers if answer and answer[0].text.strip().casefold() == due]
    first = [answer for answer in right if all(out.rank != 1 for out in answer.excluded)]
    figures = [figure for answer, _ in answers for figure in _of_analogy(answer)]
    of = len(answers)
    verdict = HOLDS if len(first) == of else IN_PART if 2 * len(right) >= of else FAILS
    return Finding(
        figures,
        verdict,
        f"{len(right)} of {of} right with the inputs excluded, {len(first)} of {of} with them included.",
    )


def _of_analogy(answer: Analogy) -> list[Figure]:
    """The score of the answer, and of the input that ranks above it, if any."""
    figures = [Figure(name=f"{one.text.strip()} for {answer.query.text}", value=one.score) for one in answer]
    figures += [
        Figure(name=f"{out.text.strip()} before it", value=out.score) for out in answer.excluded if out.rank == 1
    ]
    return figures


def _plural(log: CommandLog) -> Finding:
    scores = log.direction("cats", "cat", *itertools.chain(*NOUNS)).scores
    higher = sum(many.dot > one.dot for one, many in zip(scores[::2], scores[1::2], strict=True))
    reason = f"{higher} of {len(NOUNS)} plurals score higher than their singular."
    figures = [Figure(name=score.term, value=score.dot) for score in scores]
    return Finding(figures, _of(higher, len(NOUNS), least=len(NOUNS) // 2 + 1), reason)


def _numbers(log: CommandLog) -> Finding:
    answer = log.direction("cats", "cat", *NUMBERS)
    dots = [score.dot for score in answer.scores]
    figures = [Figure(name=score.term, value=score.dot) for score in answer.scores]
    rises = sum(after > before for before, after in itertools.pairwise(dots))
    verdict = HOLDS if rises == len(dots) - 1 else IN_PART if dots[-1] > dots[0] else FAILS
    ends = "four is above one" if dots[-1] > dots[0] else "four is not above one"
    return Finding(figures, verdict, f"{rises} of {len(dots) - 1} steps rise; {ends}.")


def _dots(log: CommandLog) -> Finding:
    answer = log.dot("cat", "dog", "government")
    near, far, _ = answer.pairs
    if not all(one.norm for one in answer.terms):
        return Finding([], NOT_ASKED, "One of these has a vector of length zero, which has no direction.")
    figures = [Figure(name=f"cat · {pair.b}", value=pair.dot) for pair in (near, far)]
    figures += [Figure(name=f"cosine of cat and {pair.b}", value=pair.cosine) for pair in (near, far)]
    as_said = (near.relation, far.relation) == ("aligned", "perpendicular")
    higher = near.dot > far.dot and near.cosine > far.cosine
    verdict = HOLDS if as_said and higher else IN_PART if higher else FAILS
    return Finding(figures, verdict, f"cat and dog are {near.relation}, cat and government {far.relation}.")


def _softmax(log: CommandLog) -> Finding:
    answers = [log.unembed("cat", temperature) for temperature in TEMPERATURES]
    probabilities, entropies = [answer[0].probability for answer in answers], [answer.entropy for answer in answers]
    named = list(zip(TEMPERATURES, answers, strict=True))
    figures = [
        Figure(name=f"probability of {one[0].text.strip()} at T = {t:g}", value=one[0].probability) for t, one in named
    ]
    figures += [Figure(name=f"entropy at T = {t:g}", value=one.entropy) for t, one in named]
    falls, rises = _runs_up(probabilities[::-1]), _runs_up(entropies)
    probability = "falls" if falls else "does not fall"
    entropy = "rises" if rises else "does not rise"
    reason = f"The probability {probability} and the entropy {entropy} with the temperature."
    return Finding(figures, _of(falls + rises, 2, least=1), reason)


def _positions(log: CommandLog) -> Finding:
    answer = log.positions()
    figures = [Figure(name=f"{one.distance:,} apart", value=one.cosine) for one in answer.apart]
    means = [one.cosine for one in answer.apart]
    if len(means) < 2:
        return Finding(figures, NOT_ASKED, "Too few positions have a direction to compare distances.")
    falls = sum(after < before for before, after in itertools.pairwise(means))
    highest = means[0] > max(means[1:])
    verdict = HOLDS if answer.order == "decreasing" else IN_PART if highest else FAILS
    ends = "adjacent positions are the most alike" if highest else "adjacent positions are not the most alike"
    return Finding(figures, verdict, f"The mean cosine falls at {falls} of {len(means) - 1} doublings; {ends}.")


def _of(count: int, of: int, *, least: int) -> str:
    return HOLDS if count == of else IN_PART if count >= least else FAILS


def _runs_up(values: list[float]) -> bool:
    """Whether numbers rise from first to last; a step may be too small for float32 to show."""
    return values[0] < values[-1] and all(before <= after for before, after in itertools.pairwise(values))


CLAIMS: Final = (
    Claim("lookup", "A token's embedding is looked up: it is one row of a matrix.",
          "holds if 'cat' is one token; in part, if several", _lookup),
    Claim("neighbours", "Words with similar meanings are close to each other: cats, kitten and dog near cat.",
          f"holds if all three are among the {NEAREST} nearest whole words; in part, if one or two are", _near),
    Claim("gender", "The step from man to woman leads from king to queen.", OF_ANALOGIES.format(half=""), _gender),
    Claim("plural", "cats - cat is a plural direction: a plural has a higher dot product with it than its singular.",
          "holds if this is true of all four nouns; in part, if of three", _plural),
    Claim("country and capital", "The step from France to Paris leads from other countries to their capitals.",
          OF_ANALOGIES.format(half="in at least half of the cases "), _capitals),
    Claim("numbers", "one, two, three and four score higher and higher along cats - cat.",
          "holds if the dot product rises at each step; in part, if four is above one", _numbers),
    Claim("family words", "The step from man to woman leads from father to mother, and likewise for other "
          "family words.", OF_ANALOGIES.format(half="in at least half of the cases "), _families),
    Claim("dot products", "Dot products measure how well vectors align: cat and dog align, cat and government don't.",
          "holds if cat and dog are aligned (cosine 0.1 or more) and cat and government perpendicular (within 0.1 "
          "of 0); in part, if only dot product and cosine are higher for cat and dog", _dots),
    Claim("softmax and temperature", "Softmax turns the dot products with all rows of the unembedding into "
          "probabilities; a low temperature favors the likeliest token, a high one evens them out.",
          "holds if its probability falls and the entropy rises from T = 0.1 to 2; in part, if one of them does",
          _softmax),
    Claim("positions", "A position vector is added to the token's vector; nearby positions have similar vectors.",
          "holds if the mean cosine falls each time the distance doubles; in part, if it is highest for adjacent ones",
          _positions),
)  # fmt: skip
