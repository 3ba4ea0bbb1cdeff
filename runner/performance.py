"""What a series of returns was worth: annual figures, drawdowns, the benchmark beside it. Pure.

Returns are simple and per session, fractions; a year is 252 sessions. A figure that the data do not support is None:
too few sessions, no variation, no benchmark. The Sharpe ratio and alpha are of returns in excess of the risk-free rate
(NUMERICS D1 D2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

SESSIONS_A_YEAR = 252
#: Fewer returns than these give no annual figure: a ratio of a fortnight is noise.
SESSIONS_MIN = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """Of one series. Fractions; volatility, returns and ratios annual where they say so.

    annual_return: geometric. volatility: sample deviation. sortino: the mean excess over the root mean square of the
    excesses below 0. drawdown_from, _to: the sessions of the peak and of the trough; recovered: the first session at or
    above the peak again, None where there is none yet. calmar: annual_return / max_drawdown.
    """

    sessions: int
    total_return: float | None
    annual_return: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: float | None
    drawdown_from: date | None
    drawdown_to: date | None
    recovered: date | None
    calmar: float | None
    best_session: float | None
    worst_session: float | None
    positive_share: float | None


@dataclass(frozen=True)
class Comparison:
    """Of a series with a benchmark, on the sessions both have. alpha and tracking_error annual, of excess returns."""

    sessions: int
    beta: float | None
    alpha: float | None
    correlation: float | None
    tracking_error: float | None
    information_ratio: float | None


@dataclass(frozen=True)
class Period:
    """A calendar year or month of both series; None where one has no session in it."""

    name: str
    sessions: int
    fund: float | None
    benchmark: float | None


def figures(returns: Floats, days: Sequence[date], risk_free_rate: float) -> Figures:
    """Of `returns`, each from one of `days` to the next: there is one day more, on which the index is 1.

    risk_free_rate: annual fraction. Raises: ValueError where a return is not finite, or the numbers do not fit.
    """
    _check(returns, days[1:])
    count = returns.size
    if count == 0:
        return Figures(0, *[None] * 13)
    index = np.concatenate(([1.0], np.cumprod(1 + returns)))
    total = float(index[-1] - 1)
    drawdown, start, trough, recovered = _deepest(index)
    annual = volatility = sharpe = sortino = None
    if count >= SESSIONS_MIN:
        annual = float(max(index[-1], 0.0) ** (SESSIONS_A_YEAR / count) - 1)
        volatility = float(returns.std(ddof=1) * math.sqrt(SESSIONS_A_YEAR))
        excess = returns - risk_free_rate / SESSIONS_A_YEAR
        downside = float(np.sqrt(np.mean(np.minimum(excess, 0) ** 2)))
        sharpe = _ratio(float(excess.mean()) * math.sqrt(SESSIONS_A_YEAR), float(returns.std(ddof=1)))
        sortino = _ratio(float(excess.mean()) * math.sqrt(SESSIONS_A_YEAR), downside)
    return Figures(
        sessions=count,
        total_return=total,
        annual_return=annual,
        volatility=volatility,
        sharpe=sharpe,
        sortino=sortino,
        max_drawdown=drawdown,
        drawdown_from=days[start] if drawdown else None,
        drawdown_to=days[trough] if drawdown else None,
        recovered=days[recovered] if drawdown and recovered is not None else None,
        calmar=None if annual is None else _ratio(annual, drawdown),
        best_session=float(returns.max()),
        worst_session=float(returns.min()),
        positive_share=float(np.mean(returns > 0)),
    )


def compare(returns: Floats, benchmark: Floats, risk_free_rate: float) -> Comparison:
    """`returns` against `benchmark`, session by session; a session either has no figure of (NaN) is left out.

    Least squares of the excess returns: beta, and alpha as its constant x 252. Raises: ValueError for unequal lengths.
    """
    if returns.shape != benchmark.shape:
        raise ValueError(f"{returns.size} returns beside {benchmark.size} of the benchmark")
    both = np.isfinite(returns) & np.isfinite(benchmark)
    y, x = (series[both] - risk_free_rate / SESSIONS_A_YEAR for series in (returns, benchmark))
    count = int(both.sum())
    if count < SESSIONS_MIN:
        return Comparison(count, None, None, None, None, None)
    spread_x, spread_y = float(np.var(x)), float(np.var(y))
    joint = float(np.mean((x - x.mean()) * (y - y.mean())))
    beta = None if _is_flat(spread_x, x) else joint / spread_x
    correlation = None if beta is None or _is_flat(spread_y, y) else joint / math.sqrt(spread_x * spread_y)
    active = y - x
    error = float(active.std(ddof=1)) * math.sqrt(SESSIONS_A_YEAR)
    return Comparison(
        sessions=count,
        beta=beta,
        alpha=None if beta is None else (float(y.mean()) - beta * float(x.mean())) * SESSIONS_A_YEAR,
        correlation=correlation,
        tracking_error=error,
        information_ratio=_ratio(float(active.mean()) * SESSIONS_A_YEAR, error),
    )


def with_cash(returns: Floats, cash_shares: Floats, risk_free_rate: float) -> Floats:
    """`returns` as they would be had the cash of the session before earned the risk-free rate; owed cash pays it.

    cash_shares: the cash that earns it / NAV, at the mark before each return.
    """
    return returns + cash_shares * (risk_free_rate / SESSIONS_A_YEAR)


def between(closes: Sequence[float | None]) -> Floats:
    """The return from each close to the next, one fewer than closes; NaN where either is None."""
    values = np.array([math.nan if close is None else close for close in closes], dtype=np.float64)
    return values[1:] / values[:-1] - 1


def carried(closes: Sequence[float | None]) -> list[float | None]:
    """Each close, where there is none the one before it; None up to the first."""
    found: list[float | None] = []
    for close in closes:
        found.append(close if close is not None else found[-1] if found else None)
    return found


def periods(days: Sequence[date], returns: Floats, benchmark: Floats, *, months: bool = False) -> list[Period]:
    """Calendar years, or months, in order; a benchmark's return that is NaN counts as 0, all NaN as none."""
    _check(returns, days)
    names = [f"{day:%Y-%m}" if months else f"{day:%Y}" for day in days]
    found = []
    for name in dict.fromkeys(names):
        chosen = np.array([one == name for one in names])
        theirs = benchmark[chosen]
        known = np.isfinite(theirs)
        found.append(
            Period(
                name=name,
                sessions=int(chosen.sum()),
                fund=float(np.prod(1 + returns[chosen]) - 1),
                benchmark=float(np.prod(1 + theirs[known]) - 1) if known.any() else None,
            )
        )
    return found


def drawdowns(returns: Floats) -> Floats:
    """The fall from the highest value so far after each return, a fraction, 0 at a new high."""
    index = np.concatenate(([1.0], np.cumprod(1 + returns)))
    return (1 - index / np.maximum.accumulate(index))[1:]


def _check(returns: Floats, days: Sequence[date]) -> None:
    if returns.size != len(days):
        raise ValueError(f"{returns.size} returns on {len(days)} sessions")
    if not np.isfinite(returns).all():
        raise ValueError("a return is not finite")


def _deepest(index: Floats) -> tuple[float, int, int, int | None]:
    """The largest fall, the places in the index of its peak, its trough, and where it was made good."""
    falls = 1 - index / np.maximum.accumulate(index)
    trough = int(falls.argmax())
    peak = int(index[: trough + 1].argmax())
    again = np.flatnonzero(index[trough:] >= index[peak])
    return float(falls[trough]), peak, trough, int(trough + again[0]) if again.size else None


def _is_flat(variance: float, values: Floats) -> bool:
    """Whether what varies is rounding: nothing may be divided by it."""
    return variance <= (1e-12 * max(1.0, float(np.abs(values).max()))) ** 2


def _ratio(above: float, below: float) -> float | None:
    return above / below if below > 1e-12 else None
