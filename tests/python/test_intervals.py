"""Quantiles and intervals against published values, closed forms and plain sums."""

from __future__ import annotations

import itertools
import math
import random
from decimal import Decimal, localcontext

import numpy as np
import pytest
from lgs_rfm._intervals import newcombe, normal_quantile, student_quantile, welch, wilson

# t with 97.5 % below it, as tables print it.
TABLE = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 12: 2.179,
    15: 2.131, 20: 2.086, 25: 2.060, 30: 2.042, 40: 2.021, 60: 2.000, 120: 1.980, math.inf: 1.960,
}  # fmt: skip


def probability(t: float, df: int) -> float:
    """P(-t <= T <= t) for whole degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(df))
    cosine, sine = math.cos(angle), math.sin(angle)
    if df == 1:
        return 2 * angle / math.pi
    if df % 2:
        term = total = cosine
        for i in range(3, df - 1, 2):
            term *= cosine**2 * (i - 1) / i
            total += term
        return 2 / math.pi * (angle + sine * total)
    term = total = 1.0
    for i in range(2, df, 2):
        term *= cosine**2 * (i - 1) / i
        total += term
    return sine * total


@pytest.mark.parametrize("df", TABLE)
def test_quantiles_are_those_of_the_tables(df: float) -> None:
    assert round(student_quantile(df), 3) == TABLE[df]


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 6, 7, 10, 17, 30, 31, 79, 80, 81, 100, 500, 1001])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
def test_quantiles_solve_the_closed_form(df: int, level: float) -> None:
    assert probability(student_quantile(df, level), df) == pytest.approx(level, rel=2e-14)


@pytest.mark.parametrize("df", [2, 4, 10, 30, 78, 80, 82, 200, 1000])
def test_quantiles_to_the_last_digits(df: int) -> None:
    """The closed form once more, with fifty digits."""
    with localcontext(prec=50):
        low, high = Decimal(1), Decimal(5)
        for _ in range(150):
            t = (low + high) / 2
            cosine_squared, sine = df / (t * t + df), t / (t * t + df).sqrt()
            term = total = Decimal(1)
            for i in range(2, df, 2):
                term *= cosine_squared * (i - 1) / i
                total += term
            low, high = (t, high) if sine * total < Decimal("0.95") else (low, t)
    assert student_quantile(df) == pytest.approx(float(low), rel=4e-15)


def test_quantiles_with_one_and_two_degrees_are_elementary() -> None:
    assert student_quantile(1) == pytest.approx(math.tan(math.pi * 0.475), rel=5e-15)
    assert student_quantile(2) == pytest.approx(0.95 * math.sqrt(2 / (1 - 0.95**2)), rel=5e-15)


@pytest.mark.parametrize("df", [1.5, 2.5, 17.776, 1234.5, 1e6])
def test_quantiles_with_fractional_degrees(df: float) -> None:
    """The density summed over a fine grid (Simpson's rule)."""
    t = student_quantile(df)
    x = np.linspace(0, t, 20_001)
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(df * math.pi) / 2
    y = np.exp(log_scale - (df + 1) / 2 * np.log1p(x * x / df))
    area = (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum()) * t / 20_000 / 3
    assert 2 * area == pytest.approx(0.95, rel=1e-9)


def test_quantiles_fall_to_the_normal_one() -> None:
    values = [student_quantile(df) for df in [*np.geomspace(1, 1e9, 400), 1e14, math.inf]]
    assert all(a >= b for a, b in itertools.pairwise(values))
    assert values[-1] == normal_quantile() == pytest.approx(1.959963984540054, rel=1e-15)


def test_degrees_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"df=0\.5"):
        student_quantile(0.5)


# Examples of Newcombe (1998), table II, method 10.
@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_as_published(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    assert newcombe(*counts) == pytest.approx((low, high), abs=5e-5)


def test_newcombe_turns_round_with_the_groups() -> None:
    low, high = newcombe(7, 30, 5, 60)
    assert newcombe(5, 60, 7, 30) == pytest.approx((-high, -low), rel=1e-14)


def test_wilson_stays_within_a_rate() -> None:
    z = normal_quantile()
    for size in range(1, 40):
        for hits in range(size + 1):
            low, high = wilson(hits, size, z)
            assert 0 <= low <= hits / size <= high <= 1
            assert high - low > 0
            for bound in (low, high):  # the bounds are where the score test says so
                if 0 < bound < 1:
                    assert abs(hits / size - bound) / math.sqrt(bound * (1 - bound) / size) == pytest.approx(z)


# Student's sleep data (1908) in tenths of an hour, and what R's t.test prints for it.
DRUG_1 = [7, -16, -2, -12, -1, 34, 37, 8, 0, 20]
DRUG_2 = [19, 8, 11, 1, -1, 44, 55, 16, 46, 34]


def test_welch_as_published() -> None:
    low, high = welch(DRUG_1, 10, DRUG_2, 10)
    assert (low / 10, high / 10) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_welch_counts_zeros_that_are_not_listed() -> None:
    assert welch([v for v in DRUG_1 if v], 10, DRUG_2, 10) == welch(DRUG_1, 10, DRUG_2, 10)
    shuffled = random.Random(1).sample(DRUG_1, 10)
    assert welch(shuffled, 10, DRUG_2, 10) == welch(DRUG_1, 10, DRUG_2, 10)


def test_welch_of_groups_that_do_not_vary() -> None:
    assert all(math.isnan(bound) for bound in welch([], 5, [], 7))
    assert all(math.isnan(bound) for bound in welch([3, 3], 2, [1, 1, 1], 3))
    low, high = welch([1, 2], 2, [], 50)  # one group alone: its own degrees of freedom
    assert (low, high) == pytest.approx((1.5 - 12.7062047 / 2, 1.5 + 12.7062047 / 2), rel=1e-8)
