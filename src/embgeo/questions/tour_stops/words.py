"""Words and their nearest: what a row is, and what lies close to it or along a direction."""

from __future__ import annotations

import itertools
from typing import Final

from embgeo.questions.command_log import CommandLog
from embgeo.questions.tour_stops.claims import FAILS, HOLDS, IN_PART, NOT_ASKED, Claim, Finding, verdict_by_count
from embgeo.results.tour import Figure

LIKE_CAT: Final = ("cats", "kitten", "dog")
NEAREST: Final = 10
NOUNS: Final = (("dog", "dogs"), ("car", "cars"), ("tree", "trees"), ("house", "houses"))
NUMBERS: Final = ("one", "two", "three", "four")


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
    return Finding(figures, verdict_by_count(len(found), len(LIKE_CAT), least=1), reason)


def _plural(log: CommandLog) -> Finding:
    scores = log.direction("cats", "cat", *itertools.chain(*NOUNS)).scores
    higher = sum(many.dot > one.dot for one, many in zip(scores[::2], scores[1::2], strict=True))
    reason = f"{higher} of {len(NOUNS)} plurals score higher than their singular."
    figures = [Figure(name=score.term, value=score.dot) for score in scores]
    return Finding(figures, verdict_by_count(higher, len(NOUNS), least=len(NOUNS) // 2 + 1), reason)


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


LOOKUP: Final = Claim(
    "lookup", "A token's embedding is looked up: it is one row of a matrix.",
    "holds if 'cat' is one token; in part, if several", _lookup,
)  # fmt: skip
NEIGHBORS: Final = Claim(
    "neighbours", "Words with similar meanings are close to each other: cats, kitten and dog near cat.",
    f"holds if all three are among the {NEAREST} nearest whole words; in part, if one or two are", _near,
)  # fmt: skip
PLURAL: Final = Claim(
    "plural", "cats - cat is a plural direction: a plural has a higher dot product with it than its singular.",
    "holds if this is true of all four nouns; in part, if of three", _plural,
)  # fmt: skip
NUMBERS_IN_LINE: Final = Claim(
    "numbers", "one, two, three and four score higher and higher along cats - cat.",
    "holds if the dot product rises at each step; in part, if four is above one", _numbers,
)  # fmt: skip
DOT_PRODUCTS: Final = Claim(
    "dot products", "Dot products measure how well vectors align: cat and dog align, cat and government don't.",
    "holds if cat and dog are aligned (cosine 0.1 or more) and cat and government perpendicular (within 0.1 of 0); in "
    "part, if only dot product and cosine are higher for cat and dog", _dots,
)  # fmt: skip
