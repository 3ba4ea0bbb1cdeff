"""The investment committee: asks every agent of a strategy, checks each view, and hears the ensemble.

The only place that knows the list of agents: the analytical ones, and the control agents that speak after them. The
order is the specification's: analysts -> consensus (`hear`) -> risk (`validate`) -> sizing (`size`) -> final weight,
which the auction and the risk engine make of the sizes. An agent that raises loses its voice for every symbol it was
asked about: those are rejected ERROR_AGENT_<NAME> and an alert is raised; it is never skipped in silence. A view
outside its unit is refused with its reason, never clipped (D5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np

from runner.agents import AGENTS, Agent
from runner.meta_brain import Ensemble, MetaBrainParameters, combine
from runner.models import AgentArrays, AgentView, Alert, FeatureMatrix, Floats, parameters_from
from runner.portfolio import sizing
from runner.risk import validation

#: The control agents, in the order they speak after the consensus: each a routine of this module.
validate = validation.validate
size = sizing.size
CONTROLS = (validation.NAME, sizing.NAME)

#: Bound of a standardised score (NUMERICS section 1).
SCORE_MAX = 3.0


@dataclass(frozen=True)
class Seat:
    """An agent's seat: its name and family, prior weight, information coefficient and parameters."""

    name: str
    family: str
    prior: float
    ic: float
    parameters: Any


@dataclass(frozen=True)
class Hearing:
    """What the committee heard of the symbols: each seat's arrays, the ensemble, agents that failed, and their alerts.

    parameters: the meta-brain's constants; below min_confidence an agent that spoke is not heard (D12: at it, it is).
    """

    symbols: tuple[str, ...]
    seats: tuple[Seat, ...]
    spoken: tuple[AgentArrays, ...]
    ensemble: Ensemble
    parameters: MetaBrainParameters
    failed: Mapping[str, str]
    alerts: tuple[Alert, ...]

    @cached_property
    def views(self) -> tuple[AgentView, ...]:
        """A view per symbol and seat, by symbol: the rows to record."""
        told = [_told(arrays, len(self.symbols)) for arrays in self.spoken]
        seated = list(zip(self.seats, self.spoken, told, strict=True))
        return tuple(
            _view(symbol, seat, arrays, i, reasons[i])
            for i, symbol in enumerate(self.symbols)
            for seat, arrays, reasons in seated
        )

    def low_confidence(self, i: int) -> tuple[str, ...]:
        """Agents that spoke of symbol `i` below the threshold and so are not heard (D12)."""
        return tuple(
            seat.name
            for seat, arrays in zip(self.seats, self.spoken, strict=True)
            if arrays.confidence[i] < self.parameters.min_confidence
        )


def seat(name: str, family: str, prior: float, ic: float, *sections: Any) -> Seat:
    """The seat of an agent, its parameters from configuration sections. Raises: ValueError for an unlisted agent."""
    return Seat(name, family, prior, ic, parameters_from(_agent(name).parameters, *sections))


def features_read(seats: tuple[Seat, ...]) -> tuple[str, ...]:
    """Every feature column the seats' agents read, sorted."""
    return tuple(sorted({name for seat in seats for name in _agent(seat.name).features(seat.parameters)}))


