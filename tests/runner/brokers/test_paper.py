"""The paper exchange: what fills, when, at which price and cost. Expected numbers are computed by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

import pytest

from runner import config as golden
from runner.brokers.base import Acknowledged, Ended, Execution, OrderRequest, Rejected, WorkingOrder
from runner.brokers.paper import CostModel, PaperBroker, SessionBar

SESSION = date(2020, 1, 7)
OPENS = datetime(2020, 1, 7, 14, 30, tzinfo=UTC)
CLOSES = datetime(2020, 1, 7, 21, 0, tzinfo=UTC)
DELAY = timedelta(minutes=30)
COSTS = CostModel(
    half_spread_bp=Decimal("2.5"), fee_per_share=Decimal("0.0035"), fee_min=Decimal("0.35"), sell_fee_bp=Decimal("0.25")
)
OHLCV = SessionBar(open=100.0, close=104.0, price_kind="ohlcv", price_basis="raw")
CLOSE_ONLY = SessionBar(open=None, close=13.26, price_kind="close", price_basis="fully_adjusted")


def exchange(now: datetime, bar: SessionBar | None) -> PaperBroker:
    return PaperBroker(COSTS, now, DELAY, lambda _symbol, _session: bar)


def working(
    side: str = "BUY", submitted_at: datetime = OPENS, filled: str = "0", order_type: str = "MARKET"
) -> WorkingOrder:
    return WorkingOrder(
        client_order_id="AAA-entry-0-d",
        broker_order_id="paper.AAA-entry-0-d",
        symbol="AAA",
        side=side,  # type: ignore[arg-type]
        quantity=Decimal("200"),
        filled_quantity=Decimal(filled),
        order_type=order_type,
        time_in_force="DAY",
        limit_price=None,
        stop_price=None,
        price_basis="raw",
        trade_session=SESSION,
        submitted_at=submitted_at,
        opens_at=OPENS,
        closes_at=CLOSES,
    )


def only(facts: list[Execution | Ended]) -> Execution | Ended:
    (fact,) = facts
    return fact


def test_an_order_before_the_opening_fills_at_the_open() -> None:
    fill = only(exchange(CLOSES + DELAY, OHLCV).poll([working()]))
    assert fill == Execution(
        execution_id="AAA-entry-0-d.1",
        client_order_id="AAA-entry-0-d",
        symbol="AAA",
        side="BUY",
        quantity=Decimal("200"),
        price=Decimal("100.02500000"),
        fee=Decimal("0.7000"),
        price_basis="raw",
        session=SESSION,
        filled_at=OPENS,
    )


def test_an_order_after_the_opening_cannot_have_the_open() -> None:
    fill = only(exchange(CLOSES + DELAY, OHLCV).poll([working(submitted_at=OPENS + timedelta(seconds=1))]))
    assert isinstance(fill, Execution)
    assert (fill.price, fill.filled_at) == (Decimal("104.02600000"), CLOSES)


def test_a_close_only_instrument_fills_at_the_close_on_its_own_basis() -> None:
    fill = only(exchange(CLOSES + DELAY, CLOSE_ONLY).poll([working()]))
    assert isinstance(fill, Execution)
    assert (fill.price, fill.filled_at, fill.price_basis) == (Decimal("13.26331500"), CLOSES, "fully_adjusted")


def test_a_sale_gets_less_and_pays_the_fee_on_its_proceeds() -> None:
    fill = only(exchange(CLOSES + DELAY, OHLCV).poll([working("SELL")]))
    assert isinstance(fill, Execution)
    # 100 x (1 - 0.00025); 200 x 0.0035 + 200 x 99.975 x 0.000025 = 0.7 + 0.499875, rounded up.
    assert (fill.price, fill.fee) == (Decimal("99.97500000"), Decimal("1.1999"))


def test_the_rest_of_a_partly_filled_order_fills() -> None:
    fill = only(exchange(CLOSES + DELAY, OHLCV).poll([working(filled="150")]))
    assert isinstance(fill, Execution)
    assert (fill.quantity, fill.fee) == (Decimal("50"), Decimal("0.3500"))


@pytest.mark.parametrize(
    ("side", "price"), [("BUY", Decimal("0.31782944")), ("SELL", Decimal("0.31767056"))], ids=["up", "down"]
)
def test_prices_are_rounded_against_us(side: str, price: Decimal) -> None:
    # 0.31775 x 1.00025 = 0.3178294375; 0.31775 x 0.99975 = 0.3176705625.
    assert COSTS.price(side, Decimal("0.31775")) == price  # type: ignore[arg-type]


def test_without_a_bar_the_order_waits_for_the_delay_and_expires() -> None:
    assert exchange(CLOSES + DELAY - timedelta(seconds=1), None).poll([working()]) == []
    assert only(exchange(CLOSES + DELAY, None).poll([working()])) == Ended(
        "AAA-entry-0-d", "AAA", "EXPIRED", "NO_BAR", CLOSES
    )


def test_nothing_fills_before_the_session_is_over() -> None:
    assert exchange(CLOSES - timedelta(seconds=1), OHLCV).poll([working()]) == []


def test_asking_again_gives_the_same_facts() -> None:
    assert exchange(CLOSES + DELAY, OHLCV).poll([working()]) == exchange(CLOSES + DELAY * 9, OHLCV).poll([working()])


def request(order_type: Literal["MARKET", "STOP"]) -> OrderRequest:
    return OrderRequest("AAA-entry-0-d", "AAA", "BUY", Decimal(1), order_type, "DAY", None, None, SESSION)


def test_only_market_orders_are_known() -> None:
    broker = exchange(OPENS, None)
    assert broker.submit(request("MARKET")) == Acknowledged("paper.AAA-entry-0-d", OPENS)
    assert broker.submit(request("STOP")) == Rejected("ORDER_TYPE_STOP", OPENS)
    ended = only(exchange(CLOSES, OHLCV).poll([working(order_type="LIMIT")]))
    assert isinstance(ended, Ended)
    assert (ended.state, ended.reason) == ("REJECTED", "ORDER_TYPE_LIMIT")


def test_a_lookup_finds_what_was_sent() -> None:
    broker = exchange(OPENS, None)
    assert broker.lookup("AAA-entry-0-d") == broker.submit(request("MARKET"))


def test_the_cost_model_is_the_configurations() -> None:
    section = golden.load().paper_broker
    assert CostModel.of(section) == CostModel(
        Decimal(str(section.half_spread_bp)),
        Decimal(str(section.fee_per_share)),
        Decimal(str(section.fee_min)),
        Decimal(str(section.sell_fee_bp)),
    )
