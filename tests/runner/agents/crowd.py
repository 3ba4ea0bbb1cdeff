"""A made-up crowd of symbols for the agents' tests: a feature matrix of what the stages read, from one seed."""

from __future__ import annotations

import numpy as np

from runner.models import FEATURES, FeatureMatrix

#: Features that are percentiles, ages or counts, by what they may be.
_POSITIVE = ("sd_252", "sd_20", "macd_hist_sd_126", "close_adj", "bb_middle_20", "market_cap", "sentiment_weight")
#: In the listing currency: a scale of prices multiplies these and nothing else.
PRICE_UNITS = ("close_adj", "macd", "macd_signal", "macd_hist", "macd_hist_sd_126", "bb_middle_20", "bb_upper_20",
               "bb_lower_20", "sd_20", "atr_14", "sma_200")  # fmt: skip


def crowd(count: int, seed: int = 1, holes: float = 0.0) -> FeatureMatrix:
    """`count` symbols with every feature the stages may read; `holes`: the share of values that are missing."""
    generator = np.random.default_rng(seed)
    values = generator.normal(0.0, 0.05, (count, len(FEATURES)))
    for column, name in enumerate(FEATURES):
        if name.endswith("_pct"):
            values[:, column] = generator.random(count)
        elif name.endswith("_days"):
            values[:, column] = generator.integers(0, 120, count)
        elif name == "rsi_14":
            values[:, column] = generator.uniform(20, 80, count)
        elif name in ("close_adj", "bb_middle_20"):
            values[:, column] = generator.uniform(90, 110, count)
        elif name in ("sentiment_agreement", "eps_stability", "leverage"):
            values[:, column] = generator.random(count)
        elif name in _POSITIVE:
            values[:, column] = generator.uniform(0.01, 3.0, count)
        elif name == "sentiment_dispersion":
            values[:, column] = generator.uniform(0.0, 0.4, count)
    values[:, FEATURES.index("sd_252")] = generator.uniform(0.005, 0.03, count)
    values[generator.random(values.shape) < holes] = np.nan
    return FeatureMatrix(tuple(f"S{i:04}" for i in range(count)), FEATURES, values)


def changed(matrix: FeatureMatrix, **columns: float) -> FeatureMatrix:
    """The matrix with whole columns set to one value."""
    values = matrix.values.copy()
    for name, value in columns.items():
        values[:, matrix.names.index(name)] = value
    return FeatureMatrix(matrix.symbols, matrix.names, values)
