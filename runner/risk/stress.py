"""Stress: what a book loses in a named market shock, and what it would have lost in the window itself (ruling A13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from runner.models import Floats


class Scenario(Protocol):
    """A market shock: the benchmark's return from the close of `first` to that of `last`, dates in ISO 8601."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def first(self) -> str:
        """The session it is measured from; that session's own move where `last` is the same."""

    @property
    def last(self) -> str:
        """The session it is measured to."""

    @property
    def market(self) -> float:
        """The benchmark's return."""


class SectorShock(Protocol):
    """A sector's own return in one scenario, in place of beta x market."""

    @property
    def scenario(self) -> str:
        """The scenario's name."""

    @property
    def sector(self) -> str:
        """The sector's name."""

    @property
    def shock(self) -> float:
        """The sector's return."""


@dataclass(frozen=True)
class StressParameters:
    """Constants of A13, named as in the configuration's section `risk`."""

    beta_window_sessions: int
    beta_history_min: int
    stress_shock_floor: float
    stress_scenarios: tuple[Scenario, ...]
    stress_sector_shocks: tuple[SectorShock, ...]


@dataclass(frozen=True)
class Betas:
    """Betas of N symbols; values: (N,) finite. estimated: (N,) where the symbol's own returns gave it."""

    values: Floats
    estimated: NDArray[np.bool_]


@dataclass(frozen=True)
class ScenarioLoss:
    """A book under one scenario. loss: fraction of NAV, positive a loss; None with its reason. shocks: (N,) returns."""

    name: str
    loss: float | None
    shocks: Floats
    reason: str


@dataclass(frozen=True)
class WindowLoss:
    """A book bought at a window's first close and left alone to its last, by the names that traded then.

    loss: at the last close; worst: at the deepest close; fractions of NAV, positive a loss, None with the reason.
    covered: share of the book's gross that traded. missing: indices of names with weight that did not, held as cash.
    """

    name: str
    loss: float | None
    worst: float | None
    covered: float
    missing: tuple[int, ...]
    sessions: int
    reason: str


def betas(returns: Floats, benchmark: Floats, sectors: tuple[str, ...], parameters: StressParameters) -> Betas:
    """Slopes of simple daily returns (T, N) on the benchmark's (T,), over the last beta_window_sessions (A13).

    Ordinary least squares with an intercept on the sessions that both have, beta_history_min at least; else the larger
    of 1 and the median of the sector's estimated ones, and 1 where the sector has none.
    """
    window, index = returns[-parameters.beta_window_sessions :], benchmark[-parameters.beta_window_sessions :, None]
    both = np.isfinite(window) & np.isfinite(index)
    counts = both.sum(axis=0)
    divisor = np.maximum(counts, 1)
    x, y = np.where(both, index, 0.0), np.where(both, window, 0.0)
    x = np.where(both, x - x.sum(axis=0) / divisor, 0.0)
    y = np.where(both, y - y.sum(axis=0) / divisor, 0.0)
    squares = (x**2).sum(axis=0)
    moves = squares > divisor * np.finfo(float).eps ** 2
    values = (x * y).sum(axis=0) / np.where(moves, squares, 1.0)
    estimated = (counts >= max(parameters.beta_history_min, 3)) & moves & np.isfinite(values)
    medians = {
        sector: float(np.median(values[members]))
        for sector in sorted(set(sectors))
        if (members := estimated & np.array([s == sector for s in sectors])).any()
    }
    for i in np.flatnonzero(~estimated):
        values[i] = max(1.0, medians.get(sectors[i], 1.0))
    return Betas(values, estimated)


def losses(
    weights: Floats, betas_of: Floats, sectors: tuple[str, ...], parameters: StressParameters
) -> tuple[ScenarioLoss, ...]:
    """The book (N,) under every scenario of the configuration, in its order (A13).

    A symbol's shock is market x beta, or its sector's own where the configuration gives one, never below the floor; a
    short gains what its symbol loses. A weight that is no number, or one on a symbol without a beta, leaves no loss.
    """
    found = []
    for scenario in parameters.stress_scenarios:
        own = {s.sector: s.shock for s in parameters.stress_sector_shocks if s.scenario == scenario.name}
        market = betas_of * scenario.market
        replaced = np.array([own.get(sector, np.nan) for sector in sectors], dtype=float)
        shocks = np.maximum(np.where(np.isnan(replaced), market, replaced), parameters.stress_shock_floor)
        if not np.all(np.isfinite(weights)):
            loss, reason = None, "WEIGHT_NOT_FINITE"
        elif not np.all(np.isfinite(shocks[weights != 0])):
            loss, reason = None, "BETA_NOT_FINITE"
        else:
            loss, reason = -float(weights[weights != 0] @ shocks[weights != 0]) + 0.0, ""
        found.append(ScenarioLoss(scenario.name, loss, shocks, reason))
    return tuple(found)


def historical(weights: Floats, closes: Floats, sessions: NDArray[np.datetime64], scenario: Scenario) -> WindowLoss:
    """The book (N,) through a scenario's own sessions, by closes (T, N) on the F9 series with NaN where there is none.

    A name counts where it has a close on the first session; one that stops trading keeps its last. No figure where
    `sessions` do not reach over the window, or no name of the book traded then.
    """
    first, last = (np.datetime64(date.fromisoformat(text)) for text in (scenario.first, scenario.last))
    start, end = int(np.searchsorted(sessions, first)), int(np.searchsorted(sessions, last, side="right")) - 1
    if first == last:
        start -= 1  # a crash of one session is measured from the close before it
    book = np.flatnonzero(weights != 0)
    if not np.all(np.isfinite(weights)):
        return WindowLoss(scenario.name, None, None, 0.0, (), 0, "WEIGHT_NOT_FINITE")
    if len(book) == 0:
        return WindowLoss(scenario.name, 0.0, 0.0, 1.0, (), 0, "EMPTY_BOOK")
    if len(sessions) == 0 or sessions[0] > first or sessions[-1] < last or start < 0 or end <= start:
        return WindowLoss(scenario.name, None, None, 0.0, tuple(book.tolist()), 0, "WINDOW_NOT_COVERED")
    prices = closes[start : end + 1, book]
    prices = np.where(np.isfinite(prices) & (prices > 0), prices, np.nan)
    traded = np.isfinite(prices[0])
    missing = tuple(book[~traded].tolist())
    if not traded.any():
        return WindowLoss(scenario.name, None, None, 0.0, missing, end - start, "NO_NAME_TRADED")
    prices, held = prices[:, traded], weights[book[traded]]
    latest = np.maximum.accumulate(np.where(np.isfinite(prices), np.arange(len(prices))[:, None], 0), axis=0)
    prices = np.take_along_axis(prices, latest, axis=0)
    path = -((prices / prices[0] - 1.0) @ held) + 0.0
    covered = float(np.abs(held).sum() / np.abs(weights).sum())
    return WindowLoss(scenario.name, float(path[-1]), float(path.max()), covered, missing, end - start, "")
