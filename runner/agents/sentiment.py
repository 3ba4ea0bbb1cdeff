"""The sentiment agent: the tone of what was written of a company lately, decayed by age.

score = tone / scale x w / (w + k): w is the decayed number of headlines, k neutral ones stand beside them, so that one
headline says little. Confidence = thinness x agreement x second opinion x freshness: thinness w / (w + k); agreement
abs(tone) / (abs(tone) + their standard deviation), headlines that contradict one another cancel; second opinion the
share of headlines another scorer does not contradict (1 where none was asked); freshness of the newest headline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.agents import parts
from runner.models import AgentArrays, FeatureMatrix

NAME = "sentiment"

_TONE, _WEIGHT, _SPREAD = "sentiment_score", "sentiment_weight", "sentiment_dispersion"
_SECOND, _AGE = "sentiment_agreement", "sentiment_age_days"


@dataclass(frozen=True)
class SentimentParameters:
    """Constants named as in the configuration's section `sentiment`."""

    score_scale: float
    prior_headlines: float
    score_clip: float
    fresh_days: int
    half_life_days: int
    sessions_per_year: int


def features(_: SentimentParameters) -> tuple[str, ...]:
    """The feature columns the agent reads, in a fixed order."""
    return (_TONE, _WEIGHT, _SPREAD, _SECOND, _AGE, parts.VOLATILITY)


def view(matrix: FeatureMatrix, ic: float, parameters: SentimentParameters) -> AgentArrays:
    """Score, mu and confidence of every symbol; sigma is the common one (T4).

    Abstains NO_NEWS for a symbol without a headline in the window, MISSING_FEATURE where a figure of them is missing.
    """
    sigma, faults = parts.annual_volatility(matrix, parameters.sessions_per_year)
    tone, weight = matrix.column(_TONE), matrix.column(_WEIGHT)
    # One headline has no spread: nothing contradicts it, and thinness says what it is worth.
    spread = np.nan_to_num(matrix.column(_SPREAD), nan=0.0, posinf=np.nan, neginf=np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        none = ~(weight > 0)
        thin = np.where(none, np.nan, weight) / (weight + parameters.prior_headlines)
        score = np.clip(tone / parameters.score_scale * thin, -parameters.score_clip, parameters.score_clip)
        size = np.abs(tone)
        agreement = np.divide(size, size + spread, out=np.zeros_like(size), where=size + spread > 0)
    second = matrix.column(_SECOND)
    doubted = np.where(np.isfinite(second), second, 1.0)
    fresh = parts.freshness(matrix.column(_AGE), parameters.fresh_days, parameters.half_life_days)
    faults["NO_NEWS"] = none
    read = {_TONE: tone, _WEIGHT: weight, _AGE: fresh}
    faults |= parts.missing({name: np.where(none, 0.0, values) for name, values in read.items()})
    made = {"TONE": tone, "HEADLINES": weight, "SPREAD": spread, "SECOND_OPINION": second, "FRESHNESS": fresh}
    return parts.speak(score, thin * agreement * doubted * fresh, sigma, ic, made, faults)
