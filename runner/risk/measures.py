"""VaR and CVaR of a book: historical simulation and filtered historical simulation (rulings A9-A11, F18).

Returns are simple daily returns between consecutive sessions of the panel; a missing day is not filled, so the day
after it has no return either. A figure the data do not support is None with its reason, and None breaches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from runner.models import Floats


@dataclass(frozen=True)
class MeasureParameters:
    """Constants of the estimators, named as in the configuration's section `risk`."""

    confidence_level: float
    history_sessions_max: int
    history_sessions_min: int
    ewma_lambda: float
    ewma_start_sessions: int
    foreign_history_min: int
    foreign_beta_floor: float


@dataclass(frozen=True)
class Measure:
    """VaR and CVaR of one book, fractions of NAV; all None with a reason where the data do not support them.

    Both estimators are stored (A9); `var` and `cvar` are the larger of the two.
    """

    var_historical: float | None
    cvar_historical: float | None
    var_filtered: float | None
    cvar_filtered: float | None
    observations: int
    reason: str

    @property
    def var(self) -> float | None:
        """The larger VaR; None where either is None."""
        return _larger(self.var_historical, self.var_filtered)

    @property
    def cvar(self) -> float | None:
        """The larger CVaR; None where either is None."""
        return _larger(self.cvar_historical, self.cvar_filtered)


#: An empty book loses nothing: VaR 0, not None (F18).
EMPTY_BOOK = Measure(0.0, 0.0, 0.0, 0.0, 0, "EMPTY_BOOK")


@dataclass(frozen=True)
class History:
    """Daily returns of the book's names on their common sessions.

    names: indices into the cycle's symbols, rising. returns: (observations, len(names)), no NaN.
    refused: indices whose bid is refused because their own history is too short (A9c).
    foreign: flag per index valued by another's history (F18). reason: empty, or why there are too few sessions.
    """

    names: NDArray[np.intp]
    returns: Floats
    refused: tuple[int, ...]
    foreign: dict[int, str]
    reason: str


def simple_returns(closes: Floats) -> Floats:
    """(T-1, N) simple returns of (T, N) closes; NaN where either close is missing or not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = closes[1:] / closes[:-1] - 1.0
        usable = (closes[1:] > 0) & (closes[:-1] > 0) & np.isfinite(ratio)
    return np.where(usable, ratio, np.nan)


def tail(losses: Floats, level: float) -> tuple[float, float]:
    """VaR and CVaR of equally weighted `losses` at `level`, exact alpha-mass (A11).

    CVaR averages the worst (1 - level) of the mass, the boundary observation with its fraction; VaR is that boundary
    observation, the smallest loss with at least `level` of the mass at or below it.
    """
    boundary, mean = tails(losses[np.newaxis], level)
    return float(boundary[0]), float(mean[0])


def tails(losses: Floats, level: float) -> tuple[Floats, Floats]:
    """(K,) VaR and (K,) CVaR of (K, n) losses, row by row as `tail`: only the tail is sorted, its sum in that order."""
    count = losses.shape[1]
    mass = round((1.0 - level) * count, 9)
    whole = min(int(mass), count - 1)
    worst = np.partition(losses, count - whole - 1, axis=1)[:, count - whole - 1 :]
    ordered = np.sort(worst, axis=1)[:, ::-1]
    total = ordered[:, :whole].sum(axis=1) + (mass - whole) * ordered[:, whole]
    return ordered[:, whole], total / mass


def ewma_volatility(returns: Floats, decay: float, start: int) -> Floats:
    """(..., n + 1) forecasts of volatility: entry t uses returns before t only, the last is today's (A10).

    returns: (..., n). The recursion starts on the sample variance of the first `start` returns:
    v[t+1] = decay v[t] + (1 - decay) r[t]^2.
    """
    first = np.var(returns[..., :start], axis=-1, ddof=1, keepdims=True)
    later, _ = lfilter([1.0 - decay], [1.0, -decay], returns**2, axis=-1, zi=decay * first)
    forecasts: Floats = np.sqrt(np.concatenate((first, later), axis=-1))
    return forecasts


def measure(book: Floats, parameters: MeasureParameters, reason: str = "") -> Measure:
    """VaR and CVaR of a book's daily returns, oldest first; `reason` non-empty says why there are none."""
    return measure_each(book[np.newaxis], parameters, reason)[0]


