"""Correlation shock: how far the positions of a book move as one (ruling A14)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from runner.models import ROUNDING, Floats


@dataclass(frozen=True)
class CorrelationParameters:
    """Constants of A14, named as in the configuration's section `risk`."""

    correlation_limit: float
    correlation_window_sessions: int
    correlation_names_min: int


@dataclass(frozen=True)
class CorrelationShock:
    """The book's average correlation and the limit scalar it asks for.

    rho: [-1, 1], of the positions' profits; None with the reason. TOO_FEW_NAMES is no breach: fewer than
    correlation_names_min positions are held in by the name cap. Every other reason is one, and its factor 1 no pass.
    names: with weight.
    """

    rho: float | None
    names: int
    factor: float
    reason: str


def shock(weights: Floats, returns: Floats, parameters: CorrelationParameters) -> CorrelationShock:
    """Pearson correlations of all pairs, averaged with weights abs(w_i w_j), each signed by its two weights (A14).

    weights: (N,). returns: (T, N) simple daily, NaN where a name has none. A pair is correlated on the sessions both
    have, half of the window at least. factor: min(1, limit / rho).
    """
    if not np.all(np.isfinite(weights)):
        return CorrelationShock(None, 0, 1.0, "WEIGHT_NOT_FINITE")
    book = weights != 0
    count = int(book.sum())
    if count < parameters.correlation_names_min:
        return CorrelationShock(None, count, 1.0, "TOO_FEW_NAMES")
    window, held = returns[-parameters.correlation_window_sessions :, book], weights[book]
    if np.any(np.isinf(window)):
        return CorrelationShock(None, count, 1.0, "RETURNS_NOT_FINITE")
    fewest = ceil(parameters.correlation_window_sessions / 2)
    seen = ~np.isnan(window)
    total = _whole(window, held, fewest) if seen.all() else _with_holes(window, seen, held, fewest)
    if isinstance(total, str):
        return CorrelationShock(None, count, 1.0, total)
    mass = float(np.abs(held).sum()) ** 2 - float((held**2).sum())
    rho = min(max(total / mass, -1.0), 1.0)
    factor = 1.0 if rho <= parameters.correlation_limit + ROUNDING else parameters.correlation_limit / rho
    return CorrelationShock(rho, count, factor, "")


def _whole(window: Floats, held: Floats, fewest: int) -> float | str:
    """Sum over ordered pairs of w_i w_j rho_ij where no return is missing, or why there is none.

    With Z standardised to length 1 it is |Z w|^2 - sum(w^2): no matrix of pairs is made.
    """
    if len(window) < max(fewest, 2):
        return f"TOO_FEW_SESSIONS:{len(window)}"
    centred = window - window.mean(axis=0)
    lengths = np.sqrt((centred**2).sum(axis=0))
    if np.any(lengths <= _still(window)):
        return "ZERO_VARIANCE"
    joint = (centred / lengths) @ held
    return float(joint @ joint) - float(held @ held)


def _with_holes(window: Floats, seen: Floats, held: Floats, fewest: int) -> float | str:
    """The same with every pair on its own sessions, by matrices of sums over pairs."""
    mask = seen.astype(float)
    # Centred first, so that the sums of squares below cancel little.
    value = np.where(seen, window - np.nansum(window, axis=0) / np.maximum(mask.sum(axis=0), 1.0), 0.0)
    counts = mask.T @ mask
    np.fill_diagonal(counts, np.inf)
    if counts.min() < max(fewest, 2):
        return f"TOO_FEW_SESSIONS:{int(counts.min())}"
    np.fill_diagonal(counts, mask.sum(axis=0))
    sums, squares = value.T @ mask, (value**2).T @ mask
    spread = squares - sums**2 / counts
    if np.any(spread <= _still(window)[:, None] ** 2):
        return "ZERO_VARIANCE"
    pairs = (value.T @ value - sums * sums.T / counts) / np.sqrt(spread * spread.T)
    np.fill_diagonal(pairs, 0.0)
    return float(held @ pairs @ held)


def _still(window: Floats) -> Floats:
    """Below this length a name's centred returns are rounding, not movement."""
    result: Floats = np.nanmax(np.abs(window), axis=0) * len(window) * 1e-12
    return result
