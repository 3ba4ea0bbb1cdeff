"""Phases 2 to 5 as a whole: one decision per symbol, limits kept, refusals that say why, the same bytes every time."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner import committee
from runner.agents import AGENTS, Agent
from runner.config import OverrideConfig
from runner.models import Panel, ProtocolState, Regime, SymbolState
from runner.risk import regimes
from runner.stages import halted_decisions, stages
from tests.runner.world import account, altered, config, decision, market, with_row

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = config()
(TECHNICAL,) = (agent for agent in AGENTS if agent.name == "technical")
PANEL, INPUTS = market(24)
FLAT = stages(PANEL, INPUTS, account(), GOLDEN)
#: A symbol that is bought and one that is sold short from a flat book.
LONG = next(i.symbol for i in FLAT.intents if i.side == "BUY")
SHORT = next(i.symbol for i in FLAT.intents if i.side == "SELL")
#: Codes of what the auction's constraints cut.
CAPS = ("CAP_NAME", "CAP_SECTOR", "CAP_LONG", "CAP_SHORT", "CAP_GROSS")
SILENT = next(d.symbol for d in FLAT.decisions if "NO_VALID_AGENT" in d.reason_codes)


def price(symbol: str) -> float:
    return next(row.last_close for row in INPUTS.symbols if row.symbol == symbol)


def shares(symbol: str, weight: float) -> Decimal:
    return Decimal(str(round(weight * 1_000_000 / price(symbol), 4)))


def holding(weights: dict[str, float], **changes):
    return account(positions={symbol: shares(symbol, weight) for symbol, weight in weights.items()}, **changes)


def as_bytes(result) -> bytes:
    return json.dumps(asdict(result), default=str, sort_keys=True, allow_nan=False).encode()


def exposures(result) -> np.ndarray:
    return np.array([d.position_size for d in result.decisions])


@dataclass(frozen=True)
class NoParameters:
    """Parameters of an agent that has none."""


# --- shape ------------------------------------------------------------------------------------------------------------


def test_every_symbol_has_exactly_one_decision_with_finite_fields():
    assert [d.symbol for d in FLAT.decisions] == [row.symbol for row in INPUTS.symbols]
    for one in FLAT.decisions:
        assert one.reason_codes
        assert np.isfinite([one.position_size, one.mu_hat, one.sigma_hat, one.conviction, one.stop_loss]).all()
        assert one.sigma_hat > 0
        assert one.stop_loss > 0
    assert as_bytes(FLAT)  # no NaN anywhere


def test_outcomes_agree_with_intents_and_hold_or_reject_keep_what_is_held():
    sides = {intent.symbol: intent.side for intent in FLAT.intents}
    for one in FLAT.decisions:
        expected = {"BUY": ("EXECUTE_BUY",), "SELL": ("EXECUTE_SELL",)}.get(sides.get(one.symbol), ("HOLD", "REJECT"))
        assert one.final_decision in expected
        if one.symbol not in sides:
            assert one.position_size == one.metadata["held_weight"]
    assert len(sides) == len(FLAT.intents)


def test_shorts_are_whole_shares_and_quantities_have_four_decimals():
    for intent in FLAT.intents:
        assert intent.quantity > 0
        assert intent.quantity == intent.quantity.quantize(Decimal("0.0001"))
        if intent.side == "SELL":
            assert intent.quantity == intent.quantity.to_integral_value()


def test_the_flat_book_keeps_every_exposure_limit_and_uses_the_turnover():
    weights = exposures(FLAT)
    assert np.abs(weights).sum() <= GOLDEN.auction.turnover_cap + 1e-12
    assert np.abs(weights).sum() == pytest.approx(0.2, abs=0.005)
    assert FLAT.risk_state.gross == pytest.approx(np.abs(weights).sum())
    assert sum(Decimal(str(i.value)) for i in FLAT.intents) <= Decimal(200000)


def test_the_arithmetic_from_score_to_weight_can_be_redone():
    one = decision(FLAT, LONG)
    view, meta = one.agent_results["technical"], one.metadata
    assert one.mu_hat == pytest.approx(view["mu"] * meta["coverage"] * meta["penalty"])
    assert view["mu"] == pytest.approx(0.10 * view["sigma"] * view["score"])
    assert one.conviction == pytest.approx(one.mu_hat / one.sigma_hat)
    assert meta["kelly"] == pytest.approx(0.3 * one.mu_hat / one.sigma_hat**2)
    assert abs(meta["award"]) <= min(abs(meta["kelly"]), 0.10) + 1e-12
    assert meta["target"] == pytest.approx(meta["after_cvar"] * meta["limit_factor"] * meta["soft_factor"])
    assert one.position_size == pytest.approx(meta["target"], abs=price(LONG) * 1e-4 / 1e6)


def test_verdicts_cover_layers_five_to_nine():
    assert [(v.layer, v.verdict) for v in FLAT.verdicts] == [(layer, "PASS") for layer in (5, 6, 7, 8, 9)]
    held = FLAT.verdicts[1].evidence["held"]
    assert {"var", "cvar_hard", "cvar_decision", "gross", "drawdown", "turnover", "stress", "correlation"} <= set(held)


def test_limits_are_rows_passed_ones_too():
    by_auction = {"name_concentration", "sector", "long", "short", "gross", "turnover", "order_value"}
    by_measure = {"drawdown", "var", "cvar_hard", "cvar_decision", "volatility", "correlation", "stress"}
    scalars = {"regime", "drawdown_scale", "fat_tail", "recovery_ramp", "circuit_breaker"}
    assert {row.limit_name for row in FLAT.risk_checks} == by_auction | by_measure | scalars
    assert {row.action for row in FLAT.risk_checks} >= {"ALLOW", "SCALE"}


def test_every_measure_is_stored_and_components_of_cvar_sum_to_it():
    figures = FLAT.risk_state.figures
    known = {name for name, value in figures.items() if value is not None}
    assert {"var_historical", "cvar_filtered", "volatility_book", "volatility_benchmark", "beta", "tail_shape"} <= known
    assert {f"stress_{one.name}" for one in GOLDEN.risk.stress_scenarios} <= known
    parts = [d.metadata["component_cvar"] for d in FLAT.decisions]
    assert sum(parts) == pytest.approx(FLAT.risk_state.cvar_95)
    assert figures["volatility_correlations_one"] >= figures["volatility_book"]


# --- sessions ---------------------------------------------------------------------------------------------------------


def after(result, state):
    """The account once every intent has filled at the last close."""
    positions = dict(state.positions)
    for intent in result.intents:
        signed = intent.quantity if intent.side == "BUY" else -intent.quantity
        positions[intent.symbol] = positions.get(intent.symbol, Decimal(0)) + signed
    memory = {one.symbol: one for one in result.symbol_states}
    return replace(state, positions={k: v for k, v in positions.items() if v}, symbols=memory)


def test_the_book_fills_up_over_sessions_and_then_rests():
    state, grosses = account(), []
    for _ in range(8):
        result = stages(PANEL, INPUTS, state, GOLDEN)
        state = after(result, state)
        grosses.append(result.risk_state.gross)
    assert grosses[0] == pytest.approx(0.2, abs=0.01)
    assert grosses == sorted(grosses)
    assert grosses[4] > 0.8
    assert stages(PANEL, INPUTS, state, GOLDEN).intents == ()
    final = stages(PANEL, INPUTS, state, GOLDEN)
    weights = exposures(final)
    assert np.abs(weights).max() <= 0.10
    assert np.maximum(weights, 0).sum() <= 0.6
    assert np.maximum(-weights, 0).sum() <= 0.4
    for sector in range(10):
        assert np.abs(weights[sector::10]).sum() <= 0.15


@pytest.mark.parametrize("index", [1.0, 0.9999])
def test_a17_a_book_of_many_small_wishes_fills_and_no_held_name_grows_by_less_than_the_band(index):
    """Turnover's share of an increase was below the band: traded with no soft scalar, never with one."""
    panel, inputs = market(120)
    small = altered(GOLDEN, meta_brain={"kelly_gamma": 0.05})
    price_of = {row.symbol: row.last_close for row in inputs.symbols}
    state, grosses = account(nav_index=index), []
    for _ in range(6):
        result = stages(panel, inputs, state, small)
        for intent in result.intents:
            if intent.leg == "entry" and intent.symbol in state.positions:
                assert intent.value > 10_000 - price_of[intent.symbol], intent
        state = after(result, state)
        grosses.append(result.risk_state.gross)
    assert grosses[:3] == pytest.approx([0.2, 0.4, 0.6], abs=0.01)
    waits = stages(panel, inputs, replace(state, positions={}, turnover_used=0.2), small)
    assert {d.final_decision for d in waits.decisions if "CAP_TURNOVER" in d.reason_codes} == {"REJECT"}


