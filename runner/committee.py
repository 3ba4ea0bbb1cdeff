"""The investment committee: asks every agent of a strategy, checks each view, and hears the ensemble.

The only place that knows the list of agents. An agent that raises loses its voice for every symbol it was asked about:
those are rejected ERROR_AGENT_<NAME> and an alert is raised; it is never skipped in silence. A view outside its unit is
refused with its reason, never clipped (D5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from runner.agents import AGENTS, Agent
from runner.meta_brain import Ensemble, MetaBrainParameters, combine
from runner.models import AgentArrays, AgentView, Alert, FeatureMatrix, Floats, parameters_from

#: Bound of a standardised score (NUMERICS section 1).
SCORE_MAX = 3.0


@dataclass(frozen=True)
class Seat:
    """An agent's seat: its name, prior weight, information coefficient and parameters."""

    name: str
    prior: float
    ic: float
    parameters: Any


@dataclass(frozen=True)
class Hearing:
    """What the committee heard: a view per agent and symbol, the ensemble, agents that failed, and their alerts."""

    views: tuple[AgentView, ...]
    ensemble: Ensemble
    failed: Mapping[str, str]
    low_confidence: tuple[tuple[str, ...], ...]
    alerts: tuple[Alert, ...]


class Enrolment(Protocol):
    """An agent as a strategy of the configuration names it."""

    @property
    def name(self) -> str:
        """Name of the agent, as runner/agents lists it."""

    @property
    def prior(self) -> float:
        """Prior weight."""

    @property
    def ic(self) -> float:
        """Information coefficient."""


def seats(enrolled: Iterable[Enrolment], sections: Callable[[str], tuple[Any, ...]]) -> tuple[Seat, ...]:
    """A seat per enrolled agent, its parameters from the configuration's `sections` of its name."""
    return tuple(
        Seat(one.name, one.prior, one.ic, parameters_from(_agent(one.name).parameters, *sections(one.name)))
        for one in enrolled
    )


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
            spoken = _silence(count, (error_code(seat.name),))
        arrays.append(spoken)
    score, confidence = _stack(arrays, "score"), _stack(arrays, "confidence")
    priors = np.array([seat.prior for seat in seats])
    ensemble = combine(
        score, _stack(arrays, "mu"), _stack(arrays, "sigma"), confidence, priors, fallback_sigma, parameters
    )
    low = _low_confidence(seats, confidence, parameters.min_confidence)
    views = tuple(_view(matrix, seat, item, i) for i in range(count) for seat, item in zip(seats, arrays, strict=True))
    alerts = tuple(_alert(name, failed[name], count) for name in sorted(failed))
    return Hearing(views, ensemble, failed, low, alerts)


def error_code(agent: str) -> str:
    """The reason code of an agent that raised."""
    return f"ERROR_AGENT_{agent.upper()}"


def _agent(name: str) -> Agent:
    for agent in AGENTS:
        if agent.name == name:
            return agent
    raise ValueError(f"strategy names the agent {name}, which runner/agents does not list")


def _checked(spoken: AgentArrays, count: int, mu_abs_max: float) -> AgentArrays:
    """The agent's arrays with rows outside their unit refused (D5): they become abstentions with VIEW_REFUSED reasons.

    Raises: ValueError where the arrays have not one entry per symbol.
    """
    numbers = (spoken.score, spoken.mu, spoken.sigma, spoken.confidence)
    if any(array.shape != (count,) for array in numbers) or len(spoken.reasons) != count:
        raise ValueError(f"views of {[array.shape for array in numbers]} for {count} symbols")
    abstains = np.isnan(spoken.score) & np.isnan(spoken.mu) & np.isnan(spoken.confidence)
    with np.errstate(invalid="ignore"):
        faults = {
            "score": ~(np.abs(spoken.score) <= SCORE_MAX),
            "mu": ~(np.abs(spoken.mu) <= mu_abs_max),
            "sigma": ~(np.isnan(spoken.sigma) | ((spoken.sigma > 0) & np.isfinite(spoken.sigma))),
            "confidence": ~((spoken.confidence >= 0) & (spoken.confidence <= 1)),
        }
    reasons = list(spoken.reasons)
    refused = np.zeros(count, dtype=bool)
    for i in np.flatnonzero(~abstains & np.logical_or.reduce(list(faults.values()))):
        refused[i] = True
        reasons[i] = tuple(f"VIEW_REFUSED:{name}" for name, fault in faults.items() if fault[i])
    for i in np.flatnonzero(abstains):
        reasons[i] = reasons[i] or ("ABSTAINED",)
    silent = refused | abstains
    score, mu, sigma, confidence = (np.where(silent, np.nan, array) for array in numbers)
    return AgentArrays(score, mu, sigma, confidence, tuple(reasons))


def _silence(count: int, reasons: tuple[str, ...]) -> AgentArrays:
    nothing = np.full(count, np.nan)
    return AgentArrays(nothing, nothing, nothing, nothing, (reasons,) * count)


def _stack(arrays: list[AgentArrays], name: str) -> Floats:
    return np.vstack([getattr(item, name) for item in arrays])


def _low_confidence(seats: tuple[Seat, ...], confidence: Floats, threshold: float) -> tuple[tuple[str, ...], ...]:
    """Per symbol the agents that spoke below the threshold and so are not heard (D12: at it passes)."""
    with np.errstate(invalid="ignore"):
        low = confidence < threshold
    return tuple(tuple(seats[k].name for k in np.flatnonzero(low[:, i])) for i in range(confidence.shape[1]))


def _view(matrix: FeatureMatrix, seat: Seat, spoken: AgentArrays, i: int) -> AgentView:
    symbol, reasons = matrix.symbols[i], spoken.reasons[i]
    if np.isnan(spoken.score[i]):
        return AgentView(symbol, seat.name, None, None, None, None, True, reasons)
    sigma = None if np.isnan(spoken.sigma[i]) else float(spoken.sigma[i])
    score, mu, confidence = float(spoken.score[i]), float(spoken.mu[i]), float(spoken.confidence[i])
    return AgentView(symbol, seat.name, score, mu, sigma, confidence, False, reasons)


def _alert(name: str, message: str, count: int) -> Alert:
    return Alert(
        "HIGH",
        "SYSTEM",
        error_code(name),
        None,
        f"agent {name} failed for {count} symbols, which are rejected: {message}",
        {"agent": name, "symbols": count},
    )
