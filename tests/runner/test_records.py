"""What a cycle and its replay make rows of: SQL has the last word on an order, and NULL is no number."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from runner import records
from runner.models import CycleResult, Decision, OrderIntent
from runner.records import PlacedOrder


def decided(symbol: str) -> Decision:
    return Decision(
        symbol=symbol,
        final_decision="EXECUTE_BUY",
        position_size=0.05,
        stop_loss=9.0,
        reason_codes=("AWARDED",),
        mu_hat=0.1,
        sigma_hat=0.2,
        conviction=0.5,
        data_quality_score=1.0,
        provider_confidence=1.0,
        agent_results={},
        risk_checks=(),
        metadata={"held_weight": 0.01},
    )


def result() -> CycleResult:
    intent = OrderIntent("AAA", "BUY", Decimal("5"), "entry", "why", 10.0, "raw", 50.0)
    return CycleResult(
        halt_layer=None,
        views=(),
        decisions=(decided("AAA"), decided("BBB")),
        risk_checks=(),
        risk_state=None,
        symbol_states=(),
        intents=(intent,),
        verdicts=(),
        alerts=(),
        metadata={},
    )


def placed(leg: str, state: str, refused_by: str | None) -> PlacedOrder:
    return PlacedOrder(f"id-{leg}", "AAA", leg, "BUY", Decimal("5"), state, refused_by)


def test_what_sql_refused_is_rejected_at_the_weight_held() -> None:
    orders = (placed("entry", "REJECTED", "order_value"),)
    refused, other = records.with_orders(result(), orders, shadow=False)
    assert (refused.final_decision, refused.position_size) == ("REJECT", 0.01)
    assert refused.reason_codes == ("SQL_order_value", "AWARDED")
    assert refused.metadata["orders"] == ["id-entry"]
    assert other == decided("BBB")


@pytest.mark.parametrize("states", [("PENDING",), ("PENDING", "REJECTED")])
def test_a_symbol_with_an_order_that_stands_is_executed(states: tuple[str, ...]) -> None:
    orders = tuple(placed(leg, state, None) for leg, state in zip(("exit", "entry"), states, strict=False))
    executed, _ = records.with_orders(result(), orders, shadow=False)
    assert (executed.final_decision, executed.position_size) == ("EXECUTE_BUY", 0.05)


def test_a_shadow_run_keeps_its_intents_and_a_real_one_does_not() -> None:
    shadow, other = records.with_orders(result(), (), shadow=True)
    assert shadow.metadata["shadow_intent"] == {"side": "BUY", "quantity": "5", "leg": "entry"}
    assert "shadow_intent" not in other.metadata
    real, _ = records.with_orders(result(), (), shadow=False)
    assert "shadow_intent" not in real.metadata


def test_i17_null_is_no_number() -> None:
    """The stages refuse NaN; a zero they would compute with."""
    assert math.isnan(records._number(None))
    assert records._number("1.5") == 1.5
