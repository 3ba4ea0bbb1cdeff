"""The paper exchange as a broker: what it takes, refuses, cancels and tells. Its rules are test_matching's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from runner.brokers.base import (
    AccountFacts,
    Acknowledged,
    Broker,
    BrokerOrder,
    CancelAccepted,
    KillReport,
    NotCancelable,
    NotFound,
    OrderRequest,
    Rejected,
    Unsent,
    Watermarks,
    WorkingOrder,
)
from runner.brokers.matching import SessionBar
from runner.brokers.paper import PaperBroker
from tests.runner.brokers.test_matching import COSTS, DELAY, MINUTE, bar, closes, no_bar, opens, order

FACTS = AccountFacts("test", "ACTIVE", (), shorting=True, cash=Decimal(5), equity=Decimal(7))
MARKS = Watermarks(opens(7), "x")


def exchange(now: datetime, *bars: SessionBar, working: tuple[WorkingOrder, ...] = ()) -> PaperBroker:
    def sessions_of(_symbol: str, session: date) -> list[SessionBar]:
        return [b for b in bars if b.session >= session and b.opens_at <= now]

    return PaperBroker(COSTS, now, DELAY, sessions_of, lambda: working, lambda: FACTS)


def open_guard() -> str | None:
    return None


def request(order_type: str = "MARKET", tif: str = "DAY", **prices: Any) -> OrderRequest:
    values: dict[str, Any] = {"limit_price": None, "stop_price": None} | prices
    return OrderRequest(
        "AAA-entry-0-d", "AAA", "BUY", Decimal(200), order_type, tif, trade_session=date(2020, 1, 7), **values  # type: ignore[arg-type]
    )  # fmt: skip


def test_it_is_a_broker_inside() -> None:
    broker: Broker = exchange(opens(7))
    assert not broker.external
    assert broker.account() == FACTS
    assert broker.halt_trading() == KillReport(suspended=True, cancels_requested=0)
    assert broker.resume_trading() is None
    with broker.hints(lambda: pytest.fail("a hint")):
        pass


def test_what_was_sent_has_arrived_and_a_lookup_finds_it() -> None:
    broker, sent = exchange(opens(7)), request("STOP_LIMIT", limit_price=Decimal(9), stop_price=Decimal(8))
    assert broker.submit(sent, open_guard) == Acknowledged("paper.AAA-entry-0-d", opens(7))
    found = broker.lookup(sent)
    assert isinstance(found, BrokerOrder)
    assert (found.broker_order_id, found.status, found.filled_quantity) == ("paper.AAA-entry-0-d", "accepted", 0)
    assert (found.side, found.quantity, found.order_type, found.time_in_force, found.limit_price, found.stop_price) == (
        sent.side, sent.quantity, sent.order_type, sent.time_in_force, sent.limit_price, sent.stop_price
    )  # fmt: skip


@pytest.mark.parametrize(
    ("order_type", "tif", "prices", "reason"),
    [
        ("MARKET", "DAY", {"limit_price": Decimal(1)}, "LIMIT_PRICE"),
        ("LIMIT", "DAY", {}, "LIMIT_PRICE"),
        ("STOP_LIMIT", "GTC", {"stop_price": Decimal(1)}, "LIMIT_PRICE"),
        ("STOP", "DAY", {}, "STOP_PRICE"),
        ("LIMIT", "DAY", {"limit_price": Decimal(1), "stop_price": Decimal(1)}, "STOP_PRICE"),
        ("STOP", "IOC", {"stop_price": Decimal(1)}, "STOP_IOC"),
        ("STOP_LIMIT", "FOK", {"stop_price": Decimal(1), "limit_price": Decimal(1)}, "STOP_FOK"),
    ],
)
def test_an_order_it_does_not_understand_is_refused_and_not_there(
    order_type: str, tif: str, prices: dict[str, Decimal], reason: str
) -> None:
    broker, sent = exchange(opens(7)), request(order_type, tif, **prices)
    assert broker.submit(sent, open_guard) == Rejected(reason, opens(7))
    assert broker.lookup(sent) == NotFound(reason)


def test_a_guard_stops_what_would_leave() -> None:
    broker = exchange(opens(7), working=(order(),))
    assert broker.submit(request(), lambda: "KILL_FILE") == Unsent("KILL_FILE")
    assert broker.cancel("paper.AAA-entry-0-d", lambda: "LEASE_OVER") == Unsent("LEASE_OVER")


def test_an_observation_accounts_for_every_working_order() -> None:
    gtc = replace(order("BUY", "LIMIT", "GTC", limit_price=96), client_order_id="g", broker_order_id="paper.g")
    late = replace(order(), client_order_id="l", broker_order_id=None, trade_session=date(2020, 1, 8))
    seen = exchange(closes(7) + DELAY, bar(low=97.0), bar(8)).observe(MARKS, [order(), gtc, late])
    assert [(o.broker_order_id, o.status, o.filled_quantity, o.updated_at) for o in seen.orders] == [
        ("paper.AAA-entry-0-d", "filled", 200, opens(7)),
        ("paper.g", "accepted", 0, gtc.submitted_at),
        ("paper.l", "accepted", 0, late.submitted_at),
    ]
    assert [(e.client_order_id, e.session) for e in seen.executions] == [("AAA-entry-0-d", date(2020, 1, 7))]
    assert (seen.complete, seen.following, seen.account) == (True, MARKS, FACTS)
    assert (seen.orders[1].limit_price, seen.orders[1].order_type, seen.orders[1].time_in_force) == (96, "LIMIT", "GTC")
    again = exchange(closes(7) + DELAY, bar(low=97.0), bar(8)).observe(MARKS, [order(), gtc, late])
    assert again == seen


def test_an_end_says_why() -> None:
    (told,) = exchange(closes(7) + DELAY, no_bar()).observe(MARKS, [order()]).orders
    assert (told.status, told.reason, told.updated_at) == ("expired", "NO_BAR", closes(7))


def test_a_cancel_is_taken_until_the_order_meets_its_price() -> None:
    def cancelled(now: datetime, working: WorkingOrder, *bars: SessionBar) -> object:
        return exchange(now, *bars, working=(working,)).cancel("paper.AAA-entry-0-d", open_guard)

    assert cancelled(opens(7) - MINUTE, order(), no_bar()) == CancelAccepted()
    assert cancelled(opens(7), order(), no_bar()) == NotCancelable("MET_ITS_PRICE")
    assert cancelled(closes(7) + DELAY, order(), bar()) == NotCancelable("filled")
    assert cancelled(closes(7) + DELAY, order(), no_bar()) == NotCancelable("expired")
    resting = order("BUY", "LIMIT", "GTC", limit_price=90)
    assert cancelled(closes(7) + DELAY, resting, bar()) == CancelAccepted()
    # Asked again, where the first answer was recorded and the order's end was not yet.
    assert cancelled(closes(7) + DELAY, replace(resting, cancel_accepted_at=closes(7)), bar()) == CancelAccepted()
    assert exchange(opens(7)).cancel("paper.AAA-entry-0-d", open_guard) == NotCancelable("NOT_WORKING")


def test_a_later_session_of_one_symbol_does_not_see_an_earlier_one() -> None:
    """Orders of a symbol share one reading of its bars, each from its own session on."""
    later = replace(order(tif="GTC"), client_order_id="l", trade_session=date(2020, 1, 8))
    seen = exchange(closes(8) + timedelta(hours=1), bar(), bar(8)).observe(MARKS, [order(), later])
    assert [(e.client_order_id, e.session.day) for e in seen.executions] == [("AAA-entry-0-d", 7), ("l", 8)]
