"""Words in clusters."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.records import Record, ids
from embgeo.results.tabular import Drawable


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """A word of a group, and its cosine with the group's mean."""

    term: str
    tokens: tuple[Token, ...]
    cosine: float


@dataclass(frozen=True, slots=True)
class Cluster(Token):
    """Words that belong together, named after the token nearest the mean of their unit vectors.

    Attributes:
        cosine: of that token with the mean, from -1 to 1.
        members: the words, nearest the mean first.
    """

    cosine: float
    members: tuple[ClusterMember, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """Two parts of the tree that become one.

    Attributes:
        first, second: numbers of words, from 0, or of earlier merges, from the number of words on.
        distance: mean cosine distance between their words, from 0 to 2.
    """

    first: int
    second: int
    distance: float


@dataclass(frozen=True, slots=True)
class Clustering(Answer, Drawable):
    """Words in groups.

    Attributes:
        linkage: `average`: the distance of two groups is the mean cosine distance of their words.
        asked: the requested number of groups; None if the widest gap between merges decided.
        groups: in the order of their first words.
        order: the words, as typed.
        merges: [words - 1] the tree, nearest first.
        cosines: [words, words] of every two words, in that order.
    """

    linkage: str
    asked: int | None
    groups: tuple[Cluster, ...]
    order: tuple[str, ...]
    merges: tuple[Merge, ...]
    cosines: tuple[tuple[float, ...], ...]

    @property
    def heading(self) -> str:
        """The question in a few words."""
        return f"{sum(len(group.members) for group in self.groups)} words in {len(self.groups)} groups"

    def records(self) -> list[Record]:
        """A row for each word."""
        return [
            {"group": number, "name": group.text, "term": one.term, "ids": ids(one.tokens), "cosine": one.cosine}
            for number, group in enumerate(self.groups, 1)
            for one in group.members
        ]
