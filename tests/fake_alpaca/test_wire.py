"""The wire of the fake: alpaca-py's own client and models read every answer, and each fault does what it says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, OrderStatus, QueryOrderStatus, TimeInForce
from alpaca.trading.models import TradeActivity
from alpaca.trading.requests import (
    GetCalendarRequest,
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
)
from alpaca.trading.stream import TradingStream

from tests.fake_alpaca import FakeAlpaca
from tests.fake_alpaca.client import ScriptRefused
from tests.fake_alpaca.faults import CATALOGUE, OF_INVARIANTS

NOON = "2020-01-07T17:00:00Z"


@pytest.fixture(scope="module")
def process() -> Iterator[FakeAlpaca]:
    with FakeAlpaca() as fake:
        yield fake


@pytest.fixture
def fake(process: FakeAlpaca) -> FakeAlpaca:
    """A new account at noon of a session, AAA and BBB quoted."""
    process.reset(clock=NOON)
    process.set_prices(AAA=("99.99", "100.01"), BBB=50)
    return process


@pytest.fixture
def client(fake: FakeAlpaca) -> TradingClient:
    return TradingClient(fake.key, fake.secret, url_override=fake.url)


def market(name: str, symbol: str = "AAA", quantity: float = 10, side: OrderSide = OrderSide.BUY) -> MarketOrderRequest:
    return MarketOrderRequest(
        symbol=symbol, qty=quantity, side=side, time_in_force=TimeInForce.DAY, client_order_id=name
    )


def limit(name: str, price: float, quantity: float = 10, side: OrderSide = OrderSide.BUY) -> LimitOrderRequest:
    return LimitOrderRequest(
        symbol="AAA", qty=quantity, side=side, time_in_force=TimeInForce.GTC, limit_price=price, client_order_id=name
    )


def raw(fake: FakeAlpaca, method: str, path: str, timeout: float = 5, **rest: Any) -> httpx.Response:
    """One request without a client's retries."""
    headers = {"APCA-API-KEY-ID": fake.key, "APCA-API-SECRET-KEY": fake.secret}
    return httpx.request(method, fake.url + path, headers=headers, timeout=timeout, trust_env=False, **rest)


def post(fake: FakeAlpaca, name: str, timeout: float = 5, **changes: Any) -> httpx.Response:
    body = {"symbol": "AAA", "qty": "10", "side": "buy", "type": "market", "time_in_force": "day"}
    return raw(fake, "POST", "/v2/orders", timeout, json=body | {"client_order_id": name} | changes)


# -- alpaca-py as the client ----


def test_a_day_of_alpaca_py(fake: FakeAlpaca, client: TradingClient) -> None:
    """Every endpoint's answer is read by alpaca-py's model of it."""
    assert client.submit_order(market("one")).status is OrderStatus.PENDING_NEW
    filled = client.get_order_by_client_id("one")
    assert (filled.status, filled.filled_qty, filled.filled_avg_price) == (OrderStatus.FILLED, "10", "100.01")
    (position,) = client.get_all_positions()
    assert (position.symbol, position.qty, position.avg_entry_price) == ("AAA", "10", "100.01")
    account = client.get_account()
    assert (account.cash, account.equity) == ("998999.9", "999999.9")
    clock = client.get_clock()
    assert (clock.is_open, clock.timestamp.astimezone(UTC).replace(microsecond=0)) == (
        True,
        datetime(2020, 1, 7, 17, tzinfo=UTC),
    )
    days = client.get_calendar(GetCalendarRequest(start=date(2019, 12, 24), end=date(2019, 12, 26)))
    assert [(d.date.day, d.close.hour) for d in days] == [(24, 13), (26, 16)]
    assert client.get_asset("AAA").fractionable
    assert client.get_open_position("AAA").qty == "10"
    resting = client.submit_order(limit("two", 90))
    replaced = client.replace_order_by_id(resting.id, ReplaceOrderRequest(limit_price=91, client_order_id="two-b"))
    assert str(replaced.replaces) == str(resting.id)
    assert client.get_order_by_id(resting.id).status is OrderStatus.REPLACED
    client.cancel_order_by_id(replaced.id)
    assert client.get_order_by_id(replaced.id).status is OrderStatus.CANCELED
    client.submit_order(limit("three", 90))
    assert [row.status for row in client.cancel_orders()] == [200]
    assert client.get_account_configurations().suspend_trade is False
    fills = [TradeActivity(account_id=str(account.id), **row) for row in client.get("/account/activities/FILL")]
    assert [(f.qty, f.price, str(f.order_id)) for f in fills] == [(10, 100.01, str(filled.id))]


