"""The technical agent: trend by momentum, RSI, MACD and Bollinger position (rulings T1-T4).

Six parts with trend sign, each in its own standard deviations and clipped, averaged and brought to unit variance by a
pooled standard deviation from configuration. Confidence is the parts' agreement. One feature matrix in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.agents import parts
from runner.models import AgentArrays, FeatureMatrix, Floats

NAME = "technical"

_BASE_FEATURES = ("rsi_14", "macd_hist", "macd_hist_sd_126", "close_adj", "bb_middle_20", "sd_20", "sd_252")


@dataclass(frozen=True)
class TechnicalParameters:
    """Constants of T1-T3, named as in the configuration's section `technical`."""

    momentum_sessions: tuple[int, ...]
    rsi_centre: float
    rsi_scale: float
    part_clip: float
    score_clip: float
    pooled_sd: float
    sessions_per_year: int


def features(parameters: TechnicalParameters) -> tuple[str, ...]:
    """The feature columns the agent reads, in a fixed order."""
    return tuple(f"momentum_{h}" for h in parameters.momentum_sessions) + _BASE_FEATURES


def view(matrix: FeatureMatrix, ic: float, parameters: TechnicalParameters) -> AgentArrays:
    """Score, mu, sigma, confidence of every symbol of `matrix` (T1-T4).

    mu = ic * sigma * score; sigma = sd_252 * sqrt(sessions_per_year), the agents' common fallback (T4).
    A symbol with a missing feature abstains MISSING_FEATURE:<name>; one with a zero or negative standard deviation
    abstains ZERO_VOLATILITY:<name>: no number is made up for either.
    """
    columns = {name: matrix.column(name) for name in features(parameters)}
    faults = parts.missing(columns)
    faults |= parts.not_moving({name: columns[name] for name in ("sd_252", "macd_hist_sd_126", "sd_20")}, faults)
    made = _parts(columns, parameters)
    stacked = np.vstack(list(made.values()))
    score, agreement, _ = parts.score_of(stacked, parameters.pooled_sd, parameters.score_clip)
    sigma = columns["sd_252"] * np.sqrt(parameters.sessions_per_year)
    return parts.speak(score, agreement, sigma, ic, made, faults, own_sigma=True)


def _parts(columns: dict[str, Floats], parameters: TechnicalParameters) -> dict[str, Floats]:
    """The six parts of T1, clipped, by label."""
    daily = columns["sd_252"]
    with np.errstate(divide="ignore", invalid="ignore"):
        made = {
            f"MOMENTUM_{h}": columns[f"momentum_{h}"] / (daily * np.sqrt(h)) for h in parameters.momentum_sessions
        } | {
            "RSI": (columns["rsi_14"] - parameters.rsi_centre) / parameters.rsi_scale,
            "MACD": columns["macd_hist"] / columns["macd_hist_sd_126"],
            "BAND": (columns["close_adj"] - columns["bb_middle_20"]) / columns["sd_20"],
        }
    return {label: values.clip(-parameters.part_clip, parameters.part_clip) for label, values in made.items()}
