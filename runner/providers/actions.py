"""Splits and dividends read out of a raw series by its own adjusted close. Pure.

The ratio adjusted/raw is constant between two actions and steps up by one factor at each. A source rounds what it
publishes, so a step counts only if it is larger than rounding can make it. A step is a split where it is a ratio of
small integers within that error, or is too large for a dividend; else a cash dividend, which this convention (the
total return of the ex-date, (close + dividend) / close before) makes 1 + dividend / close of the ex-date. That close
is why a dividend's factor is not known before the ex-date's close.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from runner.providers.base import Action

#: A step above this is no cash dividend: a quarter of the price has never been paid out by a name we hold.
LARGEST_DIVIDEND_FACTOR = 1.25

#: Splits as they occur: n for m with small integers, and reverse splits up to 1 for 100.
SPLIT_RATIOS = tuple(
    sorted(
        {Fraction(n, m) for n in range(1, 51) for m in range(1, 11) if n <= 10 or m == 1}
        | {Fraction(1, m) for m in range(11, 101)}
        | {Fraction(11, 10), Fraction(21, 20)}
    )
)
_RATIO_VALUES = np.array([float(ratio) for ratio in SPLIT_RATIOS])

#: Of those, the ones looked for beside a dividend of the same date: whole numbers, their inverses, 3 for 2. More would
#: find a split with a dividend in any odd step.
_WITH_DIVIDEND = np.array([(r != 1 and 1 in (r.numerator, r.denominator)) or r == Fraction(3, 2) for r in SPLIT_RATIOS])

#: Rounding unit of an adjusted close published with six decimals, USD.
ADJUSTED_UNIT = 1e-6

#: What a ratio of four correctly rounded doubles can be off by, with room.
_FLOAT_NOISE = 1e-12


def derive(
    sessions: NDArray[np.datetime64],
    close: NDArray[np.float64],
    adj_close: NDArray[np.float64],
    unit: float = ADJUSTED_UNIT,
) -> tuple[Action, ...]:
    """Actions of one symbol in order of ex-date, a split before a dividend of the same date.

    sessions: datetime64, ascending, shape (n,); close (raw) and adj_close in the listing currency, shape (n,); rows
    where either is not a positive finite number are passed over. unit: the rounding unit of adj_close.
    """
    usable = np.isfinite(close) & np.isfinite(adj_close) & (close > 0) & (adj_close > 0)
    sessions, close, adj_close = sessions[usable], close[usable], adj_close[usable]
    if len(close) < 2:
        return ()
    ratio = adj_close / close
    step = ratio[1:] / ratio[:-1]
    error = 0.5 * unit * (1.0 / adj_close[1:] + 1.0 / adj_close[:-1]) * np.maximum(step, 1.0) + _FLOAT_NOISE
    found: list[Action] = []
    for i in np.flatnonzero(np.abs(step - 1.0) > error):
        day = sessions[i + 1].astype("datetime64[D]").item()
        found += _classify(day, float(step[i]), float(error[i]), float(close[i + 1]), float(close[i]))
    return tuple(found)


def _classify(day: date, step: float, error: float, close: float, previous_close: float) -> list[Action]:
    nearest = int(np.argmin(np.abs(np.log(_RATIO_VALUES / step))))
    if abs(step / _RATIO_VALUES[nearest] - 1.0) <= error and SPLIT_RATIOS[nearest] != 1:
        return [_split(day, float(_RATIO_VALUES[nearest]))]
    if 1.0 < step <= LARGEST_DIVIDEND_FACTOR:
        return [_dividend(day, step, close)]
    # Both on one date: the split is the ratio that leaves a dividend over and that the raw price itself shows.
    rest = step / _RATIO_VALUES
    candidates = np.flatnonzero((rest > 1.0 + error) & (rest <= LARGEST_DIVIDEND_FACTOR) & _WITH_DIVIDEND)
    moved = np.abs(np.log(_RATIO_VALUES[candidates] / (previous_close / close)))
    if len(candidates) and moved.min() < 0.05:
        ratio = float(_RATIO_VALUES[candidates[int(np.argmin(moved))]])
        return [_split(day, ratio), _dividend(day, step / ratio, close)]
    return [_split(day, step)]


def _split(day: date, ratio: float) -> Action:
    return Action(day, "split", ratio, ratio)


def _dividend(day: date, step: float, close: float) -> Action:
    amount = round((step - 1.0) * close, 6)
    return Action(day, "dividend", 1.0 + amount / close, amount)