def hear(
    matrix: FeatureMatrix,
    seats: tuple[Seat, ...],
    fallback_sigma: Floats,
    mu_abs_max: float,
    parameters: MetaBrainParameters,
) -> Hearing:
    """Ask every seat about every symbol of `matrix` and combine what may be heard (W, D5, D7).

    fallback_sigma: (N,) annual, for agents without an estimate of their own. Raises: ValueError for a seat whose agent
    runner/agents does not list.
    """
    count = len(matrix.symbols)
    arrays: list[AgentArrays] = []
    failed: dict[str, str] = {}
    for seat in seats:
        agent = _agent(seat.name)
        try:
            spoken = _checked(agent.view(matrix, seat.ic, seat.parameters), count, mu_abs_max)
        except Exception as error:  # whatever it is: it becomes a REJECT and an alert below
            failed[seat.name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            spoken = _silence(count, error_code(seat.name))
        arrays.append(spoken)
    priors = np.array([seat.prior for seat in seats])
    score, mu, sigma, confidence = (_stack(arrays, name) for name in ("score", "mu", "sigma", "confidence"))
    ensemble = combine(score, mu, sigma, confidence, priors, fallback_sigma, parameters)
    alerts = tuple(_alert(name, failed[name], count) for name in sorted(failed))
    return Hearing(matrix.symbols, seats, tuple(arrays), ensemble, parameters, failed, alerts)


def error_code(agent: str) -> str:
    """The reason code of an agent that raised."""
    return f"ERROR_AGENT_{agent.upper()}"


def _agent(name: str) -> Agent:
    for agent in AGENTS:
        if agent.name == name:
            return agent
    raise ValueError(f"strategy names the agent {name}, which runner/agents does not list")


def _checked(spoken: AgentArrays, count: int, mu_abs_max: float) -> AgentArrays:
    """The agent's arrays with rows outside their unit refused (D5): they become abstentions with VIEW_REFUSED faults.

    Raises: ValueError where the arrays have not one entry per symbol.
    """
    numbers = (spoken.score, spoken.mu, spoken.sigma, spoken.confidence)
    shapes = [array.shape for array in (*numbers, *spoken.parts.values(), *spoken.faults.values())]
    if any(shape != (count,) for shape in shapes):
        raise ValueError(f"views of {shapes} for {count} symbols")
    abstains = np.isnan(spoken.score) & np.isnan(spoken.mu) & np.isnan(spoken.confidence)
    with np.errstate(invalid="ignore"):
        outside = {
            "score": ~(np.abs(spoken.score) <= SCORE_MAX),
            "mu": ~(np.abs(spoken.mu) <= mu_abs_max),
            "sigma": ~(np.isnan(spoken.sigma) | ((spoken.sigma > 0) & np.isfinite(spoken.sigma))),
            "confidence": ~((spoken.confidence >= 0) & (spoken.confidence <= 1)),
        }
    refused = {f"VIEW_REFUSED:{name}": ~abstains & fault for name, fault in outside.items()}
    silent = np.logical_or.reduce([abstains, *refused.values()])
    score, mu, sigma, confidence = (np.where(silent, np.nan, array) for array in numbers)
    return AgentArrays(score, mu, sigma, confidence, spoken.parts, {**spoken.faults, **refused})


def _silence(count: int, code: str) -> AgentArrays:
    nothing = np.full(count, np.nan)
    return AgentArrays(nothing, nothing, nothing, nothing, {}, {code: np.ones(count, dtype=bool)})


def _stack(arrays: list[AgentArrays], name: str) -> Floats:
    return np.vstack([getattr(item, name) for item in arrays])


def _told(spoken: AgentArrays, count: int) -> list[tuple[str, ...]]:
    """Per symbol the codes that keep the agent silent, else its parts as LABEL=value: the arithmetic can be redone."""
    silent = np.isnan(spoken.score)
    parts = {label: values.tolist() for label, values in spoken.parts.items()}
    told = []
    for i in range(count):
        if silent[i]:
            told.append(tuple(code for code, fault in spoken.faults.items() if fault[i]) or ("ABSTAINED",))
        else:
            told.append(tuple(f"{label}={values[i]:+.4f}" for label, values in parts.items() if isfinite(values[i])))
    return told


def _view(symbol: str, seat: Seat, spoken: AgentArrays, i: int, reasons: tuple[str, ...]) -> AgentView:
    if np.isnan(spoken.score[i]):
        return AgentView(symbol, seat.name, seat.family, None, None, None, None, True, reasons)
    sigma = None if np.isnan(spoken.sigma[i]) else float(spoken.sigma[i])
    score, mu, confidence = float(spoken.score[i]), float(spoken.mu[i]), float(spoken.confidence[i])
    return AgentView(symbol, seat.name, seat.family, score, mu, sigma, confidence, False, reasons)


def _alert(name: str, message: str, count: int) -> Alert:
    return Alert(
        "HIGH",
        "SYSTEM",
        error_code(name),
        None,
        f"agent {name} failed for {count} symbols, which are rejected: {message}",
        {"agent": name, "symbols": count},
    )
