"""Every fault of the fake's catalogue x every call of the adapter: what it says, what the broker did, how long it took.

I4-I7, I30: nothing that may have had an effect is told as unsent, rejected or not found; nothing that is missing is
told as whole; nothing is sent twice; no call outlasts its total time-out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from runner.brokers import alpaca, alpaca_wire
from runner.brokers.alpaca import AlpacaBroker
from runner.brokers.base import (
    Acknowledged,
    BrokerOrder,
    CancelAccepted,
    Duplicate,
    InDoubt,
    NotCancelable,
    NotFound,
    Observation,
    Rejected,
    Unanswered,
    Unsent,
    Watermarks,
    WorkingOrder,
)
from runner.errors import AccountRefused, BrokerUnreachable
from tests.conftest import SUMMARY
from tests.fake_alpaca import FakeAlpaca
from tests.fake_alpaca.faults import CATALOGUE
from tests.network.conftest import SESSION, request

# How to read it. A row is what the network or the broker does; "did it": whether the broker carried out an order or a
# cancel so answered. A column is a call; a cell is what the adapter says of it:
#
#   POST       taken: acknowledged   refused: rejected, it never lived   duplicate: it is looked up and compared
#              unsent: back to the queue   wait: the same, for so many seconds   DOUBT: it may live: looked up first
#   LOOKUP     found   absent: the broker has no such order   nothing: ask again   wait: ask again later
#   ORDERS FILLS POSITIONS CLOCK   whole: all of it was read   part: no release until it is   wait: part, ask later
#              UNTRUE: whole by all that can be seen, and not what the broker has: SQL finds the difference
#   CANCEL     taken   ended: nothing to cancel   absent   unsent: ask again   wait   DOUBT: it may have been taken
#   ACCOUNT    told   refused: exit 17, not opened   away: exit 17, tried again
#   -          the fault cannot happen to this call
#
# No column for a replacement, because there is no such call: another order is a cancel and a new revision (I1).
TABLE = """
fault                          did it  POST       LOOKUP   ORDERS  FILLS  CANCEL  POSITIONS  CLOCK  ACCOUNT
timeout_before                 no      DOUBT      nothing  part    part   DOUBT   part       part   away
timeout_after                  yes     DOUBT      nothing  part    part   DOUBT   part       part   away
timeout_mid_body               yes     DOUBT      nothing  part    part   DOUBT   part       part   away
drip                           yes     DOUBT      nothing  part    part   DOUBT   part       part   away
reset_before                   no      DOUBT      nothing  part    part   DOUBT   part       part   away
reset_after                    yes     DOUBT      nothing  part    part   DOUBT   part       part   away
reset_mid_body                 yes     DOUBT      nothing  part    part   DOUBT   part       part   away
status_before/status=500       no      DOUBT      nothing  part    part   DOUBT   part       part   away
status_before/status=502       no      DOUBT      nothing  part    part   DOUBT   part       part   away
status_before/status=503       no      DOUBT      nothing  part    part   DOUBT   part       part   away
status_before/status=504       no      DOUBT      nothing  part    part   DOUBT   part       part   away
status_after/status=500        yes     DOUBT      nothing  part    part   DOUBT   part       part   away
status_after/status=502        yes     DOUBT      nothing  part    part   DOUBT   part       part   away
status_after/status=503        yes     DOUBT      nothing  part    part   DOUBT   part       part   away
status_after/status=504        yes     DOUBT      nothing  part    part   DOUBT   part       part   away
rate_limited/retry_after=7     no      wait       wait     wait    wait   wait    wait       wait   away
rate_limited_bare              no      wait       wait     wait    wait   wait    wait       wait   away
unauthorized                   no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=key          no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=buying_power no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=quantity     no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=wash_trade   no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=blocked      no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=liquidation  no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=pdt          no      refused    nothing  part    part   unsent  part       part   refused
forbidden/meaning=html         no      DOUBT      nothing  part    part   DOUBT   part       part   away
invalid                        no      refused    nothing  part    part   ended   part       part   away
duplicate_id                   yes     duplicate  nothing  part    part   ended   part       part   away
not_found                      no      DOUBT      absent   part    part   absent  part       part   away
redirect                       no      DOUBT      nothing  part    part   DOUBT   part       part   away
html                           yes     DOUBT      nothing  part    part   DOUBT   part       part   away
empty                          yes     DOUBT      nothing  part    part   DOUBT   part       part   away
truncated                      yes     DOUBT      nothing  part    part   DOUBT   part       part   away
wrong_shape                    yes     DOUBT      nothing  part    part   DOUBT   part       part   away
json_null                      yes     DOUBT      nothing  part    part   DOUBT   part       part   away
huge                           yes     DOUBT      nothing  part    part   DOUBT   part       part   away
field/as=number                yes     taken      found    whole   whole  -       whole      -      told
field/as=exponent              yes     taken      found    whole   whole  -       whole      -      told
field/as=null                  yes     DOUBT      nothing  part    part   -       part       part   away
field/as=nan                   yes     DOUBT      nothing  part    part   -       part       part   away
field/as=bare_nan              yes     DOUBT      nothing  part    part   -       part       part   away
field/as=infinity              yes     DOUBT      nothing  part    part   -       part       part   away
field/as=negative              yes     DOUBT      nothing  part    part   -       part       part   told
field/as=empty                 yes     DOUBT      nothing  part    part   -       part       part   away
field/as=text                  yes     DOUBT      nothing  part    part   -       part       part   away
field/as=missing               yes     DOUBT      nothing  part    part   -       part       part   away
unknown_status                 yes     taken      found    whole   whole  -       whole      whole  told
short_page                     yes     -          -        whole   whole  -       UNTRUE     -      -
stale_list                     yes     -          -        whole   whole  -       -          -      -
repeated_row                   yes     -          -        whole   whole  -       whole      -      -
"""

#: What is at the broker after an order that the exchange treats as no order should be; the POST is always acknowledged.
PLANS = """
fault                   status            filled  open
reject_later            rejected          0       no
stuck                   new               0       yes
partial_fill            partially_filled  2       yes
partial_then_cancelled  canceled          2       no
many_fills              filled            4       no
slow_cancel             pending_cancel    0       yes
fill_during_cancel      filled            4       no
fill_after_cancel       canceled          4       no
broker_replaces         replaced          0       no
set_status              held              0       yes
hide_order              filled            4       no
"""

#: The request of a column as a script calls it, and the field that a lie is told of.
REQUESTS = {
    "POST": ("POST /v2/orders", "qty"),
    "LOOKUP": ("GET /v2/orders:by_client_order_id", "qty"),
    "ORDERS": ("GET /v2/orders", "qty"),
    "FILLS": ("GET /v2/account/activities/FILL", "price"),
    "CANCEL": ("DELETE /v2/orders/{id}", "qty"),
    "POSITIONS": ("GET /v2/positions", "qty"),
    "CLOCK": ("GET /v2/clock", "timestamp"),
    "ACCOUNT": ("GET /v2/account", "cash"),
}

#: Faults by which nothing ends a call but its own time-outs; short ones there, so that the matrix takes no hour.
SILENT = ("timeout_before", "timeout_after", "timeout_mid_body", "drip")
SHORT_SECONDS, PATIENT_SECONDS = 0.8, 10.0

#: What a call may take beyond its total time-out: threads of a busy machine.
SLACK_SECONDS = 0.4

PARAMETERS = {"drip": {"interval": 0.02}, "huge": {"bytes": 3_000_000}}

#: Lists lie for good, since what they hide must be found elsewhere, but for fills: the next page shows what one hid.
FOR_GOOD = ("ORDERS",)


@dataclass(frozen=True)
class Cell:
    """One cell of the table."""

    fault: str
    parameters: dict[str, Any]
    did_it: bool
    call: str
    expected: str

    def __str__(self) -> str:
        return "-".join([self.fault, *map(str, self.parameters.values()), self.call])


def rows_of(table: str) -> Iterator[dict[str, str]]:
    """Lines of a table by its head."""
    head, *lines = table.strip().splitlines()
    names = head.replace("did it", "did_it").split()
    for line in lines:
        yield dict(zip(names, line.split(), strict=True))


def cells() -> Iterator[Cell]:
    """Every cell of the table that can happen."""
    for row in rows_of(TABLE):
        name, _, given = row["fault"].partition("/")
        parameters: dict[str, Any] = dict([given.split("=")]) if given else {}
        for call in REQUESTS:
            if row[call] != "-":
                yield Cell(name, parameters, row["did_it"] == "yes", call, row[call])


CELLS = list(cells())

#: (seconds of a call, its total time-out, where), one for each HTTP call of the matrix.
TIMES: list[tuple[float, float, str]] = []


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """How long each HTTP call takes, and may."""
    seen: list[tuple[float, float]] = []
    call = alpaca_wire.Client.call

    def measured(client: alpaca_wire.Client, *arguments: Any, **named: Any) -> Any:
        began = time.monotonic()
        try:
            return call(client, *arguments, **named)
        finally:
            seen.append((time.monotonic() - began, client.limits.total_timeout_seconds))

    monkeypatch.setattr(alpaca_wire.Client, "call", measured)
    return seen


@pytest.fixture(scope="module", autouse=True)
def told() -> Iterator[None]:
    """The figures of the matrix."""
    yield
    short = [time for time in TIMES if time[1] == SHORT_SECONDS]
    if short:
        slowest = max(short)
        SUMMARY.append(
            f"network matrix: {len(CELLS)} cells, {len(TIMES)} calls; slowest against a total time-out of "
            f"{SHORT_SECONDS} s: {slowest[0]:.3f} s ({slowest[2]})"
        )


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_matrix(
    cell: Cell, fake: FakeAlpaca, broker_within: Callable[[float], AlpacaBroker], timed: list[tuple[float, float]]
) -> None:
    """A cell of the table."""
    op, field = REQUESTS[cell.call]
    given = {"field": field} if cell.fault == "field" else PARAMETERS.get(cell.fault, {})
    lie = CATALOGUE[cell.fault].phase == "answer"
    broker = broker_within(SHORT_SECONDS if cell.fault in SILENT else PATIENT_SECONDS)
    timed.clear()
    fake.fault(cell.fault, op, count=None if lie and cell.call in FOR_GOOD else 1, **{**given, **cell.parameters})
    word = CALLS[cell.call](broker, fake, cell)
    assert word == cell.expected
    for seconds, total in timed:
        assert seconds <= total + SLACK_SECONDS
        TIMES.append((seconds, total, str(cell)))
    assert fake.state()["faults_left"] == [], "the fault never came to pass"
    record = fake.journal()
    assert [r for r in record.requests("PATCH") if r["path"].startswith("/v2/orders")] == []
    assert len(record.requests("POST", "/v2/orders")) == 2 + (cell.call == "POST"), "sent once"
    assert len(record.requests("DELETE")) == (cell.call == "CANCEL"), "sent once"


# -- the calls, and what each answer must be true of ----


def post(broker: AlpacaBroker, fake: FakeAlpaca, cell: Cell) -> str:
    order = request("new")
    outcome = broker.submit(order, lambda: None)
    lives = "new" in [line["client_order_id"] for line in fake.journal().accepted()]
    assert lives == cell.did_it
    found = broker.lookup(order)
    assert isinstance(found, BrokerOrder) == lives, "a look-up tells which"
    match outcome:
        case Acknowledged(broker_order_id):
            assert isinstance(found, BrokerOrder) and found.broker_order_id == broker_order_id
            return "taken"
        case Rejected(reason):
            assert not lives and reason
            return "refused"
        case Duplicate():
            return "duplicate"
        case Unsent(_, seconds):
            assert not lives
            return wait(seconds, "unsent")
        case InDoubt(reason):
            assert reason
            return "DOUBT"


def wait(seconds: float | None, otherwise: str) -> str:
    if seconds is None:
        return otherwise
    assert seconds in (7, 0), "0: a 429 without a word of how long"
    return "wait"


def look_up(broker: AlpacaBroker, fake: FakeAlpaca, cell: Cell) -> str:
    found = broker.lookup(request("rest"))
    match found:
        case BrokerOrder():
            wanted = "awaiting_moonrise" if cell.fault == "unknown_status" else "new"
            assert (found.client_order_id, found.status, found.quantity) == ("rest", wanted, 1)
            return "found"
        case NotFound():
            return "absent"
        case Unanswered(_, seconds):
            return wait(seconds, "nothing")


def cancel(broker: AlpacaBroker, fake: FakeAlpaca, cell: Cell) -> str:
    outcome = broker.cancel(fake.orders()[1]["id"], lambda: None)
    assert (fake.orders()[1]["status"] == "canceled") == cell.did_it
    match outcome:
        case CancelAccepted():
            return "taken"
        case NotCancelable():
            return "ended"
        case NotFound():
            return "absent"
        case Unsent(_, seconds):
            assert not cell.did_it
            return wait(seconds, "unsent")
        case InDoubt():
            return "DOUBT"


def observe(broker: AlpacaBroker, fake: FakeAlpaca, cell: Cell) -> str:
    seen = broker.observe(Watermarks(), [working("rest")])
    if not seen.complete:
        assert seen.incomplete_because
        assert seen.following == Watermarks(), "no mark passes what was not read"
        assert_the_rest_stands(seen, cell)
        return wait(seen.retry_after_seconds, "part")
    truth = {order["client_order_id"]: Decimal(order["filled_qty"]) for order in fake.orders()}
    true = (
        {order.client_order_id: order.filled_quantity for order in seen.orders} == truth
        and sorted(done.quantity for done in seen.executions) == [1, 1, 1]
        and seen.positions == {"AAA": 3}
        and seen.cash == Decimal(fake.state()["cash"])
        and seen.broker_at is not None
        and seen.market_open is True
    )
    return "whole" if true else "UNTRUE"


def assert_the_rest_stands(seen: Observation, cell: Cell) -> None:
    """What other calls read is there: their fills are booked whatever this one did. After 429 nothing more is asked."""
    if cell.fault.startswith("rate_limited"):
        return
    if cell.call != "FILLS":
        assert len(seen.executions) == 3
    if cell.call != "ORDERS":
        assert {order.client_order_id for order in seen.orders} == {"done", "rest"}
    if cell.call != "POSITIONS":
        assert seen.positions == {"AAA": 3}
    if cell.call != "CLOCK":
        assert seen.market_open is True


def working(client_order_id: str) -> WorkingOrder:
    at = datetime(2020, 1, 7, 15, tzinfo=UTC)
    order = request(client_order_id)
    return WorkingOrder(
        client_order_id, None, order.symbol, order.side, order.quantity, Decimal(0), "LIMIT", "GTC", order.limit_price,
        None, "raw", SESSION, at, at, at,
    )  # fmt: skip


def account(broker: AlpacaBroker, fake: FakeAlpaca, cell: Cell) -> str:
    try:
        facts = broker.account()
    except AccountRefused as error:
        assert error.exit_code == 17
        return "refused"
    except BrokerUnreachable as error:
        assert error.exit_code == 17
        return "away"
    assert facts.broker_account_id == fake.state()["account_id"]
    assert facts.status == ("awaiting_moonrise" if cell.fault == "unknown_status" else "ACTIVE")
    return "told"


CALLS: dict[str, Callable[[AlpacaBroker, FakeAlpaca, Cell], str]] = {
    "POST": post, "LOOKUP": look_up, "ORDERS": observe, "FILLS": observe, "CANCEL": cancel, "POSITIONS": observe,
    "CLOCK": observe, "ACCOUNT": account,
}  # fmt: skip


# -- what the table does not say in a cell ----


def test_every_fault_of_a_request_is_in_the_table() -> None:
    """A fault that the fake learns must get its row."""
    wire = {name for name, entry in CATALOGUE.items() if entry.phase in ("wire", "answer")}
    assert {row["fault"].partition("/")[0] for row in rows_of(TABLE)} == wire
    plans = {name for name, entry in CATALOGUE.items() if entry.phase == "plan"}
    assert {row["fault"] for row in rows_of(PLANS)} == plans


def test_replace_is_never_asked_for() -> None:
    """A replacement is a cancel plus a new revision: the adapter has no call for one."""
    assert [name for name in dir(AlpacaBroker) if "replace" in name or "patch" in name.lower()] == []
    assert "PATCH" not in str(alpaca.AlpacaBroker.submit.__code__.co_consts) + str(
        alpaca.AlpacaBroker.cancel.__code__.co_consts
    )


@pytest.mark.parametrize("row", list(rows_of(PLANS)), ids=lambda row: str(row["fault"]))
def test_what_becomes_of_an_order(row: dict[str, str], fake: FakeAlpaca, broker_within: Any) -> None:
    """The POST is acknowledged; the books then say what became of it, and every fill of it."""
    broker, fault = broker_within(PATIENT_SECONDS), row["fault"]
    cancelled = "cancel" in fault and fault != "partial_then_cancelled"
    resting = cancelled or fault in ("broker_replaces", "set_status", "reject_later", "stuck")
    order = request("new", "4", limit="90" if resting else None)
    fake.fault(fault, **({"lookups": 1, "lists": 2} if fault == "hide_order" else {}))
    outcome = broker.submit(order, lambda: None)
    assert isinstance(outcome, Acknowledged)
    if cancelled:
        assert broker.cancel(outcome.broker_order_id, lambda: None) == CancelAccepted()
    if fault == "hide_order":
        assert isinstance(broker.lookup(order), NotFound), "not there is not: not accepted"
    seen = broker.observe(Watermarks(), [working("rest"), working("new")])
    assert seen.complete
    (found,) = [o for o in seen.orders if o.client_order_id == "new"]
    assert (found.status, found.filled_quantity) == (
        row["status"] if fault != "stuck" else found.status,
        Decimal(row["filled"]),
    )
    of_it = [done for done in seen.executions if done.broker_order_id == outcome.broker_order_id]
    assert sum(done.quantity for done in of_it) == Decimal(row["filled"])
    if fault == "broker_replaces":
        assert found.reason is not None and found.reason.startswith("replaced by ")
        assert len(seen.orders) == 4, "the new order is in the books: an orphan"
    assert (fake.journal().live().count("new") == 1) == (row["open"] == "yes")
