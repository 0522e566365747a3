"""Intervals for the difference of two groups, from counts and exact sums; no SciPy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._lazy import np

if TYPE_CHECKING:
    from fractions import Fraction

# What takes long to import is imported where it is used: nobody should wait for it who does not.

__all__ = ["Interval", "inverse_normal", "newcombe", "normal_quantile", "student_quantile", "welch", "wilson"]

LEVEL = 0.95
Interval = tuple[float, float]


def inverse_normal(probability: float) -> float:
    """Return z with P(Z <= z) = `probability`."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


def normal_quantile(level: float = LEVEL) -> float:
    """Return z with P(-z <= Z <= z) = `level`.

    >>> round(normal_quantile(), 12)
    1.95996398454
    """
    return inverse_normal((1 + level) / 2)


def student_quantile(df: float, level: float = LEVEL) -> float:
    """Return t with P(-t <= T <= t) = `level` for Student's distribution.

    Parameters
    ----------
    df : float, >= 1
        Degrees of freedom, also fractional or infinite.
    level : float, 0 < level < 1
        The two-sided probability.

    Returns
    -------
    float
        To some units in the last place.

    Notes
    -----
    With t = sqrt(df) tan(a) the density becomes a power of the cosine, without singularity below a right angle, which
    Gauss-Legendre quadrature integrates to machine precision. Newton's method then solves for t; it starts left of the
    solution, and since the distribution function is concave there it never passes it.

    Examples
    --------
    >>> round(student_quantile(1), 10), round(student_quantile(10), 12)
    (12.7062047362, 2.228138851986)
    """
    if not df >= 1:
        raise ValueError(f"df={df!r} is not allowed; give 1 or more")
    t = normal_quantile(level)
    if df > 1e15:
        return t
    scale = _gamma_ratio(df / 2) / math.sqrt(math.pi)
    nodes, weights = np.polynomial.legendre.leggauss(48)  # of Gauss and Legendre, on [-1, 1]
    for _ in range(100):
        half = math.atan(t / math.sqrt(df)) / 2
        sines = np.sin(half * (1 + nodes))
        powers = np.exp((df - 1) / 2 * np.log1p(-sines * sines))
        inside = 2 * scale * half * float(weights @ powers)
        density = scale / math.sqrt(df) * math.exp(-(df + 1) / 2 * math.log1p(t * t / df))
        step = (level - inside) / (2 * density)
        t += step
        if abs(step) <= 4e-16 * t or step < 0:
            break
    return t


def _gamma_ratio(a: float) -> float:
    """Return Gamma(a + 1/2) / Gamma(a); for large `a` by the series of its logarithm (DLMF 5.11.8, two of them)."""
    if a < 40:
        return math.gamma(a + 0.5) / math.gamma(a)
    b = 1 / (a * a)
    series = -1 / 8 + b * (1 / 192 + b * (-1 / 640 + b * (17 / 14336 - b * 31 / 18432)))
    return math.sqrt(a) * math.exp(series / a)


def wilson(hits: int, size: int, z: float) -> Interval:
    """Return Wilson's score interval of a rate: it stays within 0..1 and has a width at 0 of n as well."""
    rate, spread = hits / size, z * z / size
    middle = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / size + spread / (4 * size))
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == size else middle + half)


def newcombe(hits: int, size: int, other_hits: int, other_size: int, level: float = LEVEL) -> Interval:
    """Return Newcombe's hybrid score interval for the difference of two rates, the first minus the other.

    Method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of
    eleven methods", Statistics in Medicine 17 (1998), 873-890.

    >>> low, high = newcombe(56, 70, 48, 80)  # an example of the paper
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    z = normal_quantile(level)
    one, two = hits / size, other_hits / other_size
    one_low, one_high = wilson(hits, size, z)
    two_low, two_high = wilson(other_hits, other_size, z)
    low = one - two - math.hypot(one - one_low, two_high - two)
    high = one - two + math.hypot(one_high - one, two - two_low)
    return low, high


def welch(values: list[int], size: int, other: list[int], other_size: int, level: float = LEVEL) -> Interval:
    """Return Welch's interval for the difference of two means, the first minus the other.

    B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved",
    Biometrika 34 (1947), 28-35. Sums and squares are exact, so the order of the values makes no difference.

    Parameters
    ----------
    values, other : list of int
        The values that are not 0 (any others may be there too).
    size, other_size : int, >= 2
        The number of values, with those that are 0.
    level : float
        The probability that the interval covers the difference.

    Returns
    -------
    tuple of float
        NaN when neither group varies: there is nothing to tell the spread from.
    """
    mean, variance = _moments(values, size)
    other_mean, other_variance = _moments(other, other_size)
    one, two = variance / size, other_variance / other_size
    if one + two == 0:
        return math.nan, math.nan
    share = float(one / (one + two))
    df = 1 / (share**2 / (size - 1) + (1 - share) ** 2 / (other_size - 1))
    half = student_quantile(max(df, 1.0), level) * math.sqrt(one + two)
    difference = float(mean - other_mean)
    return difference - half, difference + half


def _moments(values: list[int], size: int) -> tuple[Fraction, Fraction]:
    """Return mean and variance (over size - 1), exactly."""
    from fractions import Fraction

    total = sum(values)
    squares = sum(value * value for value in values)
    return Fraction(total, size), Fraction(size * squares - total * total, size * (size - 1))
