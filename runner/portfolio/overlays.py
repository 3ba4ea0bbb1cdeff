"""From awards to what is traded: overlays, the dust band, turnover, stops, quantities (A4, A17, D13, D14, F14, F15).

An overlay is a pure function of the awarded book, named in the configuration's `overlays.enabled`; the clamps run again
after the last of them. Sector balancing only cuts; beta neutralisation may add, in one name, the index fund. The third
of D13, the volatility stop, changes no book: it is the stop price every decision carries (D14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from math import fsum, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from runner.models import ROUNDING, Floats, Mask

#: The overlay that is not of the book: `stop_price` below, as a resting order by trade.protect_positions (B8).
STOP_LOSS = "stop_loss"


@dataclass(frozen=True)
class OverlayParameters:
    """Constants, named as in the configuration's sections `overlays` and `auction`."""

    enabled: tuple[str, ...]
    sector_balance_multiple: float
    beta_band: float
    min_change: float


@dataclass(frozen=True)
class Setting:
    """What overlays know besides the book, arrays (N,) in symbol order.

    buckets: sectors as the auction counts them (A2). held: signed fractions of NAV. fixed: no committee order either
    way. may_buy, may_short: a long, a short may grow. betas: to the benchmark, NaN where unknown. hedge: index of the
    benchmark's fund, None where there is none to trade, and then hedge_fault.
    """

    buckets: tuple[str, ...]
    held: Floats
    fixed: NDArray[np.bool_]
    may_buy: NDArray[np.bool_]
    may_short: NDArray[np.bool_]
    betas: Floats
    hedge: int | None
    hedge_fault: str


@dataclass(frozen=True)
class Change:
    """What one overlay did. weights: signed change by symbol index, only where there is one; reason: why, or why not.

    before, after: of what the overlay looks at (the largest bucket's share of gross; the book's beta), None if unknown.
    """

    name: str
    reason: str
    weights: Mapping[int, float]
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Overlay:
    """An overlay: its name in the configuration, the figure it looks at, and the book it makes, with the reason."""

    name: str
    figure: Callable[[Floats, Setting], float | None]
    apply: Callable[[Floats, Setting, OverlayParameters], tuple[Floats, str]]


def hedge_fund(
    benchmark: str | None, symbols: tuple[str, ...], asset_classes: tuple[str, ...], eligible: NDArray[np.bool_]
) -> tuple[int | None, str]:
    """Index of the benchmark's index fund where it may be traded, else None and the reason (D13)."""
    if benchmark is None or benchmark not in symbols:
        return None, "NO_BENCHMARK_FUND"
    i = symbols.index(benchmark)
    if asset_classes[i] != "etf":
        return None, "BENCHMARK_IS_NO_FUND"
    return (i, "") if eligible[i] else (None, "BENCHMARK_FUND_NOT_TRADABLE")


def overlay(weights: Floats, setting: Setting, parameters: OverlayParameters) -> tuple[Floats, tuple[Change, ...]]:
    """The book after the enabled overlays, in the order of OVERLAYS, and what each of them changed.

    A held name is not cut for less than the band (A17): an overlay is no limit, and without the band it would trade
    every session. Fixed names stay. Raises: ValueError for a name that is no overlay.
    """
    unknown = sorted({*parameters.enabled} - {STOP_LOSS, *(item.name for item in OVERLAYS)})
    if unknown:
        raise ValueError(f"overlays.enabled names {unknown[0]}, which runner/portfolio/overlays.py does not list")
    changes = []
    for item in OVERLAYS:
        if item.name not in parameters.enabled:
            continue
        after, reason = item.apply(weights, setting, parameters)
        after = np.where(_slight(weights, after, setting.held, parameters.min_change), setting.held, after)
        moved = {int(i): float(after[i] - weights[i]) for i in np.flatnonzero(after != weights)}
        changes.append(Change(item.name, reason, moved, item.figure(weights, setting), item.figure(after, setting)))
        weights = after
    return weights, tuple(changes)


def sector_balance(weights: Floats, setting: Setting, parameters: OverlayParameters) -> tuple[Floats, str]:
    """Cut every bucket to `sector_balance_multiple` times the equal share of the book's gross (D13).

    The equal share is gross / number of buckets, both as awarded; a bucket counts from the band on (A17), for a few
    dollars in a tenth sector are no reason to sell the first. A bucket is cut proportionally, fixed names apart; what
    is cut stays in cash. Never adds.
    """
    sizes = _bucket_sizes(weights, setting.buckets)
    counted = sum(1 for size in sizes.values() if size >= parameters.min_change - ROUNDING)
    if counted == 0:
        return weights, "EMPTY_BOOK"
    allowed = parameters.sector_balance_multiple * fsum(sizes.values()) / counted
    over = {bucket for bucket, size in sizes.items() if size > allowed + ROUNDING}
    if not over:
        return weights, "BALANCED"
    kept = _bucket_sizes(np.where(setting.fixed, weights, 0.0), setting.buckets)
    factors = {
        bucket: max(allowed - kept.get(bucket, 0.0), 0.0) / (sizes[bucket] - kept.get(bucket, 0.0))
        for bucket in over
        if sizes[bucket] > kept.get(bucket, 0.0)
    }
    factor = np.array([factors.get(bucket, 1.0) for bucket in setting.buckets])
    return np.where(setting.fixed, weights, weights * factor), "CUT_TO_MULTIPLE"


