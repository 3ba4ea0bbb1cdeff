"""What agents share: parts to a score, and the formula by which confidence falls.

confidence = agreement x thinness x freshness. agreement: abs(sum of parts) / sum of abs(parts) (T2), conflicting parts
cancel. thinness: parts there are / parts from which nothing is missing, at most 1. freshness: 1 up to an age, from
there on halved once in a half-life.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtri

from runner.models import AgentArrays, FeatureMatrix, Floats, Mask

#: What every agent's expected return is a multiple of (T4).
VOLATILITY = "sd_252"


def normal_score(percentile: Floats, clip: float) -> Floats:
    """The normal deviate of a percentile in [0, 1], its ends held at `clip` and 1 - `clip`; NaN for what is none."""
    with np.errstate(invalid="ignore"):
        usable = np.where((percentile >= 0) & (percentile <= 1), percentile, np.nan)
    deviate: Floats = ndtri(np.clip(usable, clip, 1 - clip))
    return deviate


def score_of(parts: Floats, pooled_sd: float, clip: float) -> tuple[Floats, Floats, Floats]:
    """Score, agreement and number of parts from parts (K, N), NaN where one is missing; score NaN without any."""
    present = np.isfinite(parts)
    filled = np.where(present, parts, 0.0)
    count = present.sum(axis=0).astype(float)
    total, size = filled.sum(axis=0), np.abs(filled).sum(axis=0)
    mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    agreement = np.divide(np.abs(total), size, out=np.zeros_like(total), where=size > 0)
    return np.clip(mean / pooled_sd, -clip, clip), np.minimum(agreement, 1.0), count


def thinness(count: Floats, full: float) -> Floats:
    """1 where `count` parts are `full` or more, else their share."""
    return np.minimum(count / full, 1.0)


def freshness(age: Floats, fresh: float, half_life: float) -> Floats:
    """1 up to an age of `fresh`, then halved once in `half_life`; NaN for an unknown or negative age."""
    with np.errstate(invalid="ignore"):
        known = np.where(age >= 0, age, np.nan)
    decayed: Floats = 0.5 ** (np.maximum(known - fresh, 0.0) / half_life)
    return decayed


def missing(columns: Mapping[str, Floats]) -> dict[str, Mask]:
    """MISSING_FEATURE:<name> -> where the feature is not a finite number."""
    return {f"MISSING_FEATURE:{name}": ~np.isfinite(values) for name, values in columns.items()}


def not_moving(columns: Mapping[str, Floats], unless: Mapping[str, Mask]) -> dict[str, Mask]:
    """ZERO_VOLATILITY:<name> -> where a standard deviation is not positive and no fault of `unless` stands already."""
    count = len(next(iter(columns.values())))
    known = ~np.logical_or.reduce([*unless.values(), np.zeros(count, dtype=bool)])
    with np.errstate(invalid="ignore"):
        return {f"ZERO_VOLATILITY:{name}": known & ~(values > 0) for name, values in columns.items()}


def too_few(count: Floats, at_least: int) -> dict[str, Mask]:
    """TOO_FEW_PARTS:<n>_OF_<min> -> where a score would stand on n parts, fewer than asked for."""
    return {f"TOO_FEW_PARTS:{n}_OF_{at_least}": count == n for n in range(at_least)}


def speak(
    score: Floats,
    confidence: Floats,
    sigma: Floats,
    ic: float,
    parts: Mapping[str, Floats],
    faults: Mapping[str, Mask],
    *,
    own_sigma: bool = False,
) -> AgentArrays:
    """The views mu = ic x sigma x score, blank wherever a fault stands.

    sigma: (N,) annual. own_sigma: the agent gives it as its own estimate; else the ensemble takes the common one (T4).
    """
    silent = np.logical_or.reduce([*faults.values(), np.zeros(len(score), dtype=bool)])

    def said(values: Floats) -> Floats:
        return np.where(silent, np.nan, values)

    with np.errstate(invalid="ignore", over="ignore"):
        mu = ic * sigma * score
    given = said(sigma) if own_sigma else np.full(len(score), np.nan)
    return AgentArrays(said(score), said(mu), given, said(confidence), parts, faults)


def annual_volatility(matrix: FeatureMatrix, sessions_per_year: int) -> tuple[Floats, dict[str, Mask]]:
    """The common annual volatility of 252 daily log returns (T4), and the faults of symbols that have none."""
    daily = {VOLATILITY: matrix.column(VOLATILITY)}
    faults = missing(daily)
    return daily[VOLATILITY] * np.sqrt(sessions_per_year), faults | not_moving(daily, faults)
