"""The fundamental agent: growth, steadiness, cash behind earnings, debt and accruals of a company, beside its sector's.

Each measure counts as the normal deviate of its percentile within the sector, with the sign that is good; where the
sector is too small for one, as its distance from a configured centre in configured scales. The parts there are, are
averaged and brought to unit variance; fewer than `parts_min` abstain. Sources: Piotroski 2000 (growth, cash, leverage),
Sloan 1996 (accruals), Asness, Frazzini & Pedersen 2019 (safety and growth as quality).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from runner.agents import parts
from runner.models import AgentArrays, FeatureMatrix, Floats

NAME = "fundamental"

_AGE = "fundamental_age_days"


class Measure(Protocol):
    """A measure as the configuration lists it: sign is 1 or -1; centre and scale in the feature's unit."""

    feature: str
    sign: int
    centre: float
    scale: float


@dataclass(frozen=True)
class FundamentalParameters:
    """Constants named as in the configuration's section `fundamental`."""

    measures: tuple[Measure, ...]
    percentile_clip: float
    part_clip: float
    score_clip: float
    pooled_sd: float
    parts_min: int
    parts_full: int
    fresh_days: int
    half_life_days: int
    sessions_per_year: int


def features(parameters: FundamentalParameters) -> tuple[str, ...]:
    """The feature columns the agent reads, in a fixed order."""
    names = tuple(measure.feature for measure in parameters.measures)
    return (*names, *(f"{name}_sector_pct" for name in names), _AGE, parts.VOLATILITY)


def view(matrix: FeatureMatrix, ic: float, parameters: FundamentalParameters) -> AgentArrays:
    """Score, mu and confidence of every symbol; sigma is the common one (T4). Abstains as the valuation agent does."""
    sigma, faults = parts.annual_volatility(matrix, parameters.sessions_per_year)
    made = {measure.feature.upper(): _part(matrix, measure, parameters) for measure in parameters.measures}
    score, agreement, count = parts.score_of(
        np.vstack(list(made.values())), parameters.pooled_sd, parameters.score_clip
    )
    faults |= parts.too_few(count, parameters.parts_min)
    enough = count >= parameters.parts_min
    fresh = parts.freshness(matrix.column(_AGE), parameters.fresh_days, parameters.half_life_days)
    faults[f"MISSING_FEATURE:{_AGE}"] = enough & ~np.isfinite(fresh)
    confidence = agreement * parts.thinness(count, parameters.parts_full) * fresh
    return parts.speak(score, confidence, sigma, ic, made, faults)


def _part(matrix: FeatureMatrix, measure: Measure, parameters: FundamentalParameters) -> Floats:
    """One measure in standard deviations, good is positive."""
    value = matrix.column(measure.feature)
    against_sector = parts.normal_score(matrix.column(f"{measure.feature}_sector_pct"), parameters.percentile_clip)
    alone = (value - measure.centre) / measure.scale
    part = measure.sign * np.where(np.isfinite(against_sector), against_sector, alone)
    clipped: Floats = np.clip(part, -parameters.part_clip, parameters.part_clip)
    return clipped
