"""Tables for directions with their evidence, for projections, and for words among themselves."""

from __future__ import annotations

import shutil
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import bar, columns, facts
from embgeo.cli.tables.neighbors import ends, named, ranked, title, verdict
from embgeo.cli.text import token_text, visible
from embgeo.results import similarity
from embgeo.results.learnt import Evidence, HeldOut, LearntDirection, PlacedScore
from embgeo.results.project import NeighboursWithout, Projection

METHODS = {"mean": "mean difference", "pca": "principal component", "sum": "difference of sums"}
SHADES = " ░▒▓█"
WEAKEST = 5  # pairs shown one by one
NAMED = 5  # words that a title lists
FULL = 12  # unless there are no more than these


def layout(answer: Any) -> RenderableType:
    """The table of an answer of one of these kinds."""
    match answer:
        case LearntDirection():
            return _learnt(answer)
        case NeighboursWithout():
            score = "distance" if answer.metric == "euclidean" else answer.metric
            gone = f"{100 * answer.share:.1f} % of the squared length of '{visible(answer.query.text)}' was taken out"
            question = f"{answer.query.text} without {', '.join(answer.without)}"
            return Group(title(answer, question, answer.metric), ranked(answer.results, score), Text(f"\n{gone}"))
        case Projection():
            return _projection(answer)
        case similarity.Similarity():
            return _similarity(answer)
        case similarity.Groups():
            return _groups(answer)
        case similarity.Parallel():
            return _parallel(answer)
    raise TypeError(f"no table is laid down for {type(answer).__name__}")


def _learnt(answer: LearntDirection) -> RenderableType:
    how = [METHODS[answer.method]] if answer.method else []
    parts: list[RenderableType] = [title(answer, answer.direction, *how, f"length {answer.norm:.4f}")]
    parts += [_scores(answer), *verdict(answer)] if answer.scores else [ends(answer.top), Text(), ends(answer.bottom)]
    if answer.shares:
        shares = ", ".join(f"{100 * share:.1f} %" for share in answer.shares)
        parts.append(Text(f"\nshare of the pairs' variance: {shares}"))
    if answer.evidence is not None:
        parts += _evidence(answer.evidence)
    if answer.saved:
        parts.append(Text(f"\nsaved; read it with @{visible(answer.saved)}"))
    return Group(*parts)


def _scores(answer: LearntDirection) -> RenderableType:
    scores = [score for score in answer.scores if isinstance(score, PlacedScore)]
    several = [str(number) for number in range(2, len(answer.norms) + 1)]
    names = ["dot", "cosine", "percentile", *(f"axis {number}" for number in several)]
    table = columns(("word", "left"), *((name, "right") for name in names), ("", "left"))
    most = max((abs(score.dot) for score in scores), default=0.0)
    for score in scores:
        cells = [f"{score.dot:.4f}", f"{score.cosine:.4f}", f"{score.percentile:.1f}"]
        cells += [f"{value:.4f}" for value in score.along[1:]]
        table.add_row(Text(named(score), "bold"), *cells, bar(score.dot, most))
    return table


def _evidence(found: Evidence) -> list[RenderableType]:
    if found.left_out is None and found.test is None:
        return [Text("\nOne pair alone gives no evidence: give more with --pair or --pairs.")]
    table = columns(("evidence", "left"), ("right", "right"), ("mean cosine", "right"))
    lines: list[str] = []
    if found.left_out is not None and found.baseline is not None:
        left, base = found.left_out, found.baseline
        table.add_row("each pair, judged by the others", f"{left.right} of {left.of}", f"{left.margin:.4f}")
        most = f"up to {round(base.accuracy_high * left.of)} of {left.of}"
        table.add_row("pairs turned round at random, 95 %", most, f"up to {base.margin_high:.4f}")
        lines.append(_said(found))
    if found.test is not None:
        test = found.test
        table.add_row("pairs not learnt from", f"{test.right} of {test.of}", f"{test.margin:.4f}")
        lines.append(f"Coin throws would get {test.right} or more of the {test.of} right with p = {found.test_p:.2g}.")
        wrong = [f"{visible(pair.first)} - {visible(pair.second)}" for pair in test.pairs if not pair.right]
        lines += [f"wrong way round: {', '.join(wrong[:FULL])}{' …' if len(wrong) > FULL else ''}"] if wrong else []
    shown = [pairs for pairs in (found.left_out, found.test) if pairs is not None]
    legend = Text("cosine: with the direction; agreement: with the other pairs' differences", "dim")
    return [Text(), table, Text(), _pairs(shown[0]), legend, Text(), *(Text(line) for line in lines)]


def _said(found: Evidence) -> str:
    if found.baseline is None or found.holds is None:
        return "Too few pairs to tell a direction from chance: 6 or more can."
    base = found.baseline
    p = f"p = {base.p:.2g} among {'all' if base.exact else 'random'} {base.turnings:,} ways to turn them round"
    agreement = f"the differences agree with a mean cosine of {found.agreement:.2f} (lowest {found.lowest:.2f})"
    if found.holds:
        return f"The pairs have a direction in common: {p}; {agreement}."
    return f"No better than the same pairs turned round at random: {p}; {agreement}."


