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
    """Constants of the measures, by module."""

    measures: MeasureParameters
    volatility: volatility.VolatilityParameters
    correlation: correlation.CorrelationParameters
    stress: stress.StressParameters
    tail: evt.TailParameters


@dataclass(frozen=True)
class Market:
    """What the measures read besides the book.

    sessions: (T,) of closes: (T, N) on the F9 series, NaN where missing. betas: (N,) by A13. nav_returns: the fund's
    own, oldest first. benchmark: (T-1,) simple returns.
    """

    sessions: NDArray[np.datetime64]
    closes: Floats
    sectors: tuple[str, ...]
    betas: Floats
    nav_returns: Floats
    benchmark: Floats


@dataclass(frozen=True)
class Appraisal:
    """The measures of a book. figures: those no limit reads, by name. components: (N,) shares of
    `measure.cvar`, summing to it; NaN where it is None.

    stress: by scenario. tail: GPD shape less one standard error, where it has one (E3).
    """

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
    own = weights if usable else weights[:0]
    returns = known.returns if usable else known.returns[:, :0]
    daily = returns @ own

    moves = volatility.standing(market.nav_returns, own, returns, market.benchmark, parameters.volatility)
    if not usable and not empty and moves.nav is None:
        moves = volatility.Volatility(None, None, moves.benchmark, None, measure.reason)
    shock = correlation.shock(own, returns, parameters.correlation)
    losses = stress.losses(target, market.betas, market.sectors, parameters.stress)
    tail = evt.fit_tail(-daily, parameters.tail)
    parts = contributions.contributions(target, known, parameters.measures)
    components = np.full(len(target), np.nan if parts.cvar is None else 0.0)
    components[parts.names] = parts.component
    return Appraisal(
        measure=measure,
        volatility=Figure(moves.used, moves.reason),
        correlation=_correlation(shock, measure, empty=empty, usable=usable),
        stress={one.name: Figure(one.loss, one.reason) for one in losses},
        tail=_tail(tail, measure, empty=empty, usable=usable),
        figures=_figures(target, measure, moves, shock, losses, tail, returns, own, market, parameters),
        components=components,
    )


def _correlation(shock: correlation.CorrelationShock, measure: Measure, *, empty: bool, usable: bool) -> Figure:
    """Too few names have no correlation to shock: 0, and the reason; a book that cannot be measured has none known."""
    if empty:
        return Figure(0.0, "EMPTY_BOOK")
    if not usable:
        return Figure(None, measure.reason)
    return Figure(0.0, shock.reason) if shock.reason == "TOO_FEW_NAMES" else Figure(shock.rho, shock.reason)


def _tail(tail: evt.TailFit, measure: Measure, *, empty: bool, usable: bool) -> Figure:
    if empty:
        return Figure(0.0)
    return Figure(evt.lower_shape(tail), tail.reason) if usable else Figure(None, measure.reason)


def _figures(
    target: Floats,
    measure: Measure,
    moves: volatility.Volatility,
    shock: correlation.CorrelationShock,
    losses: tuple[stress.ScenarioLoss, ...],
    tail: evt.TailFit,
    returns: Floats,
    own: Floats,
    market: Market,
    parameters: EngineParameters,
) -> dict[str, float | None]:
    """Everything else that was measured, by name:

    both estimators, the tail, each crisis replayed where it is covered.
    """
    figures: dict[str, float | None] = {
        "var_historical": measure.var_historical,
        "var_filtered": measure.var_filtered,
        "cvar_historical": measure.cvar_historical,
        "cvar_filtered": measure.cvar_filtered,
        "common_sessions": float(measure.observations),
        "volatility_nav": moves.nav,
        "volatility_book": moves.book,
        "volatility_benchmark": moves.benchmark,
        "volatility_correlations_one": volatility.all_correlations_one(
            own, returns[-_window(parameters) :], parameters.volatility
        ),
        "beta": volatility.book_beta(target, market.betas),
        "correlation": shock.rho,
        "tail_shape": tail.shape,
        "tail_shape_error": tail.shape_error,
        "tail_exceedances": float(tail.exceedances),
    }
    for one in tail.figures:
        figures[f"tail_var_{round(one.level * 100)}"] = one.var
        figures[f"tail_cvar_{round(one.level * 100)}"] = one.es
    for scenario, loss in zip(parameters.stress.stress_scenarios, losses, strict=True):
        window = stress.historical(target, market.closes, market.sessions, scenario)
        figures[f"stress_{loss.name}"] = loss.loss
        figures[f"window_{loss.name}"] = window.worst
    return figures


def _window(parameters: EngineParameters) -> int:
    return parameters.correlation.correlation_window_sessions