def test_a_second_cycle_of_the_session_trades_only_what_is_missing():
    working = {i.symbol: i.quantity if i.side == "BUY" else -i.quantity for i in FLAT.intents}
    second = stages(PANEL, INPUTS, account(open_orders=working, turnover_used=0.2), GOLDEN)
    assert second.intents == ()
    assert decision(second, LONG).final_decision == "REJECT"
    assert "CAP_TURNOVER" in decision(second, LONG).reason_codes


def test_held_less_is_wanted_of_an_entry_that_still_works_and_there_is_nothing_to_sell():
    mild = next(d.symbol for d in FLAT.decisions if 0.02 < d.metadata.get("kelly", 0.0) < 0.08)
    one = decision(stages(PANEL, INPUTS, account(open_orders={mild: shares(mild, 0.10)}), GOLDEN), mild)
    assert one.metadata["kelly"] < 0.08
    assert one.metadata["target"] == one.metadata["held_weight"]
    assert (one.final_decision, one.reason_codes) == ("HOLD", ("NOTHING_FREE_TO_SELL",))


def test_held_what_working_orders_hold_is_no_room_for_others_and_no_risk_less():
    """A short that still works and is wanted no more: its side was given to others, whose orders the limit refused."""
    working = {SHORT: shares(SHORT, -0.05).to_integral_value()}
    inputs = with_row(INPUTS, SHORT, shortable=False)
    tight = altered(GOLDEN, auction={"short_cap": 0.08, "turnover_cap": 1.0})
    flat = stages(PANEL, inputs, account(), tight)
    result = stages(PANEL, inputs, account(open_orders=working), tight)
    shorts = [float(np.maximum(-exposures(one), 0).sum()) for one in (flat, result)]
    assert shorts[0] == pytest.approx(0.08, abs=0.01)
    assert 0.05 < shorts[1] <= 0.08
    assert not {i.symbol for i in result.intents} & {SHORT}


def test_reductions_come_before_entries():
    state = holding({SHORT: 0.09, LONG: 0.02})
    legs = [intent.leg for intent in stages(PANEL, INPUTS, state, GOLDEN).intents]
    assert "exit" in legs
    assert legs == sorted(legs, reverse=True)


def test_a_flip_closes_first_with_the_position_s_own_quantity():
    state = account(positions={SHORT: Decimal("12.3457")})
    result = stages(PANEL, INPUTS, state, GOLDEN)
    (intent,) = [i for i in result.intents if i.symbol == SHORT]
    assert (intent.side, intent.leg, intent.quantity) == ("SELL", "exit", Decimal("12.3457"))
    assert decision(result, SHORT).reason_codes[:2] == ("CLOSE_LONG", "FLIP_CLOSES_FIRST")
    assert decision(result, SHORT).position_size == 0.0


def test_a_held_name_over_the_cap_is_cut_to_it():
    result = stages(PANEL, INPUTS, holding({LONG: 0.14}), GOLDEN)
    one = decision(result, LONG)
    assert one.final_decision == "EXECUTE_SELL"
    assert {"REDUCE_LONG", "CAP_NAME"} <= set(one.reason_codes)
    assert 0.09 < one.position_size <= 0.10


def test_an_order_is_cut_to_the_largest_value_one_may_have():
    small = altered(GOLDEN, oms={"order_value": 5000.0})
    result = stages(PANEL, INPUTS, account(), small)
    assert max(i.value for i in result.intents) <= 5000.0
    assert "CAP_ORDER_VALUE" in decision(result, LONG).reason_codes


def test_an_unshortable_name_is_refused_and_shorts_can_be_switched_off():
    one = decision(stages(PANEL, with_row(INPUTS, SHORT, shortable=False), account(), GOLDEN), SHORT)
    assert (one.final_decision, one.reason_codes) == ("REJECT", ("NOT_SHORTABLE",))
    without = stages(PANEL, INPUTS, account(), altered(GOLDEN, auction={"allow_short": False}))
    assert {i.side for i in without.intents} == {"BUY"}
    assert decision(without, SHORT).reason_codes == ("SHORT_DISABLED",)


