"""Phases 2 to 5 of a cycle as one pure function: signals, allocation, risk, order intents.

`stages(panel, inputs, state, config)` reads no clock, environment or database and iterates in symbol order only, so the
same input gives the same bytes; live, paper, shadow, backtest and replay call it alike. Order of rules (CVaR first):
halt -> eligibility -> agents -> stops and stale views -> auction -> clamps -> dust -> turnover -> CVaR by trade ->
one return to the auction (F10) -> limit scalar -> quantities. VaR and CVaR are of the target weights after turnover:
the book that would stand.
"""

from __future__ import annotations

from math import isfinite

import numpy as np

from runner import committee, phases
from runner.config import GoldenConfig
from runner.decisions import halted, halted_decisions, result
from runner.models import AccountState, CycleInputs, CycleResult, Panel

__all__ = ["halted_decisions", "stages", "unusable"]

#: Risk states in which the committee trades nothing at all (B5).
CLOSED_STATES = ("FREEZE", "LIQUIDATE", "KILL")


def stages(
    panel: Panel, inputs: CycleInputs, state: AccountState, config: GoldenConfig, strategy: str | None = None
) -> CycleResult:
    """Everything of a cycle between the gate and the orders' rows, for the named strategy (default: configured).

    Raises: ConfigError for an unknown strategy, ValueError where it names an agent or overlay that is not built. Data
    that cannot be used is never an exception: it is a HALT or a REJECT with its code.
    """
    faults = unusable(panel, inputs, state)
    if faults:
        return halted(inputs, state, 6, faults)
    standing = phases.stand(panel, inputs, state, config)
    hearing = phases.hear(standing, config, strategy or config.strategies.default)
    if not hearing.ensemble.valid.any():
        failed = tuple(committee.error_code(name) for name in sorted(hearing.failed))
        return halted(inputs, state, 5, failed or ("NO_VALID_AGENT",), hearing)

    wishes = phases.wish(standing, hearing, config)
    allocation = phases.allocate(standing, wishes, {}, None, state, config)
    assessment = phases.assess(standing, wishes, allocation, state, config)
    first = assessment
    returned = bool(first.refused or first.rejection) and config.auction.returns_to_allocation_max > 0
    if returned:
        stopped = dict.fromkeys(range(len(standing.symbols)), first.rejection) if first.rejection else {}
        stopped |= first.refused
        allocation = phases.allocate(standing, wishes, stopped, allocation.awards, state, config)
        assessment = phases.assess(standing, wishes, allocation, state, config)
    final = phases.scale(standing, wishes, assessment, config)
    return result(
        phases.Run(
            config=config,
            state=state,
            standing=standing,
            hearing=hearing,
            wishes=wishes,
            allocation=allocation,
            assessment=assessment,
            final=final,
            trades=phases.order(standing, wishes, final, state, config),
            first_checks=tuple(row for row in first.checks if row.binding and row.action == "REJECT")
            if returned
            else (),
            returned=returned,
        )
    )


def unusable(panel: Panel, inputs: CycleInputs, state: AccountState) -> tuple[str, ...]:
    """Codes of what makes any decision impossible, empty where nothing does (I17: an unreadable input refuses)."""
    codes = []
    if state.risk_state in CLOSED_STATES:
        codes.append(f"STATE_{state.risk_state}")
    if not (isfinite(state.nav) and state.nav > 0):
        codes.append("NAV_UNUSABLE")
    if not isfinite(state.cash):
        codes.append("CASH_UNUSABLE")
    if not (isfinite(state.turnover_used) and state.turnover_used >= 0):
        codes.append("TURNOVER_UNUSABLE")
    if len(panel.sessions) and panel.sessions[-1] > np.datetime64(inputs.as_of_session, "D"):
        codes.append("PANEL_BEYOND_AS_OF")
    known = {row.symbol: row for row in inputs.symbols}
    for symbol in sorted({*state.positions, *state.open_orders}):
        shares = phases.shares_held(state, symbol)
        if not shares.is_finite():
            codes.append(f"POSITION_UNUSABLE:{symbol}")
        elif shares != 0 and symbol not in known:
            codes.append(f"HELD_WITHOUT_INPUT:{symbol}")
        elif shares != 0 and not phases.usable_price(known[symbol].last_close):
            codes.append(f"HELD_WITHOUT_PRICE:{symbol}")
    return tuple(codes)
