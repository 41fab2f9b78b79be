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
        cosine: of that token with the mean.
        members: the one nearest the mean first.
    """

    cosine: float
    members: tuple[ClusterMember, ...]


@dataclass(frozen=True, slots=True)
class Clustering(Answer):
    """Words in groups.

    Attributes:
        linkage: how groups are compared: `average` cosine distance.
        asked: how many groups were asked for; None where the widest gap between merges decided.
        groups: in the order in which their first words were given.
    """

    linkage: str
    asked: int | None
    groups: tuple[Cluster, ...]