def _pairs(held: HeldOut) -> RenderableType:
    pairs = held.pairs
    name = "pair"
    if len(pairs) > FULL:
        pairs = tuple(sorted(pairs, key=lambda pair: -2.0 if pair.margin is None else pair.margin))[:WEAKEST]
        name = f"weakest {WEAKEST} pairs"
    table = columns((name, "left"), ("cosine", "right"), ("agreement", "right"), ("", "left"))
    for pair in pairs:
        margin = "none" if pair.margin is None else f"{pair.margin:.4f}"
        agreement = "" if pair.agreement is None else f"{pair.agreement:.4f}"
        wrong = "" if pair.right else "wrong way round"
        table.add_row(Text(f"{visible(pair.first)} - {visible(pair.second)}", "bold"), margin, agreement, wrong)
    return table


def _projection(answer: Projection) -> RenderableType:
    table = columns(("direction", "left"), ("dot", "right"), ("coordinate", "right"), ("cosine", "right"), ("", "left"))
    most = max((abs(part.coordinate) for part in answer.components), default=0.0)
    several = {part.direction for part in answer.components if part.number > 1}
    for part in answer.components:
        name = visible(part.direction) + (f" ({part.number})" if part.direction in several else "")
        numbers = (f"{part.dot:.4f}", f"{part.coordinate:.4f}", f"{part.cosine:.4f}")
        table.add_row(Text(name, "bold"), *numbers, bar(part.coordinate, most))
    where = "along it" if answer.axes == 1 else f"in their {answer.axes} dimensions"
    rows = (
        ("length", f"{answer.norm:.4f}"),
        (where, f"{answer.inside:.4f}, {100 * answer.share:.2f} % of the squared length"),
        ("left", f"{answer.outside:.4f}, {100 * (1 - answer.share):.2f} %"),
    )
    word = "onto" if answer.command == "project" else "without"
    names = ", ".join(dict.fromkeys(part.direction for part in answer.components))
    return Group(title(answer, f"{answer.query.text} {word} {names}"), table, Text(), facts(rows))


def _similarity(answer: similarity.Similarity) -> RenderableType:
    """The matrix, in as many strips as the width asks for; every cell a number and a shade of its size."""
    names = [visible(term.term) for term in answer.terms]
    most = max(abs(value) for row in answer.matrix for value in row)
    room = shutil.get_terminal_size((80, 24)).columns - max(map(len, names)) - 2
    strips: list[list[int]] = [[]]
    used = 0
    for column, name in enumerate(names):
        width = max(len(name), 8) + 2
        if strips[-1] and used + width > room:
            strips.append([])
            used = 0
        strips[-1].append(column)
        used += width
    asked = " · ".join(names) if len(names) <= NAMED else f"{len(names)} words"
    parts: list[RenderableType] = [title(answer, asked, answer.metric)]
    for strip in strips:
        table = columns(("", "left"), *((names[column], "right") for column in strip))
        for name, row in zip(names, answer.matrix, strict=True):
            table.add_row(Text(name, "bold"), *(_cell(row[column], most) for column in strip))
        parts += [table, Text()]
    return Group(*parts[:-1])


def _cell(value: float, most: float) -> Text:
    level = min(len(SHADES) - 1, int(len(SHADES) * abs(value) / most)) if most > 0 else 0
    return Text.assemble(f"{value:.2f} ", (SHADES[level] * 2, "blue" if value < 0 else "red"))


def _groups(answer: similarity.Groups) -> RenderableType:
    table = columns(("#", "right"), ("group", "left"), ("word", "left"), ("cosine", "right"))
    for number, group in enumerate(answer.groups, 1):
        for place, member in enumerate(group.members):
            head = ("", "") if place else (str(number), token_text(group.text))
            table.add_row(head[0], Text(head[1], "bold"), visible(member.term), f"{member.cosine:.4f}")
    chosen = "as many as asked for" if answer.asked else "cut at the widest gap between merges"
    words = sum(len(group.members) for group in answer.groups)
    asked = f"{words} words in {len(answer.groups)} group{'s' if len(answer.groups) > 1 else ''}"
    legend = Text("group: the token nearest to its middle; cosine: of the word with the middle", "dim")
    return Group(title(answer, asked, "average linkage", chosen), table, Text(), legend)


def _parallel(answer: similarity.Parallel) -> RenderableType:
    a, b, c, d = (visible(term.term) for term in answer.terms)
    rows = [("cosine", f"{answer.cosine:.4f}"), ("angle", f"{answer.angle:.1f} degrees")]
    rows.append(("lengths", f"{answer.norms[0]:.4f} and {answer.norms[1]:.4f}"))
    base = answer.baseline
    said: list[RenderableType] = []
    if base is not None:
        rows.append(
            ("random words", f"mean {base.mean:.4f}, deviation {base.deviation:.4f}, 95 % up to {base.high:.4f}")
        )
        as_high = round(base.reached * (1 + base.samples)) - 1
        of = f"of {base.samples:,} pairs of differences between random words"
        said = [Text(f"\n{as_high:,} {of} are as parallel: p = {base.reached:.2g}.")]
    return Group(title(answer, f"({a} - {b}) and ({c} - {d})"), facts(rows), *said)
