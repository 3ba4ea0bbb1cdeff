"""What the worker does with every answer of a broker outside: I4-I9, I11, against a broker that answers by script."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runner import config as golden
from runner import db, deploy, lock, settings
from runner.brokers import loop, sync
from runner.brokers.base import (
    Acknowledged,
    Duplicate,
    Guard,
    InDoubt,
    NotCancelable,
    NotFound,
    OrderRequest,
    Rejected,
    SubmitOutcome,
    Unanswered,
    Unsent,
    Watermarks,
)
from runner.brokers.desk import Account, Desk
from runner.brokers.sync import Pass, SyncReport
from runner.errors import ExitCode, IntegrityError
from tests.conftest import ROOT
from tests.runner.brokers.scripted import NOON, ScriptedBroker, executed, reported

OPENING = datetime(2020, 1, 7, 15, 0, tzinfo=UTC)
#: Seconds between look-ups that may end a doubt, and before a cancel is asked for again: one a pass.
WAIT, RETRY = 0.02, 0.4


def execute(text: str) -> list[dict[str, Any]]:
    """Statements as the deployer; the rows of the last one."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def desk(database: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The desk of tests/sql/fixtures at a broker outside, in its session, 100 AAA (or of each given) to be bought."""
    for name in ("01_fund.sql", "02_desk.sql"):
        text = (ROOT / "tests" / "sql" / "fixtures" / name).read_text(encoding="utf-8")
        for limit, seconds in (("lookup_wait_seconds", WAIT), ("request_retry_seconds", RETRY)):
            text = text.replace(f"('{limit}', 5)", f"('{limit}', {seconds})")
        execute(text)
    execute("select fixtures.desk()")
    for symbol in getattr(request, "param", ["AAA"]):
        wish = f'[{{"symbol": "{symbol}", "leg": "entry", "side": "BUY", "quantity": 100}}]'
        execute(f"select fixtures.place('{wish}')")
    execute(f"select fixtures.done(); select ops.advance_clock('{OPENING.isoformat()}')")
    yield database


@pytest.fixture
def broker(desk: str) -> ScriptedBroker:
    """One whose clock is right; its books were read once, so that orders may leave."""
    made = ScriptedBroker(broker_at=OPENING)
    execute("update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1'")
    execute("select trade.record_snapshot('test', 'w', fixtures.reading())")
    return made


def work(broker: ScriptedBroker) -> SyncReport:
    """One pass."""
    account = Account("test", "alpaca", "paper", "acct-1")
    with db.connect("fund_broker", autocommit=True) as connection:
        desk = Desk(account, lambda _connection, _now: broker)
        return Pass(connection, settings.load(), golden.load(), desk).run()


def order() -> dict[str, Any]:
    (row,) = execute("select state, in_doubt, post_attempt, broker_order_id, lookup_count from trade.orders")
    return row


def open_breaks() -> list[str]:
    return [row["kind"] for row in execute("select kind from trade.open_breaks order by break_id")]


FIRST_POST: list[tuple[SubmitOutcome, str, bool, str | None]] = [
    (Acknowledged("b-1"), "ACKNOWLEDGED", False, None),
    (Rejected("403 insufficient buying power"), "REJECTED", False, None),
    (Unsent("429", 1.0), "PENDING", False, "RETURNED"),
    (InDoubt("504"), "SUBMITTED", True, "IN_DOUBT"),
    (Duplicate("422"), "SUBMITTED", True, "IN_DOUBT"),
]


@pytest.mark.parametrize(("answer", "state", "in_doubt", "told"), FIRST_POST, ids=lambda v: type(v).__name__)
def test_i5_an_answer_means_what_it_says(
    broker: ScriptedBroker, answer: SubmitOutcome, state: str, in_doubt: bool, told: str | None
) -> None:
    broker.submits = [answer]
    report = work(broker)
    found = order()
    if isinstance(answer, Acknowledged):
        broker.orders.clear()  # the order the script reports has another id than the answer gave
    assert (found["state"], found["in_doubt"], found["post_attempt"]) == (state, in_doubt, 1)
    assert [failure.state for failure in report.unsettled] == ([told] if told else [])
    assert len(broker.sent) == 1, "one POST in a pass"
    assert report.retry_after_seconds == (1.0 if isinstance(answer, Unsent) else None)
    if isinstance(answer, Rejected):
        assert [(e.state, e.reason) for e in report.ended] == [("REJECTED", answer.reason)]


