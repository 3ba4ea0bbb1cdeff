"""Synthetic bars for benchmarks only: geometric random walks with a common factor, seeded; never used in a result."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SEED = 20130227


def closes(symbols: int, sessions: int) -> NDArray[np.float64]:
    """(sessions, symbols) closes around 100: a market factor of 1 % a day, 1.5 % of their own, no drift."""
    generator = np.random.default_rng(SEED)
    market = generator.normal(0.0, 0.01, size=(sessions, 1))
    own = generator.normal(0.0, 0.015, size=(sessions, symbols))
    beta = generator.uniform(0.5, 1.5, size=(1, symbols))
    return np.asarray(100.0 * np.exp(np.cumsum(beta * market + own, axis=0)), dtype=np.float64)