def test_the_journal_is_what_happened(fake: FakeAlpaca, client: TradingClient) -> None:
    client.submit_order(market("one"))
    client.submit_order(limit("two", 90))
    record = fake.journal()
    assert [line["client_order_id"] for line in record.accepted()] == ["one", "two"]
    assert record.filled() == {"one": 10}
    assert record.positions() == {"AAA": 10}
    assert record.live() == ["two"]
    assert record.statuses() == {"one": "filled", "two": "new"}
    assert [line["seq"] for line in record.lines] == sorted(line["seq"] for line in record.lines)


def test_orders_are_paged_as_alpacas(fake: FakeAlpaca, client: TradingClient) -> None:
    """50 by default, 500 at most, newest first, `until` exclusive: 620 orders are found by walking back."""
    fake.do("place", symbol="AAA", qty="1", side="buy", type="limit", limit_price="50", time_in_force="gtc", repeat=620)
    assert len(client.get_orders()) == 50
    assert raw(fake, "GET", "/v2/orders", params={"limit": 501}).status_code == 422
    found: list[Any] = []
    until = None
    while page := client.get("/orders", {"limit": 500, "status": "all"} | ({"until": until} if until else {})):
        found += page
        until = page[-1]["submitted_at"]
    assert len({row["id"] for row in found}) == len(found) == 620
    assert client.get_orders(GetOrdersRequest(status=QueryOrderStatus.CLOSED)) == []


def test_activities_are_paged_by_token(fake: FakeAlpaca, client: TradingClient) -> None:
    fake.fault("many_fills", op="POST /v2/orders")
    client.submit_order(market("one", quantity=230))
    seen: list[str] = []
    arguments: dict[str, Any] = {"direction": "asc"}
    while page := client.get("/account/activities/FILL", arguments):
        assert len(page) <= 100
        seen += [row["id"] for row in page]
        arguments["page_token"] = page[-1]["id"]
    assert len(seen) == len(set(seen)) == 230
    assert seen == sorted(seen)


def test_the_same_seed_gives_the_same_ids(fake: FakeAlpaca) -> None:
    def first() -> str:
        fake.reset(clock=NOON, seed=7)
        fake.set_prices(AAA=100)
        return str(post(fake, "x").json()["id"])

    assert first() == first()


def test_wrong_key(fake: FakeAlpaca) -> None:
    with pytest.raises(APIError) as refused:
        TradingClient("PK", "wrong", url_override=fake.url).get_account()
    assert refused.value.status_code == 401


# -- every fault of the wire ----

#: Fault -> (what a client without retries sees, whether the order is at the broker afterwards).
WIRE = {
    "timeout_before": (httpx.ReadTimeout, False),
    "timeout_after": (httpx.ReadTimeout, True),
    "timeout_mid_body": (httpx.ReadTimeout, True),
    "drip": (None, True),
    "reset_before": (httpx.ReadError, False),
    "reset_after": (httpx.ReadError, True),
    "reset_mid_body": (httpx.ReadError, True),
    "status_before": (503, False),
    "status_after": (504, True),
    "rate_limited": (429, False),
    "rate_limited_bare": (429, False),
    "unauthorized": (401, False),
    "forbidden": (403, False),
    "invalid": (422, False),
    "duplicate_id": (422, True),
    "not_found": (404, False),
    "redirect": (307, False),
    "html": (200, True),
    "empty": (200, True),
    "truncated": (200, True),
    "wrong_shape": (200, True),
    "json_null": (200, True),
    "huge": (200, True),
}


def test_every_fault_of_the_wire_is_here() -> None:
    assert set(WIRE) == {name for name, entry in CATALOGUE.items() if entry.phase == "wire"}


