"""Words in clusters."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token


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
class Clustering(Answer):
    """Words in groups.

    Attributes:
        linkage: `average`: the distance of two groups is the mean cosine distance of their words.
        asked: the requested number of groups; None if the widest gap between merges decided.
        groups: in the order of their first words.
    """

    linkage: str
    asked: int | None
    groups: tuple[Cluster, ...]
