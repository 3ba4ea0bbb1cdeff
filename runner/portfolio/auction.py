"""The capital auction: bids in order of conviction, each granted what the constraints leave (rulings A1-A3, C6).

What a constraint removes is given to nobody: it stays in cash. The constraint that bound is recorded per bid. The same
routine serves as the second clamp after the overlays: what it cuts is the lowest rank's first.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from runner.models import ROUNDING, Floats

#: Asset classes whose symbol is a sector bucket of its own: a broad index fund is no sector (A2).
OWN_BUCKET = ("etf",)


@dataclass(frozen=True)
class Caps:
    """Constraints, fractions of NAV, named as in the configuration's section `auction`."""

    name_cap: float
    sector_cap: float
    long_cap: float
    short_cap: float
    gross_cap: float


@dataclass(frozen=True)
class Awards:
    """weights: (N,) granted, signed. bound: per symbol the constraint that cut its bid, empty where none did."""

    weights: Floats
    bound: tuple[str, ...]


def buckets(sectors: tuple[str, ...], asset_classes: tuple[str, ...], symbols: tuple[str, ...]) -> tuple[str, ...]:
    """The sector bucket of each symbol: its sector, or a broad index fund's own symbol; Unknown is one of them (A2)."""
    return tuple(
        symbol if asset_class in OWN_BUCKET and sector in ("Index", "") else sector or "Unknown"
        for sector, asset_class, symbol in zip(sectors, asset_classes, symbols, strict=True)
    )


def ranking(conviction: Floats, requests: Floats, held: Floats, held_multiple: float) -> NDArray[np.intp]:
    """Order of bids: abs(conviction) descending, times `held_multiple` where held on the same side, then symbol (A1).

    Arrays are in symbol order, so a stable sort breaks ties by symbol.
    """
    same_side = (held != 0) & (np.sign(held) == np.sign(requests))
    weight = np.abs(conviction) * np.where(same_side, held_multiple, 1.0)
    return np.argsort(-weight, kind="stable")


def award(
    requests: Floats,
    order: NDArray[np.intp],
    sectors: tuple[str, ...],
    fixed: Floats,
    caps: Caps,
) -> Awards:
    """Grant each bid of `requests` (N,) in `order` what is left of its name, sector, side and gross cap (A1, A2).

    fixed: (N,) weights that stay whatever happens (0 elsewhere); they use up room before the first bid. A bid that is
    not finite gets nothing, CAP_UNKNOWN.
    """
    used_sector: dict[str, float] = {}
    used_side = {1: float(np.maximum(fixed, 0).sum()), -1: float(np.maximum(-fixed, 0).sum())}
    for i in (int(i) for i in np.flatnonzero(fixed)):
        used_sector[sectors[i]] = used_sector.get(sectors[i], 0.0) + abs(float(fixed[i]))
    side_cap = {1: caps.long_cap, -1: caps.short_cap}
    side_code = {1: "CAP_LONG", -1: "CAP_SHORT"}
    weights = fixed.astype(np.float64).copy()
    bound = [""] * len(requests)
    for i in (int(i) for i in order):
        wish = float(requests[i])
        if fixed[i] != 0 or wish == 0:
            continue
        if not np.isfinite(wish):
            bound[i] = "CAP_UNKNOWN"
            continue
        side, sector = (1 if wish > 0 else -1), sectors[i]
        room = {
            "CAP_NAME": caps.name_cap,
            "CAP_SECTOR": caps.sector_cap - used_sector.get(sector, 0.0),
            side_code[side]: side_cap[side] - used_side[side],
            "CAP_GROSS": caps.gross_cap - used_side[1] - used_side[-1],
        }
        code = min(room, key=lambda key: room[key])
        granted = min(abs(wish), max(room[code], 0.0))
        if granted < abs(wish) - ROUNDING:
            bound[i] = code
        weights[i] = side * granted
        used_sector[sector] = used_sector.get(sector, 0.0) + granted
        used_side[side] += granted
    return Awards(weights, tuple(bound))


def breadth_needed(caps: Caps) -> tuple[int, int]:
    """Names and sectors a full long side needs: below either the universe is too narrow (A1)."""
    return ceil(round(caps.long_cap / caps.name_cap, 9)), ceil(round(caps.long_cap / caps.sector_cap, 9))
