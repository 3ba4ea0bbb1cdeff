"""Alpaca's rules, the life of an order, and time, in the fake: each refusal with its code, each status by its way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fake_alpaca import FakeAlpaca
from tests.fake_alpaca.orders import STATUSES

NOON = "2020-01-07T17:00:00Z"
EVENING = "2020-01-07T22:00:00Z"
MORNING = "2020-01-08T14:30:00Z"


@pytest.fixture(scope="module")
def process() -> Iterator[FakeAlpaca]:
    with FakeAlpaca() as fake:
        yield fake


@pytest.fixture
def fake(process: FakeAlpaca) -> FakeAlpaca:
    process.reset(clock=NOON)
    process.set_prices(AAA=("99.99", "100.01"), BBB=50)
    return process


def call(fake: FakeAlpaca, method: str, path: str, **rest: Any) -> httpx.Response:
    headers = {"APCA-API-KEY-ID": fake.key, "APCA-API-SECRET-KEY": fake.secret}
    return httpx.request(method, fake.url + "/v2" + path, headers=headers, timeout=10, trust_env=False, **rest)


def order(fake: FakeAlpaca, name: str, side: str = "buy", qty: Any = "10", **changes: Any) -> httpx.Response:
    body = {"symbol": "AAA", "side": side, "qty": qty, "type": "market", "time_in_force": "day"}
    given = {k: v for k, v in (body | {"client_order_id": name} | changes).items() if v is not None}
    return call(fake, "POST", "/orders", json=given)


def limit(
    fake: FakeAlpaca, name: str, price: Any, side: str = "buy", qty: Any = "10", **changes: Any
) -> httpx.Response:
    return order(fake, name, side, qty, type="limit", limit_price=str(price), **changes)


def stop(
    fake: FakeAlpaca, name: str, price: Any, side: str = "sell", qty: Any = "10", **changes: Any
) -> httpx.Response:
    return order(
        fake, name, side, qty, **({"type": "stop", "stop_price": str(price), "time_in_force": "gtc"} | changes)
    )


def status(fake: FakeAlpaca, name: str) -> str:
    return str(call(fake, "GET", "/orders:by_client_order_id", params={"client_order_id": name}).json()["status"])


def refused(answer: httpx.Response) -> tuple[int, int, str]:
    return answer.status_code, answer.json()["code"], answer.json()["message"]


# -- rules ----


def test_an_id_is_unique_for_ever(fake: FakeAlpaca) -> None:
    """Also a cancelled order's; a refused order's is free."""
    placed = limit(fake, "one", 90).json()
    assert call(fake, "DELETE", f"/orders/{placed['id']}").status_code == 204
    assert refused(limit(fake, "one", 90)) == (422, 40010001, "client_order_id must be unique")
    assert order(fake, "two", qty="0.5", time_in_force="gtc").status_code == 422
    assert order(fake, "two").status_code == 200
    assert [line["client_order_id"] for line in fake.journal().accepted()] == ["one", "two"]


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"qty": "0.5", "time_in_force": "gtc"}, 42210000, "fractional orders must be DAY orders"),
        ({"qty": "0.5", "time_in_force": "ioc"}, 42210000, "fractional orders must be DAY orders"),
        ({"qty": "0.5", "side": "sell"}, 42210000, "fractional orders cannot be sold short"),
        ({"qty": "0.1234567891"}, 42210000, "decimal places"),
        ({"qty": "0.001"}, 40310000, "cost basis must be >= minimal amount of order 1"),
        ({"qty": "-1"}, 40010001, "qty must be > 0"),
        ({"qty": "NaN"}, 40010001, "qty is invalid"),
        ({"qty": None}, 40010001, "qty or notional is required"),
        ({"notional": "10"}, 40010001, "only one of qty or notional"),
        ({"type": "limit", "limit_price": "10.001"}, 42210000, "sub-penny increment"),
        ({"type": "limit", "limit_price": "0.00001"}, 42210000, "sub-penny increment"),
        ({"type": "limit"}, 40010001, "require limit price"),
        ({"limit_price": "10"}, 40010001, "must not have limit price"),
        ({"type": "stop", "stop_price": "90", "time_in_force": "ioc"}, 42210000, "invalid time_in_force"),
        ({"client_order_id": "x" * 129}, 40010001, "no more than 128 characters"),
        ({"symbol": "nope!"}, 42210000, "could not find asset"),
        ({"side": "hold"}, 40010001, "side is invalid"),
        ({"time_in_force": "gtd"}, 40010001, "time_in_force is invalid"),
        ({"extended_hours": True}, 42210000, "extended hours"),
        ({"order_class": "bracket"}, 42210000, "is not simulated"),
        ({"qty": "100000"}, 40310000, "insufficient buying power"),
    ],
)
def test_a_rule(fake: FakeAlpaca, changes: dict[str, Any], code: int, words: str) -> None:
    answer = order(fake, "one", **changes)
    assert (answer.status_code, answer.json()["code"]) == (403 if code == 40310000 else 422, code)
    assert words in answer.json()["message"]
    assert [line["code"] for line in fake.journal().of("refused")] == [code]
    assert not fake.journal().accepted()


def test_128_characters_and_four_decimals_below_a_dollar(fake: FakeAlpaca) -> None:
    assert limit(fake, "x" * 128, "0.1234", qty="100").status_code == 200


def test_a_body_that_is_no_json(fake: FakeAlpaca) -> None:
    assert refused(call(fake, "POST", "/orders", content=b"{")) == (400, 40010000, "request body format is invalid")


def test_opposite_resting_orders(fake: FakeAlpaca) -> None:
    """A stop is the other side of any order; limits only where they cross."""
    order(fake, "in")
    stop(fake, "stop", 90, qty="5")
    answer = order(fake, "more")
    assert (answer.status_code, answer.json()["reject_reason"]) == (403, "opposite side market/stop order exists")
    assert answer.json()["existing_order_id"] == fake.orders()[1]["id"]
    call(fake, "DELETE", "/orders")
    assert limit(fake, "low", 90).status_code == 200
    assert limit(fake, "high", 110, "sell").status_code == 200
    assert limit(fake, "cross", 89, "sell", qty="5").status_code == 403
    assert order(fake, "market", "sell", qty="1").status_code == 403


def test_a_resting_sale_reserves_its_shares(fake: FakeAlpaca) -> None:
    order(fake, "in")
    stop(fake, "stop", 90, qty="8")
    answer = limit(fake, "out", 120, "sell", qty="3")
    assert answer.status_code == 403
    assert {k: answer.json()[k] for k in ("available", "existing_qty", "held_for_orders")} == {
        "available": "2",
        "existing_qty": "10",
        "held_for_orders": "8",
    }
    assert limit(fake, "rest", 120, "sell", qty="2").status_code == 200
    assert call(fake, "GET", "/positions/AAA").json()["qty_available"] == "0"


def test_no_order_crosses_zero(fake: FakeAlpaca) -> None:
    """Close before a flip, long and short."""
    order(fake, "in")
    assert "insufficient qty" in refused(order(fake, "flip", "sell", qty="11"))[2]
    order(fake, "short", "sell", symbol="BBB")
    assert call(fake, "GET", "/positions/BBB").json()["qty"] == "-10"
    assert "insufficient qty" in refused(order(fake, "over", symbol="BBB", qty="11"))[2]


def test_shorting(fake: FakeAlpaca) -> None:
    fake.do("asset", symbol="AAA", shortable=False)
    assert refused(order(fake, "one", "sell")) == (422, 42210000, 'asset "AAA" cannot be sold short')
    fake.do("account", shorting_enabled=False)
    assert refused(order(fake, "two", "sell", symbol="BBB"))[::2] == (403, "account is not allowed to short")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (("account", {"trading_blocked": True}), "account is not allowed to trade"),
        (("account", {"status": "ACCOUNT_CLOSED"}), "account is ACCOUNT_CLOSED"),
        (("account", {"equity": "0", "buying_power": "0"}), "insufficient buying power"),
        (("asset", {"symbol": "AAA", "tradable": False}), "is not tradable"),
    ],
)
def test_an_account_that_may_not(fake: FakeAlpaca, script: tuple[str, dict[str, Any]], words: str) -> None:
    fake.do(script[0], **script[1])
    assert words in order(fake, "one").json()["message"]


def test_suspend_trade_and_cancel_all(fake: FakeAlpaca) -> None:
    """The broker-side kill: nothing new, nothing left."""
    limit(fake, "one", 90)
    assert call(fake, "PATCH", "/account/configurations", json={"suspend_trade": True}).json()["suspend_trade"]
    assert refused(order(fake, "two"))[::2] == (403, "new orders are rejected by user request")
    assert [row["status"] for row in call(fake, "DELETE", "/orders").json()] == [200]
    assert fake.journal().live() == []
    assert call(fake, "GET", "/account").json()["trade_suspended_by_user"]


# -- the life of an order ----


def test_market_limit_stop_and_their_prices(fake: FakeAlpaca) -> None:
    order(fake, "in", qty="10.5")
    limit(fake, "out", 101, "sell", qty="0.5")
    stop(fake, "stop", 95)
    assert [status(fake, n) for n in ("in", "out", "stop")] == ["filled", "new", "new"]
    fake.set_prices(AAA=(101, 102))
    assert [status(fake, n) for n in ("out", "stop")] == ["filled", "new"]
    fake.set_prices(AAA=(94, "94.1"))
    assert status(fake, "stop") == "filled"
    assert [(e["client_order_id"], e["price"]) for e in fake.journal().executed()] == [
        ("in", "100.01"),
        ("out", "101"),
        ("stop", "94"),
    ]
    assert fake.state()["positions"] == {}
    cash = 1_000_000 - 10.5 * 100.01 + 0.5 * 101 + 10 * 94
    assert float(fake.state()["cash"]) == pytest.approx(cash, abs=1e-9)


def test_ioc_and_fok(fake: FakeAlpaca) -> None:
    fake.do("asset", symbol="AAA", liquidity="4")
    order(fake, "ioc", time_in_force="ioc")
    order(fake, "fok", time_in_force="fok")
    assert [status(fake, n) for n in ("ioc", "fok")] == ["canceled", "canceled"]
    assert fake.journal().filled() == {"ioc": 4}


def test_closed_market_queues_and_expires(fake: FakeAlpaca) -> None:
    """Accepted in the evening, new at the opening, expired at the close; GTC stays."""
    fake.set_clock(EVENING)
    assert limit(fake, "day", 90).json()["status"] == "accepted"
    limit(fake, "gtc", 91, time_in_force="gtc")
    order(fake, "market", symbol="BBB")
    assert "market hours" in order(fake, "ioc", time_in_force="ioc").json()["message"]
    assert not call(fake, "GET", "/clock").json()["is_open"]
    fake.set_clock(MORNING)
    assert [status(fake, n) for n in ("day", "gtc", "market")] == ["new", "new", "filled"]
    fake.set_clock("2020-01-08T21:00:00Z")
    assert [status(fake, n) for n in ("day", "gtc")] == ["expired", "new"]


def test_half_and_closed_days(fake: FakeAlpaca) -> None:
    fake.fault("half_day", day="2020-01-08")
    fake.fault("closed_day", day="2020-01-09")
    fake.set_clock("2020-01-08T18:00:00Z")
    clock = call(fake, "GET", "/clock").json()
    assert (clock["is_open"], clock["next_open"][:16]) == (False, "2020-01-10T09:30")
    rows = call(fake, "GET", "/calendar", params={"start": "2020-01-08", "end": "2020-01-10"}).json()
    assert [(row["date"], row["close"]) for row in rows] == [("2020-01-08", "13:00"), ("2020-01-10", "16:00")]


@pytest.mark.parametrize(
    ("plan", "last", "filled"),
    [
        ("reject_later", "rejected", "0"),
        ("stuck", "pending_new", "0"),
        ("partial_fill", "partially_filled", "5"),
        ("partial_then_cancelled", "canceled", "5"),
        ("many_fills", "filled", "10"),
        ("broker_replaces", "replaced", "0"),
        ("set_status", "held", "0"),
    ],
)
def test_a_plan(fake: FakeAlpaca, plan: str, last: str, filled: str) -> None:
    fake.fault(plan)
    assert order(fake, "one").json()["status"] == "pending_new", "the answer is well"
    row = call(fake, "GET", "/orders:by_client_order_id", params={"client_order_id": "one"}).json()
    assert (row["status"], row["filled_qty"]) == (last, filled)
    if plan == "broker_replaces":
        assert [line["client_order_id"] == "one" for line in fake.journal().accepted()] == [True, False]


@pytest.mark.parametrize(
    ("plan", "last", "filled"),
    [
        ("slow_cancel", "pending_cancel", "0"),
        ("fill_during_cancel", "filled", "10"),
        ("fill_after_cancel", "canceled", "10"),
    ],
)
def test_a_cancel_that_is_not_one(fake: FakeAlpaca, plan: str, last: str, filled: str) -> None:
    fake.fault(plan)
    placed = limit(fake, "one", 90).json()
    assert call(fake, "DELETE", f"/orders/{placed['id']}").status_code == 204
    row = call(fake, "GET", f"/orders/{placed['id']}").json()
    assert (row["status"], row["filled_qty"]) == (last, filled)
    again = call(fake, "DELETE", f"/orders/{placed['id']}")
    assert refused(again) == (422, 42210000, f'order is already in "{last}" state')


def test_a_new_order_that_nobody_sees_yet(fake: FakeAlpaca) -> None:
    fake.fault("hide_order", lookups=2, lists=1)
    order(fake, "one")
    asked = [
        call(fake, "GET", "/orders:by_client_order_id", params={"client_order_id": "one"}).status_code for _ in range(3)
    ]
    assert asked == [404, 404, 200]
    lists = [len(call(fake, "GET", "/orders", params={"status": "all"}).json()) for _ in range(2)]
    assert lists == [0, 1]


def test_every_status_by_script(fake: FakeAlpaca) -> None:
    limit(fake, "one", 90)
    assert len(STATUSES) == 18
    for name in sorted(STATUSES):
        assert fake.do("status", order="one", status=name)["status"] == name


def test_halted_symbol(fake: FakeAlpaca) -> None:
    fake.fault("halt", symbol="AAA")
    order(fake, "one")
    assert status(fake, "one") == "new"
    fake.fault("halt", symbol="AAA", halted=False)
    assert status(fake, "one") == "filled"


def test_bust(fake: FakeAlpaca) -> None:
    order(fake, "one")
    fake.fault("bust", symbol="AAA")
    assert fake.state()["positions"] == {}
    assert fake.state()["cash"] == "1000000"
    assert call(fake, "GET", "/account/activities/FILL").json() == []
    assert fake.journal().filled() == {}


def test_corporate_actions_overnight(fake: FakeAlpaca) -> None:
    order(fake, "one")
    stop(fake, "stop", 90)
    fake.set_clock(EVENING)
    fake.fault("split", symbol="AAA", ratio="2")
    fake.fault("dividend", symbol="AAA", per_share="0.25")
    assert fake.state()["positions"] == {"AAA": "20"}
    assert status(fake, "stop") == "canceled"
    kinds = [row["activity_type"] for row in call(fake, "GET", "/account/activities").json()]
    assert sorted(kinds) == ["DIV", "FILL", "SPLIT"]
    assert float(fake.state()["cash"]) == pytest.approx(1_000_000 - 1000.1 + 5)


def test_skew_and_ties(fake: FakeAlpaca) -> None:
    fake.fault("clock_skew", seconds=90)
    assert call(fake, "GET", "/clock").json()["timestamp"].startswith("2020-01-07T12:01:30")
    assert call(fake, "GET", "/account").headers["Date"] == "Tue, 07 Jan 2020 17:01:30 GMT"
    fake.fault("tied_instants")
    assert len({order(fake, name).json()["submitted_at"] for name in ("a", "b", "c")}) == 1


def test_save_and_restore(fake: FakeAlpaca) -> None:
    """The same account, orders, ids and journal as often as one likes."""
    limit(fake, "one", 90)
    fake.save("morning")
    before = fake.orders()
    for _ in range(2):
        order(fake, "two")
        fake.set_prices(AAA=80)
        fake.restore("morning")
        assert fake.orders() == before
        assert fake.state()["positions"] == {}
        record = fake.journal()
        assert ([line["client_order_id"] for line in record.accepted()], record.live()) == (["one"], ["one"])
    assert status(fake, "one") == "new"


def test_a_broker_that_takes_an_id_twice(fake: FakeAlpaca) -> None:
    fake.reset(clock=NOON, unique_ids=False)
    assert [limit(fake, "one", 90).status_code for _ in range(2)] == [200, 200]
    assert len(fake.journal().accepted()) == 2


def test_by_hand(fake: FakeAlpaca) -> None:
    """What the command line does: fill, place from elsewhere, cash, a position from before."""
    fake.reset(clock=NOON, fills="manual")
    fake.set_prices(AAA=100)
    order(fake, "one")
    assert status(fake, "one") == "new"
    fake.fill("one", 4, "99.5")
    fake.fill("one")
    assert [(e["qty"], e["price"]) for e in fake.journal().executed()] == [("4", "99.5"), ("6", "100")]
    foreign = fake.do("place", symbol="AAA", qty="1", side="buy", type="market", time_in_force="day")
    assert foreign[0]["client_order_id"] in fake.journal().live()
    fake.do("cash", amount="-1.25", type="FEE")
    fake.do("position", symbol="BBB", quantity="7", price="50")
    assert fake.state()["positions"] == {"AAA": "10", "BBB": "7"}
    assert float(fake.state()["cash"]) == pytest.approx(1_000_000 - 4 * 99.5 - 600 - 1.25)
