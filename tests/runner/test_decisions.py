"""Reason codes are a closed list: every one that a scenario produces stands in the module's docstring (D10)."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from runner import decisions
from runner.models import Panel, SymbolState
from runner.stages import stages
from tests.runner.world import account, altered, config, decision, market, with_row

GOLDEN = config()
PANEL, INPUTS = market(24)
SHORT_PANEL = Panel(PANEL.symbols, PANEL.sessions[-100:], PANEL.closes[-100:])
HELD = account(positions={"S0000": Decimal("500"), "S0004": Decimal("-300"), "S0011": Decimal("10")})

SCENARIOS = {
    "flat": (PANEL, INPUTS, account(), GOLDEN),
    "held": (PANEL, INPUTS, HELD, GOLDEN),
    "drawdown": (PANEL, INPUTS, replace(HELD, nav_index=0.8), GOLDEN),
    "short history": (SHORT_PANEL, INPUTS, HELD, GOLDEN),
    "tight CVaR": (PANEL, INPUTS, HELD, altered(GOLDEN, risk={"cvar_decision": 0.001})),
    "tight VaR": (PANEL, INPUTS, HELD, altered(GOLDEN, risk={"var_limit": 0.0005})),
    "no shorts": (PANEL, INPUTS, account(), altered(GOLDEN, auction={"allow_short": False})),
    "small orders": (PANEL, INPUTS, account(), altered(GOLDEN, oms={"order_value": 2000.0})),
    "turnover spent": (PANEL, INPUTS, replace(HELD, turnover_used=0.2), GOLDEN),
    "cooldown": (
        PANEL,
        INPUTS,
        account(symbols={symbol: SymbolState(symbol, None, 0, 2) for symbol in PANEL.symbols}),
        GOLDEN,
    ),
    "quarantined": (
        PANEL,
        with_row(
            INPUTS, "S0000", governance_state="QUARANTINED", governance_reasons=("HISTORY_196",), in_universe=False
        ),
        HELD,
        GOLDEN,
    ),
    "no nav": (PANEL, INPUTS, replace(HELD, nav=float("nan")), GOLDEN),
}


def documented() -> list[str]:
    """The codes of the docstring as patterns: <x> stands for anything, OPEN_ … with LONG or SHORT."""
    text = decisions.__doc__.split("Codes (D10).")[1]
    codes = re.findall(r"[A-Z][A-Z_]{3,}(?:<\w+>)?(?:\[:<\w+>\])?(?::<\w+>)?", text)
    patterns = []
    for code in codes:
        if code.endswith("_") and code.count("_") == 1:
            patterns += [f"{code}LONG", f"{code}SHORT"]
        else:
            optional = re.sub(r"\[:<\w+>\]", "(:.+)?", code)
            patterns.append(re.sub(r"<\w+>", ".+", optional))
    return patterns


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_reason_code_is_documented(name):
    patterns = [re.compile(pattern) for pattern in documented()]
    own_reason = re.compile(r"HALT_\d|(NAV|CASH|TURNOVER)_UNUSABLE|HELD_WEIGHT_UNKNOWN")
    result = stages(*SCENARIOS[name])
    for one in result.decisions:
        for code in one.reason_codes:
            assert own_reason.fullmatch(code) or any(p.fullmatch(code) for p in patterns), code


def test_the_scenarios_reach_every_family_of_codes():
    stems = {
        re.split(r"[:\d]", code)[0]
        for panel, inputs, state, golden in SCENARIOS.values()
        for one in stages(panel, inputs, state, golden).decisions
        for code in one.reason_codes
    }
    assert stems >= {
        "OPEN_LONG", "OPEN_SHORT", "CAP_NAME", "CAP_SECTOR", "CAP_TURNOVER", "CAP_ORDER_VALUE",
        "NO_VALID_AGENT", "LOW_CONFIDENCE", "STOP_COOLDOWN", "CVAR_DECISION", "RISK_SCALED", "DRAWDOWN",
        "SHORT_DISABLED", "NOT_IN_UNIVERSE", "NOT_ACTIVE_QUARANTINED", "HELD_NOT_ACTIVE", "HALT_",
    }  # fmt: skip


def test_field_fourteen_holds_the_rows_that_touched_the_symbol():
    result = stages(*SCENARIOS["flat"])
    bought = next(i.symbol for i in result.intents if i.side == "BUY")
    rows = decision(result, bought).risk_checks
    assert {row["symbol"] for row in rows} == {bought, None}
    assert {row["limit_name"] for row in rows} >= {"cvar_decision", "name_concentration", "sector", "turnover"}
    assert all(row["binding"] for row in rows if row["scope"] == "portfolio")


def test_the_book_that_would_stand_is_the_target_in_whole_shares_and_fractions():
    result = stages(*SCENARIOS["flat"])
    book = {i.symbol: i.value / 1e6 * (1 if i.side == "BUY" else -1) for i in result.intents}
    for symbol, weight in book.items():
        assert decision(result, symbol).position_size == pytest.approx(weight)
    assert result.risk_state.net == pytest.approx(sum(book.values()))
    assert result.risk_state.cvar_post_trade == pytest.approx(result.risk_state.cvar_95, rel=0.05)


def test_memory_is_kept_only_where_there_is_something_to_remember():
    result = stages(*SCENARIOS["flat"])
    traded = {i.symbol for i in result.intents}
    assert {m.symbol for m in result.symbol_states} == traded
    for memory in result.symbol_states:
        assert memory.entry_stop == decision(result, memory.symbol).stop_loss
    assert np.isfinite([m.entry_stop for m in result.symbol_states]).all()