def measure_each(books: Floats, parameters: MeasureParameters, reason: str = "") -> list[Measure]:
    """`measure` of every row of (K, n) daily returns, to the bit: together they cost a fraction of one by one."""
    count = books.shape[1]
    if reason or count < parameters.history_sessions_min:
        return [Measure(None, None, None, None, count, reason or f"TOO_FEW_SESSIONS:{count}")] * len(books)
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(books).all(axis=1))
    known = np.where(finite[:, np.newaxis], books, 0.0)
    volatility = ewma_volatility(known, parameters.ewma_lambda, parameters.ewma_start_sessions)
    moves: NDArray[np.bool_] = np.asarray((volatility > 0).all(axis=1))
    divisor = np.where(moves[:, np.newaxis], volatility[:, :-1], 1.0)
    var_h, cvar_h = tails(-known, parameters.confidence_level)
    var_f, cvar_f = tails(-known / divisor * volatility[:, -1:], parameters.confidence_level)
    figures = zip(var_h.tolist(), cvar_h.tolist(), var_f.tolist(), cvar_f.tolist(), strict=True)
    return [
        Measure(*one, count, "")
        if real and moving
        else Measure(None, None, None, None, count, "ZERO_VOLATILITY" if real else "RETURNS_NOT_FINITE")
        for one, real, moving in zip(figures, finite.tolist(), moves.tolist(), strict=True)
    ]


def history(
    returns: Floats,
    in_book: NDArray[np.bool_],
    held: NDArray[np.bool_],
    active: NDArray[np.bool_],
    sectors: tuple[str, ...],
    betas: Floats,
    benchmark: Floats | None,
    parameters: MeasureParameters,
) -> History:
    """The book's names and their returns on common sessions (A9b, A9c, F18).

    returns: (T, N) with NaN. in_book: held or wished. active: may trade. benchmark: (T,) or None. betas: (N,), NaN
    where unknown. An ACTIVE name not held with too short a history is refused; were all long enough and only their
    common sessions too few, the shortest name not held is refused, once. Held names without one of their own are
    valued by their sector's mean return, else the benchmark's, times max(floor, beta).
    """
    window = returns[-parameters.history_sessions_max :]
    index = benchmark[-parameters.history_sessions_max :] if benchmark is not None else None
    counts = np.isfinite(window).sum(axis=0)
    short = counts < parameters.history_sessions_min
    refused = [int(i) for i in np.flatnonzero(in_book & active & ~held & short)]
    series: dict[int, Floats] = {}
    foreign: dict[int, str] = {}
    for i in (int(i) for i in np.flatnonzero(in_book)):
        if i in refused:
            continue
        if active[i] and not short[i]:
            series[i] = window[:, i]
        else:
            series[i], foreign[i] = _foreign(i, window, counts, active, sectors, betas, index, parameters)
    names, common = _join(series)
    if names and len(common) < parameters.history_sessions_min:
        spare = [i for i in names if not held[i]]
        if spare:
            culprit = min(spare, key=lambda i: (counts[i], i))
            refused.append(culprit)
            del series[culprit]
            names, common = _join(series)
    reason = "" if len(common) >= parameters.history_sessions_min or not names else f"TOO_FEW_SESSIONS:{len(common)}"
    return History(np.array(names, dtype=np.intp), common, tuple(sorted(refused)), foreign, reason)


def book_measure(weights: Floats, known: History, parameters: MeasureParameters) -> Measure:
    """VaR and CVaR of `weights` (N,) by their names' common history; a name with weight but no history gives None."""
    if not np.any(weights):
        return EMPTY_BOOK
    outside = np.ones(len(weights), dtype=bool)
    outside[known.names] = False
    if np.any(weights[outside]):
        return measure(np.empty(0), parameters, "WEIGHT_WITHOUT_HISTORY")
    if known.reason:
        return measure(np.empty(0), parameters, known.reason)
    return measure(known.returns @ weights[known.names], parameters)


def _foreign(
    i: int,
    window: Floats,
    counts: NDArray[np.intp],
    active: NDArray[np.bool_],
    sectors: tuple[str, ...],
    betas: Floats,
    benchmark: Floats | None,
    parameters: MeasureParameters,
) -> tuple[Floats, str]:
    """Returns that stand for a name that is not ACTIVE, and the flag saying whose they are (F18).

    Its own where it has enough of them, the proxy on days it has none; the proxy alone otherwise.
    """
    peers = np.array([s == sectors[i] for s in sectors]) & active
    peers[i] = False
    beta = betas[i] if np.isfinite(betas[i]) else parameters.foreign_beta_floor
    proxy = np.full(len(window), np.nan)
    source = "NONE"
    if benchmark is not None:
        proxy, source = benchmark, "BENCHMARK"
    if peers.any():
        present = np.isfinite(window[:, peers])
        count = present.sum(axis=1)
        total = np.where(present, window[:, peers], 0.0).sum(axis=1)
        proxy = np.where(count > 0, total / np.maximum(count, 1), proxy)
        source = "SECTOR"
    proxy = proxy * max(parameters.foreign_beta_floor, beta)
    if counts[i] >= parameters.foreign_history_min:
        own = window[:, i]
        return np.where(np.isfinite(own), own, proxy), "OWN"
    return proxy, source


def _join(series: dict[int, Floats]) -> tuple[list[int], Floats]:
    """Names in rising order and their returns on the sessions all of them have."""
    names = sorted(series)
    if not names:
        return names, np.empty((0, 0))
    matrix = np.column_stack([series[i] for i in names])
    return names, matrix[np.isfinite(matrix).all(axis=1)]


def _larger(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else max(a, b)
