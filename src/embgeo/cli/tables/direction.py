"""Words along a direction, and the evidence for it, as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import COSINE_BAR, cosine_bar, title
from embgeo.cli.lists import whole_words
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import token_text, visible
from embgeo.numerics.names import LEARNING_METHODS
from embgeo.results.direction import (
    AxesScore,
    DirectionEnd,
    DirectionScores,
    Evidence,
    HeldOut,
    LearnedDirection,
    WordScore,
)
from embgeo.vocabulary.expression import is_expression, parse

WEAKEST_SHOWN = 5  # pairs shown of a long list
MAX_SHOWN_WHOLE = 12  # pairs of a list that is still shown whole


def table(answer: DirectionScores) -> RenderableType:
    """Scores, or the two ends of the vocabulary; with evidence where there is any."""
    return _learned(answer) if isinstance(answer, LearnedDirection) else _plain(answer)


def outline(answer: DirectionScores) -> Outline:
    """The scores, or the two ends, to show next to other models'."""
    left, right = _axis(answer)
    said = [f"length {answer.norm:z.4f}", *_order(answer)]
    if isinstance(answer, LearnedDirection) and answer.evidence is not None:
        said += _conclusions(answer.evidence)
    if answer.scores:
        placed = all(score.percentile is not None for score in answer.scores)
        names = ["dot", "cosine", *(["percentile"] if placed else [])]
        rows = [
            (score.term, [f"{score.dot:z.4f}", f"{score.cosine:z.4f}", f"{score.percentile or 0:z.1f}"][: len(names)])
            for score in answer.scores
        ]
        sheets = [Sheet("word", tuple((name, "right") for name in names), rows, [*said, f"{left} ← → {right}"])]
    else:
        sheets = [_end(answer.top, "top", [], right), _end(answer.bottom, "bottom", said, left)]
    return Outline(_question(answer), [*_method(answer), *_rows(answer)], sheets)


def _end(tokens: tuple[DirectionEnd, ...], name: str, said: Sequence[str], heading: str) -> Sheet:
    rows = [(str(token.rank), (token_text(token.text), f"{token.dot:z.4f}")) for token in tokens]
    return Sheet("#", (("token", "left"), ("dot", "right")), rows, said, name, f"nearest to {heading}")


def _question(answer: DirectionScores) -> str:
    if isinstance(answer, LearnedDirection):
        return answer.direction
    first, second = answer.pairs[0]
    return f"{first.term} - {second.term}"


def _method(answer: DirectionScores) -> list[str]:
    return [LEARNING_METHODS[answer.method]] if isinstance(answer, LearnedDirection) and answer.method else []


def _plain(answer: DirectionScores) -> RenderableType:
    head = title(answer, _question(answer), f"length {answer.norm:z.4f}", *_rows(answer))
    return Group(head, *_scored(answer))


def _learned(answer: LearnedDirection) -> RenderableType:
    details = (*_method(answer), f"length {answer.norm:z.4f}", *_rows(answer))
    parts: list[RenderableType] = [title(answer, answer.direction, *details)]
    parts += _scored(answer)
    if answer.shares:
        shares = ", ".join(f"{100 * share:z.1f}%" for share in answer.shares)
        parts.append(Text(f"\nshare of the pairs' variance: {shares}"))
    if answer.evidence is not None:
        parts += _evidence(answer.evidence)
    if answer.saved:
        parts.append(Text(f"\nsaved; use it as @{visible(answer.saved)}"))
    return Group(*parts)


def _rows(answer: DirectionScores) -> list[str]:
    """For a title: which rows the direction is made of, and which are listed."""
    return [*(["unit rows"] if answer.unit else []), *whole_words(answer)]


def _scored(answer: DirectionScores) -> list[RenderableType]:
    """The scores or the two ends, the axis by its ends, and what the order of the scores says."""
    left, right = _axis(answer)
    legend = Text(f"\n{left} ← → {right}", "dim")
    if not answer.scores:
        return [_ends(answer.top), Text(), _ends(answer.bottom), legend]
    return [_scores(answer), legend, *(Text(f"\n{line}") for line in _order(answer))]


def _scores(answer: DirectionScores) -> RenderableType:
    axes = len(answer.norms) if isinstance(answer, LearnedDirection) else 1
    placed = all(score.percentile is not None for score in answer.scores)
    names = ["dot", "cosine", *(["percentile"] if placed else []), *(f"axis {number}" for number in range(2, axes + 1))]
    table = columns(("word", "left"), *((name, "right") for name in names), (COSINE_BAR, "bar"))
    for score in answer.scores:
        cells = [f"{score.dot:z.4f}", f"{score.cosine:z.4f}", *([f"{score.percentile:z.1f}"] if placed else [])]
        cells += [f"{value:z.4f}" for value in (score.along[1:] if isinstance(score, AxesScore) else ())]
        table.add_row(Text(_named(score), "bold"), *cells, cosine_bar(score.cosine))
    return table


