"""From awards to what is traded: overlays, the dust band, turnover, stops, quantities (A4, A17, D13, D14, F14, F15).

OVERLAYS is the seam for sector balancing, beta neutralisation and the volatility stop (D13): each is a pure function
of the awarded book, named in the configuration's `overlays.enabled`, and the clamps run again after the last of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from math import isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from runner.models import ROUNDING, Floats


@dataclass(frozen=True)
class Overlay:
    """An overlay: its name in the configuration, and the book it makes of (weights, held, betas), each (N,)."""

    name: str
    apply: Callable[[Floats, Floats, Floats], Floats]


#: The overlays built so far, in the order they are applied.
OVERLAYS: tuple[Overlay, ...] = ()


def overlay(weights: Floats, held: Floats, betas: Floats, enabled: tuple[str, ...]) -> tuple[Floats, dict[str, float]]:
    """The book after the enabled overlays, and what each changed (sum of abs(change), fraction of NAV).

    Raises: ValueError for a name that OVERLAYS does not list.
    """
    known = [item.name for item in OVERLAYS]
    for name in enabled:
        if name not in known:
            raise ValueError(f"overlays.enabled names {name}, which runner/portfolio/overlays.py does not list")
    changed: dict[str, float] = {}
    for item in OVERLAYS:
        if item.name in enabled:
            after = item.apply(weights, held, betas)
            changed[item.name] = float(np.abs(after - weights).sum())
            weights = after
    return weights, changed


def reduce_only(held: Floats, wish: Floats) -> Floats:
    """The most of `wish` that adds no exposure: sign(held) * min(abs(held), abs(wish)), 0 where signs differ (C6)."""
    same = np.sign(held) == np.sign(wish)
    return np.where(same, np.sign(held) * np.minimum(np.abs(held), np.abs(wish)), 0.0)


def settle_wishes(requests: Floats, held: Floats, name_cap: float, min_change: float) -> NDArray[np.bool_]:
    """Which held names wish a change smaller than the band, after the name cap: they bid for what they hold (A17).

    A wish of zero is an exit and never within the band; a held weight above the name cap is not either.
    """
    wish = np.clip(requests, -name_cap, name_cap)
    within = np.abs(wish - held) < min_change - ROUNDING
    settled: NDArray[np.bool_] = within & (held != 0) & (requests != 0) & (np.abs(held) <= name_cap)
    return settled


def drop_dust(target: Floats, held: Floats, nav: float, min_change: float, min_notional: float) -> NDArray[np.bool_]:
    """Which *increases* are too small to trade: below the band for a held name, below the notional for any (A17).

    Not trading an increase breaks no cap; reductions that come here were forced by one and pass.
    """
    grows = np.abs(target) > np.abs(held)
    change = np.abs(target - held)
    dust: NDArray[np.bool_] = grows & (((held != 0) & (change < min_change - ROUNDING)) | (change * nav < min_notional))
    return dust


def turnover(target: Floats, held: Floats, used: float, cap: float) -> tuple[Floats, float, float]:
    """The book with its increases scaled to what is left of the session's turnover; their sum wished and granted (A4).

    An increase is the growth of abs(weight); where the sign flips it is all of the new weight. Reductions are neither
    counted nor scaled.
    """
    flips = np.sign(target) * np.sign(held) < 0
    start = np.where(flips, 0.0, held)
    increases = np.maximum(np.abs(target) - np.abs(start), 0.0)
    wished = float(increases.sum())
    room = max(cap - used, 0.0)
    if wished <= room:
        return target, wished, wished
    factor = room / wished
    scaled = np.where(increases > 0, start + (target - start) * factor, target)
    return scaled, wished, wished * factor


def stop_price(close: float, side: int, daily_sigma: float, sigmas: float, min_distance: float) -> float:
    """The protective stop of ruling D14: close * (1 - side * max(sigmas * daily_sigma, min_distance)).

    side: 1 for a long or no position, -1 for a short. daily_sigma: 0 where missing. The distance stays below 99 %, so
    that the stop is a price.
    """
    sigma = daily_sigma if isfinite(daily_sigma) and daily_sigma > 0 else 0.0
    distance = min(max(sigmas * sigma, min_distance), 0.99)
    return close * (1.0 - side * distance)


def tighter(first: float | None, second: float, side: int) -> float:
    """The stop nearer to the price: the higher for a long, the lower for a short; a stop never widens (D14)."""
    if first is None:
        return second
    return max(first, second) if side > 0 else min(first, second)


def stopped_out(close: float, stop: float | None, side: int) -> bool:
    """Whether the close is at or beyond the stop of a position on `side`."""
    return stop is not None and side * (close - stop) <= 0


def daily_sigma(realized_vol: float, sessions_per_year: int) -> float:
    """Daily standard deviation of an annual realised volatility; 0 where it is missing (D14)."""
    return realized_vol / sqrt(sessions_per_year) if isfinite(realized_vol) else 0.0


def target_shares(weight: float, nav: float, price: float, decimals: int) -> Decimal:
    """Shares of a target weight, truncated toward zero, so that no cap is passed by rounding (F14).

    A long may be a fraction, its order being DAY (F15); a short is whole shares (A3).
    """
    shares = Decimal(repr(float(weight))) * Decimal(repr(float(nav))) / Decimal(repr(float(price)))
    quantum = Decimal(1) if weight < 0 else Decimal(1).scaleb(-decimals)
    return shares.quantize(quantum, rounding=ROUND_DOWN)


def order_quantity(target: Decimal, position: Decimal, open_quantity: Decimal, *, exit_all: bool) -> Decimal:
    """Signed shares to order: target - (position + open), reductions never more than the position has free (F14, HELD).

    A sale of everything uses the broker's quantity. Shares a working order of the same direction already reduces are
    not free; a working entry is not there to be sold. An order closes or opens, never both.
    """
    held = position + open_quantity
    delta = (Decimal(0) if exit_all else target) - held
    if held == 0 or delta == 0 or (delta > 0) == (held > 0):
        return delta
    sign = 1 if position > 0 else -1
    free = max(sign * position + min(sign * open_quantity, Decimal(0)), Decimal(0))
    return -sign * min(abs(delta), free) if position != 0 and (delta > 0) != (position > 0) else Decimal(0)