# --- who may not trade ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"governance_state": "QUARANTINED", "governance_reasons": ("HISTORY_196",)},
            "NOT_ACTIVE_QUARANTINED:HISTORY_196",
        ),
        ({"governance_state": "DEGRADED", "governance_reasons": ()}, "NOT_ACTIVE_DEGRADED"),
        ({"in_universe": False}, "NOT_IN_UNIVERSE"),
        ({"asset_class": "fx"}, "NOT_TRADABLE:fx"),
        ({"asset_class": "index"}, "NOT_TRADABLE:index"),
        ({"data_quality_score": float(np.nextafter(0.6, 0))}, "LOW_QUALITY"),
        ({"data_quality_score": float("nan")}, "LOW_QUALITY"),
        ({"valid_sessions": 1259}, "SHORT_HISTORY:1259"),
        ({"last_close": None}, "NO_PRICE"),
        ({"last_close": float("nan")}, "NO_PRICE"),
        ({"last_close": -1.0}, "NO_PRICE"),
        ({"last_session": None}, "STALE_PRICE"),
        ({"last_session": PANEL.sessions[-2].astype(object)}, "STALE_PRICE"),
    ],
)
def test_a_symbol_that_may_not_trade_is_rejected_before_signals(changes, code):
    result = stages(PANEL, with_row(INPUTS, LONG, **changes), account(), GOLDEN)
    one = decision(result, LONG)
    assert one.final_decision == "REJECT"
    assert code in one.reason_codes
    assert (one.stop_loss, one.mu_hat, one.sigma_hat, one.conviction) == (None, None, None, None)
    assert LONG not in {i.symbol for i in result.intents}
    assert result.halt_layer is None


def test_d12_quality_at_the_threshold_passes():
    one = decision(stages(PANEL, with_row(INPUTS, LONG, data_quality_score=0.6), account(), GOLDEN), LONG)
    assert one.final_decision == "EXECUTE_BUY"


def test_f18_a_held_name_that_is_not_active_is_neither_traded_nor_forgotten():
    state = holding({LONG: 0.12}, symbols={LONG: SymbolState(LONG, price(LONG) * 2, 0, None)})
    inputs = with_row(INPUTS, LONG, governance_state="QUARANTINED", governance_reasons=("VETO_SPIKE",))
    result = stages(PANEL, inputs, state, GOLDEN)
    one = decision(result, LONG)
    assert one.reason_codes == ("NOT_ACTIVE_QUARANTINED:VETO_SPIKE", "HELD_NOT_ACTIVE")
    assert one.position_size == pytest.approx(0.12, abs=1e-4)
    assert one.metadata["valued_by"] == "OWN"
    assert LONG not in {i.symbol for i in result.intents}
    (memory,) = [m for m in result.symbol_states if m.symbol == LONG]
    assert memory.entry_stop == price(LONG) * 2


def test_f18_a_held_name_without_history_does_not_turn_the_book_s_var_null():
    closes = PANEL.closes.copy()
    closes[:-30, PANEL.symbols.index(LONG)] = np.nan
    inputs = with_row(INPUTS, LONG, governance_state="DEGRADED", governance_reasons=())
    result = stages(Panel(PANEL.symbols, PANEL.sessions, closes), inputs, holding({LONG: 0.05}), GOLDEN)
    assert decision(result, LONG).metadata["valued_by"] == "SECTOR"
    assert result.risk_state.var_95 is not None
    assert result.intents


def test_a9c_a_bid_without_history_is_refused_and_the_others_go_on():
    closes = PANEL.closes.copy()
    closes[:-100, PANEL.symbols.index(LONG)] = np.nan
    result = stages(Panel(PANEL.symbols, PANEL.sessions, closes), INPUTS, account(), GOLDEN)
    one = decision(result, LONG)
    assert (one.final_decision, one.reason_codes[0]) == ("REJECT", "NO_COMMON_HISTORY")
    assert result.risk_state.var_95 is not None
    assert len(result.intents) > 3
    assert result.metadata["returned_to_allocation"]


# --- voices -----------------------------------------------------------------------------------------------------------


def test_a9c_a_held_name_that_is_measured_by_its_sector_does_not_grow_by_it():
    closes = PANEL.closes.copy()
    closes[:-100, PANEL.symbols.index(LONG)] = np.nan
    result = stages(replace(PANEL, closes=closes), INPUTS, holding({LONG: 0.02}), GOLDEN)
    one = decision(result, LONG)
    assert (one.final_decision, "NO_COMMON_HISTORY" in one.reason_codes) == ("REJECT", True)
    assert one.metadata["valued_by"].startswith("SECTOR")
    assert result.intents


def test_no_valid_agent_rejects_with_numbers_that_say_no_view():
    one = decision(FLAT, SILENT)
    assert one.reason_codes == ("NO_VALID_AGENT", "LOW_CONFIDENCE:technical")
    assert (one.mu_hat, one.conviction) == (0.0, 0.0)
    assert one.stop_loss > 0


@pytest.mark.parametrize("sessions", range(6))
def test_w2_a_held_name_without_a_voice_is_kept_five_sessions_and_then_sold(sessions):
    state = holding({SILENT: 0.05}, symbols={SILENT: SymbolState(SILENT, None, sessions, None)})
    result = stages(PANEL, INPUTS, state, GOLDEN)
    one = decision(result, SILENT)
    if sessions < 5:
        assert (one.final_decision, one.reason_codes[-1]) == ("REJECT", f"VIEW_STALE:{sessions + 1}")
        assert one.position_size == pytest.approx(0.05, abs=1e-4)
        (memory,) = [m for m in result.symbol_states if m.symbol == SILENT]
        assert memory.stale_view_sessions == sessions + 1
    else:
        assert (one.final_decision, one.reason_codes[:2]) == ("EXECUTE_SELL", ("STALE_VIEW", "CLOSE_LONG"))
        (intent,) = [i for i in result.intents if i.symbol == SILENT]
        assert intent.quantity == state.positions[SILENT]


def test_a_strategy_s_own_parameters_hold_in_every_phase():
    own = (("meta_brain.kelly_gamma", 0.1), ("meta_brain.stale_view_sessions", 2))
    (trend,) = (s for s in GOLDEN.strategies.defined if s.name == "trend_following")
    parameters = tuple(OverrideConfig(parameter=name, value=value) for name, value in own)
    strict = trend.model_copy(update={"parameters": parameters})
    golden = altered(GOLDEN, strategies={"defined": (strict,)})
    state = holding({SILENT: 0.05}, symbols={SILENT: SymbolState(SILENT, None, 2, None)})
    result = stages(PANEL, INPUTS, state, golden)
    assert decision(result, SILENT).reason_codes[:2] == ("STALE_VIEW", "CLOSE_LONG")
    assert decision(result, LONG).metadata["kelly_gamma"] == result.risk_state.factors["kelly_gamma"] == 0.1