def _axis(answer: DirectionScores) -> tuple[str, str]:
    """What the low and the high end of the direction are called."""
    if answer.pairs:
        more = " …" if len(answer.pairs) > 1 else ""
        high, low = (visible(term.term) for term in answer.pairs[0])
        return low + more, high + more
    name = answer.direction if isinstance(answer, LearnedDirection) else ""
    terms = parse(name) if is_expression(name) else ()
    if [part.weight for part in terms] == [1, -1]:
        return visible(terms[1].term), visible(terms[0].term)
    return "low", "high"


def _evidence(found: Evidence) -> list[RenderableType]:
    if found.left_out is None and found.test is None:
        return [Text("\nOne pair alone is no evidence; give more with --pair or --pairs.")]
    table = columns(("evidence", "left"), ("right", "right"), ("mean cosine", "right"))
    if found.left_out is not None and found.baseline is not None:
        left, base = found.left_out, found.baseline
        table.add_row("leave one out", f"{left.right} of {left.of}", f"{left.margin:z.4f}")
        most = f"up to {round(base.accuracy_high * left.of)} of {left.of}"
        table.add_row("random signs, 95th percentile", most, f"up to {base.margin_high:z.4f}")
    if found.test is not None:
        test = found.test
        table.add_row("test set", f"{test.right} of {test.of}", f"{test.margin:z.4f}")
    shown = [pairs for pairs in (found.left_out, found.test) if pairs is not None]
    legend = Text("cosine: with the direction; agreement: mean cosine with the other pairs", "dim")
    lines = (Text(line) for line in _conclusions(found))
    return [Text(), table, Text(), _pairs(shown[0]), legend, Text(), *lines]


def _conclusions(found: Evidence) -> list[str]:
    """What the evidence says, in sentences."""
    lines = [] if found.left_out is None or found.baseline is None else [_verdict_on(found)]
    if test := found.test:
        lines.append(
            f"By chance {test.right} or more of the {test.of} would come out right with p = {found.test_p:.2g}."
        )
        wrong = [f"{visible(pair.first)} - {visible(pair.second)}" for pair in test.pairs if not pair.right]
        lines += (
            [f"reversed: {', '.join(wrong[:MAX_SHOWN_WHOLE])}{' …' if len(wrong) > MAX_SHOWN_WHOLE else ''}"]
            if wrong
            else []
        )
    return lines


def _verdict_on(found: Evidence) -> str:
    if found.baseline is None or found.holds is None:
        return "Too few pairs to tell a direction from chance; give 6 or more."
    base = found.baseline
    p = f"p = {base.p:.2g} over {'all' if base.exact else 'random'} {base.turnings:,} sign flips"
    lowest = "" if found.lowest is None else f" (lowest {found.lowest:z.2f})"
    agreement = f"their differences have a mean cosine of {found.agreement:z.2f}{lowest}"
    if found.holds:
        return f"The pairs share a direction: {p}; {agreement}."
    return f"No better than the same pairs with random signs: {p}; {agreement}."


def _pairs(held_out: HeldOut) -> RenderableType:
    pairs = held_out.pairs
    name = "pair"
    if len(pairs) > MAX_SHOWN_WHOLE:
        pairs = tuple(sorted(pairs, key=lambda pair: -2.0 if pair.margin is None else pair.margin))[:WEAKEST_SHOWN]
        name = f"weakest {WEAKEST_SHOWN} pairs"
    table = columns((name, "left"), ("cosine", "right"), ("agreement", "right"), ("", "left"))
    for pair in pairs:
        margin = "none" if pair.margin is None else f"{pair.margin:z.4f}"
        agreement = "" if pair.agreement is None else f"{pair.agreement:z.4f}"
        wrong = "" if pair.right else "reversed"
        table.add_row(Text(f"{visible(pair.first)} - {visible(pair.second)}", "bold"), margin, agreement, wrong)
    return table


def _order(answer: DirectionScores) -> list[str]:
    """Whether several scores rise or fall, and how often a random order would."""
    if len(answer.scores) < 2:
        return []
    if answer.order_chance is None:
        return ["The scores neither rise nor fall steadily in the order given."]
    verb = {"increasing": "rise", "decreasing": "fall"}[answer.order]
    times = f"1 time in {math.factorial(len(answer.scores)):,}"
    return [f"The scores {verb} in the order given; a random order would {verb} like this {times}."]


def _ends(tokens: tuple[DirectionEnd, ...]) -> RenderableType:
    """One end of a direction."""
    table = columns(
        ("#", "right"), ("token", "left"), ("dot", "right"), ("cosine", "right"), ("id", "right"), (COSINE_BAR, "bar"),
        keys=2,
    )  # fmt: skip
    for token in tokens:
        table.add_row(
            str(token.rank), Text(token_text(token.text), "bold"), f"{token.dot:z.4f}", f"{token.cosine:z.4f}",
            str(token.id), cosine_bar(token.cosine),
        )  # fmt: skip
    return table


def _named(score: WordScore) -> str:
    """The word, with its tokens where these are not simply the word."""
    shown = [token_text(token.text) for token in score.tokens]
    word = visible(score.term)
    if not shown or is_expression(score.term):
        return word
    return word if [word] in ([shown[0].lstrip("␣")], shown) and len(shown) == 1 else f"{word} ({'+'.join(shown)})"
