"""Volatility and beta of a book (rulings A14, B1); annual figures are plain fractions."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from runner.models import Floats


@dataclass(frozen=True)
class VolatilityParameters:
    """Constants of B1, named as in the configuration's sections `risk` and `fund`."""

    volatility_window_sessions: int
    volatility_history_min: int
    sessions_per_year: int


@dataclass(frozen=True)
class Volatility:
    """The volatility the fund acts by, and what it was made of (B1); None where the data do not support it.

    nav: of the fund's own returns. book: of the target book, simulated, which stands in for a NAV too young. benchmark:
    of the benchmark. used: the larger of the first that is known and the benchmark's; None with the reason where a side
    is not known.
    """

    nav: float | None
    book: float | None
    benchmark: float | None
    used: float | None
    reason: str


def annual(returns: Floats, parameters: VolatilityParameters) -> float | None:
    """Sample standard deviation of the last volatility_window_sessions daily returns (T,), annual (B1).

    None below volatility_history_min of them, NaN being none, or where one is infinite. Returns that never move have 0.
    """
    window = returns[-parameters.volatility_window_sessions :]
    seen = window[~np.isnan(window)]
    if len(seen) < max(parameters.volatility_history_min, 2) or not np.all(np.isfinite(seen)):
        return None
    return float(np.std(seen, ddof=1)) * sqrt(parameters.sessions_per_year)


def book_volatility(weights: Floats, returns: Floats, parameters: VolatilityParameters) -> float | None:
    """The book (N,) simulated on its names' simple returns (T, N): `annual` of the sessions that all of them have.

    An empty book has 0; None for a weight that is no number or a name without a return in the window.
    """
    if not np.all(np.isfinite(weights)):
        return None
    book = weights != 0
    if not book.any():
        return 0.0
    window = returns[-parameters.volatility_window_sessions :, book]
    # A session one of them lacks is NaN in the product, which `annual` leaves out; two infinities would be too.
    return None if np.any(np.isinf(window)) else annual(window @ weights[book], parameters)


def standing(
    nav_returns: Floats, weights: Floats, returns: Floats, benchmark: Floats, parameters: VolatilityParameters
) -> Volatility:
    """The larger of NAV volatility and the benchmark's, the target book's standing in for a NAV too young (B1)."""
    nav, index = annual(nav_returns, parameters), annual(benchmark, parameters)
    book = book_volatility(weights, returns, parameters)
    own = nav if nav is not None else book
    if own is None or index is None:
        return Volatility(nav, book, index, None, "OWN_VOLATILITY_UNKNOWN" if own is None else "BENCHMARK_UNKNOWN")
    return Volatility(nav, book, index, max(own, index), "")


def all_correlations_one(weights: Floats, returns: Floats, parameters: VolatilityParameters) -> float | None:
    """Annual volatility of the book were the profits of all its positions to move as one (A14).

    The sum of abs(weight) x volatility: correlations are those of A14, each with the sign of its two weights, so a
    short is no hedge here and no covariance matrix gives more. returns: (T, N) of the window looked at, all of it. None
    as `book_volatility`'s, each name by its own sessions.
    """
    if not np.all(np.isfinite(weights)):
        return None
    held = np.flatnonzero(weights)
    seen = ~np.isnan(returns[:, held])
    counts = seen.sum(axis=0)
    value = np.where(seen, returns[:, held], 0.0)
    if np.any(counts < max(parameters.volatility_history_min, 2)) or not np.all(np.isfinite(value)):
        return None
    squares = np.where(seen, value - value.sum(axis=0) / counts, 0.0) ** 2
    spread = np.sqrt(squares.sum(axis=0) / (counts - 1))
    return float(np.abs(weights[held]) @ spread) * sqrt(parameters.sessions_per_year)


def book_beta(weights: Floats, betas: Floats) -> float | None:
    """Beta of the book: the sum of weight x beta, (N,) each; None where a name with weight has none."""
    book = weights != 0
    if not np.all(np.isfinite(weights)) or not np.all(np.isfinite(betas[book])):
        return None
    return float(weights[book] @ betas[book]) + 0.0
