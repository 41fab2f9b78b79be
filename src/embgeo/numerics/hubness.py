"""Hubness: how unevenly rows occur among the nearest rows of others (Radovanovic, Nanopoulos & Ivanovic 2010, JMLR 11).

N_k of a row is the number of other rows that have it among their k nearest by cosine. Its skewness over all rows is the
measure. From a random sample of queries it is estimated by falling powers, which such a sample leaves unbiased.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from embgeo.numerics.dtypes import Ids

NEIGHBORS: Final = 10  # the k of N_k, as in Radovanovic et al. 2010
JACKKNIFE_GROUPS: Final = 16  # of queries, each left out once for the error of an estimate


def occurrence_moments(lists: Ids, population: Ids) -> tuple[float, float, float]:
    """The means of N_k, its square and its cube over a population of rows, from the lists of a random sample of it.

    A row that appears in S of the lists of s queries, drawn from n rows without replacement, has E[(S)_r] = (N_k)_r
    (s)_r / (n)_r, where (x)_r = x (x - 1) ... (x - r + 1); so the mean falling powers of S give those of N_k,
    unbiased. With all rows as queries nothing is estimated.

    Args:
        lists: [queries, k] rows nearest to each query; three queries at least.
        population: [n] all rows that can be a query or in a list.
    """
    counts = np.bincount(lists.ravel(), minlength=int(population.max()) + 1)[population].astype(np.float64)  # [n]
    powers = (counts, counts * (counts - 1), counts * (counts - 1) * (counts - 2))
    first, second, third = (
        float(power.mean()) * math.perm(len(population), r) / math.perm(len(lists), r)
        for r, power in enumerate(powers, 1)
    )
    return first, second + first, third + 3 * second + first


def skewness(lists: Ids, population: Ids) -> float | None:
    """The skewness of N_k from its `occurrence_moments`; None below three queries, or without a positive variance."""
    if len(lists) < 3:
        return None
    mean, square, cube = occurrence_moments(lists, population)
    variance = square - mean**2
    if not variance > 1e-9 * square:
        return None
    return float((cube - 3 * mean * square + 2 * mean**3) / variance**1.5)


def skewness_error(lists: Ids, population: Ids) -> float | None:
    """The standard error of `skewness` by the jackknife: each of 16 groups of queries left out once.

    Quenouille 1956, with the correction for a finite population: 0 if every row was a query. None if it is undefined.
    """
    groups = np.arange(len(lists)) * JACKKNIFE_GROUPS // len(lists)
    estimates = [skewness(lists[groups != group], population) for group in range(JACKKNIFE_GROUPS)]
    known = np.array([value for value in estimates if value is not None])
    if len(known) < JACKKNIFE_GROUPS:
        return None
    spread = (JACKKNIFE_GROUPS - 1) * float(known.var()) * (1 - len(lists) / len(population))
    return math.sqrt(spread)
