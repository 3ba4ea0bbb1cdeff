"""The portfolio agent: what the committee wishes of each symbol, sized by Kelly (D1, D2), after the risk agent's word.

A wish is a weight before any constraint; the auction grants of it what the constraints leave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.models import Floats, Mask

NAME = "portfolio"


@dataclass(frozen=True)
class Sizes:
    """Wishes, arrays of length N: kelly signed weights, 0 without a consensus; mu annual, NaN without; conviction."""

    kelly: Floats
    mu: Floats
    conviction: Floats


def size(asked: Mask, consensus: Mask, kelly: Floats, mu: Floats, conviction: Floats) -> Sizes:
    """Wishes of N symbols from the ensemble's figures of the M that were asked about.

    asked: (N,), True for M of them. consensus: (M,), an agent was heard. kelly, mu, conviction: (M,).
    """
    heard = np.flatnonzero(asked)[consensus]
    wished, expected, ranked = np.zeros(len(asked)), np.full(len(asked), np.nan), np.zeros(len(asked))
    wished[heard], expected[heard], ranked[heard] = kelly[consensus], mu[consensus], conviction[consensus]
    return Sizes(wished, expected, ranked)
