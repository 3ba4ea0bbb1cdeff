"""The technical agent: trend by momentum, RSI, MACD and Bollinger position (rulings T1-T4).

Six parts with trend sign, each in its own standard deviations and clipped, averaged and brought to unit variance by a
pooled standard deviation from configuration. Confidence is the parts' agreement. One feature matrix in, arrays out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    reasons = _abstentions(columns)
    speaks = np.array([not reason for reason in reasons], dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = _parts(columns, parameters)
        mean = parts.mean(axis=0) / parameters.pooled_sd
        size = np.abs(parts).sum(axis=0)
        confidence = np.where(size > 0, np.abs(parts.sum(axis=0)) / size, 0.0)
    score = np.clip(mean, -parameters.score_clip, parameters.score_clip)
    sigma = columns["sd_252"] * np.sqrt(parameters.sessions_per_year)
    silent = ~speaks
    score, confidence = _blank(score, silent), _blank(np.minimum(confidence, 1.0), silent)
    sigma = _blank(sigma, silent)
    spoken = _reasons(matrix, parts, parameters, reasons)
    return AgentArrays(score, ic * sigma * score, sigma, confidence, spoken)


def _parts(columns: dict[str, Floats], parameters: TechnicalParameters) -> Floats:
    """The six parts of T1, shape (parts, N), clipped."""
    daily = columns["sd_252"]
    momenta = [columns[f"momentum_{h}"] / (daily * np.sqrt(h)) for h in parameters.momentum_sessions]
    rsi = (columns["rsi_14"] - parameters.rsi_centre) / parameters.rsi_scale
    macd = columns["macd_hist"] / columns["macd_hist_sd_126"]
    band = (columns["close_adj"] - columns["bb_middle_20"]) / columns["sd_20"]
    parts: Floats = np.vstack([*momenta, rsi, macd, band])
    return parts.clip(-parameters.part_clip, parameters.part_clip)


def _abstentions(columns: dict[str, Floats]) -> list[tuple[str, ...]]:
    """Per symbol: why it cannot be scored; empty where it can."""
    names = list(columns)
    finite = np.isfinite(np.vstack([columns[name] for name in names]))
    reasons: list[tuple[str, ...]] = []
    for index in range(finite.shape[1]):
        missing = [names[row] for row in np.flatnonzero(~finite[:, index])]
        if missing:
            reasons.append(tuple(f"MISSING_FEATURE:{name}" for name in missing))
            continue
        flat = [name for name in ("sd_252", "macd_hist_sd_126", "sd_20") if not columns[name][index] > 0]
        reasons.append(tuple(f"ZERO_VOLATILITY:{name}" for name in flat))
    return reasons


def _blank(values: Floats, silent: np.ndarray) -> Floats:
    return np.where(silent, np.nan, values)


def _reasons(
    matrix: FeatureMatrix, parts: Floats, parameters: TechnicalParameters, abstentions: list[tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    """Abstention reasons, else every part as NAME=value, so that the arithmetic can be redone from what is stored."""
    labels = [f"MOMENTUM_{h}" for h in parameters.momentum_sessions] + ["RSI", "MACD", "BAND"]
    return tuple(
        abstentions[i] or tuple(f"{label}={parts[row, i]:+.4f}" for row, label in enumerate(labels))
        for i in range(len(matrix.symbols))
    )
