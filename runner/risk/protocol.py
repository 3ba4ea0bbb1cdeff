"""The recovery protocol, pure: the mirror of govern.risk_events, govern.next_phase and govern.risk_transitions.

SQL recomputes every step a cycle claims and refuses another (decide.record_risk_state), so the two say the same by
design and by test: TRANSITIONS is compared with the table's rows, and both are driven with the same sequences. A cycle
asks twice. `open_phase`, before the book: drawdown and volatility are known, VaR and CVaR are taken as within their
limits. `close_phase`, with what the book then showed; it is the opening's phase or FREEZE, never a softer one (B5). A
figure that is None, NaN or infinite is above its limit (I17). Rulings: A6, A7, B3, B4, B5, B6, B9, B10, B11.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from runner.models import AccountRiskState, Phase, ProtocolState

Event = Literal[
    "resumed_in_breach",
    "resumed",
    "tier_three",
    "served_in_breach",
    "served",
    "drawdown",
    "breach",
    "ramp_over",
    "clean",
    "otherwise",
]

#: The slot that moves tiers and counts; any other may only escalate (B6).
CLOSE = "close"

#: States from the mildest to the most severe (B5).
SEVERITY: tuple[AccountRiskState, ...] = ("ALLOW", "SCALE", "RECOVERY", "REJECT", "FREEZE", "LIQUIDATE", "KILL")


@dataclass(frozen=True)
class ProtocolParameters:
    """Numbers the protocol compares with, named as in the configuration's sections `risk` and `breakers`."""

    drawdown_limit: float
    drawdown_reject_sessions: int
    volatility_target: float
    tier_two_volatility_multiple: float
    var_limit: float
    tier_two_var_multiple: float
    tier_two_gross: float
    cvar_hard: float
    cvar_breaches_to_kill: int
    freeze_sessions: int
    recovery_ramp: tuple[float, ...]


@dataclass(frozen=True)
class Facts:
    """What the protocol looks at; None where the data do not support it.

    drawdown: fraction of the tactical mark. volatility: annual (B1). var: one-day VaR of the target. cvar: one-day CVaR
    of the book that would stand after the orders (B6).
    """

    drawdown: float | None
    volatility: float | None
    var: float | None
    cvar: float | None


@dataclass(frozen=True)
class Transition:
    """One row of govern.risk_transitions. tier: how the ramp's tier follows. begins: sessions count from here on."""

    from_phase: Phase
    precedence: int
    event: Event
    to_phase: Phase
    tier: Literal["none", "first", "next", "same"]
    begins: bool
    rebases: bool
    close_only: bool


#: Phase by phase in order of precedence: the first whose event is true is the step, and there is no other way (B5).
TRANSITIONS: tuple[Transition, ...] = (
    Transition("NORMAL", 1, "resumed_in_breach", "FREEZE", "none", True, False, False),
    Transition("NORMAL", 2, "resumed", "RECOVERY", "first", True, True, False),
    Transition("NORMAL", 3, "tier_three", "FREEZE", "none", True, False, False),
    Transition("NORMAL", 4, "drawdown", "DRAWDOWN", "none", True, False, False),
    Transition("NORMAL", 5, "otherwise", "NORMAL", "none", False, False, False),
    Transition("DRAWDOWN", 1, "resumed_in_breach", "FREEZE", "none", True, False, False),
    Transition("DRAWDOWN", 2, "resumed", "RECOVERY", "first", True, True, False),
    Transition("DRAWDOWN", 3, "tier_three", "FREEZE", "none", True, False, False),
    Transition("DRAWDOWN", 4, "served_in_breach", "FREEZE", "none", True, False, True),
    Transition("DRAWDOWN", 5, "served", "RECOVERY", "first", True, True, True),
    Transition("DRAWDOWN", 6, "otherwise", "DRAWDOWN", "none", False, False, False),
    Transition("FREEZE", 1, "resumed_in_breach", "FREEZE", "none", True, False, False),
    Transition("FREEZE", 2, "resumed", "RECOVERY", "first", True, True, False),
    Transition("FREEZE", 3, "served_in_breach", "FREEZE", "none", True, False, True),
    Transition("FREEZE", 4, "served", "RECOVERY", "first", True, True, True),
    Transition("FREEZE", 5, "otherwise", "FREEZE", "none", False, False, False),
    Transition("RECOVERY", 1, "resumed_in_breach", "FREEZE", "none", True, False, False),
    Transition("RECOVERY", 2, "resumed", "RECOVERY", "first", True, True, False),
    Transition("RECOVERY", 3, "breach", "FREEZE", "none", True, False, False),
    Transition("RECOVERY", 4, "ramp_over", "NORMAL", "none", True, False, True),
    Transition("RECOVERY", 5, "clean", "RECOVERY", "next", False, False, True),
    Transition("RECOVERY", 6, "otherwise", "RECOVERY", "same", False, False, False),
)


@dataclass(frozen=True)
class Step:
    """A step of the protocol: the event that counted, and what is stored. sessions: in the phase, 0 where it begins."""

    event: Event
    phase: Phase
    sessions: int
    tier: int
    cvar_breaches: int
    rebased: bool


@dataclass(frozen=True)
class Opening:
    """What is in force while a cycle makes its book.

    phase, tier: as the step would leave them. ramp: soft factor of the recovery tier, 1 off the ramp (B10).
    stops_increases: nothing may grow (A6), and frozen: the committee orders nothing at all (B9).
    drawdown: what the soft scalar is taken of, 0 where the tactical mark is re-based here (A7), None unknown.
    """

    phase: Phase
    tier: int
    ramp: float
    stops_increases: bool
    frozen: bool
    rebased: bool
    drawdown: float | None


