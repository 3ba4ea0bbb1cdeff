"""The risk agent: pre-trade validation of a consensus, before it is sized (F18, W, W2, D14).

It lets a symbol's wish through, holds the position as it is, takes it to zero, or lets it shrink only. What the book as
a whole may bear is the risk engine's to say, of the target that sizing and the auction make.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.models import Floats, Mask

NAME = "risk"


@dataclass(frozen=True)
class ValidationParameters:
    """Constants named as in the configuration's sections `meta_brain` and `overlays`."""

    stale_view_sessions: int
    stop_reentry_sessions: int


@dataclass(frozen=True)
class Validation:
    """What may follow a consensus, arrays of length N.

    held_still: no committee order either way. stop_hit, stale_view: the target is 0 whatever the wish. no_increase: a
    stop was hit within the sessions of no re-entry. stale: sessions a held name has been without a valid agent.
    """

    held_still: Mask
    stop_hit: Mask
    stale_view: Mask
    no_increase: Mask
    stale: NDArray[np.int64]

    def verdict(self, i: int) -> str:
        """PASS, STOP_LOSS_HIT, STALE_VIEW, HELD_STILL or NO_INCREASE: what was found of symbol `i`."""
        for name in ("stop_hit", "stale_view", "held_still", "no_increase"):
            if getattr(self, name)[i]:
                return {"stop_hit": "STOP_LOSS_HIT"}.get(name, name.upper())
        return "PASS"


def validate(
    eligible: Mask,
    consensus: Mask,
    failed: bool,
    held: Floats,
    stopped_out: Mask,
    stale_before: NDArray[np.int64],
    since_stop: Floats,
    parameters: ValidationParameters,
) -> Validation:
    """Every symbol's validation.

    eligible: may trade at all. consensus: an agent was heard. failed: an agent raised, so that no wish is whole. held:
    signed fractions of NAV. stopped_out: beyond its entry stop. stale_before: as `Validation.stale`, before this cycle.
    since_stop: sessions since a stop was hit, NaN for never.
    """
    holds = held != 0
    speechless = eligible & ~consensus
    stale = np.where(speechless, np.where(holds, stale_before + 1, 0), np.where(eligible | ~holds, 0, stale_before))
    waits = speechless & (stale <= parameters.stale_view_sessions)
    stop_hit = eligible & holds & stopped_out
    held_still = ~eligible | waits | (eligible & consensus & failed)
    with np.errstate(invalid="ignore"):
        recent = eligible & (since_stop <= parameters.stop_reentry_sessions)
    return Validation(
        held_still=held_still & ~stop_hit,
        stop_hit=stop_hit,
        stale_view=speechless & ~waits & ~stop_hit,
        no_increase=recent,
        stale=stale,
    )