@pytest.mark.parametrize("desk", [["AAA", "CCC"]], indirect=True)
def test_i5_after_a_429_nothing_more_is_asked(broker: ScriptedBroker) -> None:
    """What else was claimed goes back unsent, or stays in doubt; the books were read before it, and are not again."""
    broker.submits = [Unsent("429", 0.0)]
    report = work(broker)
    assert (len(broker.sent), len(broker.since), report.retry_after_seconds, report.gate) == (1, 1, 0.0, None)
    assert [(f.state, f.reason) for f in report.unsettled] == [("RETURNED", "429"), ("RETURNED", "BROKER_SAID_429")]
    states = "select string_agg(state || ' ' || in_doubt, ', ' order by symbol) as said from trade.orders"
    assert execute(states) == [{"said": "PENDING false, PENDING false"}]
    broker.submits = [InDoubt("timeout")]
    work(broker)
    time.sleep(WAIT)
    broker.lookups = [Unanswered("429", 0.0)]
    report = work(broker)
    assert (len(broker.looked_up), [f.state for f in report.unsettled]) == (1, ["IN_DOUBT", "IN_DOUBT"])
    assert execute(states) == [{"said": "SUBMITTED true, SUBMITTED true"}]
    broker.incomplete_because, broker.retry_after_seconds = "clock: 429", 0.0
    report = work(broker)
    assert (len(broker.looked_up), report.gate) == (1, "SNAPSHOT_INCOMPLETE"), "a reading that was refused closes"


@pytest.mark.parametrize("desk", [["AAA", "CCC"]], indirect=True)
@pytest.mark.parametrize("answer", [Duplicate("422"), Rejected("403")], ids=lambda v: type(v).__name__)
def test_i5_a_429_to_the_look_up_behind_a_post_ends_the_asking_too(
    broker: ScriptedBroker, answer: SubmitOutcome
) -> None:
    broker.lookups = [NotFound("404"), NotFound("404"), NotFound("404"), Unanswered("429", 7.0)]
    if isinstance(answer, Rejected):  # of a second POST, which the first may be the reason for
        execute("select trade.request_cancel(client_order_id, 'test') from trade.orders where symbol = 'CCC'")
        broker.submits = [InDoubt("timeout"), answer]
        for _ in range(4):
            report = work(broker)
            time.sleep(WAIT)
        assert len(broker.sent) == 2
    else:
        broker.submits, broker.lookups = [answer], [Unanswered("429", 7.0)]
        report = work(broker)
        assert (len(broker.sent), report.unsettled[1].reason) == (1, "BROKER_SAID_429")
    assert (report.retry_after_seconds, report.unsettled[0].state) == (7.0, "IN_DOUBT")


@pytest.mark.parametrize("desk", [["AAA", "CCC"]], indirect=True)
def test_b5_cancels_are_asked_for_until_one_is_answered_429(broker: ScriptedBroker) -> None:
    """A reading that was refused keeps none back; the rest of a claim that was refused is asked for in a later pass."""
    work(broker)
    execute("select trade.request_cancel(client_order_id, 'test') from trade.orders")
    broker.incomplete_because, broker.retry_after_seconds = "clock: 429", 0.0
    broker.cancels = [Unsent("429", 0.0)]
    readings = len(broker.since)
    report = work(broker)
    assert (len(broker.cancelled), len(report.cancels), len(broker.since) - readings) == (1, 1, 1)
    asked = execute("select outcome, outcome_reason as why from trade.order_requests order by request_id")
    assert [(row["outcome"], row["why"]) for row in asked] == [("UNSENT", "429"), ("UNSENT", "BROKER_SAID_429")]
    broker.retry_after_seconds, broker.cancels = None, []
    time.sleep(RETRY)
    work(broker)
    assert len(broker.cancelled) == 3


