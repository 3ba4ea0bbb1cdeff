"""Correlation shock: how far the positions of a book move as one (ruling A14)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from runner.models import Floats


@dataclass(frozen=True)
class CorrelationParameters:
    """Constants of A14, named as in the configuration's section `risk`."""

    correlation_window_sessions: int
    correlation_names_min: int


@dataclass(frozen=True)
class CorrelationShock:
    """The book's average correlation.

    rho: [-1, 1], of the positions' profits; None with the reason. TOO_FEW_NAMES is no breach: fewer than
    correlation_names_min positions are held in by the name cap. Every other reason is one.
    names: with weight.
    """

    rho: float | None
    names: int
    reason: str


def shock(weights: Floats, returns: Floats, parameters: CorrelationParameters) -> CorrelationShock:
    """Pearson correlations of all pairs, averaged with weights abs(w_i w_j), each signed by its two weights (A14).

    weights: (N,). returns: (T, N) simple daily, NaN where a name has none. A pair is correlated on the sessions both
    have, half of the window at least.
    """
    if not np.all(np.isfinite(weights)):
        return CorrelationShock(None, 0, "WEIGHT_NOT_FINITE")
    book = weights != 0
    count = int(book.sum())
    if count < parameters.correlation_names_min:
        return CorrelationShock(None, count, "TOO_FEW_NAMES")
    window, held = returns[-parameters.correlation_window_sessions :, book], weights[book]
    if np.any(np.isinf(window)):
        return CorrelationShock(None, count, "RETURNS_NOT_FINITE")
    total = _pairs(window, held, ceil(parameters.correlation_window_sessions / 2))
    if isinstance(total, str):
        return CorrelationShock(None, count, total)
    mass = float(np.abs(held).sum()) ** 2 - float((held**2).sum())
    rho = min(max(total / mass, -1.0), 1.0)
    return CorrelationShock(rho, count, "")


def _pairs(window: Floats, held: Floats, fewest: int) -> float | str:
    """Sum over ordered pairs of w_i w_j rho_ij, or why there is none.

    Among names without a hole it is |Z w|^2 - sum(w^2), with Z standardised to length 1: no matrix of pairs is made.
    Only pairs with a name that has one need sums of their own, each over the sessions both have.
    """
    seen = ~np.isnan(window)
    counts = seen.sum(axis=0)
    if counts.min() < max(fewest, 2):
        return f"TOO_FEW_SESSIONS:{int(counts.min())}"
    value = np.where(seen, window, 0.0)
    still = np.abs(value).max(axis=0) * len(window) * 1e-12  # shorter than this, movement is rounding
    value = np.where(seen, value - value.sum(axis=0) / counts, 0.0)
    if np.any(np.sqrt((value**2).sum(axis=0)) <= still):
        return "ZERO_VARIANCE"
    whole, holes = np.flatnonzero(counts == len(window)), np.flatnonzero(counts < len(window))
    joint = (value[:, whole] / np.sqrt((value[:, whole] ** 2).sum(axis=0))) @ held[whole]
    total = float(joint @ joint) - float(held[whole] @ held[whole])
    if len(holes) == 0:
        return total
    mask, own, theirs = seen.astype(float), seen[:, holes].astype(float), value[:, holes]
    common = own.T @ mask
    if common.min() < max(fewest, 2):
        return f"TOO_FEW_SESSIONS:{int(common.min())}"
    sums, other = theirs.T @ mask, own.T @ value
    spread = (theirs**2).T @ mask - sums**2 / common
    other_spread = own.T @ value**2 - other**2 / common
    if np.any(spread <= still[holes, None] ** 2) or np.any(other_spread <= still**2):
        return "ZERO_VARIANCE"
    rho = (theirs.T @ value - sums * other / common) / np.sqrt(spread * other_spread)
    rho[np.arange(len(holes)), holes] = 0.0
    # A pair of two names with holes stands here twice, in both orders; any other once, and counts twice.
    twice = np.where(counts == len(window), 2.0, 1.0)
    return total + float(held[holes] @ rho @ (held * twice))
