"""The oracle itself: each thing that can be wrong is found, and told by its name, from a journal written by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.crash.oracle import compare
from tests.fake_alpaca import Record


def accepted(name: str, order_id: str) -> dict[str, Any]:
    return {"kind": "accepted", "client_order_id": name, "order_id": order_id}


def ended(name: str, status: str = "filled") -> dict[str, Any]:
    return {"kind": "status", "client_order_id": name, "status": status, "open": False}


def executed(name: str, execution: str, quantity: str) -> dict[str, Any]:
    return {
        "kind": "executed",
        "client_order_id": name,
        "activity_id": execution,
        "execution_id": execution,
        "qty": quantity,
    }


def order(name: str, state: str, order_id: str | None) -> dict[str, Any]:
    return {"client_order_id": name, "state": state, "broker_order_id": order_id}


def fill(execution: str, name: str, quantity: str) -> dict[str, Any]:
    return {"execution_id": execution, "client_order_id": name, "quantity": Decimal(quantity)}


LINES = [accepted("a", "1"), executed("a", "x", "10"), ended("a"), accepted("b", "2")]
ORDERS = [order("a", "FILLED", "1"), order("b", "ACKNOWLEDGED", "2"), order("c", "REJECTED", None)]
FILLS = [fill("x", "a", "10")]


def test_nothing_wrong() -> None:
    assert not compare(Record(tuple(LINES)), ORDERS, FILLS)


@pytest.mark.parametrize(
    ("lines", "orders", "fills", "kind", "words"),
    [
        (LINES, ORDERS[1:], FILLS, "lost", "a is at the broker, here it is unknown"),
        (LINES, [order("a", "FILLED", "9"), *ORDERS[1:]], FILLS, "lost", "without its id"),
        (LINES, [order("a", "ACKNOWLEDGED", "1"), *ORDERS[1:]], FILLS, "lost", "a ended at the broker"),
        (LINES, [*ORDERS, order("d", "PENDING", None)], FILLS, "lost", "d is PENDING and never reached the broker"),
        (LINES, [*ORDERS, order("d", "SUBMITTED", None)], FILLS, "lost", "d is SUBMITTED"),
        (LINES, ORDERS, [], "lost", "execution x of a is not booked"),
        ([*LINES, accepted("b", "3")], ORDERS, FILLS, "doubled", "b has 2 orders"),
        (LINES, ORDERS, [fill("x", "a", "11")], "doubled", "booked as 11 for 10"),
        (LINES, ORDERS, FILLS * 2, "doubled", "booked 2 times"),
        (LINES, [ORDERS[0], order("b", "EXPIRED", "2")], FILLS, "untracked", "b is live at the broker, here EXPIRED"),
        (LINES, [*ORDERS, order("d", "ACKNOWLEDGED", "7")], FILLS, "phantom", "d is ACKNOWLEDGED here"),
        (LINES, [*ORDERS, order("d", "EXPIRED", "7")], FILLS, "phantom", "d is EXPIRED here"),
        (LINES, ORDERS, [*FILLS, fill("y", "a", "1")], "phantom", "execution y of a was never made"),
        ([*LINES, {"kind": "bust", "execution_id": "x"}], ORDERS, FILLS, "phantom", "execution x of a was never made"),
    ],
)
def test_it_is_found(lines: list[Any], orders: list[Any], fills: list[Any], kind: str, words: str) -> None:
    findings = compare(Record(tuple(lines)), orders, fills)
    assert any(words in line for line in getattr(findings, kind)), findings
    assert words in str(findings)