def open_phase(
    state: ProtocolState, drawdown: float | None, volatility: float | None, slot: str, p: ProtocolParameters
) -> Opening:
    """The phase in force before the book is made; see Opening.

    volatility: as far as it is known by then; where it is the target's own to say, at least the benchmark's (B1).
    """
    step = close_phase(state, Facts(drawdown, volatility, var=0.0, cvar=0.0), slot, p)
    return Opening(
        phase=step.phase,
        tier=step.tier,
        ramp=ramp_factor(step.phase, step.tier, p),
        stops_increases=step.phase in ("DRAWDOWN", "FREEZE"),
        frozen=step.phase == "FREEZE",
        rebased=step.rebased,
        drawdown=0.0 if step.rebased else drawdown,
    )


def close_phase(state: ProtocolState, facts: Facts, slot: str, p: ProtocolParameters) -> Step:
    """The step from `state` on `facts` of a cycle of this slot: what is stored, and what SQL recomputes (MQ500)."""
    true = events(state, facts, p)
    found = next(
        t
        for t in TRANSITIONS
        if t.from_phase == state.phase and t.event in true and (slot == CLOSE or not t.close_only)
    )
    tiers = {"none": 0, "first": 1, "next": state.tier + 1, "same": state.tier}
    return Step(
        event=found.event,
        phase=found.to_phase,
        sessions=0 if found.begins else state.sessions,
        tier=tiers[found.tier],
        cvar_breaches=_breaches(state, facts, slot, p),
        rebased=found.rebases,
    )


def events(state: ProtocolState, facts: Facts, p: ProtocolParameters) -> frozenset[Event]:
    """The events that are true, as govern.risk_events.

    tier_three (B4): drawdown and volatility above. breach (B9): tier two, drawdown or CVaR above; before a ramp begins
    the mark is re-based, so drawdown is no breach then, but for one that is unknown: there is nothing to re-base to.
    """
    drawdown = not within(facts.drawdown, p.drawdown_limit)
    volatility = not within(facts.volatility, p.tier_two_volatility_multiple * p.volatility_target)
    either = tier_two(facts.volatility, facts.var, p) or not within(facts.cvar, p.cvar_hard)
    entry_breach = either or not within(facts.drawdown, 1.0)
    breach = either or drawdown
    needed = {"DRAWDOWN": p.drawdown_reject_sessions, "FREEZE": p.freeze_sessions}.get(state.phase)
    served = needed is not None and state.sessions >= needed
    known: dict[Event, bool] = {
        "resumed_in_breach": state.resumed and entry_breach,
        "resumed": state.resumed,
        "tier_three": drawdown and volatility,
        "served_in_breach": served and entry_breach,
        "served": served,
        "drawdown": drawdown,
        "breach": breach,
        "ramp_over": state.tier >= len(p.recovery_ramp) and not breach,
        "clean": not breach,
        "otherwise": True,
    }
    return frozenset(event for event, is_true in known.items() if is_true)


def tier_two(volatility: float | None, var: float | None, p: ProtocolParameters) -> bool:
    """Whether the second breaker trips (B3): VaR or volatility above its multiple, or unknown."""
    return not (
        within(var, p.tier_two_var_multiple * p.var_limit)
        and within(volatility, p.tier_two_volatility_multiple * p.volatility_target)
    )


def soft_factor(product: float, tripped: bool, p: ProtocolParameters) -> float:
    """The soft scalars' product (A15), which the second breaker replaces where it trips (B3); never a looser one."""
    return min(p.tier_two_gross, product) if tripped else product


def ramp_factor(phase: Phase, tier: int, p: ProtocolParameters) -> float:
    """The soft factor of a tier of the ramp (B10); 1 off the ramp. Raises: IndexError for a tier there is not."""
    return p.recovery_ramp[tier - 1] if phase == "RECOVERY" else 1.0


def kills(cvar_breaches: int, p: ProtocolParameters) -> bool:
    """Whether so many CVaR breaches in a row engage the kill switch (B6): layer 8 refuses the run."""
    return cvar_breaches >= p.cvar_breaches_to_kill


def named_state(phase: Phase, *, liquidating: bool, rejected: bool, scaled: bool) -> AccountRiskState:
    """The name of a run's state: the most severe of what is true (B5), at least what layer 7 demands."""
    of_phase: dict[Phase, AccountRiskState] = {
        "NORMAL": "ALLOW",
        "DRAWDOWN": "REJECT",
        "FREEZE": "FREEZE",
        "RECOVERY": "RECOVERY",
    }
    true: list[AccountRiskState] = [of_phase[phase]]
    true += ["LIQUIDATE"] if liquidating else []
    true += ["REJECT"] if rejected else []
    true += ["SCALE"] if scaled else []
    return max(true, key=SEVERITY.index)


def within(observed: float | None, threshold: float) -> bool:
    """Whether `observed` is known, finite and at most `threshold`, as govern.is_within (I17)."""
    return observed is not None and isfinite(observed) and isfinite(threshold) and observed <= threshold


def _breaches(state: ProtocolState, facts: Facts, slot: str, p: ProtocolParameters) -> int:
    """CVaR breaches in a row after the cycle (B6): an unknown CVaR neither counts nor resets, a resumption resets."""
    before = 0 if state.resumed else state.cvar_breaches
    if slot != CLOSE or facts.cvar is None or not isfinite(facts.cvar):
        return before
    return 0 if within(facts.cvar, p.cvar_hard) else before + 1
