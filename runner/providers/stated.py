"""Splits and dividends a source states beside its raw bars, as actions of the rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from runner.providers.base import Action, Unreadable

#: What a row is judged by: prices, then volume.
_JUDGED = ("open", "high", "low", "close", "volume")

#: Bounds of calc.bar_defect: least price, the price below which all are, greatest volume.
_PRICE_LEAST, _PRICE_BOUND, _VOLUME_MOST = 1e-12, 1e12, 1e18


def actions(
    rows: pd.DataFrame, splits: Iterable[tuple[date, float]], dividends: Iterable[tuple[date, float]]
) -> tuple[Action, ...]:
    """Those with an ex-date within the rows' sessions, in order of ex-date, a split before a dividend.

    rows: `session` and raw `close`. splits: (ex-date, shares for one); dividends: (ex-date, USD a share). Several of a
    kind on one date are one action. A dividend's factor is 1 + amount / close of the ex-date (the total return of that
    day); where the source has no such bar, of the first session after it, on which the action then takes effect (F9).
    One without a session after it multiplies nothing and is left out. Raises: Unreadable where a number is none.
    """
    dated = rows.dropna(subset="session")
    if dated.empty:
        return ()
    days = dated["session"].dt.date
    first, last = days.min(), days.max()
    ratios: dict[date, float] = {}
    amounts: dict[date, float] = {}
    for ex_date, ratio in splits:
        if first <= ex_date <= last:
            ratios[ex_date] = ratios.get(ex_date, 1.0) * _positive(ratio, f"a split on {ex_date}")
    for ex_date, amount in dividends:
        if first <= ex_date <= last:
            amounts[ex_date] = amounts.get(ex_date, 0.0) + _positive(amount, f"a dividend on {ex_date}")
    found = [Action(ex_date, "split", ratio, ratio) for ex_date, ratio in ratios.items()]
    closes = _closes(dated)
    for ex_date, amount in amounts.items():
        after = [close for day, close in closes.items() if day >= ex_date]
        if after:
            found.append(Action(ex_date, "dividend", 1.0 + amount / after[0], amount))
    return tuple(sorted(found, key=lambda action: (action.ex_date, action.kind != "split")))


def _closes(dated: pd.DataFrame) -> dict[date, float]:
    """Closes of the bars the database will take in (market.judge_landing), by session: that of a row it sets aside is
    no price, and the action takes effect on a later one.
    """
    bars = dated.drop_duplicates(["session", *(name for name in _JUDGED if name in dated)])
    prices = bars[[name for name in _JUDGED[:-1] if name in bars]].to_numpy("float64")
    sound = (np.isfinite(prices) & (prices >= _PRICE_LEAST) & (prices < _PRICE_BOUND)).all(axis=1)
    if "open" in bars:
        high, low = bars["high"].to_numpy("float64"), bars["low"].to_numpy("float64")
        with np.errstate(invalid="ignore"):
            sound &= (prices.max(axis=1) <= high) & (prices.min(axis=1) >= low)
    if "volume" in bars:
        volume = bars["volume"].to_numpy("float64")
        sound &= np.isfinite(volume) & (volume >= 0) & (volume <= _VOLUME_MOST)
    bars = bars[sound].drop_duplicates("session", keep=False).sort_values("session")
    return dict(zip(bars["session"].dt.date, bars["close"].to_numpy("float64"), strict=True))


def _positive(value: float, what: str) -> float:
    if not (np.isfinite(value) and value > 0):
        raise Unreadable(f"{what} is {value}")
    return value