def test_a_voice_heard_again_forgets_the_silence():
    state = holding({LONG: 0.05}, symbols={LONG: SymbolState(LONG, None, 4, None)})
    (memory,) = [m for m in stages(PANEL, INPUTS, state, GOLDEN).symbol_states if m.symbol == LONG]
    assert memory.stale_view_sessions == 0


def test_no_view_at_all_halts_at_layer_five():
    inputs = INPUTS
    for row in INPUTS.symbols:
        inputs = with_row(inputs, row.symbol, features={})
    result = stages(PANEL, inputs, account(), GOLDEN)
    assert result.halt_layer == 5
    assert {d.reason_codes[0] for d in result.decisions} == {"HALT_5"}
    assert [v.verdict for v in result.verdicts][:2] == ["REFUSE", "PASS"]
    assert result.intents == ()


def test_views_below_the_confidence_alone_halt_too():
    silent = INPUTS
    for row in INPUTS.symbols:
        if row.symbol != SILENT:
            silent = with_row(silent, row.symbol, features={})
    only = stages(PANEL, silent, holding({SILENT: 0.05}), GOLDEN)
    assert only.halt_layer == 5
    assert decision(only, SILENT).position_size == pytest.approx(0.05, abs=1e-4)


def test_an_agent_that_raises_halts_when_it_was_the_only_one(monkeypatch):
    def broken(*_):
        raise RuntimeError("out of data")

    monkeypatch.setattr(committee, "AGENTS", (replace(TECHNICAL, view=broken),))
    result = stages(PANEL, INPUTS, account(), GOLDEN)
    assert result.halt_layer == 5
    assert decision(result, LONG).reason_codes == ("HALT_5", "ERROR_AGENT_TECHNICAL")
    assert [alert.code for alert in result.alerts] == ["ERROR_AGENT_TECHNICAL"]


def test_an_agent_that_raises_rejects_its_symbols_though_others_spoke(monkeypatch):
    def broken(*_):
        raise RuntimeError("out of data")

    monkeypatch.setattr(committee, "AGENTS", (TECHNICAL, Agent("broken", NoParameters, lambda _: (), broken)))
    trend = GOLDEN.families.named("trend")
    seats = tuple(trend.agents[0].model_copy(update={"name": name, "share": 0.5}) for name in ("technical", "broken"))
    golden = altered(GOLDEN, families={"defined": (trend.model_copy(update={"agents": seats}),)})
    result = stages(PANEL, INPUTS, account(), golden)
    assert result.halt_layer is None
    assert {d.final_decision for d in result.decisions} == {"REJECT"}
    assert decision(result, LONG).reason_codes[0] == "ERROR_AGENT_BROKEN"
    assert [alert.code for alert in result.alerts] == ["ERROR_AGENT_BROKEN"]


# --- stops ------------------------------------------------------------------------------------------------------------


def test_d14_a_stop_is_fixed_at_entry_and_tightened_by_an_increase_only():
    entry = price(LONG) * 0.90
    state = holding({LONG: 0.10}, symbols={LONG: SymbolState(LONG, entry, 0, None)})
    assert decision(stages(PANEL, INPUTS, state, GOLDEN), LONG).stop_loss == entry
    state = holding({LONG: 0.03}, symbols={LONG: SymbolState(LONG, entry, 0, None)})
    raised = decision(stages(PANEL, INPUTS, state, GOLDEN), LONG)
    assert raised.final_decision == "EXECUTE_BUY"
    assert raised.stop_loss == max(entry, decision(FLAT, LONG).stop_loss)


def test_d14_a_close_through_the_stop_closes_and_is_not_re_entered_for_five_sessions():
    state = holding({LONG: 0.05}, symbols={LONG: SymbolState(LONG, price(LONG) * 1.01, 0, None)})
    result = stages(PANEL, INPUTS, state, GOLDEN)
    one = decision(result, LONG)
    assert (one.final_decision, one.reason_codes[:2]) == ("EXECUTE_SELL", ("STOP_LOSS_HIT", "CLOSE_LONG"))
    (memory,) = [m for m in result.symbol_states if m.symbol == LONG]
    assert memory.sessions_since_stop == 0
    for since in range(7):
        again = stages(PANEL, INPUTS, account(symbols={LONG: SymbolState(LONG, None, 0, since)}), GOLDEN)
        expected = "EXECUTE_BUY" if since > 5 else "REJECT"
        assert decision(again, LONG).final_decision == expected
        assert (f"STOP_COOLDOWN:{since}" in decision(again, LONG).reason_codes) == (since <= 5)


def test_d14_a_short_s_stop_is_above_the_price_by_the_same_rule():
    one, row = decision(FLAT, SHORT), next(r for r in INPUTS.symbols if r.symbol == SHORT)
    distance = max(2.5 * row.features["realized_vol_20"] / np.sqrt(252), 0.02)
    assert one.stop_loss == pytest.approx(price(SHORT) * (1 + distance))


# --- risk -------------------------------------------------------------------------------------------------------------


def test_a12_increases_that_raise_cvar_above_the_decision_limit_are_rejected_and_phase_three_runs_once_more():
    tight = altered(GOLDEN, risk={"cvar_decision": 0.0015})
    result = stages(PANEL, INPUTS, account(), tight)
    refused = [d for d in result.decisions if "CVAR_DECISION" in d.reason_codes]
    assert refused
    assert {d.final_decision for d in refused} == {"REJECT"}
    assert result.metadata["returned_to_allocation"]
    assert result.risk_state.cvar_post_trade <= 0.0015
    assert any(row.limit_name == "cvar_decision" and row.action == "REJECT" for row in result.risk_checks)


