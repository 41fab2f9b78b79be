"""The sentences about the figures of `space`, at the thresholds in docs/space.md."""

from __future__ import annotations

from typing import Any

import pytest

from embgeo.questions.space_readings import readings
from embgeo.results import space as shaped

QUIET: dict[str, Any] = {
    "rows": shaped.RowCounts(200, 200, 0, 0, 0),
    "dimensions": 100,
    "norms": shaped.Norms(0, 0, 0, 0, 0, 0, 0, 0, 0, ()),
    "mean": shaped.MeanVector(0, None, None, None, ()),
    "anisotropy": None,
    "spectrum": shaped.Spectrum(0, (), None, None),
    "outliers": shaped.Outliers(5.0, 0, ()),
    "hubness": None,
    "duplicates": shaped.Duplicates(0, 0, ()),
    "shortest": (),
}
NONE = "No single dimension stands out by more than 5 sigmas."


def sentences(**figures: Any) -> list[str]:
    """The sentences about these figures, without the one for no outlier dimensions."""
    return [line for line in readings(QUIET | figures) if line != NONE]


def cosine(value: float) -> shaped.Anisotropy:
    """An anisotropy with this mean cosine."""
    return shaped.Anisotropy(value, 45, shaped.RandomCosines(10, 0, value, 0.1, 0.1, (10,)))


def hubness(skewness: float | None, error: float | None) -> shaped.Hubness:
    """A hubness with this skewness and error."""
    return shaped.Hubness(10, 100, error is None, 0, skewness, error, None, ())


def of_few(skewness: float | None) -> shaped.Hubness:
    """A hubness from too few queries to estimate the error of its skewness."""
    return shaped.Hubness(10, 10, False, 0, skewness, None, None, ())


def dimension(number: int, share: float | None) -> shaped.Dimension:
    """An outlier dimension with its contribution to the mean cosine."""
    return shaped.Dimension(number, 0, 9, 0, 0, 0, share, outlier=True)


def test_no_figures() -> None:
    """Without figures the only sentence is about the dimensions."""
    assert readings(QUIET) == (NONE,)


@pytest.mark.parametrize(
    ("figures", "begins"),
    [
        ({"anisotropy": cosine(0.09)}, "Rows have no direction in common"),
        ({"anisotropy": cosine(-0.01)}, "Rows have no direction in common"),
        ({"anisotropy": cosine(0.1)}, "Rows have a direction in common"),
        ({"anisotropy": cosine(0.5)}, "Rows lie in a narrow cone"),
        ({"norms": shaped.Norms(1, 1, 1, 1, 1, 1, 1, 2.0, 0.19, ())}, "Rows are about equally long (deviation 10%)"),
        ({"norms": shaped.Norms(1, 1, 1, 1, 1, 1, 1, 2.0, 0.2, ())}, "Lengths differ (deviation 10%)"),
        ({"spectrum": shaped.Spectrum(1, (), 9.9, 5)}, "Variance fills few of the dimensions"),
        ({"spectrum": shaped.Spectrum(1, (), 10.0, 5)}, "Variance fills part of the dimensions"),
        ({"spectrum": shaped.Spectrum(1, (), 50.0, 5)}, "Variance fills most of the dimensions"),
        ({"hubness": hubness(3.1, None)}, "There are strong hubs."),
        ({"hubness": hubness(3.1, 0.1)}, "There are hubs."),
        ({"hubness": of_few(-32.7)}, "Too few queries to tell whether there are hubs"),
        ({"hubness": of_few(None)}, "Too few queries to tell whether there are hubs"),
        ({"hubness": hubness(1.1, None)}, "There are hubs"),
        ({"hubness": hubness(1.1, 0.1)}, "Too few queries to tell whether there are hubs"),
        ({"hubness": hubness(0.9, 0.1)}, "Too few queries to tell whether there are hubs"),
        ({"hubness": hubness(0.8, 0.1)}, "There are no notable hubs"),
        ({"hubness": hubness(0.9, None)}, "There are no notable hubs"),
        ({"duplicates": shaped.Duplicates(2, 5, ())}, "5 rows are exact copies of others in 2 groups"),
        ({"rows": shaped.RowCounts(200, 200, 0, 0, 3)}, "3 rows are zero"),
        (
            {"shortest": (shaped.Short(1, "a", "a", 0.5),)},
            "The tokens nearest to the mean and the shortest are candidates",
        ),
    ],
)
def test_thresholds(figures: dict[str, Any], begins: str) -> None:
    """One figure, one sentence."""
    (line,) = sentences(**figures)
    assert line.startswith(begins)


def test_how_often_the_first_hub_is_listed() -> None:
    """12 of 100 lists; the average row is in 10 / (2,000 - 500) of them."""
    found = shaped.Hubness(10, 100, True, 0, 3.1, None, 0.5, (shaped.Hub(7, "a", "a", 12, 0.12),))
    assert sentences(hubness=found, rows=shaped.RowCounts(2100, 2000, 100, 0, 500))[0] == (
        "There are strong hubs: the first is in 12.00% of the lists, 18 times as often as the average row."
    )


@pytest.mark.parametrize(("share", "count"), [(0.099, 1), (0.1, 2), (None, 1)])
def test_sentence_about_the_mean(share: float | None, count: int) -> None:
    """It is mentioned if it has a tenth of the second moment or more."""
    assert len(sentences(anisotropy=cosine(0.2), mean=shaped.MeanVector(1, 1, share, 1, ()))) == count


def test_sentence_about_outlier_dimensions() -> None:
    """They are named, with their contribution to the mean cosine if there is one."""
    one, none = shaped.Outliers(5.0, 1, (dimension(7, 0.25),)), shaped.Outliers(5.0, 1, (dimension(7, None),))
    many = shaped.Outliers(5.0, 6, tuple(dimension(number, 0.1) for number in range(6)))
    assert sentences(outliers=one) == ["Dimension 7 stands out by more than 5 sigmas, with 25% of the mean cosine."]
    assert sentences(outliers=none) == ["Dimension 7 stands out by more than 5 sigmas."]
    assert sentences(outliers=many) == [
        "Dimensions 0, 1, 2, 3, 4 and others stand out by more than 5 sigmas, with 60% of the mean cosine."
    ]
