"""The valuation agent: earnings yield, book to market and dividend yield, dear or cheap beside their like.

Each yield is compared twice, as its percentile within the sector and within the symbol's own past, both brought to
normal deviates; the earnings yield also with what cash pays (D2: the risk-free rate enters where a total return does).
P/E and P/B are the reciprocals, reported beside them: a reciprocal of a small or negative number orders nothing.
The parts there are, are averaged and brought to unit variance; fewer than `parts_min` abstain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.agents import parts
from runner.models import AgentArrays, FeatureMatrix, Floats

NAME = "valuation"

_AGE = "valuation_age_days"
_EXCESS = "earnings_yield_excess"


@dataclass(frozen=True)
class ValuationParameters:
    """Constants named as in the configuration's section `valuation`."""

    yields: tuple[str, ...]
    percentile_clip: float
    excess_scale: float
    part_clip: float
    score_clip: float
    pooled_sd: float
    parts_min: int
    parts_full: int
    fresh_days: int
    half_life_days: int
    sessions_per_year: int


def features(parameters: ValuationParameters) -> tuple[str, ...]:
    """The feature columns the agent reads, in a fixed order."""
    compared = (f"{name}_{against}_pct" for name in parameters.yields for against in ("sector", "own"))
    return (*compared, _EXCESS, _AGE, parts.VOLATILITY)


def view(matrix: FeatureMatrix, ic: float, parameters: ValuationParameters) -> AgentArrays:
    """Score, mu and confidence of every symbol; sigma is the common one (T4).

    Abstains TOO_FEW_PARTS:<n>_OF_<min> for a symbol without filings, prices on no known share basis or too small a
    sector; MISSING_FEATURE or ZERO_VOLATILITY where the annual volatility or the filing's age is not known.
    """
    sigma, faults = parts.annual_volatility(matrix, parameters.sessions_per_year)
    made = _parts(matrix, parameters)
    score, agreement, count = parts.score_of(
        np.vstack(list(made.values())), parameters.pooled_sd, parameters.score_clip
    )
    faults |= parts.too_few(count, parameters.parts_min)
    enough = count >= parameters.parts_min
    fresh = parts.freshness(matrix.column(_AGE), parameters.fresh_days, parameters.half_life_days)
    faults[f"MISSING_FEATURE:{_AGE}"] = enough & ~np.isfinite(fresh)
    confidence = agreement * parts.thinness(count, parameters.parts_full) * fresh
    return parts.speak(score, confidence, sigma, ic, made, faults)


def _parts(matrix: FeatureMatrix, parameters: ValuationParameters) -> dict[str, Floats]:
    made = {
        f"{name.upper()}_{against.upper()}": parts.normal_score(
            matrix.column(f"{name}_{against}_pct"), parameters.percentile_clip
        )
        for name in parameters.yields
        for against in ("sector", "own")
    }
    made["EARNINGS_YIELD_EXCESS"] = matrix.column(_EXCESS) / parameters.excess_scale
    return {label: values.clip(-parameters.part_clip, parameters.part_clip) for label, values in made.items()}
