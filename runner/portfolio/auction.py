"""The capital auction: bids in order of conviction, each granted what the constraints leave (rulings A1-A3, C6).

What a constraint removes is given to nobody: it stays in cash. The constraint that bound is recorded per bid. The same
routine serves as the second clamp after the overlays: what it cuts is the lowest rank's first.

What holds of every award, whatever is asked:

- No constraint is passed, but where fixed names alone pass it; there nobody else is granted anything.
- Names in another order, with the same ranking, are granted the same to the bit.
- An award clamped again is itself, to the bit.
- Lowering one cap never raises the exposure that cap bounds: the largest name, the largest sector, the long side, the
  short side, gross. A cap nothing comes up to decides nothing: either the lower one is above all that is granted too,
  and the award is the same, or the exposure was at least the lower cap and now is at most.

Nothing of the kind can hold name by name, or sector by sector: room is shared, and what a lower cap takes from the
first bid the next one may have. With a long cap of 0.20, A and B of two sectors asking 0.15 each are granted 0.15 and
0.05 under a sector cap of 0.15, 0.10 and 0.10 under one of 0.10. Nor of the book after turnover, where names rest half
way from what they hold: there no exposure passes the lower cap, and the turnover of the session never rises.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, fsum, isfinite

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
    not finite gets nothing, CAP_UNKNOWN; so does every bid where a fixed weight or a cap is not (I17).
    """
    known = bool(np.isfinite(fixed).all()) and all(isfinite(cap) for cap in vars(caps).values())
    wishes, stays = requests.tolist(), fixed.tolist()
    kept: dict[str, list[float]] = {}
    for i in np.flatnonzero(fixed).tolist():
        kept.setdefault(sectors[i], []).append(abs(stays[i]))
    used_sector = {sector: fsum(sizes) for sector, sizes in kept.items()}
    used_long, used_short = fsum(size for size in stays if size > 0), fsum(-size for size in stays if size < 0)
    weights = list(stays)
    bound = [""] * len(wishes)
    for i in order.tolist():
        wish = wishes[i]
        if stays[i] != 0 or wish == 0:
            continue
        if not (known and isfinite(wish)):
            bound[i] = "CAP_UNKNOWN"
            continue
        sector = sectors[i]
        room, code = caps.name_cap, "CAP_NAME"
        for left, name in (
            (caps.sector_cap - used_sector.get(sector, 0.0), "CAP_SECTOR"),
            (caps.long_cap - used_long, "CAP_LONG") if wish > 0 else (caps.short_cap - used_short, "CAP_SHORT"),
            (caps.gross_cap - used_long - used_short, "CAP_GROSS"),
        ):
            if left < room:
                room, code = left, name
        size = abs(wish)
        granted = min(size, max(room, 0.0))
        if granted < size - ROUNDING:
            bound[i] = code
        used_sector[sector] = used_sector.get(sector, 0.0) + granted
        if wish > 0:
            weights[i], used_long = granted, used_long + granted
        else:
            weights[i], used_short = -granted, used_short + granted
    return Awards(np.array(weights, dtype=np.float64), tuple(bound))


def breadth_needed(caps: Caps) -> tuple[int, int]:
    """Names and sectors a full long side needs: below either the universe is too narrow (A1)."""
    return ceil(round(caps.long_cap / caps.name_cap, 9)), ceil(round(caps.long_cap / caps.sector_cap, 9))
