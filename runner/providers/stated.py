"""Splits and dividends a source states beside its raw bars, as actions of the rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from runner.providers.base import Action, Unreadable


def actions(
    rows: pd.DataFrame, splits: Iterable[tuple[date, float]], dividends: Iterable[tuple[date, float]]
) -> tuple[Action, ...]:
    """Those with an ex-date within the rows' sessions, in order of ex-date, a split before a dividend.

    rows: `session` and raw `close`. splits: (ex-date, shares for one); dividends: (ex-date, USD a share). Several of a
    kind on one date are one action. A dividend's factor is 1 + amount / close of the ex-date (the total return of that
    day); where the source has no such close, of the first session after it, on which the action then takes effect (F9).
    One without a session after it multiplies nothing and is left out. Raises: Unreadable where a number is none.
    """
    dated = rows.dropna(subset="session")
    if dated.empty:
        return ()
    closes = dict(zip(dated["session"].dt.date, dated["close"].to_numpy("float64"), strict=True))
    first, last = min(closes), max(closes)
    ratios: dict[date, float] = {}
    amounts: dict[date, float] = {}
    for ex_date, ratio in splits:
        if first <= ex_date <= last:
            ratios[ex_date] = ratios.get(ex_date, 1.0) * _positive(ratio, f"a split on {ex_date}")
    for ex_date, amount in dividends:
        if first <= ex_date <= last:
            amounts[ex_date] = amounts.get(ex_date, 0.0) + _positive(amount, f"a dividend on {ex_date}")
    found = [Action(ex_date, "split", ratio, ratio) for ex_date, ratio in ratios.items()]
    for ex_date, amount in amounts.items():
        after = [close for day, close in sorted(closes.items()) if day >= ex_date and np.isfinite(close) and close > 0]
        if after:
            found.append(Action(ex_date, "dividend", 1.0 + amount / after[0], amount))
    return tuple(sorted(found, key=lambda action: (action.ex_date, action.kind != "split")))


def _positive(value: float, what: str) -> float:
    if not (np.isfinite(value) and value > 0):
        raise Unreadable(f"{what} is {value}")
    return value
