"""VaR against what happened: how often the loss was larger, whether such days cluster, and the traffic light.

Kupiec (1995), proportion of failures; Christoffersen (1998), independence; Basel Committee (1996), three zones by the
cumulative probability of as many exceptions or fewer under a VaR that is right. Basel's table is that rule for 250
sessions at 99 %; here it is applied at the level the VaR has. audit.var_backtest is the same in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import binom, chi2

from runner.models import Floats

Light = Literal["GREEN", "YELLOW", "RED"]

#: Sessions looked back on, and the cumulative probabilities from which the zones begin (Basel 1996).
SESSIONS = 250
YELLOW_FROM = 0.95
RED_FROM = 0.9999


@dataclass(frozen=True)
class Ratio:
    """A likelihood ratio and its p-value; both None with a reason where the sessions cannot say."""

    statistic: float | None
    p: float | None
    reason: str = ""


@dataclass(frozen=True)
class Backtest:
    """What became of the forecasts. level: of the VaR, 0.95.

    sessions: compared. unknown: without a forecast or a return, and idle: with nothing at risk; neither is compared. Of
    all of them, the newest that hold the compared ones. exceptions: losses larger than the VaR. cumulative: probability
    of as many or fewer. light: None, with the reason, where fewer sessions were compared than one exception is expected
    in: there no number of exceptions would be unlikely, or none likely.
    """

    level: float
    sessions: int
    unknown: int
    idle: int
    exceptions: int
    expected: float
    cumulative: float | None
    light: Light | None
    coverage: Ratio
    independence: Ratio
    both: Ratio
    reason: str = ""


def backtest(forecasts: Floats, losses: Floats, level: float, sessions: int = SESSIONS) -> Backtest:
    """(T,) VaR forecasts, positive fractions, against the (T,) losses they were of, oldest first; NaN where unknown.

    The newest `sessions` that can be compared count. A forecast of 0 is of an empty book: a session that risks nothing
    would pass whatever the model is worth. Raises: ValueError for arrays of different length or a level not in (0, 1).
    """
    if forecasts.shape != losses.shape or not 0.0 < level < 1.0:
        raise ValueError(f"forecasts {forecasts.shape}, losses {losses.shape}, level {level}")
    known = np.isfinite(forecasts) & np.isfinite(losses)
    compared = np.flatnonzero(known & (forecasts > 0))[-sessions:]
    first = int(compared[0]) if len(compared) == sessions else 0
    hits = losses[compared] > forecasts[compared]
    count, exceptions = len(compared), int(hits.sum())
    unknown, idle = int((~known[first:]).sum()), int((known & (forecasts <= 0))[first:].sum())
    expected = count * (1.0 - level)
    if expected < 1.0 - 1e-9:
        reason = f"TOO_FEW_SESSIONS:{count}"
        none = Ratio(None, None, reason)
        return Backtest(level, count, unknown, idle, exceptions, expected, None, None, none, none, none, reason)
    cumulative = float(binom.cdf(exceptions, count, 1.0 - level))
    coverage, independence = _coverage(count, exceptions, level), _independence(hits, np.diff(compared) == 1)
    return Backtest(
        level=level,
        sessions=count,
        unknown=unknown,
        idle=idle,
        exceptions=exceptions,
        expected=expected,
        cumulative=cumulative,
        light=light(cumulative),
        coverage=coverage,
        independence=independence,
        both=_both(coverage, independence),
    )


def light(cumulative: float) -> Light:
    """The zone of a cumulative probability: green below 95 %, red from 99.99 % on."""
    if cumulative >= RED_FROM:
        return "RED"
    return "YELLOW" if cumulative >= YELLOW_FROM else "GREEN"


def _coverage(count: int, exceptions: int, level: float) -> Ratio:
    """Kupiec: as many exceptions as the level says? Chi-squared, one degree of freedom."""
    rate = exceptions / count
    supposed = xlogy(count - exceptions, level) + xlogy(exceptions, 1.0 - level)
    found = xlogy(count - exceptions, 1.0 - rate) + xlogy(exceptions, rate)
    return _ratio(2.0 * float(found - supposed), 1)


def _independence(hits: NDArray[np.bool_], adjacent: NDArray[np.bool_]) -> Ratio:
    """Christoffersen: is an exception as likely after one as after none? Chi-squared, one degree of freedom.

    Only pairs of sessions that follow one another count.
    """
    before, after = hits[:-1][adjacent], hits[1:][adjacent]
    if not before.any() or before.all():
        return Ratio(None, None, "NO_SESSION_AFTER_AN_EXCEPTION" if not before.any() else "NO_SESSION_AFTER_NONE")
    alike = 0.0
    for state in (False, True):
        alike += _log_likelihood(after[before == state])
    return _ratio(2.0 * (alike - _log_likelihood(after)), 1)


def _log_likelihood(hits: NDArray[np.bool_]) -> float:
    """Of independent hits at their own rate."""
    count, found = len(hits), int(hits.sum())
    return float(xlogy(found, found / count) + xlogy(count - found, 1.0 - found / count))


def _both(coverage: Ratio, independence: Ratio) -> Ratio:
    """Conditional coverage: the sum of the two, two degrees of freedom."""
    if coverage.statistic is None or independence.statistic is None:
        return Ratio(None, None, coverage.reason or independence.reason)
    return _ratio(coverage.statistic + independence.statistic, 2)


def _ratio(statistic: float, degrees: int) -> Ratio:
    """Rounding may leave a ratio of nothing a hair below zero."""
    bounded = max(statistic, 0.0)
    return Ratio(bounded, float(chi2.sf(bounded, degrees)))
