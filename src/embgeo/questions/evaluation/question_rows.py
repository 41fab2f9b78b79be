"""The questions of an analogy file as rows: their terms, the rows to exclude, and the right answers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from embgeo.formats.benchmarks import Related, Section
from embgeo.numerics.batches import padded
from embgeo.numerics.dtypes import Ids
from embgeo.questions.evaluation.words import WordRows

QuestionText = tuple[str, str]  # the question in words, and the expected answer


class QuestionRows(NamedTuple):
    """The questions of one or more sections.

    Attributes:
        section: [questions] index of the section.
        triples: [questions, 3] the rows of A, B and C in A - B + C: b, a and c of the file.
        inputs: [questions, m] rows to exclude, padded with -1.
        right: [questions, n] rows that are right, padded with -1.
        texts: the questions in words, with their expected answers.
    """

    section: Ids
    triples: Ids
    inputs: Ids
    right: Ids
    texts: list[QuestionText]


class QuestionRow(NamedTuple):
    """One question; `QuestionRows` holds many."""

    section: int
    triple: tuple[int, int, int]
    inputs: tuple[int, ...]
    right: tuple[int, ...]
    text: QuestionText


class RelationPair(NamedTuple):
    """A word of a relation and its partners as rows; questions use `partners[0]`."""

    word: int
    partners: tuple[int, ...]
    related: Related


def stack(rows: Sequence[QuestionRow]) -> QuestionRows:
    """Questions as arrays."""
    return QuestionRows(
        np.array([row.section for row in rows], np.intp),
        np.array([row.triple for row in rows], np.intp).reshape(-1, 3),
        padded([row.inputs for row in rows]), padded([row.right for row in rows]), [row.text for row in rows],
    )  # fmt: skip


def all_questions(sections: Sequence[Section], words: WordRows) -> Iterator[QuestionRow]:
    """Every question of the file, one at a time: n pairs of a relation make n (n - 1) questions.

    As in vecto, every two pairs of a relation make two questions: one pair (a word and its first partner) shows the
    relation, the other is the question. The three words and all partners of the first pair are excluded.
    """
    for number, section in enumerate(sections):
        for question in section.questions:
            a, b, c, d = map(words.row, question)
            if min(a, b, c, d) >= 0:
                text = (f"{question.a} {question.b} {question.c}", question.d)
                yield QuestionRow(number, (b, a, c), (b, a, c), (d,), text)
        for shown, other in itertools.permutations(known_pairs(section.pairs, words), 2):
            triple = (shown.partners[0], shown.word, other.word)
            text = (f"{shown.related.word} {shown.related.partners[0]} {other.related.word}", _wanted(other))
            yield QuestionRow(number, triple, (*shown.partners, shown.word, other.word), other.partners, text)


def count_outside(sections: Sequence[Section], words: WordRows) -> tuple[int, Ids]:
    """The number of questions of `all_questions`, and of those with a word outside the vocabulary [sections]."""
    total, outside = 0, np.zeros(len(sections), np.intp)
    for number, section in enumerate(sections):
        known = sum(min(map(words.row, question)) >= 0 for question in section.questions)
        pairs, usable = len(section.pairs), len(known_pairs(section.pairs, words))
        known += usable * (usable - 1)
        outside[number] = len(section.questions) + pairs * (pairs - 1) - known
        total += known
    return total, outside


def by_relation(number: int, section: Section, words: WordRows) -> tuple[QuestionRows, list[RelationPair], int]:
    """One question for each pair of a relation (the partner of a word), the pairs, and how many are outside.

    The pairs of Google's questions are those that occur in them, in order.
    """
    related = section.pairs or tuple(
        dict.fromkeys(Related(one, (other,)) for q in section.questions for one, other in ((q.a, q.b), (q.c, q.d)))
    )
    pairs = known_pairs(related, words)
    questions = [
        QuestionRow(
            number, (pair.partners[0], pair.word, pair.word), (pair.word,), pair.partners,
            (pair.related.word, _wanted(pair)),
        )
        for pair in pairs
    ]  # fmt: skip
    return stack(questions), pairs, len(related) - len(pairs)


def known_pairs(related: Iterable[Related], words: WordRows) -> list[RelationPair]:
    """The pairs whose word and first partner have rows."""
    pairs = []
    for one in related:
        word, first = words.row(one.word), words.row(one.partners[0])
        if word >= 0 and first >= 0:
            others = (row for row in map(words.row, one.partners[1:]) if row >= 0)
            pairs.append(RelationPair(word, (first, *others), one))
    return pairs


def _wanted(pair: RelationPair) -> str:
    return "/".join(pair.related.partners)
