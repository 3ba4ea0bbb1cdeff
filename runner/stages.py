"""Phases 2 to 5 of a cycle as one pure function: signals, allocation, risk, order intents.

`stages(panel, inputs, state, config)` reads no clock, environment or database and iterates in symbol order only, so the
same input gives the same bytes; live, paper, shadow, backtest and replay call it alike. Order of rules (CVaR first):
halt -> eligibility -> regime and phase -> agents -> stops and stale views -> auction -> overlays -> clamps -> dust ->
turnover -> CVaR by trade -> limits -> one return to the auction (F10) -> scalars -> quantities -> the recovery
protocol. Risk figures are of the target weights after turnover, before any scalar (A9); the breach count is of the
book that would stand (B6).
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import numpy as np

from runner import committee, phases, strategies
from runner.config import GoldenConfig
from runner.decisions import halted, halted_decisions, result
from runner.models import AccountState, CycleInputs, CycleResult, Panel, RiskCheck

__all__ = ["halted_decisions", "stages", "unusable"]


def stages(
    panel: Panel,
    inputs: CycleInputs,
    state: AccountState,
    config: GoldenConfig,
    strategy: str | None = None,
    slot: str = "close",
) -> CycleResult:
    """Everything of a cycle between the gate and the orders' rows, for the named strategy (default: configured).

    slot: counters of the recovery protocol move with `close` only. Raises: ConfigError for an unknown strategy,
    ValueError where it names an agent or overlay that is not built. Data that cannot be used is never an exception: it
    is a HALT or a REJECT with its code.
    """
    faults = unusable(panel, inputs, state)
    if faults:
        return halted(inputs, state, 6, faults)
    named = strategy or config.strategies.default
    built = strategies.build(config, named)
    # A strategy's own parameters hold in every phase: staleness, the second allocator and what is recorded read them.
    config = config.under(named)
    standing = phases.stand(panel, inputs, state, config)
    conditions = phases.conditions(standing, state, slot, config)
    hearing = phases.hear(standing, built, config)
    if not hearing.ensemble.valid.any():
        failed = tuple(committee.error_code(name) for name in sorted(hearing.failed))
        return halted(inputs, state, 5, failed or ("NO_VALID_AGENT",), hearing)

    wishes = phases.wish(standing, hearing, config)
    everyone = range(len(standing.symbols))
    refused = dict.fromkeys(everyone, conditions.stop) if conditions.stop else {}
    may_return = config.auction.returns_to_allocation_max > 0
    allocation = phases.allocate(standing, conditions, wishes, refused, None, 1.0, state, config)
    assessment = first = phases.assess(standing, conditions, wishes, allocation, may_return, state, config)
    stopped = first.rejection if not conditions.stop else ""
    returned = may_return and bool(first.refused or stopped or first.shrink < 1)
    if returned:
        refused |= dict.fromkeys(everyone, stopped) if stopped else {}
        refused |= first.refused
        allocation = phases.allocate(standing, conditions, wishes, refused, allocation, first.shrink, state, config)
        assessment = phases.assess(standing, conditions, wishes, allocation, False, state, config)
        # What stopped every increase names the state (B5), though the book without them is within the limit.
        assessment = replace(assessment, rejection=assessment.rejection or stopped)
    final = phases.scale(standing, conditions, wishes, assessment, config)
    trades = phases.order(standing, wishes, final, state, config)
    book = phases.book_after(standing, trades, state.nav)
    post = phases.measure_book(book, assessment, config)
    closing = phases.close(assessment, post, state, slot, config)
    if closing.phase == "FREEZE":
        # What the book showed may have frozen the account (B4, B11): the figures stay, nothing of it is traded.
        final, trades, book = standing.held, {}, standing.held
    stands = phases.measure_book(book, assessment, config)
    return result(
        phases.Run(
            config=config,
            state=state,
            standing=standing,
            conditions=conditions,
            hearing=hearing,
            wishes=wishes,
            allocation=allocation,
            assessment=assessment,
            final=final,
            trades=trades,
            book=book,
            post=post,
            stands=stands,
            closing=closing,
            first_checks=tuple(row for row in first.checks if row.binding and _acted_on(row)) if returned else (),
            returned=returned,
            shrink=first.shrink,
        ),
        inputs,
    )


def _acted_on(row: RiskCheck) -> bool:
    """Whether a row of the first pass is why there was a second."""
    return row.action == "REJECT" or (row.limit_name == "stress" and row.action == "SCALE")


def unusable(panel: Panel, inputs: CycleInputs, state: AccountState) -> tuple[str, ...]:
    """Codes of what makes any decision impossible, empty where nothing does (I17: an unreadable input refuses)."""
    codes = []
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