@pytest.mark.parametrize("name", sorted(WIRE))
def test_a_fault_of_the_wire(fake: FakeAlpaca, name: str) -> None:
    """The client sees what it says; whether the broker took the order is in the journal."""
    parameters = {"drip": {"interval": 0.0005}, "huge": {"bytes": 3_000_000}}.get(name, {})
    fake.fault(name, op="POST /v2/orders", **parameters)
    sees, taken = WIRE[name]
    if isinstance(sees, type):
        with pytest.raises(sees):
            post(fake, "one", timeout=0.3)
    else:
        answer = post(fake, "one")
        assert answer.status_code == (sees or 200)
        if name in ("html", "empty", "truncated"):
            with pytest.raises(ValueError):
                answer.json()
    record = fake.journal()
    assert [line["client_order_id"] for line in record.accepted()] == (["one"] if taken else [])
    assert [line["fault"] for line in record.of("fault")] == [name]
    assert fake.state()["faults_left"] == []
    assert post(fake, "two").status_code == 200, "the fault is over"


def test_429_says_when_to_come_back(fake: FakeAlpaca) -> None:
    fake.fault("rate_limited", op="GET /v2/account", retry_after=7)
    headers = raw(fake, "GET", "/v2/account").headers
    assert (headers["Retry-After"], headers["X-RateLimit-Remaining"]) == ("7", "0")


@pytest.mark.parametrize(
    "meaning", ["key", "buying_power", "quantity", "wash_trade", "blocked", "liquidation", "pdt", "html"]
)
def test_the_meanings_of_403(fake: FakeAlpaca, meaning: str) -> None:
    fake.fault("forbidden", op="POST /v2/orders", meaning=meaning)
    answer = post(fake, "one")
    assert answer.status_code == 403
    assert ("message" in answer.json()) if meaning != "html" else answer.text.startswith("<html>")


@pytest.mark.parametrize(
    ("how", "value"),
    [("nan", "NaN"), ("null", None), ("exponent", "1.0E+1"), ("number", 10.0), ("empty", ""), ("negative", "-1")],
)
def test_numbers_that_are_none(fake: FakeAlpaca, how: str, value: Any) -> None:
    fake.fault("field", op="POST /v2/orders", **{"as": how})
    assert post(fake, "one").json()["qty"] == value
    fake.fault("field", op="GET /v2/orders", field="filled_qty", **{"as": "missing"})
    assert "filled_qty" not in raw(fake, "GET", "/v2/orders", params={"status": "all"}).json()[0]
    fake.fault("field", op="GET /v2/positions", **{"as": "bare_nan"})
    assert '"qty": NaN' in raw(fake, "GET", "/v2/positions").text


def test_lists_that_lie(fake: FakeAlpaca) -> None:
    for name in ("one", "two", "three"):
        post(fake, name)

    def names() -> list[str]:
        rows = raw(fake, "GET", "/v2/orders", params={"status": "all", "direction": "asc"}).json()
        return [row["client_order_id"] for row in rows]

    for fault, seen in (
        ("short_page", ["one", "two"]),
        ("stale_list", ["one", "two"]),
        ("repeated_row", ["one", "one", "two", "three"]),
    ):
        fake.fault(fault, op="GET /v2/orders")
        assert names() == seen
    fake.fault("unknown_status", op="GET /v2/orders")
    assert raw(fake, "GET", "/v2/orders", params={"status": "all"}).json()[0]["status"] == "awaiting_moonrise"
    assert names() == ["one", "two", "three"]


def test_where_and_nth(fake: FakeAlpaca) -> None:
    """A fault is met by the second POST for BBB, and by no other request."""
    fake.fault("status_before", op="POST /v2/orders", nth=2, where={"symbol": "BBB"})
    answers = [post(fake, f"{i}", symbol=s).status_code for i, s in enumerate(("BBB", "AAA", "BBB", "BBB"))]
    assert answers == [200, 200, 503, 200]


def test_an_unknown_fault_is_refused(fake: FakeAlpaca) -> None:
    with pytest.raises(ScriptRefused, match="no fault is called"):
        fake.fault("gremlins", op="*")
    with pytest.raises(ScriptRefused, match="has no parameter"):
        fake.fault("stuck", colour="red")
    with pytest.raises(ScriptRefused, match="needs an op"):
        fake.fault("html")


def test_seeded_scripts_repeat(fake: FakeAlpaca) -> None:
    first = fake.do("seed", seed=3, count=20)
    assert first == fake.do("seed", seed=3, count=20) != fake.do("seed", seed=4, count=20)


# -- the stream ----


