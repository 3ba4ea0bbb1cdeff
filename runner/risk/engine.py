"""Every measure of a target book in one place, for the limits, the risk state and the report (A9-A14, B1, E1-E3).

Pure: arrays in, an appraisal out. A measure the data do not support is None with its reason, which a limit reads as a
breach (I17); a figure that nothing is held against is None and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.models import Floats
from runner.risk import contributions, correlation, evt, stress, volatility
from runner.risk.limits import Figure
from runner.risk.measures import History, Measure, MeasureParameters, book_measure


@dataclass(frozen=True)
class EngineParameters:
    """Constants of the measures by module, and the window of ruling B1."""

    measures: MeasureParameters
    correlation: correlation.CorrelationParameters
    stress: stress.StressParameters
    tail: evt.TailParameters
    volatility_window_sessions: int
    sessions_per_year: int


@dataclass(frozen=True)
class Market:
    """What the measures read besides the book. returns: (T-1, N) simple, NaN where missing; sessions: (T-1,) of them.

    betas: (N,) by A13. nav_volatility, benchmark_volatility: annual, of the last sessions; None where unknown (B1).
    """

    sessions: NDArray[np.datetime64]
    returns: Floats
    sectors: tuple[str, ...]
    betas: Floats
    nav_volatility: float | None
    benchmark_volatility: float | None


@dataclass(frozen=True)
class Appraisal:
    """The measures of a book. figures: those no limit reads, by name. components: (N,) shares of historical CVaR."""

    measure: Measure
    volatility: Figure
    correlation: Figure
    stress: Mapping[str, Figure]
    tail: Figure
    figures: Mapping[str, float | None]
    components: Floats


def appraise(target: Floats, known: History, market: Market, parameters: EngineParameters) -> Appraisal:
    """Every measure of `target` (N,), signed fractions of NAV, by the common history of its names."""
    measure = book_measure(target, known, parameters.measures)
    weights = target[known.names]
    empty = not np.any(target)
    usable = not empty and measure.var is not None
    daily = known.returns @ weights if usable else np.empty(0)
    level = parameters.measures.confidence_level

    book_volatility, risen = _simulated(daily, weights, known, empty, usable, parameters)
    annual, why = _larger(market.nav_volatility, book_volatility, market.benchmark_volatility)
    shock = (
        correlation.shock(weights, known.returns, parameters.correlation)
        if usable
        else correlation.CorrelationShock(0.0 if empty else None, 0, 1.0, "EMPTY_BOOK" if empty else measure.reason)
    )
    scenarios = stress.losses(target, market.betas, market.sectors, parameters.stress)
    tail = evt.fit_tail(-daily, parameters.tail) if usable else None
    components = np.full(len(target), 0.0 if usable or empty else np.nan)
    if usable:
        level = parameters.measures.confidence_level
        components[known.names] = contributions.marginal_and_component(weights, known.returns, level)[1]
    return Appraisal(
        measure=measure,
        volatility=Figure(annual, why),
        correlation=Figure(shock.rho, shock.reason),
        stress={one.name: Figure(one.loss, one.reason) for one in scenarios},
        tail=_tail_figure(tail, empty, measure),
        figures={},
        components=components,
    )