@pytest.mark.parametrize("book", [{}, {SHORT: -0.03}])
def test_b5_what_stopped_every_increase_names_the_state_though_the_second_pass_is_within(book):
    closes = PANEL.closes.copy()
    closes[-70:, PANEL.symbols.index(LONG)] = closes[-70, PANEL.symbols.index(LONG)]
    result = stages(Panel(PANEL.symbols, PANEL.sessions, closes), INPUTS, holding(book), GOLDEN)
    reason = "CORRELATION_UNKNOWN:ZERO_VARIANCE"
    stopped = [d for d in result.decisions if reason in d.reason_codes]
    assert (len(stopped) > 10, [i for i in result.intents if i.leg == "entry"]) == (True, [])
    assert result.risk_state.state == "REJECT"
    assert [a.code for a in result.alerts] == ["CORRELATION_UNKNOWN"]
    assert {v.layer: v.reason_code for v in result.verdicts}[6] == reason


def test_removed_weight_is_not_redistributed_by_the_return_to_phase_three():
    tight = altered(GOLDEN, risk={"cvar_decision": 0.0015}, auction={"turnover_cap": 1.0})
    loose = altered(GOLDEN, auction={"turnover_cap": 1.0})
    before, after_ = (np.abs(exposures(stages(PANEL, INPUTS, account(), c))) for c in (loose, tight))
    assert (after_ <= before + 1e-9).all()


@pytest.mark.parametrize("returns", [0, 1])
def test_a12_a_reduction_that_would_raise_cvar_is_rejected_with_its_reason(returns):
    wanted = {d.symbol: d.metadata.get("kelly", 0.0) for d in FLAT.decisions}
    hedge = next(symbol for symbol, kelly in wanted.items() if -0.04 < kelly < -0.02)
    book = {symbol: 0.099 for symbol, kelly in wanted.items() if kelly > 0.099} | {hedge: -0.099}
    wide = {"sector_cap": 0.5, "short_cap": 0.6, "returns_to_allocation_max": returns}
    tight = altered(GOLDEN, risk={"cvar_decision": 0.001}, auction=wide)
    one = decision(stages(PANEL, INPUTS, holding(book), tight), hedge)
    assert (one.final_decision, one.reason_codes) == ("REJECT", ("CVAR_DECISION",))
    assert one.position_size == one.metadata["held_weight"]


def test_f10_a_name_above_the_cap_is_cut_to_it_by_the_second_pass_too_though_it_hedges():
    wanted = {d.symbol: d.metadata.get("kelly", 0.0) for d in FLAT.decisions}
    hedge = next(symbol for symbol, kelly in wanted.items() if kelly < -0.10)
    book = {symbol: 0.10 for symbol, kelly in wanted.items() if kelly > 0.09} | {hedge: -0.15}
    result = stages(PANEL, INPUTS, holding(book), altered(GOLDEN, risk={"cvar_decision": 0.005}))
    one = decision(result, hedge)
    assert result.metadata["returned_to_allocation"]
    assert (one.final_decision, one.reason_codes) == ("EXECUTE_BUY", ("REDUCE_SHORT", "CAP_NAME"))
    assert -0.10 <= one.position_size < -0.099
    assert result.metadata["cap_binding_rate"] > 0


def test_var_above_the_limit_scales_the_whole_target_to_it():
    observed = FLAT.risk_state.var_95
    limit = observed / 1.2
    tight = altered(GOLDEN, risk={"var_limit": limit})
    result = stages(PANEL, INPUTS, account(), tight)
    factor = result.risk_state.factors["limit_var"]
    assert 0 < factor < 1
    assert result.risk_state.factors["limit_scale"] == factor
    assert result.risk_state.var_95 * factor == pytest.approx(limit)
    assert result.risk_state.state == "SCALE"
    assert "RISK_SCALED:VAR" in decision(result, LONG).reason_codes
    assert np.abs(exposures(result)).sum() < np.abs(exposures(FLAT)).sum()


def test_a_scale_may_sell_what_is_held():
    tight = altered(GOLDEN, risk={"var_limit": 0.0005, "cvar_decision": 0.0006, "cvar_hard": 0.0006})
    result = stages(PANEL, INPUTS, holding({LONG: 0.10}), tight)
    one = decision(result, LONG)
    assert one.final_decision == "EXECUTE_SELL"
    assert 0 < one.position_size < 0.10


@pytest.mark.parametrize("sessions", [0, 1, 100, 249])
def test_too_little_history_for_var_stops_every_increase_and_lets_reductions_pass(sessions):
    short = Panel(PANEL.symbols, PANEL.sessions[len(PANEL.sessions) - sessions - 1 :], PANEL.closes[-sessions - 1 :])
    result = stages(short, INPUTS, holding({SHORT: 0.09}), GOLDEN)
    assert [i.symbol for i in result.intents] == [SHORT]
    assert decision(result, LONG).final_decision == "REJECT"
    assert decision(result, SHORT).final_decision == "EXECUTE_SELL"


@pytest.mark.parametrize(
    ("index", "before", "after_", "code"),
    [
        (0.81, ("NORMAL", 0, 0), ("DRAWDOWN", 0, 0), "DRAWDOWN"),
        (0.99, ("DRAWDOWN", 4, 0), ("DRAWDOWN", 4, 0), "DRAWDOWN_WINDOW"),
        (0.70, ("DRAWDOWN", 9, 0), ("DRAWDOWN", 9, 0), "DRAWDOWN"),
    ],
)
def test_a6_drawdown_stops_increases_for_its_window_and_lets_reductions_pass(index, before, after_, code):
    result = stages(PANEL, INPUTS, holding({SHORT: 0.09}, nav_index=index, protocol=standing(*before)), GOLDEN)
    assert [i.symbol for i in result.intents] == [SHORT]
    assert result.risk_state.state == "REJECT"
    assert where(result) == after_
    assert decision(result, LONG).reason_codes[0] == code
    assert not result.metadata["returned_to_allocation"], "no increase was asked for (F10)"
    assert {alert.category for alert in result.alerts} == {"RISK"}


# --- the recovery protocol, regime and breakers -----------------------------------------------------------------------


def standing(phase: str, sessions: int = 0, tier: int = 0, breaches: int = 0, resumed: bool = False) -> ProtocolState:
    return ProtocolState(phase, sessions, tier, breaches, resumed)


def where(result) -> tuple[str, int, int]:
    state = result.risk_state
    return state.phase, state.sessions, state.tier


WILD = altered(GOLDEN, risk={"volatility_target": 0.05})