class Listener:
    """alpaca-py's TradingStream in a thread, its events in a list."""

    def __init__(self, fake: FakeAlpaca, secret: str | None = None) -> None:
        self.events: list[Any] = []
        self.stream = TradingStream(fake.key, secret or fake.secret, url_override=fake.stream_url)
        self.stream._reconnect_min_backoff = 0.05

        async def hear(update: Any) -> None:
            self.events.append(update)

        self.stream.subscribe_trade_updates(hear)
        self.thread = threading.Thread(target=self.stream.run, daemon=True)

    def __enter__(self) -> Listener:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stream._should_run = False
        self.stream.stop()

    def heard(self, count: int, seconds: float = 30.0) -> list[str]:
        until(lambda: len(self.events) >= count, seconds)
        return [str(getattr(e.event, "value", e.event)) for e in self.events]


def until(true: Any, seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(true())


@pytest.fixture
def ear(fake: FakeAlpaca) -> Iterator[Listener]:
    with Listener(fake) as listener:
        assert until(lambda: fake.state()["listeners"] == 1)
        yield listener


def test_alpaca_py_hears_trade_updates(fake: FakeAlpaca, ear: Listener) -> None:
    post(fake, "one")
    assert ear.heard(2) == ["new", "fill"]
    assert (ear.events[1].order.client_order_id, ear.events[1].qty, ear.events[1].position_qty) == ("one", 10, 10)


def test_duplicate_and_reordered_events(fake: FakeAlpaca, ear: Listener) -> None:
    fake.fault("stream_duplicate")
    post(fake, "one")
    assert ear.heard(4) == ["new", "new", "fill", "fill"]
    fake.do("clear")
    ear.events.clear()
    fake.fault("stream_reorder", group=6)
    for name in ("two", "three", "four"):
        post(fake, name)
    heard = ear.heard(6)
    assert sorted(heard) == ["fill"] * 3 + ["new"] * 3
    assert heard != ["new", "fill"] * 3


def test_early_late_and_bust(fake: FakeAlpaca, ear: Listener) -> None:
    fake.fault("stream_early")
    fake.fault("drip", op="POST /v2/orders", interval=0.002)
    sender = threading.Thread(target=post, args=(fake, "one"))
    sender.start()
    assert ear.heard(2) == ["new", "fill"]
    assert sender.is_alive(), "heard before the answer arrived"
    sender.join()
    fake.do("clear")
    fake.fault("stream_late", seconds=0.4)
    began = time.monotonic()
    post(fake, "two")
    assert len(ear.heard(4)) == 4
    assert time.monotonic() - began >= 0.4
    fake.do("clear")
    fake.fault("bust")
    assert ear.heard(5)[-1] == "trade_bust"
    assert [row["qty"] for row in raw(fake, "GET", "/v2/positions").json()] == ["10"]


def test_dropped_mute_and_refused(fake: FakeAlpaca, ear: Listener) -> None:
    fake.fault("stream_drop")
    assert until(lambda: fake.state()["listeners"] == 0)
    assert until(lambda: fake.state()["listeners"] == 1), "alpaca-py connects again"
    fake.fault("stream_mute")
    post(fake, "one")
    assert ear.heard(1, 0.3) == []
    fake.do("clear")
    fake.fault("stream_refuse", how="handshake", count=None)
    assert not until(lambda: fake.state()["listeners"] == 1, 0.5)
    fake.do("clear")
    assert until(lambda: fake.state()["listeners"] == 1)
    post(fake, "two")
    assert ear.heard(2) == ["new", "fill"]


def test_a_wrong_secret_hears_nothing(fake: FakeAlpaca) -> None:
    with Listener(fake, secret="wrong") as deaf:
        post(fake, "one")
        assert deaf.heard(1, 0.5) == []


# -- the whole list ----


def test_every_broker_fault_of_invariants_has_its_entry() -> None:
    """What has none is a rule of the exchange or plain use: test_exchange.py and the paging above show those."""
    named = {name for names in OF_INVARIANTS.values() for name in names}
    assert named <= set(CATALOGUE)
    assert set(CATALOGUE) - named == {"redirect", "not_found", "invalid"}, "beyond the list"
    assert {what for what, names in OF_INVARIANTS.items() if not names} == {
        "more than 500 orders",
        "refused fractional short",
    }


def test_the_journal_is_on_disk_as_json_lines(fake: FakeAlpaca) -> None:
    post(fake, "one")
    lines = fake.journal_path.read_text(encoding="utf-8").splitlines()
    assert {"seq", "kind", "at", "wall"} <= set(json.loads(lines[-1]))
