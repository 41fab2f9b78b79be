"""Analogy files: every question answered in blocked matrix products, counted by section."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from embgeo.errors import Report, check_choice, silent
from embgeo.formats.benchmarks import Benchmark, Section
from embgeo.models.model import Model
from embgeo.numerics.analogies import analogy_queries, has_direction
from embgeo.numerics.batch_search import QUESTION_BATCH, search_batch
from embgeo.numerics.batches import Batch, Candidates, RowFilter
from embgeo.numerics.dtypes import Ids, Mask
from embgeo.numerics.objectives import ANALOGY_METHODS, EVAL_METHODS
from embgeo.numerics.rescoring import best_rows
from embgeo.questions.evaluation.question_rows import QuestionRows, all_questions, by_relation, count_outside, stack
from embgeo.questions.evaluation.relations import averaged, lrcos
from embgeo.questions.evaluation.words import WordRows, word_rows
from embgeo.questions.rows import identity
from embgeo.results.eval import Count, Miss, ModelAnalogies, SectionScore

QUESTIONS_IN_MEMORY: Final = 3 * QUESTION_BATCH  # questions in memory at once
GENSIM_CANDIDATES: Final = 5  # gensim checks so many of the best rows other than the inputs


class QuestionBatch(NamedTuple):
    """One batch of questions.

    Attributes:
        questions: the questions as rows.
        batch: their queries; None if there is nothing to search for.
        outside: [sections] questions with a word outside the vocabulary.
        advance: called with the number of questions answered.
    """

    questions: QuestionRows
    batch: Batch | None
    outside: Ids
    advance: Callable[[int], None]


class Answers(NamedTuple):
    """The rows answered [questions]; -1 for none.

    Attributes:
        own: with the input rows excluded, as the reference does.
        with_inputs: with nothing excluded.
        folded: with all spellings of the inputs excluded.
    """

    own: Ids
    with_inputs: Ids
    folded: Ids


def evaluate_analogies(
    model: Model, file: Benchmark[Section], *, method: str = "3cosadd", reference: str = "embgeo",
    restrict: int | None = None, listed: bool = True, report: Report = silent,
) -> tuple[ModelAnalogies, list[Miss]]:  # fmt: skip
    """How many analogies of a file a model completes correctly; see `EmbeddingSpace.eval_analogies`.

    Args:
        listed: whether to return the misses; a file of pairs can have millions.
    """
    check_choice("analogy method", method, EVAL_METHODS)
    words = word_rows(model, reference, restrict)
    sections = file.items
    right = np.zeros((3, len(sections)), np.intp)  # own, with inputs, folded
    answered, outside = np.zeros((2, len(sections)), np.intp)  # [sections] each
    misses: list[Miss] = []
    manifest = model.manifest
    what = ", ".join(part for part in (file.name, manifest.model, manifest.transform) if part)
    unit = "questions" if method in ANALOGY_METHODS else "relations"
    for questions, batch, outside_now, advance in _batches(
        model, sections, words, method, lambda done, total: report(what, done, total, unit)
    ):
        outside += outside_now
        answered += np.bincount(questions.section, minlength=len(sections))
        if batch:
            answers = answer_questions(model, batch, questions, words, gensim=reference == "gensim", advance=advance)
            hits = right_answers(answers, questions, words, gensim=reference == "gensim")
            right += [np.bincount(questions.section[one], minlength=len(sections)) for one in hits]
            misses += _misses(model, questions, answers.own, ~hits[0], sections) if listed else []
    counts = np.stack([answered, outside, *right])  # [5, sections]
    extra = reference == "embgeo"
    scores = tuple(_score(section.name, counts[:, i], extra=extra) for i, section in enumerate(sections))
    total = _score("total", counts.sum(axis=1), extra=extra)
    return ModelAnalogies(**identity(model), sections=scores, total=total), misses


def answer_questions(
    model: Model, batch: Batch, questions: QuestionRows, words: WordRows, *,
    gensim: bool, advance: Callable[[int], None],
) -> Answers:  # fmt: skip
    """The best row for each question, in the three ways of `Answers`; -1 if the query has no direction."""
    some = has_direction(batch)
    batch, inputs = batch.where(some), questions.inputs[some]  # [questions, m]
    groups = np.where(inputs >= 0, words.group[inputs], -1)  # [questions, m]
    parts = [(np.empty(0, np.intp),) * 3]
    for candidates in search_batch(model.weights, batch, RowFilter(words.allowed, words.group, groups), 1, advance):
        is_input = (candidates.row[:, None] == inputs[candidates.question + candidates.first]).any(axis=1)
        folded = best_rows(model.weights, batch, candidates, ~candidates.left_out)
        if gensim:
            parts.append((_gensim_sees(model, batch, candidates, is_input, folded), folded, folded))
        else:
            with_inputs = best_rows(model.weights, batch, candidates, np.ones(len(candidates.row), bool))
            parts.append((best_rows(model.weights, batch, candidates, ~is_input), with_inputs, folded))
    answers = np.full((3, len(some)), -1, np.intp)
    answers[:, some] = [np.concatenate(ways) for ways in zip(*parts, strict=True)]
    return Answers(*answers)


def right_answers(answers: Answers, questions: QuestionRows, words: WordRows, *, gensim: bool) -> list[Mask]:
    """Which answers are right, for each field of `Answers` [questions]: the expected row, or any of its spellings."""
    groups = np.where(questions.right >= 0, words.group[questions.right], -1)  # [questions, n]
    by_row = [(rows[:, None] == questions.right).any(axis=1) & (rows >= 0) for rows in answers]
    by_group = [(words.group[rows][:, None] == groups).any(axis=1) & (rows >= 0) for rows in answers]
    return [by_group[0], by_group[1], by_group[2]] if gensim else [by_row[0], by_row[1], by_group[2]]


def _gensim_sees(model: Model, batch: Batch, candidates: Candidates, is_input: Mask, best: Ids) -> Ids:
    """The first of five rows that is not a spelling of an input; if all five are, gensim answers with the fifth."""
    above = np.bincount(candidates.question[candidates.left_out & ~is_input], minlength=len(best))
    result = best.copy()
    for question in np.flatnonzero(above >= GENSIM_CANDIDATES):
        rest = ~is_input & (candidates.question == question)
        for _ in range(GENSIM_CANDIDATES):
            row = best_rows(model.weights, batch, candidates, rest)[question]
            if row == best[question]:
                break
            rest &= candidates.row != row
        result[question] = row
    return result


def _batches(
    model: Model, sections: tuple[Section, ...], words: WordRows, method: str, progress: Callable[[int, int], None]
) -> Iterator[QuestionBatch]:
    if method not in ANALOGY_METHODS:
        yield from _by_relation(model, sections, words, method, progress)
        return
    total, outside = count_outside(sections, words)
    yield QuestionBatch(stack([]), None, outside, no_progress)
    rows, at = all_questions(sections, words), 0
    while some := list(itertools.islice(rows, QUESTIONS_IN_MEMORY)):
        questions = stack(some)
        numbers, places = np.unique(questions.triples, return_inverse=True)
        batch = analogy_queries(ANALOGY_METHODS[method], model.weights.take(numbers), places.reshape(-1, 3))
        yield QuestionBatch(questions, batch, np.zeros_like(outside), lambda done, at=at: progress(at + done, total))  # type: ignore[misc]  # at is bound
        at += len(some)


def _by_relation(
    model: Model, sections: tuple[Section, ...], words: WordRows, method: str, progress: Callable[[int, int], None]
) -> Iterator[QuestionBatch]:
    for number, section in enumerate(sections):
        questions, pairs, outside_now = by_relation(number, section, words)
        outside = np.bincount([number] * outside_now, minlength=len(sections))
        if len(pairs) < 2:  # no other pair to learn from
            outside += np.bincount(questions.section, minlength=len(sections))
            yield QuestionBatch(stack([]), None, outside, no_progress)
            continue
        if method == "lrcos":
            batch = lrcos(model.weights, pairs, np.flatnonzero(words.allowed))
        else:
            batch = averaged(model.weights, pairs)
        yield QuestionBatch(questions, batch, outside, no_progress)
        progress(number + 1, len(sections))


def no_progress(done: int) -> None:
    """Report nothing: for short work."""


def _misses(
    model: Model, questions: QuestionRows, answered: Ids, wrong: Mask, sections: tuple[Section, ...]
) -> list[Miss]:
    misses = []
    for number in np.flatnonzero(wrong).tolist():
        row = int(answered[number])
        text = model.vocabulary.token(row).text if row >= 0 else ""
        question, expected = questions.texts[number]
        section = sections[int(questions.section[number])].name
        misses.append(
            Miss(
                model=model.manifest.model, section=section, question=question, expected=expected, answered=text,
                answered_id=row if row >= 0 else None, transform=model.manifest.transform,
            )
        )  # fmt: skip
    return misses


def _score(name: str, counts: Ids, *, extra: bool) -> SectionScore:
    """A section's score from its counts: questions, outside, and right in each of the three ways."""
    questions, outside, right, with_inputs, folded = counts.tolist()

    def share(count: int) -> float | None:
        return count / questions if questions else None

    return SectionScore(
        section=name, right=right, asked=questions, outside=outside, accuracy=share(right),
        kept=Count(right=with_inputs, accuracy=share(with_inputs)) if extra else None,
        folded=Count(right=folded, accuracy=share(folded)) if extra else None,
    )  # fmt: skip