def test_b4_drawdown_and_volatility_freeze_and_nothing_is_traded():
    result = stages(PANEL, INPUTS, holding({SHORT: 0.09}, nav_index=0.81), WILD)
    assert result.halt_layer is None
    assert (result.risk_state.state, where(result)) == ("FREEZE", ("FREEZE", 0, 0))
    assert result.intents == ()
    assert {decision(result, s).final_decision for s in (LONG, SHORT)} == {"REJECT"}
    assert all("STATE_FREEZE" in decision(result, s).reason_codes for s in (LONG, SHORT))
    assert decision(result, SHORT).position_size == pytest.approx(0.09, abs=1e-4)
    assert [a.level for a in result.alerts if a.code == "PHASE_FREEZE"] == ["CRITICAL"]


@pytest.mark.parametrize("sessions", [0, 1, 9])
def test_b9_a_freeze_lasts_its_sessions_and_reaches_its_end_by_done_cycles(sessions):
    result = stages(PANEL, INPUTS, holding({SHORT: 0.09}, protocol=standing("FREEZE", sessions)), GOLDEN)
    assert (result.halt_layer, where(result), result.intents) == (None, ("FREEZE", sessions, 0), ())


def test_b10_the_ramp_begins_on_a_re_based_mark_and_multiplies_the_target():
    deep = account(nav_index=0.7, protocol=standing("FREEZE", 10))
    result = stages(PANEL, INPUTS, deep, GOLDEN)
    assert (where(result), result.risk_state.rebased) == (("RECOVERY", 0, 1), True)
    assert result.risk_state.state == "RECOVERY"
    assert result.risk_state.factors["soft"] == pytest.approx(0.2)
    assert result.risk_state.drawdown == pytest.approx(0.3)
    full = stages(PANEL, INPUTS, account(protocol=standing("RECOVERY", 4, 4)), GOLDEN)
    assert (where(full), full.risk_state.factors["soft"]) == (("RECOVERY", 4, 5), 1.0)
    over = stages(PANEL, INPUTS, account(protocol=standing("RECOVERY", 5, 5)), GOLDEN)
    assert (where(over), over.risk_state.state) == (("NORMAL", 0, 0), "ALLOW")


def test_b11_a_breach_on_the_ramp_freezes_again_though_only_the_book_showed_it():
    ramp = holding({LONG: 0.05}, protocol=standing("RECOVERY", 2, 3))
    tight = altered(GOLDEN, risk={"var_limit": 0.0002})
    result = stages(PANEL, INPUTS, ramp, tight)
    assert (result.risk_state.state, where(result), result.intents) == ("FREEZE", ("FREEZE", 0, 0), ())
    assert "STATE_FREEZE" in decision(result, LONG).reason_codes
    assert decision(result, LONG).position_size == pytest.approx(0.05, abs=1e-4)
    # The next session's return is that of what is held: nothing was traded.
    frozen = stages(PANEL, INPUTS, replace(ramp, protocol=standing("FREEZE", 2)), tight).risk_state.figures
    post_trade = ("var_post_trade", "var_post_trade_historical", "var_post_trade_filtered")
    assert [result.risk_state.figures[name] for name in post_trade] == [frozen[name] for name in post_trade]


def test_b6_three_breaches_in_a_row_halt_at_layer_eight_with_their_figures():
    heavy = holding({LONG: 0.10, SHORT: -0.10})
    tight = altered(GOLDEN, risk={"cvar_decision": 1e-5, "cvar_hard": 1e-5, "var_limit": 1.0})
    held = with_row(with_row(INPUTS, LONG, governance_state="DEGRADED"), SHORT, governance_state="DEGRADED")
    states = [stages(PANEL, held, replace(heavy, protocol=standing("NORMAL", 0, 0, n)), tight) for n in (0, 1, 2)]
    assert [r.risk_state.cvar_breaches for r in states] == [1, 2, 3]
    assert [r.halt_layer for r in states] == [None, None, 8]
    assert states[2].risk_state.state == "KILL"
    assert states[2].risk_checks
    assert all(d.reason_codes[:2] == ("HALT_8", "CVAR_BREACHES") for d in states[2].decisions)
    assert states[2].intents == ()


def test_b6_an_intraday_cycle_counts_nothing_and_moves_no_tier():
    ramp = account(protocol=standing("RECOVERY", 2, 3, 1))
    result = stages(PANEL, INPUTS, ramp, GOLDEN, slot="15:00")
    assert (where(result), result.risk_state.cvar_breaches) == (("RECOVERY", 2, 3), 1)
    assert result.risk_state.factors["ramp"] == 0.6


def test_i15_after_a_resumption_the_ramp_begins_whatever_stood():
    for phase in ("NORMAL", "DRAWDOWN", "FREEZE", "RECOVERY"):
        state = account(protocol=standing(phase, 3, 2 if phase == "RECOVERY" else 0, 2, resumed=True))
        result = stages(PANEL, INPUTS, state, GOLDEN)
        assert (where(result), result.risk_state.cvar_breaches) == (("RECOVERY", 0, 1), 0)


def test_b5_while_an_account_is_liquidated_the_committee_orders_nothing_and_the_cycle_ends():
    result = stages(PANEL, INPUTS, holding({SHORT: 0.09}, liquidating=True), GOLDEN)
    assert (result.halt_layer, result.risk_state.state, result.intents) == (None, "LIQUIDATE", ())
    assert "STATE_LIQUIDATE" in decision(result, SHORT).reason_codes


def in_regime(name: str, monkeypatch) -> None:
    """The stages in a regime: what the market says is tests/runner/risk/test_regimes.py's."""
    memory = account().regime
    monkeypatch.setattr(
        regimes, "advance", lambda *_: Regime(name, "hmm", 0.5, 0.5, "", False, replace(memory, trend_closes=0))
    )


def test_c6_in_a_crisis_nothing_grows_and_what_is_held_may_only_shrink(monkeypatch):
    held = holding({LONG: 0.02, SHORT: 0.05})
    calm = stages(PANEL, INPUTS, held, GOLDEN)
    assert decision(calm, LONG).position_size > 0.02
    in_regime("BEAR_CRISIS", monkeypatch)
    result = stages(PANEL, INPUTS, held, GOLDEN)
    assert decision(result, LONG).reason_codes == ("REGIME_BEAR_CRISIS",)
    assert decision(result, LONG).final_decision == "REJECT"
    assert [i.symbol for i in result.intents] == [SHORT]
    assert result.risk_state.state == "REJECT"


def filled_up() -> float:
    """Gross of the book once eight sessions' orders have filled."""
    state = account()
    for _ in range(8):
        state = after(stages(PANEL, INPUTS, state, GOLDEN), state)
    return stages(PANEL, INPUTS, state, GOLDEN).risk_state.gross


