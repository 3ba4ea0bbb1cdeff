"""The mean-reversion agent: a month's move, RSI and Bollinger position, with the sign of coming back.

Three parts, each in its own standard deviations and clipped, averaged and brought to unit variance. Confidence is the
parts' agreement (T2) divided by 1 + what the year's momentum exceeds a tolerance by, in standard deviations: against a
strong trend a fall is news, and what looks cheap gets cheaper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.agents import parts
from runner.models import AgentArrays, FeatureMatrix

NAME = "reversion"

_BASE_FEATURES = ("rsi_14", "close_adj", "bb_middle_20", "sd_20", "sd_252")


@dataclass(frozen=True)
class ReversionParameters:
    """Constants named as in the configuration's section `reversion`."""

    rsi_centre: float
    rsi_scale: float
    short_sessions: int
    long_sessions: int
    trend_tolerance: float
    part_clip: float
    score_clip: float
    pooled_sd: float
    sessions_per_year: int


def features(parameters: ReversionParameters) -> tuple[str, ...]:
    """The feature columns the agent reads, in a fixed order."""
    return (f"momentum_{parameters.short_sessions}", f"momentum_{parameters.long_sessions}", *_BASE_FEATURES)


def view(matrix: FeatureMatrix, ic: float, parameters: ReversionParameters) -> AgentArrays:
    """Score, mu, sigma, confidence of every symbol; abstains as the technical agent does (T4, D7)."""
    columns = {name: matrix.column(name) for name in features(parameters)}
    faults = parts.missing(columns)
    faults |= parts.not_moving({name: columns[name] for name in ("sd_252", "sd_20")}, faults)
    short, long = parameters.short_sessions, parameters.long_sessions
    daily = columns["sd_252"]
    with np.errstate(divide="ignore", invalid="ignore"):
        made = {
            f"MOVE_{short}": -columns[f"momentum_{short}"] / (daily * np.sqrt(short)),
            "RSI": -(columns["rsi_14"] - parameters.rsi_centre) / parameters.rsi_scale,
            "BAND": -(columns["close_adj"] - columns["bb_middle_20"]) / columns["sd_20"],
        }
        trend = columns[f"momentum_{long}"] / (daily * np.sqrt(long))
    made = {label: values.clip(-parameters.part_clip, parameters.part_clip) for label, values in made.items()}
    score, agreement, _ = parts.score_of(np.vstack(list(made.values())), parameters.pooled_sd, parameters.score_clip)
    against = 1.0 + np.maximum(np.abs(trend) - parameters.trend_tolerance, 0.0)
    sigma = daily * np.sqrt(parameters.sessions_per_year)
    return parts.speak(score, agreement / against, sigma, ic, made | {f"TREND_{long}": trend}, faults, own_sigma=True)