def beta_neutral(weights: Floats, setting: Setting, parameters: OverlayParameters) -> tuple[Floats, str]:
    """Hedge the excess of the book's beta over `beta_band` through the benchmark's fund (D13).

    The fund is a name like any other: no long or short grows where that is stopped, a flip closes first, and the clamps
    that follow may cut the hedge again. Without a fund to trade the book is left and the reason given: beta then is
    reported, not forced. One unknown beta in the book makes the book's unknown.
    """
    beta, h = book_beta(weights, setting.betas), setting.hedge
    if beta is None:
        return weights, "BETA_UNKNOWN"
    if abs(beta) <= parameters.beta_band + ROUNDING:
        return weights, "WITHIN_BAND"
    if h is None:
        return weights, setting.hedge_fault
    if setting.fixed[h]:
        return weights, "BENCHMARK_FUND_FIXED"
    if not setting.betas[h] > 0:
        return weights, "BENCHMARK_FUND_BETA"
    excess = beta - float(np.sign(beta)) * parameters.beta_band
    held = float(setting.held[h])
    wish = full = float(weights[h]) - excess / float(setting.betas[h])
    if not setting.may_buy[h]:
        wish = min(wish, max(held, 0.0))
    if not setting.may_short[h]:
        wish = max(wish, min(held, 0.0))
    if wish * held < 0:
        wish = 0.0
    hedged = weights.copy()
    hedged[h] = wish
    return hedged, "HEDGED" if wish == full else "HEDGED_IN_PART"


def book_beta(weights: Floats, betas: Floats) -> float | None:
    """Sum of weight times beta; None where a name in the book has none."""
    in_book = weights != 0
    if not np.all(np.isfinite(betas[in_book])):
        return None
    return fsum((weights[in_book] * betas[in_book]).tolist())


def _largest_share(weights: Floats, setting: Setting) -> float | None:
    sizes = _bucket_sizes(weights, setting.buckets)
    return max(sizes.values()) / fsum(sizes.values()) if sizes else None


def _bucket_sizes(weights: Floats, names: tuple[str, ...]) -> dict[str, float]:
    """Sum of abs(weight) by bucket, only buckets in the book; exact sums, so the order of names does not matter."""
    sizes: dict[str, list[float]] = {}
    for i in np.flatnonzero(weights).tolist():
        sizes.setdefault(names[i], []).append(abs(float(weights[i])))
    return {name: fsum(sizes[name]) for name in sizes}


def _slight(before: Floats, after: Floats, held: Floats, min_change: float) -> NDArray[np.bool_]:
    """Where an overlay would cut a held name, which the award leaves whole, by less than the band (A17)."""
    whole = (np.abs(before) >= np.abs(held)) & (np.sign(before) == np.sign(held)) & (np.sign(after) == np.sign(held))
    loss = np.abs(held) - np.abs(after)
    slight: NDArray[np.bool_] = whole & (held != 0) & (loss > 0) & (loss < min_change - ROUNDING)
    return slight


#: The overlays of the book, in the order they are applied: the hedge is of the book that balancing leaves.
OVERLAYS: tuple[Overlay, ...] = (
    Overlay("sector_balance", _largest_share, sector_balance),
    Overlay("beta_neutral", lambda weights, setting: book_beta(weights, setting.betas), beta_neutral),
)


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


def turnover(
    target: Floats, held: Floats, used: float, cap: float, scale: float = 1.0, min_change: float = 0.0
) -> tuple[Floats, float, float]:
    """The book with its increases scaled to what is left of the session's turnover; their sum wished and granted (A4).

    An increase is the growth of abs(weight); where the sign flips it is all of the new weight. Reductions are neither
    counted nor scaled. min_change: the band no held name's increase is traded below (A17). Where scaling would, the
    smallest wait until the rest may trade: dropped all at once, a book of many names would never fill. scale: a factor
    in [0, 1] known to multiply the whole target before it is traded, so increases are those of scale * target; the book
    returned is before that factor. Raises: ValueError for another scale.
    """
    if not 0 <= scale <= 1:
        raise ValueError(f"turnover: scale {scale} is not in [0, 1]")
    traded = target * scale
    flips = np.sign(traded) * np.sign(held) < 0
    start = np.where(flips, 0.0, held)
    increases = np.maximum(np.abs(traded) - np.abs(start), 0.0)
    wished = float(increases.sum())
    room = max(cap - used, 0.0)
    if wished <= room:
        return target, wished, wished
    left = increases.copy()
    grown = np.flatnonzero((start != 0) & (increases > 0))
    for i in grown[np.argsort(increases[grown], kind="stable")]:
        if increases[i] * min(room / float(left.sum()), 1.0) >= min_change - ROUNDING:
            break
        left[i] = 0.0
    growing = float(left.sum())
    granted = min(room, growing)
    factor = np.where(left > 0, granted / growing if growing > 0 else 0.0, 0.0)
    scaled = (start + (traded - start) * factor) / scale
    return np.where((increases > 0) & (factor < 1), scaled, target), wished, granted


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


def stopped_out(closes: Floats, stops: Floats, held: Floats) -> Mask:
    """Where the close is at or beyond the stop of what is held, (N,); False without a position, a stop or a close."""
    with np.errstate(invalid="ignore"):
        beyond: Mask = (held != 0) & (np.sign(held) * (closes - stops) <= 0)
    return beyond


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
    return min(abs(delta), free_shares(position, open_quantity)).copy_sign(delta)


def free_shares(position: Decimal, open_quantity: Decimal) -> Decimal:
    """Shares by which an order may reduce what is held, position and working orders together; see `order_quantity`."""
    sign = 1 if position + open_quantity > 0 else -1
    return max(sign * position + min(sign * open_quantity, Decimal(0)), Decimal(0))