def test_a15_the_regime_multiplies_once_and_turnover_counts_what_is_traded(monkeypatch):
    calm = filled_up()
    in_regime("BEAR_QUIET", monkeypatch)
    result = stages(PANEL, INPUTS, account(), GOLDEN)
    assert result.risk_state.factors["soft"] == 0.5
    assert result.risk_state.gross == pytest.approx(FLAT.risk_state.gross, abs=0.01)
    # Each name stops short of its target by less than the band.
    assert calm / 2 - 0.01 * len(PANEL.symbols) / 2 < filled_up() <= calm / 2 + 0.01


def test_b3_in_tier_two_positions_only_shrink_and_new_ones_are_a_quarter():
    held = holding({LONG: 0.02})
    result = stages(PANEL, INPUTS, held, WILD)
    assert result.risk_state.factors["breaker_tier"] == 2.0
    assert result.risk_state.factors["soft"] == 0.25
    assert decision(result, LONG).position_size <= 0.02
    assert {i.symbol for i in result.intents if i.leg == "entry"} - {LONG}
    assert result.risk_state.state == "SCALE"


@pytest.mark.parametrize(
    ("weight", "index", "golden", "rule"),
    [(0.005, 1.0, WILD, "REDUCE_ONLY"), (0.02, 1.0, WILD, "SCALED"), (0.099, 0.999, GOLDEN, "BELOW_BAND")],
)
def test_b3_what_made_the_final_weight_is_named(weight, index, golden, rule):
    big = next(d.symbol for d in FLAT.decisions if d.metadata.get("kelly", 0.0) > 0.10)
    one = decision(stages(PANEL, INPUTS, holding({big: weight}, nav_index=index), golden), big)
    assert one.metadata["scale_rule"] == rule
    assert (one.metadata["target"] == one.metadata["held_weight"]) is (rule != "SCALED")


def test_a13_stress_above_the_limit_scales_the_target_on_the_one_return():
    loss = max(v for k, v in FLAT.risk_state.figures.items() if k.startswith("stress_"))
    tight = altered(GOLDEN, risk={"stress_limit": loss / 2})
    result = stages(PANEL, INPUTS, account(), tight)
    assert result.risk_state.factors["returned_to_allocation"] == 1.0
    assert result.risk_state.factors["stress_scale"] == pytest.approx(0.5)
    assert max(v for k, v in result.risk_state.figures.items() if k.startswith("stress_")) <= loss / 2 * (1 + 1e-9)
    assert [r for r in result.risk_checks if r.limit_name == "stress" and r.binding]
    assert result.intents
    # What the caps took of a wish is said as in a cycle that needed no return.
    capped = [(d.symbol, [c for c in d.reason_codes if c in CAPS]) for d in FLAT.decisions]
    assert [(d.symbol, [c for c in d.reason_codes if c in CAPS]) for d in result.decisions] == capped
    assert sum(len(codes) for _, codes in capped) > 3


def test_a13_what_is_held_and_not_ours_to_cut_still_above_rejects_increases():
    held = with_row(INPUTS, LONG, governance_state="DEGRADED")
    tight = altered(GOLDEN, risk={"stress_limit": 1e-4})
    result = stages(PANEL, held, holding({LONG: 0.10}), tight)
    assert [i.leg for i in result.intents if i.leg == "entry"] == []
    stopped = [d for d in result.decisions if "STRESS" in d.reason_codes]
    assert {d.metadata["scale_rule"] for d in stopped} == {"REDUCE_ONLY"}


def test_a_restart_at_any_state_changes_nothing():
    for state in (
        holding({SHORT: 0.09}, protocol=standing("FREEZE", 5)),
        account(protocol=standing("FREEZE", 9)),
        account(protocol=standing("RECOVERY", 2, 3)),
        account(protocol=standing("NORMAL", 0, 0, 2)),
    ):
        assert as_bytes(stages(PANEL, INPUTS, state, GOLDEN)) == as_bytes(stages(PANEL, INPUTS, state, GOLDEN))


@pytest.mark.parametrize("name", ["var_limit", "cvar_hard", "stress_limit", "correlation_limit", "volatility_target"])
def test_lowering_a_risk_limit_never_raises_the_book(name):
    """Of one given target: each limit is a factor or a stop.

    What the auction then grants others is its own property.
    """
    shared = {"returns_to_allocation_max": 0}
    for state in (account(), holding({LONG: 0.09, SHORT: 0.09})):
        grosses = []
        for share in (1.0, 0.3, 0.1, 0.05, 0.02, 0.005):
            value = getattr(GOLDEN.risk, name) * share
            result = stages(PANEL, INPUTS, state, altered(GOLDEN, auction=shared, risk={name: value}))
            grosses.append(result.risk_state.gross)
        assert all(b <= a + 0.011 for a, b in itertools.pairwise(grosses)), (name, grosses)
        assert grosses[-1] < grosses[0] or name == "correlation_limit", (name, grosses)


@pytest.mark.parametrize("mark", [0.0, float("nan"), -1.0])
def test_an_unknown_drawdown_stops_increases(mark):
    result = stages(PANEL, INPUTS, account(tactical_mark=mark), GOLDEN)
    assert result.intents == ()
    assert decision(result, LONG).reason_codes[0] == "DRAWDOWN_UNKNOWN"


def test_a_narrow_universe_is_reported_and_not_forced():
    panel, inputs = market(4, sectors=2)
    result = stages(panel, inputs, account(), GOLDEN)
    assert result.metadata["universe_too_narrow"]
    (alert,) = [a for a in result.alerts if a.code == "UNIVERSE_TOO_NARROW"]
    assert alert.detail == {"names": 4, "names_needed": 6, "sectors": 2, "sectors_needed": 4}
    assert not FLAT.metadata["universe_too_narrow"]


# --- what cannot be decided -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nav": float("nan")}, "NAV_UNUSABLE"),
        ({"nav": 0.0}, "NAV_UNUSABLE"),
        ({"nav": -5.0}, "NAV_UNUSABLE"),
        ({"cash": float("inf")}, "CASH_UNUSABLE"),
        ({"turnover_used": float("nan")}, "TURNOVER_UNUSABLE"),
        ({"turnover_used": -0.1}, "TURNOVER_UNUSABLE"),
        ({"positions": {"ZZZ": Decimal(1)}}, "HELD_WITHOUT_INPUT:ZZZ"),
        ({"positions": {"S0001": Decimal("NaN")}}, "POSITION_UNUSABLE:S0001"),
    ],
)
def test_i17_an_unreadable_account_halts_at_layer_six(changes, code):
    result = stages(PANEL, INPUTS, account(**changes), GOLDEN)
    assert result.halt_layer == 6
    assert all(d.final_decision == "REJECT" and d.reason_codes[:2] == ("HALT_6", code) for d in result.decisions)
    assert all((d.stop_loss, d.mu_hat, d.sigma_hat, d.conviction) == (None,) * 4 for d in result.decisions)
    assert result.intents == ()
    assert as_bytes(result)


