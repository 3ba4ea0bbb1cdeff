"""The adapter against the fake: bodies, books of many pages, marks, the kill at the broker, words it does not know."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from alpaca.trading.enums import OrderStatus, TradeEvent
from hypothesis import given
from hypothesis import strategies as st

from runner import db
from runner.brokers import alpaca_parse as parse
from runner.brokers.alpaca import AlpacaBroker, order_body, same_order
from runner.brokers.alpaca_books import LAG, Reading
from runner.brokers.alpaca_wire import Answered, Outcome
from runner.brokers.base import (
    Acknowledged,
    BrokerOrder,
    InDoubt,
    KillReport,
    NotFound,
    Rejected,
    Unanswered,
    Watermarks,
)
from runner.errors import AccountRefused, BrokerUnreachable
from tests.fake_alpaca import FakeAlpaca
from tests.network.conftest import NOON, key_of, limits, request
from tests.network.test_matrix import working

AT = datetime(2020, 1, 7, 17, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def process() -> Iterator[FakeAlpaca]:
    with FakeAlpaca() as fake:
        yield fake


@pytest.fixture
def fake(process: FakeAlpaca) -> FakeAlpaca:
    process.reset(clock=NOON)
    process.do("clear")
    process.set_prices(AAA=("99.99", "100.01"))
    return process


@pytest.fixture
def broker(fake: FakeAlpaca) -> AlpacaBroker:
    return AlpacaBroker.connect(key_of(fake), "paper", limits())


# -- one order ----


def test_the_body_of_a_post() -> None:
    """Plain decimal strings, and no field the type does not have."""
    sent = order_body(
        request("one", "1E+3", limit=None, order_type="STOP_LIMIT", stop_price=Decimal("90.50"), time_in_force="GTC")
    )
    assert sent == {
        "client_order_id": "one", "symbol": "AAA", "side": "buy", "type": "stop_limit", "time_in_force": "gtc",
        "qty": "1000", "stop_price": "90.5",
    }  # fmt: skip
    assert order_body(request("two", "0.0001"))["qty"] == "0.0001"
    assert order_body(request("two", "0.0000001"))["qty"] == "0.0000001", "never as 1E-7"


@pytest.mark.parametrize("quantity", ["NaN", "Infinity", "0", "-1"])
def test_i30_no_quantity_that_is_none_leaves(broker: AlpacaBroker, fake: FakeAlpaca, quantity: str) -> None:
    """alpaca-py's order model takes NaN. Here it is a bug of the caller, told before anything leaves."""
    with pytest.raises(ValueError, match="not positive and finite"):
        broker.submit(request("one", quantity), lambda: None)
    assert fake.journal().requests("POST", "/v2/orders") == []


@pytest.mark.parametrize(
    "other",
    [
        {"symbol": "BBB"}, {"side": "SELL"}, {"quantity": Decimal(2)}, {"order_type": "STOP"}, {"time_in_force": "DAY"},
        {"limit_price": Decimal("90.01")}, {"limit_price": None}, {"stop_price": Decimal(1)},
        {"client_order_id": "two"},
    ],
    ids=str,
)  # fmt: skip
def test_i7_every_field_is_compared(broker: AlpacaBroker, other: dict[str, Any]) -> None:
    sent = request("one")
    assert isinstance(broker.submit(sent, lambda: None), Acknowledged)
    shown = broker.lookup(sent)
    assert isinstance(shown, BrokerOrder) and same_order(sent, shown)
    assert not same_order(sent, replace(shown, **other))