def test_i11_a_broker_that_wants_an_hour_does_not_keep_a_kill_waiting(
    broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next pass comes all the same, and asks for the cancels of a kill that came meanwhile."""
    assert loop.LONGEST_WAIT_SECONDS + 2 * golden.load().broker.total_timeout_seconds < 60
    work(broker)
    broker.incomplete_because, broker.retry_after_seconds = "clock: 429", 3600.0
    desk = Desk(Account("test", "alpaca", "paper", "acct-1"), lambda _connection, _now: broker)
    monkeypatch.setattr(loop, "require_ours", lambda *_: None)
    monkeypatch.setattr(loop, "open_desk", lambda *_, **__: desk)
    monkeypatch.setattr(loop, "LONGEST_WAIT_SECONDS", 0.1)
    stop = threading.Timer(20, os.kill, [os.getpid(), signal.SIGTERM])  # without the limit it would wait on
    reports: list[SyncReport] = []

    def told(report: SyncReport) -> None:
        reports.append(report)
        if len(reports) == 1:
            execute("select ops.engage_kill_switch('test')")
        else:
            os.kill(os.getpid(), signal.SIGTERM)

    stop.start()
    try:
        loop.sync_forever(settings.load(), golden.load(), "test", 0.1, told)
    finally:
        stop.cancel()
    assert [(report.killed, len(report.cancels)) for report in reports] == [(False, 0), (True, 1)]


def test_i32_a_deploy_under_a_running_worker_ends_it(broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in its folder by then: what it runs is of its start."""
    desk = Desk(Account("test", "alpaca", "paper", "acct-1"), lambda _connection, _now: broker)
    monkeypatch.setattr(lock, "require_pinned", lambda *_: None)
    monkeypatch.setattr(loop, "open_desk", lambda *_, **__: desk)
    stop = threading.Timer(20, os.kill, [os.getpid(), signal.SIGTERM])  # without the check it would go on
    reports: list[SyncReport] = []
    files, changed = deploy.tree(), "routines/trade.mark_nav.sql"

    def told(report: SyncReport) -> None:
        reports.append(report)
        execute(f"update ops.deploy_ledger set sha256 = repeat('0', 64) where path = '{changed}'")
        after = [replace(file, sha256="0" * 64) if file.path == changed else file for file in files]
        monkeypatch.setattr(deploy, "tree", lambda *_: after)

    stop.start()
    try:
        with pytest.raises(IntegrityError, match=f"{changed} differs from what is deployed"):
            loop.sync_forever(settings.load(), golden.load(), "test", 0.1, told)
    finally:
        stop.cancel()
    assert len(reports) == 1


def test_i6_not_found_is_waited_for_and_the_same_body_sent_again(broker: ScriptedBroker) -> None:
    """Three look-ups a wait apart, then a POST of the same id and body, never before."""
    broker.submits = [InDoubt("timeout"), Acknowledged("b-1")]
    work(broker)
    for lookups in (1, 2):
        time.sleep(WAIT)
        report = work(broker)
        assert [f.reason for f in report.unsettled] == ["not found at the broker: WAIT"]
        assert (order()["lookup_count"], len(broker.sent)) == (lookups, 1)
    time.sleep(WAIT)
    work(broker)
    assert broker.sent[0] == broker.sent[1] and len(broker.sent) == 2
    found = order()
    assert (found["state"], found["in_doubt"], found["post_attempt"]) == ("ACKNOWLEDGED", False, 2)


def test_i6_found_is_adopted(broker: ScriptedBroker) -> None:
    broker.submits = [InDoubt("reset")]
    broker.lookups = [reported]
    work(broker)
    time.sleep(WAIT)
    report = work(broker)
    assert (order()["state"], order()["broker_order_id"]) == ("ACKNOWLEDGED", f"b-{broker.looked_up[0]}")
    assert (report.adopted, len(broker.sent)) == (broker.looked_up, 1)


def test_i6_a_look_up_without_answer_counts_for_nothing(broker: ScriptedBroker) -> None:
    broker.submits = [InDoubt("reset")]
    broker.lookups = [Unanswered("503", 2.0)]
    work(broker)
    for _ in range(5):
        report = work(broker)
    assert (order()["lookup_count"], order()["post_attempt"], len(broker.sent)) == (0, 1, 1)
    assert (len(broker.looked_up), report.retry_after_seconds) == (5, 2.0), "one look-up a pass"


def in_doubt_until_reposted(broker: ScriptedBroker, *, again: SubmitOutcome) -> SyncReport:
    """The first answer is lost, three look-ups find nothing, and the second POST is answered by `again`."""
    broker.submits = [InDoubt("timeout"), again]
    report = work(broker)
    for _ in range(3):
        time.sleep(WAIT)
        report = work(broker)
    assert len(broker.sent) == 2
    return report


def test_i6_a_refused_second_post_is_believed_when_the_first_is_not_there(broker: ScriptedBroker) -> None:
    report = in_doubt_until_reposted(broker, again=Rejected("422 not shortable"))
    assert [e.reason for e in report.ended] == ["422 not shortable"]
    assert order()["state"] == "REJECTED"


def test_i6_a_refused_second_post_may_be_refused_for_the_first(broker: ScriptedBroker) -> None:
    """The first arrived after all and holds the money: "insufficient buying power" says nothing against it."""
    broker.lookups = [NotFound("404"), NotFound("404"), NotFound("404"), reported]
    in_doubt_until_reposted(broker, again=Rejected("403 insufficient buying power"))
    assert (order()["state"], order()["in_doubt"]) == ("ACKNOWLEDGED", False)


@pytest.mark.parametrize("again", [Unsent("429"), InDoubt("504")], ids=lambda v: type(v).__name__)
def test_i5_a_second_post_that_is_not_answered_stays_in_doubt(broker: ScriptedBroker, again: SubmitOutcome) -> None:
    in_doubt_until_reposted(broker, again=again)
    assert (order()["state"], order()["in_doubt"], order()["post_attempt"]) == ("SUBMITTED", True, 2)


def test_i7_a_duplicate_is_compared_and_adopted(broker: ScriptedBroker) -> None:
    broker.submits, broker.lookups = [Duplicate("422")], [reported]
    work(broker)
    assert (order()["state"], open_breaks()) == ("ACKNOWLEDGED", [])


def test_i7_another_order_under_our_id_halts(broker: ScriptedBroker) -> None:
    broker.submits = [Duplicate("422")]
    broker.lookups = [lambda sent: reported(sent, quantity=Decimal(99))]
    report = work(broker)
    assert (order()["state"], open_breaks()) == ("SUBMITTED", ["DIFFERENT_ORDER"])
    assert (report.gate, report.exit_code) == ("HALTED", ExitCode.RECONCILIATION)


# -- the last check before the socket ----


def held(broker: ScriptedBroker, happens: Callable[[], object]) -> list[str | None]:
    """What the guard says when something happens between the claim and the socket write."""
    said: list[str | None] = []

    def submit(_: OrderRequest, guard: Guard) -> SubmitOutcome:
        happens()
        said.append(guard())
        return Unsent(said[-1] or "for the test")

    broker.submits = [submit]
    work(broker)
    assert order()["state"] == "PENDING"
    return said


def test_i4_a_lease_that_is_nearly_over_stops_the_post(broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly: the call itself must fit into what is left of it."""
    config = golden.load()
    slack = config.oms.claim_lease_seconds - config.broker.total_timeout_seconds
    now = sync.monotonic
    assert held(broker, lambda: monkeypatch.setattr(sync, "monotonic", lambda: now() + slack - 5)) == [None]
    monkeypatch.setattr(sync, "monotonic", now)
    assert held(broker, lambda: monkeypatch.setattr(sync, "monotonic", lambda: now() + slack + 5)) == ["LEASE_OVER"]


def test_i10_a_session_that_closed_stops_the_post(broker: ScriptedBroker) -> None:
    """By the seconds that were left of it at the claim, whatever anybody's clock says now."""
    execute("select ops.advance_clock('2020-01-07T20:59:59.8Z')")
    execute("select trade.record_snapshot('test', 'w', fixtures.reading())")
    broker.broker_at = datetime(2020, 1, 7, 20, 59, 59, tzinfo=UTC)
    assert held(broker, lambda: time.sleep(0.3)) == ["SESSION_OVER"]


def test_i14_a_kill_file_stops_the_post(
    broker: ScriptedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "KILL_SWITCH"
    monkeypatch.setenv("KILL_SWITCH_FILE", str(file))
    assert held(broker, lambda: file.write_text("test\n")) == ["KILL_FILE"]


@pytest.mark.parametrize("desk", [["AAA", "BBB"]], indirect=True)
def test_i13_a_kill_between_two_posts_of_a_claim_stops_the_second(broker: ScriptedBroker) -> None:
    posted: list[str] = []

    def submit(sent: OrderRequest, _: Guard) -> SubmitOutcome:
        posted.append(sent.symbol)
        execute("select ops.engage_kill_switch('between two of them')")
        return Acknowledged("b-1")

    broker.submits = [submit]
    work(broker)
    assert posted == ["AAA"]
    assert [row["symbol"] for row in execute("select symbol from trade.orders where unsent")] == ["BBB"]


@pytest.mark.parametrize("which", ["dead", "of that number before", "living", "of another host"])
def test_i4_a_lease_need_not_be_waited_for_where_its_worker_no_longer_runs(broker: ScriptedBroker, which: str) -> None:
    """Dead also while nobody has reaped it; a process is its number and its start; another host's is not known here."""
    with subprocess.Popen(["sleep", "60"]) as process:
        host, start = socket.gethostname(), sync._process_start(process.pid)
        name = {
            "of that number before": f"{host}:{process.pid}:1",
            "of another host": f"{host}x:{process.pid}:1",
        }.get(which, f"{host}:{process.pid}:{start}")
        execute(f"select trade.claim_orders('test', '{name}', 600, 10)")
        if which == "dead":
            process.kill()
            while ") Z " not in Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii"):
                time.sleep(0.01)
        work(broker)
        process.kill()
    assert bool(broker.looked_up) == (which in ("dead", "of that number before"))


def test_i4_a_worker_that_was_overtaken_believes_the_other(broker: ScriptedBroker) -> None:
    """Its answer comes when another has claimed the order: nothing is recorded under the old token."""

    def submit(_: OrderRequest, __: Guard) -> SubmitOutcome:
        execute("select trade.end_leases('test', lease_owner) from trade.orders")
        execute("select trade.claim_orders('test', 'another', 60, 10)")
        return Rejected("too late to say")

    broker.submits = [submit]
    report = work(broker)
    assert [failure.state for failure in report.unsettled] == ["TAKEN_OVER"]
    assert (order()["state"], order()["in_doubt"]) == ("SUBMITTED", True)


def seen_by_another(broker: ScriptedBroker, sent: OrderRequest) -> None:
    """Another worker reads the broker's list, which has the order, and records it: no claim is needed for that."""
    broker.orders = [reported(sent)]
    reports = db.as_json([sync._as_report(order) for order in broker.orders])
    with db.connect("fund_broker", autocommit=True) as connection:
        db.fetch_all(connection, "trade.record_reports", account="test", reports=reports)


def test_i5_a_report_recorded_before_the_doubt_counts(broker: ScriptedBroker) -> None:
    """The POST times out, and meanwhile another worker has seen the order at the broker: nothing is in doubt."""

    def submit(sent: OrderRequest, _: Guard) -> SubmitOutcome:
        seen_by_another(broker, sent)
        return InDoubt("timeout")

    broker.submits = [submit]
    report = work(broker)
    assert [failure.state for failure in report.unsettled] == ["TAKEN_OVER"]
    assert (order()["state"], order()["in_doubt"], report.gate) == ("ACKNOWLEDGED", False, None)


def test_i6_a_report_recorded_before_the_look_up_counts(broker: ScriptedBroker) -> None:
    """The same of an order in doubt that a look-up does not find yet."""

    def lookup(sent: OrderRequest) -> NotFound:
        seen_by_another(broker, sent)
        return NotFound("404")

    broker.submits, broker.lookups = [InDoubt("timeout")], [lookup]
    work(broker)
    time.sleep(WAIT)
    report = work(broker)
    assert [failure.state for failure in report.unsettled] == ["TAKEN_OVER"]
    assert (order()["state"], order()["in_doubt"]) == ("ACKNOWLEDGED", False)


# -- the broker's books ----


def acknowledged(broker: ScriptedBroker) -> None:
    work(broker)
    assert order()["state"] == "ACKNOWLEDGED"


def test_i9_an_execution_is_booked_though_the_acknowledgement_was_lost(broker: ScriptedBroker) -> None:
    """It names the broker's id only, which the report of the same reading brings."""
    broker.submits = [InDoubt("reset")]
    work(broker)
    filled = reported(broker.sent[0], "filled", "100")
    broker.orders, broker.executions = [filled], [executed(filled, "x1", "100")]
    broker.positions, broker.cash = {"AAA": Decimal(100)}, Decimal(990000)
    report = work(broker)
    assert (order()["state"], order()["broker_order_id"]) == ("FILLED", filled.broker_order_id)
    assert ([fill.execution_id for fill in report.fills], report.gate) == (["x1"], None)


def test_i9_the_mark_waits_for_executions_a_report_is_ahead_of(broker: ScriptedBroker) -> None:
    """Cancelled after forty, of which no execution is there yet: not over, read again from the same mark."""
    acknowledged(broker)
    cancelled = reported(broker.sent[0], "canceled", "40")
    marks = execute("select value from trade.sync_watermarks where stream = 'orders'")
    execute("update trade.sync_watermarks set value = '2020-01-07T15:00:00+00:00' where stream = 'orders'")
    broker.orders = [cancelled]
    report = work(broker)
    assert (order()["state"], report.ended, bool(marks)) == ("ACKNOWLEDGED", [], True)
    assert broker.since[-1].orders == OPENING
    work(broker)
    assert broker.since[-1].orders == OPENING, "the mark did not pass it"
    broker.executions = [executed(cancelled, "x1", "40")]
    broker.positions, broker.cash = {"AAA": Decimal(40)}, Decimal(996000)
    report = work(broker)
    assert (order()["state"], [e.state for e in report.ended]) == ("CANCELLED", ["CANCELLED"])
    work(broker)
    assert broker.since[-1] == Watermarks(NOON, "mark-1")


def test_i8_an_execution_of_an_order_nobody_names_stops_the_reading(broker: ScriptedBroker) -> None:
    acknowledged(broker)
    execute("delete from trade.sync_watermarks")
    stranger = reported(broker.sent[0], broker_order_id="nobody's")
    broker.executions = [executed(stranger, "x9", "1")]
    report = work(broker)
    assert (report.gate, report.exit_code) == ("SNAPSHOT_INCOMPLETE", ExitCode.BROKER)
    assert execute("select * from trade.sync_watermarks") == []


def test_i8_an_incomplete_reading_books_and_releases_nothing(broker: ScriptedBroker) -> None:
    broker.incomplete_because = "page 2 of orders: 503"
    report = work(broker)
    assert (broker.sent, order()["state"]) == ([], "PENDING")
    assert (report.gate, report.exit_code) == ("SNAPSHOT_INCOMPLETE", ExitCode.BROKER)
    assert "page 2 of orders: 503" in str(report.refusal())
    assert execute("select * from trade.sync_watermarks") == []
    broker.incomplete_because = None
    assert (work(broker).gate, order()["state"]) == (None, "ACKNOWLEDGED")


def test_i11_an_order_nobody_placed_kills_and_ends_ours(broker: ScriptedBroker) -> None:
    acknowledged(broker)
    broker.orders.append(reported(broker.sent[0], client_order_id="by hand", broker_order_id="theirs"))
    report = work(broker)
    assert (report.orphans, report.killed, report.exit_code) == (1, True, ExitCode.KILLED)
    assert broker.cancelled == [order()["broker_order_id"]]
    assert execute("select source from ops.kill_sources") == [{"source": "orphan"}]


def test_a_cancel_is_asked_for_again_until_the_order_has_ended(broker: ScriptedBroker) -> None:
    acknowledged(broker)
    execute("select trade.request_cancel(client_order_id, 'test') from trade.orders")
    broker.cancels = [InDoubt("reset"), NotCancelable("pending_new")]
    for answer in ("IN_DOUBT", "NOT_CANCELABLE"):
        time.sleep(RETRY)
        work(broker)
        (request,) = execute("select outcome, settled_at from trade.order_requests")
        assert (request["outcome"], request["settled_at"]) == (answer, None)
    broker.orders = [reported(broker.sent[0], "canceled")]
    work(broker)
    work(broker)
    assert order()["state"] == "CANCELLED"
    assert execute("select 1 from trade.order_requests where settled_at is null") == []


def test_i8_another_accounts_books_halt(broker: ScriptedBroker) -> None:
    broker.account_id = "acct-2"
    report = work(broker)
    assert (broker.sent, open_breaks(), report.gate) == ([], ["ACCOUNT_ID"], "HALTED")
    assert report.exit_code is ExitCode.RECONCILIATION
