"""Texts: what a model's layers make of a word. Asked only where the layers are on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from embgeo.numerics.dtypes import F64
from embgeo.questions.command_log import CommandLog
from embgeo.questions.tour_stops.claims import FAILS, HOLDS, IN_PART, Claim, Finding
from embgeo.questions.tour_stops.output_and_positions import by_temperature
from embgeo.results.tour import Figure

BANK_TEXTS: Final = {
    "river": (
        "He sat on the bank of the river.", "The river bank was covered with grass.",
        "They fished from the muddy bank of the stream.",
    ),
    "money": (
        "She put her money in the bank.", "The bank raised its interest rates.",
        "He works at a bank as a loan officer.",
    ),
}  # fmt: skip
MOLE_TEXTS: Final = {
    "animal": ("The American shrew mole lives underground.", "A mole dug a tunnel under the lawn."),
    "unit": ("One mole of carbon dioxide weighs 44 grams.", "Measure one mole of sodium chloride."),
    "birthmark": (
        "The doctor took a biopsy of the mole on her skin.", "A dark mole on the skin should be checked.",
    ),
    "spy": ("The mole passed state secrets to the enemy.", "The agency found a mole among its spies."),
}  # fmt: skip
START: Final = "The cat sat on the"
TEMPERATURES: Final = (0.5, 1.0, 2.0)
OF_SENSES: Final = (
    "holds if, at the last layer, each occurrence is nearest to another one of its sense; in part, if more of them are "
    "than at layer 0"
)


def _senses(log: CommandLog, word: str, texts: Mapping[str, Sequence[str]]) -> Finding:
    """For each text, the sense of the text whose occurrence of the word is nearest: before and after the layers."""
    senses = [sense for sense, group in texts.items() for _ in group]
    first, last = log.occurrences(word, [text for group in texts.values() for text in group])  # [texts, texts] each
    before, after = (_nearest(one) for one in (first, last))
    right = [sum(senses[to] == sense for sense, to in zip(senses, near, strict=True)) for near in (before, after)]
    figures = [
        Figure(name=f"{sense}, nearest to {'its own' if senses[to] == sense else senses[to]}", value=last[at, to])
        for at, (sense, to) in enumerate(zip(senses, after, strict=True))
    ]
    astray = [f"{sense} to {senses[to]}" for sense, to in zip(senses, after, strict=True) if senses[to] != sense]
    reason = f"{right[1]} of {len(senses)} are, and {right[0]} at layer 0"
    reason += f"; nearest to another sense: {', '.join(dict.fromkeys(astray))}" if astray else ""
    verdict = HOLDS if right[1] == len(senses) else IN_PART if right[1] > right[0] else FAILS
    return Finding(figures, verdict, f"{reason}.")


def _nearest(cosines: F64) -> list[int]:
    """For each occurrence, the other one with the highest cosine [occurrences, occurrences]."""
    others = np.where(np.eye(len(cosines), dtype=bool), -np.inf, cosines)
    return [int(one) for one in others.argmax(axis=1)]


def _next(log: CommandLog) -> Finding:
    answers = [log.next(START, temperature) for temperature in TEMPERATURES]
    likeliest = ", ".join(token.text.strip() for token in answers[0].results)
    found = by_temperature(answers)
    return found._replace(reason=f"The likeliest are {likeliest}; the {found.reason}.")


BANK: Final = Claim(
    "bank", "The layers give a word the meaning of its text: the bank of a river and the bank for money move apart.",
    OF_SENSES, partial(_senses, word="bank", texts=BANK_TEXTS),
)  # fmt: skip
MOLE: Final = Claim(
    "mole", "A mole is an animal, a unit, a birthmark or a spy: its text says which, and the layers tell them apart.",
    OF_SENSES, partial(_senses, word="mole", texts=MOLE_TEXTS),
)  # fmt: skip
NEXT_TOKEN: Final = Claim(
    "next token", "A decoder's last vector predicts the next token; the temperature says how freely one is drawn.",
    "holds if the likeliest token's probability falls and the entropy rises from T = 0.5 to 2; in part, if one of them "
    "does", _next,
)  # fmt: skip