def test_a_2xx_with_another_order_is_in_doubt(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    body = {"symbol": "AAA", "qty": "1", "side": "buy", "type": "limit", "limit_price": "90", "time_in_force": "gtc"}
    (other,) = fake.do("place", **body, client_order_id="other")
    fake.fault("wrong_shape", op="POST /v2/orders", body=other)
    assert broker.submit(request("one"), lambda: None) == InDoubt("200 with another order than the one sent")
    fake.fault("wrong_shape", op="GET /v2/orders:by_client_order_id", body=other)
    assert broker.lookup(request("one")) == Unanswered("another order than the one asked for")


def test_refusals_in_the_brokers_words(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    fake.set_prices(AAA=100)
    dear = broker.submit(request("one", "1000000"), lambda: None)
    assert isinstance(dear, Rejected) and dear.reason == "403 insufficient buying power"
    assert dear.broker_at == AT, "by the answer's Date"
    fraction = broker.submit(request("two", "0.5"), lambda: None)
    assert isinstance(fraction, Rejected) and fraction.reason == "422 fractional orders must be DAY orders"
    assert isinstance(broker.lookup(request("one")), NotFound)


def test_an_unknown_status_passes_untouched(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    """SQL knows the words; one it does not know halts there (ruling F11)."""
    broker.submit(request("one"), lambda: None)
    fake.do("status", order="one", status="awaiting_moonrise")
    found = broker.lookup(request("one"))
    assert isinstance(found, BrokerOrder) and found.status == "awaiting_moonrise"


# -- the books ----


def test_more_than_a_page_of_orders_and_of_fills(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    """620 of each: pages of 500 and of 100."""
    fake.do("place", symbol="AAA", qty="1", side="buy", type="limit", limit_price="50", time_in_force="gtc", repeat=620)
    fake.fault("many_fills")
    broker.submit(request("many", "620", limit=None), lambda: None)
    seen = broker.observe(Watermarks(), [])
    assert seen.complete
    assert (len(seen.orders), len({order.broker_order_id for order in seen.orders})) == (621, 621)
    assert sum(done.quantity for done in seen.executions) == len(seen.executions) == 620
    assert seen.positions == {"AAA": 620}


@pytest.mark.parametrize("size", [2, 3, 7])
def test_pages_of_any_size_hold_the_same(fake: FakeAlpaca, size: int) -> None:
    fake.do("place", symbol="AAA", qty="1", side="buy", type="limit", limit_price="50", time_in_force="gtc", repeat=21)
    small = limits(order_page_size=size, execution_page_size=size)
    seen = AlpacaBroker.connect(key_of(fake), "paper", small).observe(Watermarks(), [])
    assert seen.complete and len(seen.orders) == 21


def test_orders_of_one_instant(fake: FakeAlpaca) -> None:
    """Ties that fit on a page are all read; a page of nothing but ties cannot be turned, and that is said."""
    fake.fault("tied_instants")
    fake.do("place", symbol="AAA", qty="1", side="buy", type="limit", limit_price="50", time_in_force="gtc", repeat=10)
    wide, narrow = limits(order_page_size=11), limits(order_page_size=10)
    seen = AlpacaBroker.connect(key_of(fake), "paper", wide).observe(Watermarks(), [])
    assert seen.complete and len(seen.orders) == 10
    seen = AlpacaBroker.connect(key_of(fake), "paper", narrow).observe(Watermarks(), [])
    assert not seen.complete and "10 or more of one instant" in str(seen.incomplete_because)


def test_a_working_order_that_no_list_names_is_looked_up(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    """Submitted long before the mark and ended since: neither list has it."""
    broker.submit(request("old"), lambda: None)
    fake.set_clock("2020-01-07T18:00:00Z")
    fake.do("status", order="old", status="canceled")
    since = Watermarks(orders=AT + 30 * MINUTE)
    assert broker.observe(since, []).orders == ()
    seen = broker.observe(since, [working("old"), working("ghost")])
    assert [(order.client_order_id, order.status) for order in seen.orders] == [("old", "canceled")]
    assert seen.complete, "an order the broker does not know is for SQL to miss"
    fake.fault("status_before", op="GET /v2/orders:by_client_order_id")
    seen = broker.observe(since, [working("old")])
    assert not seen.complete, "an order of ours that nothing accounts for"


def test_an_order_that_only_a_fill_names_is_reported(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    broker.submit(request("one", limit=None), lambda: None)
    fake.set_clock("2020-01-07T18:00:00Z")
    seen = broker.observe(Watermarks(orders=AT + 30 * MINUTE), [])
    assert seen.complete
    assert [order.client_order_id for order in seen.orders] == ["one"]
    assert seen.executions[0].broker_order_id == seen.orders[0].broker_order_id


def test_i9_the_marks_stay_behind(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    """Within the lag a fill is read again; beyond it the mark moves, and an incomplete reading moves nothing."""
    broker.submit(request("one", limit=None), lambda: None)
    first = broker.observe(Watermarks(), [])
    assert first.following.executions is None and first.following.orders is not None
    fake.set_clock(AT + LAG + MINUTE)
    again = broker.observe(first.following, [])
    assert again.executions == first.executions
    assert again.following.executions == first.executions[0].execution_id
    last = broker.observe(again.following, [])
    assert last.executions == () and last.complete and last.following == again.following
    fake.fault("html", op="GET /v2/positions")
    assert broker.observe(first.following, []).following == first.following


@pytest.mark.parametrize("seconds", [-120, 120])
def test_i25_a_skewed_clock_loses_nothing(broker: AlpacaBroker, fake: FakeAlpaca, seconds: int) -> None:
    fake.fault("clock_skew", seconds=seconds)
    broker.submit(request("one", limit=None), lambda: None)
    first = broker.observe(Watermarks(), [])
    assert first.broker_at is not None and abs(first.broker_at - AT - timedelta(seconds=seconds)) < MINUTE / 60
    broker.submit(request("two", limit=None), lambda: None)
    seen = broker.observe(first.following, [])
    assert {order.client_order_id for order in seen.orders} == {"one", "two"}
    assert len(seen.executions) == 2


# What the fake cannot do: a record that appears behind one that was read.


class Books:
    """A broker whose fills a test writes, paged as Alpaca pages them."""

    def __init__(self) -> None:
        self.fills: list[dict[str, Any]] = []
        self.now = AT

    def get(self, path: str, query: Mapping[str, str]) -> Outcome:
        if path == "/clock":
            return Answered(200, {"timestamp": self.now.isoformat(), "is_open": True}, {})
        if path == "/account/activities/FILL":
            after = query.get("page_token", "")
            rows = sorted((row for row in self.fills if row["id"] > after), key=lambda row: str(row["id"]))
            return Answered(200, rows[: int(query["page_size"])], {})
        if path == "/account":
            flags = dict.fromkeys((*parse.BLOCKING, "shorting_enabled"), False)
            return Answered(
                200, {"id": "a", "status": "ACTIVE", "currency": "USD", "cash": "0", "equity": "0"} | flags, {}
            )
        if path.startswith("/orders/"):
            return Answered(404, {"message": "order not found"}, {})
        return Answered(200, [], {})

    def fill(self, suffix: str, at: datetime) -> None:
        self.fills.append(
            {
                "id": f"{at:%Y%m%d%H%M%S}000::{suffix}", "activity_type": "FILL", "transaction_time": at.isoformat(),
                "symbol": "AAA", "side": "buy", "qty": "1", "price": "100", "order_id": "o",
            }
        )  # fmt: skip

    def read(self, since: Watermarks) -> Any:
        return Reading(self.get, limits(execution_page_size=2)).observe(since, [])


def test_i9_a_fill_that_appears_behind_a_later_one_is_read() -> None:
    """Two fills of one millisecond: the id that sorts first comes last. A mark at the newest would skip it for ever."""
    books = Books()
    books.fill("bbb", AT)
    first = books.read(Watermarks())
    assert [done.execution_id[-3:] for done in first.executions] == ["bbb"]
    books.fill("aaa", AT)
    books.now += LAG
    second = books.read(first.following)
    assert [done.execution_id[-3:] for done in second.executions] == ["aaa", "bbb"]
    assert str(second.following.executions).endswith("bbb")


def test_one_unreadable_fill_keeps_the_others() -> None:
    books = Books()
    for name in ("a", "b", "c", "d", "e"):
        books.fill(name, AT)
    books.fills[2]["price"] = "1e400"
    seen = books.read(Watermarks())
    assert [done.execution_id[-1] for done in seen.executions] == ["a", "b", "d", "e"]
    assert not seen.complete and seen.incomplete_because == "fills: price cannot be read"


ROW = {
    "client_order_id": "c", "status": "new", "symbol": "AAA", "side": "buy", "qty": "1", "type": "market",
    "filled_qty": "0", "time_in_force": "day", "submitted_at": AT.isoformat(), "updated_at": AT.isoformat(),
}  # fmt: skip


def test_i8_a_short_page_is_not_the_last() -> None:
    """Each list's first page misses its newest order, and nobody's working order would bring it back."""
    books = Books()
    rows = [{**ROW, "id": str(i), "submitted_at": (AT + i * MINUTE).isoformat()} for i in range(3)]

    def get(path: str, query: Mapping[str, str]) -> Outcome:
        if path != "/orders":
            return books.get(path, query)
        if "after" not in query:
            return Answered(200, rows[:-1], {})
        return Answered(200, [row for row in rows if row["submitted_at"] > query["after"]], {})

    seen = Reading(get, limits()).observe(Watermarks(), [])
    assert seen.complete and sorted(order.broker_order_id for order in seen.orders) == ["0", "1", "2"]


def test_a_list_that_gives_the_same_page_for_ever_ends() -> None:
    books = Books()
    same = [{**ROW, "id": str(i)} for i in range(500)]

    def get(path: str, query: Mapping[str, str]) -> Outcome:
        return Answered(200, same, {}) if path == "/orders" else books.get(path, query)

    seen = Reading(get, limits()).observe(Watermarks(), [])
    assert len(seen.orders) == 500 and not seen.complete


def test_a_broker_that_is_silent_is_not_asked_for_ever(fake: FakeAlpaca) -> None:
    """Two calls' total time-outs in all, however many books there are; 429 ends it at once."""
    broker = AlpacaBroker.connect(key_of(fake), "paper", limits(0.6))
    fake.fault("timeout_before", op="*", count=None)
    began = time.monotonic()
    seen = broker.observe(Watermarks(), [working(str(i)) for i in range(50)])
    assert not seen.complete and "not asked any more" in str(seen.incomplete_because)
    assert time.monotonic() - began < 50 * 0.6 / 2
    fake.do("clear")
    fake.fault("rate_limited", op="GET /v2/clock", retry_after=3)
    seen = broker.observe(Watermarks(), [])
    assert (seen.pages, seen.retry_after_seconds) == (1, 3)


def test_orders_by_hand_are_told_whatever_they_are(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    """By value, on the close: not ours, so it must be seen, not skipped as unreadable (I11)."""
    fake.do("place", symbol="AAA", notional="500", side="buy", type="market", time_in_force="day")
    fake.do("place", symbol="AAA", qty="1", side="buy", type="limit", limit_price="90", time_in_force="cls")
    seen = broker.observe(Watermarks(), [])
    assert seen.complete
    assert {(order.time_in_force, order.quantity > 0) for order in seen.orders} == {("CLS", True), ("DAY", True)}


# -- the account ----


@pytest.mark.parametrize("flag", [*parse.BLOCKING, "transfers_blocked"])
def test_blocked_flags(broker: AlpacaBroker, fake: FakeAlpaca, flag: str) -> None:
    """A fact, by its name; transfers have nothing to do with orders."""
    fake.do("account", **{flag: True})
    blocked = () if flag == "transfers_blocked" else (flag,)
    assert broker.account().blocked == blocked
    seen = broker.observe(Watermarks(), [])
    assert seen.account is not None and seen.account.blocked == blocked and seen.complete


def test_status_shorting_and_equity(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    fake.do("account", status="ACCOUNT_CLOSED", shorting_enabled=False)
    fake.fault("equity_zero")
    facts = broker.account()
    assert (facts.status, facts.shorting, facts.equity, facts.cash) == ("ACCOUNT_CLOSED", False, 0, 1_000_000)


def test_an_account_in_another_currency_is_not_read(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    """Ten thousand euros are not ten thousand dollars: nothing is released on such a reading."""
    fake.do("account", currency="EUR")
    with pytest.raises(BrokerUnreachable, match="currency, which is not USD"):
        broker.account()
    seen = broker.observe(Watermarks(), [])
    assert seen.account is None and not seen.complete


def test_a_flag_that_is_no_flag_is_not_false(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    fake.fault("field", op="GET /v2/account", field="trading_blocked", **{"as": "null"})
    with pytest.raises(BrokerUnreachable, match="trading_blocked"):
        broker.account()


def test_a_wrong_key_is_refused(fake: FakeAlpaca) -> None:
    wrong = AlpacaBroker.connect(key_of(fake, ALPACA_SECRET_KEY="a-wrong-secret"), "paper", limits())
    with pytest.raises(AccountRefused, match="refuses the key") as refused:
        wrong.account()
    assert refused.value.exit_code == 17 and "a-wrong-secret" not in str(refused.value)


# -- the kill at the broker ----

SUSPEND, CANCEL_ALL = "PATCH /v2/account/configurations", "DELETE /v2/orders"


def test_i14_halt_and_resume(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    for name in ("one", "two"):
        broker.submit(request(name), lambda: None)
    assert broker.halt_trading() == KillReport(True, 2)
    assert fake.journal().live() == []
    refused = broker.submit(request("three"), lambda: None)
    assert isinstance(refused, Rejected) and "user request" in refused.reason
    assert broker.account().blocked == ("trade_suspended_by_user",)
    assert broker.resume_trading() is None
    assert isinstance(broker.submit(request("four"), lambda: None), Acknowledged)


@pytest.mark.parametrize("fault", ["status_before", "status_after", "reset_after", "html", "wrong_shape", "json_null",
                                   "unauthorized", "rate_limited", "timeout_before"])  # fmt: skip
@pytest.mark.parametrize("op", [SUSPEND, CANCEL_ALL])
def test_i14_a_kill_says_what_it_did_not(fake: FakeAlpaca, fault: str, op: str) -> None:
    """The half that failed is named, the other is done; a kill that is not confirmed is not told as done."""
    broker = AlpacaBroker.connect(key_of(fake), "paper", limits(0.8))
    broker.submit(request("one"), lambda: None)
    fake.fault(fault, op=op)
    told = broker.halt_trading()
    assert told.suspended == (op != SUSPEND)
    assert told.cancels_requested == (op == SUSPEND)
    assert len(told.failures) == 1
    if op == SUSPEND:
        fake.fault(fault, op=op)
        assert broker.resume_trading() is not None
        assert broker.resume_trading() is None


def test_i14_a_cancel_that_is_not_taken_is_named(broker: AlpacaBroker, fake: FakeAlpaca) -> None:
    fake.fault("slow_cancel")
    made = broker.submit(request("one"), lambda: None)
    assert isinstance(made, Acknowledged)
    assert broker.halt_trading() == KillReport(True, 1)
    again = broker.halt_trading()
    assert again.failures == (f"cancel of {made.broker_order_id}: 422",)


def test_a_halt_beside_another_call(fake: FakeAlpaca) -> None:
    """KillWatch halts while a pass waits for an answer."""
    broker = AlpacaBroker.connect(key_of(fake), "paper", limits(4.0))
    fake.fault("timeout_before", op="GET /v2/positions")
    reading = threading.Thread(target=lambda: broker.observe(Watermarks(), []))
    reading.start()
    time.sleep(0.3)
    assert broker.halt_trading() == KillReport(True, 0)
    assert reading.is_alive()
    reading.join()


# -- numbers ----


@given(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.decimals(), st.floats(), st.lists(st.none())
    )
)
def test_a_number_is_finite_or_unreadable(value: object) -> None:
    """Whatever stands there: a finite number of the same value, written without exponent, or none."""
    try:
        read = parse.number({"n": value}, "n")
    except parse.Unreadable as error:
        assert str(error) == "n"
        return
    assert read.is_finite() and "E" not in str(f"{read:f}") and read == Decimal(str(value))
    assert not isinstance(value, bool | float)


@pytest.mark.parametrize(
    "value", ["1_000", " 1", "1 ", "+1", "0x1", "1e", "\u0661", "1e999", "--1", "1.2.3", "1,5", ".5", ""]
)
def test_spellings_that_python_reads_and_a_broker_does_not_write(value: str) -> None:
    with pytest.raises(parse.Unreadable):
        parse.number({"n": value}, "n")


@pytest.mark.parametrize(
    "value", ["2020-01-07T12:00:00", "2020-01-07", "yesterday", "", None, 5, "2020-13-01T00:00:00Z"]
)
def test_instants_are_aware_or_unreadable(value: object) -> None:
    with pytest.raises(parse.Unreadable):
        parse.instant({"at": value}, "at")
    assert parse.instant({"at": "2020-01-07T12:00:00.123456789-05:00"}, "at") == AT.replace(microsecond=123456)


def test_a_fill_late_in_new_york_is_of_that_session() -> None:
    row = {"id": "x", "activity_type": "FILL", "transaction_time": "2020-01-08T00:30:00Z", "symbol": "AAA",
           "side": "sell_short", "qty": "1", "price": "2", "order_id": "o"}  # fmt: skip
    done = parse.execution(row)
    assert (done.session.isoformat(), done.side, done.fee, done.price_basis) == ("2020-01-07", "SELL", 0, "raw")


@pytest.mark.parametrize(("quantity", "side"), [("5", "short"), ("-5", "long"), ("0", "long"), ("0", "short")])
def test_a_position_whose_sign_and_side_differ_is_unreadable(quantity: str, side: str) -> None:
    with pytest.raises(parse.Unreadable):
        parse.position({"symbol": "AAA", "qty": quantity, "side": side})
    assert parse.position({"symbol": "AAA", "qty": "-5", "side": "short"}) == ("AAA", -5)


# -- the words ----


def test_f11_alpaca_pys_words_are_the_tables(database: str) -> None:
    """Eighteen statuses and twelve events, no more and no fewer than its own enumerations."""
    with db.connect(db.DEPLOYER) as connection:
        rows = db.fetch_text(
            connection, "test", "select kind, name from ref.broker_statuses where broker = 'alpaca' order by kind, name"
        )
    names = {kind: [row["name"] for row in rows if row["kind"] == kind] for kind in ("status", "event")}
    assert names["status"] == sorted(status.value for status in OrderStatus)
    assert names["event"] == sorted(event.value for event in TradeEvent)
    assert (len(names["status"]), len(names["event"])) == (18, 12)
