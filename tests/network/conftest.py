"""A fake Alpaca with a small book: AAA held, three fills, one order filled, one resting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest

from runner.brokers.alpaca import AlpacaBroker
from runner.brokers.base import OrderRequest
from runner.config import BrokerConfig
from runner.settings import TradingKey
from tests.fake_alpaca import FakeAlpaca

NOON = "2020-01-07T17:00:00Z"
SESSION = date(2020, 1, 7)


def limits(total: float = 10.0, **changes: float) -> BrokerConfig:
    """A configuration: connect and read time-outs are half of the total."""
    values = {
        "connect_timeout_seconds": total / 2,
        "read_timeout_seconds": total / 2,
        "total_timeout_seconds": total,
        "response_max_bytes": 1_000_000,
        "order_page_size": 500,
        "execution_page_size": 100,
    }
    return BrokerConfig(**(values | changes))  # type: ignore[arg-type]


def request(client_order_id: str, quantity: str = "1", limit: str | None = "90", **changes: object) -> OrderRequest:
    """A buy of AAA: a limit that rests, or a market order that fills at once."""
    values: dict[str, object] = {
        "client_order_id": client_order_id,
        "symbol": "AAA",
        "side": "BUY",
        "quantity": Decimal(quantity),
        "order_type": "LIMIT" if limit else "MARKET",
        "time_in_force": "GTC" if limit else "DAY",
        "limit_price": Decimal(limit) if limit else None,
        "stop_price": None,
        "trade_session": SESSION,
    }
    return OrderRequest(**(values | changes))  # type: ignore[arg-type]


def key_of(fake: FakeAlpaca, **changes: str) -> TradingKey:
    return TradingKey(
        **({"ALPACA_API_KEY": fake.key, "ALPACA_SECRET_KEY": fake.secret, "ALPACA_BASE_URL": fake.url} | changes)
    )


@pytest.fixture(scope="session")
def venue() -> Iterator[FakeAlpaca]:
    """One process for the matrix."""
    with FakeAlpaca() as fake:
        fake.reset(clock=NOON)
        fake.set_prices(AAA=("99.99", "100.01"))
        fake.fault("many_fills")
        broker = AlpacaBroker.connect(key_of(fake), "paper", limits())
        broker.submit(request("done", "3", limit=None), lambda: None)
        broker.submit(request("rest"), lambda: None)
        fake.save("book")
        yield fake


@pytest.fixture
def fake(venue: FakeAlpaca) -> FakeAlpaca:
    """The same book for each test."""
    venue.restore("book")
    return venue


@pytest.fixture
def broker_within(fake: FakeAlpaca) -> Callable[[float], AlpacaBroker]:
    """A broker whose calls end within so many seconds."""
    return lambda total: AlpacaBroker.connect(key_of(fake), "paper", limits(total))