def test_a_held_name_without_a_price_halts():
    result = stages(PANEL, with_row(INPUTS, LONG, last_close=None), holding({LONG: 0.05}), GOLDEN)
    assert result.halt_layer == 6
    assert decision(result, LONG).reason_codes == ("HALT_6", f"HELD_WITHOUT_PRICE:{LONG}", "HELD_WEIGHT_UNKNOWN")


def test_a_panel_beyond_the_as_of_session_halts():
    result = stages(PANEL, replace(INPUTS, as_of_session=PANEL.sessions[-2].astype(object)), account(), GOLDEN)
    assert decision(result, LONG).reason_codes == ("HALT_6", "PANEL_BEYOND_AS_OF")


def test_halted_decisions_keep_the_held_weight():
    state = holding({LONG: 0.05})
    decisions = {d.symbol: d for d in halted_decisions(INPUTS, state, 1)}
    assert decisions[LONG].position_size == pytest.approx(0.05, abs=1e-4)
    assert decisions[LONG].reason_codes == ("HALT_1",)
    assert len(decisions) == len(INPUTS.symbols)


def test_no_symbols_and_one_symbol():
    empty = stages(
        Panel((), PANEL.sessions, np.empty((len(PANEL.sessions), 0))), replace(INPUTS, symbols=()), account(), GOLDEN
    )
    assert (empty.halt_layer, empty.decisions, empty.intents) == (5, (), ())
    panel, inputs = market(1, seed=3)
    assert len(stages(panel, inputs, account(), GOLDEN).decisions) == 1


# --- determinism and properties ---------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes_in_another_process():
    code = "import hashlib\nfrom tests.runner.test_stages import FLAT, as_bytes\n"
    code += "print(hashlib.sha256(as_bytes(FLAT)).hexdigest())"
    digests = set()
    for seed, zone in (("0", "UTC"), ("7", "Asia/Tokyo")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1


def renamed(order):
    """The same market with symbols renamed by a permutation."""
    names = {PANEL.symbols[old]: PANEL.symbols[new] for new, old in enumerate(order)}
    columns = [PANEL.closes[:, old] for old in order]
    rows = {names[row.symbol]: replace(row, symbol=names[row.symbol]) for row in INPUTS.symbols}
    inputs = replace(INPUTS, symbols=tuple(rows[s] for s in sorted(rows)))
    return names, Panel(PANEL.symbols, PANEL.sessions, np.column_stack(columns)), inputs


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(24)))
def test_renaming_symbols_renames_decisions(order):
    names, panel, inputs = renamed(order)
    result = {d.symbol: d for d in stages(panel, inputs, account(), GOLDEN).decisions}
    for one in FLAT.decisions:
        moved = result[names[one.symbol]]
        assert moved.position_size == pytest.approx(one.position_size, abs=1e-6)
        assert (moved.final_decision, moved.reason_codes) == (one.final_decision, one.reason_codes)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 20.0))
def test_a_price_scale_changes_no_weight_but_by_whole_shares(scale):
    inputs, closes = INPUTS, PANEL.closes.copy()
    closes[:, PANEL.symbols.index(LONG)] *= scale
    row = next(r for r in INPUTS.symbols if r.symbol == LONG)
    units = ("close_adj", "macd_hist", "macd_hist_sd_126", "bb_middle_20", "sd_20")
    values = {name: value * (scale if name in units else 1.0) for name, value in row.features.items()}
    inputs = with_row(INPUTS, LONG, last_close=row.last_close * scale, features=values)
    one = decision(stages(Panel(PANEL.symbols, PANEL.sessions, closes), inputs, account(), GOLDEN), LONG)
    assert one.metadata["target"] == pytest.approx(decision(FLAT, LONG).metadata["target"], rel=1e-9)
    assert one.stop_loss == pytest.approx(decision(FLAT, LONG).stop_loss * scale)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.integers(0, 23), st.floats(-0.09, 0.09), max_size=9),
    st.sets(st.integers(0, 23), max_size=8),
    st.floats(0.0, 0.25),
)
def test_whatever_is_held_no_limit_is_passed_by_what_is_added(weights, quarantined, used):
    inputs = INPUTS
    for i in sorted(quarantined):
        inputs = with_row(inputs, PANEL.symbols[i], governance_state="QUARANTINED", governance_reasons=("X",))
    state = holding({PANEL.symbols[i]: w for i, w in weights.items() if abs(w) > 0.001}, turnover_used=used)
    result = stages(PANEL, inputs, state, GOLDEN)
    held = np.array([d.metadata["held_weight"] for d in result.decisions])
    book = exposures(result)
    grown = np.maximum(np.abs(book) - np.where(np.sign(held) * np.sign(book) >= 0, np.abs(held), 0), 0)
    assert grown.sum() <= max(0.2 - used, 0) + 1e-6
    assert not grown[sorted(quarantined)].any()
    bought, sold = grown * (book > 0), grown * (book < 0)
    assert np.abs(book[grown > 0]).max(initial=0) <= 0.10 + 1e-9
    assert bought.sum() == 0 or np.maximum(book, 0).sum() <= 0.6 + 1e-9
    assert sold.sum() == 0 or np.maximum(-book, 0).sum() <= 0.4 + 1e-9
    for sector in range(10):
        assert grown[sector::10].sum() == 0 or np.abs(book[sector::10]).sum() <= 0.15 + 1e-9
    assert len(result.decisions) == 24
    assert as_bytes(result)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(
    st.sampled_from(sorted(INPUTS.symbols[0].features)),
    st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0, -1e300, 1e300]), min_size=1))  # fmt: skip
def test_poisoned_features_never_become_a_nan_or_a_position_beyond_a_cap(poison):
    inputs = with_row(INPUTS, LONG, features=INPUTS.symbols[0].features | poison)
    result = stages(PANEL, inputs, account(), GOLDEN)
    assert as_bytes(result)
    assert abs(decision(result, LONG).position_size) <= 0.10
