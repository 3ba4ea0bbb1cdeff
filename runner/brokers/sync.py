"""broker-sync: carries orders to a broker and facts back, one short transaction per step. Role fund_broker.

    report the kill file -> end the leases of dead workers -> read the broker's books, record them
    -> book splits and dividends -> expire what is too late, cancel entries under a kill
    -> put protective stops behind positions
    -> claim cancels, ask, record -> claim orders; look up, or send; record -> read the books again
    -> mark the sessions that are over

Nothing is kept between the steps but what the database holds, so the process can die anywhere: run again, it claims
what was not sent, looks up what may have been, and books an execution once, by its id. No transaction is open while
the broker is asked. Several workers may run: claims skip what another holds, and a fencing token tells the late one.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from runner import db, deploy, lock
from runner.brokers import desk as desks
from runner.brokers import killswitch
from runner.brokers.base import (
    Acknowledged,
    BrokerOrder,
    CancelAccepted,
    CancelOutcome,
    Duplicate,
    Execution,
    Guard,
    InDoubt,
    LookupOutcome,
    NotCancelable,
    NotFound,
    Observation,
    OrderRequest,
    Rejected,
    SubmitOutcome,
    Unanswered,
    Unsent,
    Watermarks,
    WorkingOrder,
)
from runner.brokers.desk import Desk
from runner.config import GoldenConfig
from runner.db import Connection
from runner.errors import (
    BrokerUnreachable,
    DatabaseUnreachable,
    ExitCode,
    FundError,
    KillSwitchEngaged,
    ReconciliationBreak,
)
from runner.log import get_logger
from runner.settings import Settings

log = get_logger("sync")

#: Orders claimed at a time: few, so that a lease outlives their POSTs.
CLAIM_COUNT = 20

#: Rounds of work in one pass: what the first's fills make possible (a later leg, a protective stop) leaves in the next.
ROUNDS = 3

#: trade.mark_nav while the session waits for something: an order that may still be filled, a price of a position, the
#: booking of an action that has become known since the last one. What else a pass says does not wait for the mark.
_NOT_YET_MARKABLE = ("MQ320", "MQ322", "MQ370")

#: The one of them that no later pass settles by itself.
_UNMARKABLE = "MQ322"

#: Another worker has claimed the order since (MQ313), or recorded the broker's report of it, which needs no claim and
#: leaves nothing to doubt (MQ340) or to look up (MQ341): what it found counts.
_OVERTAKEN = ("MQ313", "MQ340", "MQ341")

#: Why what is claimed is not asked: the broker said 429 in this pass, and would count every call more.
_LEFT_ALONE = "BROKER_SAID_429"

#: Verdicts of a reading that say the broker could not be read or forbids trading; any other is a difference of books.
_UNREADABLE = ("NO_SNAPSHOT", "SNAPSHOT_STALE", "SNAPSHOT_INCOMPLETE", "ACCOUNT_BLOCKED")


@dataclass(frozen=True)
class Failure:
    """An order that ended unfilled, or is not settled: state or IN_DOUBT, RETURNED, TAKEN_OVER, with the reason."""

    client_order_id: str
    symbol: str
    state: str
    reason: str


@dataclass
class SyncReport:
    """What one sync did, in the order it was done.

    claimed: released for a POST; adopted: looked up, in doubt; cancels: asked for; protected: stops placed or asked to
    end; liquidated: orders placed that close a position, approved by an operator; orphans: orders nobody placed here;
    unprotected: positions whose stop is kept from the broker; cycles_failed: runs that ended without closing
    and sessions no cycle ran for, found in this pass; gate: why nothing may be released, None where orders may leave;
    breaks: unresolved ones of the account;
    retry_after_seconds: how long the broker asked to be left alone; 0: it said 429, not how long.
    """

    account: str
    at: datetime
    killed: bool = False
    expired: list[Failure] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    unsettled: list[Failure] = field(default_factory=list)
    cancels: list[str] = field(default_factory=list)
    fills: list[Execution] = field(default_factory=list)
    ended: list[Failure] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    protected: int = 0
    liquidated: int = 0
    orphans: int = 0
    unprotected: int = 0
    cycles_failed: int = 0
    gate: str | None = None
    incomplete_because: str | None = None
    breaks: list[dict[str, Any]] = field(default_factory=list)
    marked: list[date] = field(default_factory=list)
    unmarked_because: str | None = None
    retry_after_seconds: float | None = None

    @property
    def adjusted_fills(self) -> list[Execution]:
        """Fills at prices of a back-adjusted series: real returns, but no price anybody paid that day."""
        return [fill for fill in self.fills if fill.price_basis != "raw"]

    @property
    def changed(self) -> bool:
        """Whether it did anything."""
        lists = (
            self.expired,
            self.claimed,
            self.adopted,
            self.unsettled,
            self.cancels,
            self.fills,
            self.ended,
            self.actions,
        )
        return any(lists) or bool(self.protected or self.liquidated or self.orphans or self.marked)

    def refusal(self) -> FundError | None:
        """What keeps orders of the account from leaving, as the error a command ends with; None where nothing does."""
        if self.killed:
            return KillSwitchEngaged("the kill switch is engaged: only stops and an approved liquidation leave")
        if self.breaks:
            listed = ", ".join(f"{b['break_id']} {b['kind']} {b['symbol'] or ''}".strip() for b in self.breaks[:5])
            return ReconciliationBreak(f"{len(self.breaks)} unresolved break(s) of {self.account}: {listed}")
        if self.gate in _UNREADABLE:
            because = f": {self.incomplete_because}" if self.incomplete_because else ""
            return BrokerUnreachable(f"nothing is released for {self.account}: {self.gate}{because}")
        if self.gate == "ADOPTION_PENDING":
            return ReconciliationBreak(
                f"the broker's books of {self.account} are not ours yet",
                f"`python -m runner sync --adopt --account {self.account} --reason …` takes over what is there.",
            )
        if self.gate is not None:
            return ReconciliationBreak(
                f"nothing is released for {self.account}: {self.gate}",
                f"The next reading shows whether it lasts: `python -m runner sync --once --account {self.account}`.",
            )
        return None

    @property
    def exit_code(self) -> ExitCode:
        """Of a command that made this pass."""
        refusal = self.refusal()
        return refusal.exit_code if refusal else ExitCode.DONE


def sync_once(settings: Settings, config: GoldenConfig, account: str, *, live: bool = False) -> SyncReport:
    """One pass over an account; again changes nothing that is done.

    Raises: UsageError for an unknown account, NotAllowed, AccountRefused, BrokerUnreachable where the broker's account
    cannot be opened, IntegrityError for another configuration or schema (I32), DatabaseUnreachable, FundError.
    """
    try:
        with db.connect("fund_broker", autocommit=True) as connection:
            # Before anything else: a file must become a row even where the broker cannot be opened.
            killswitch.report_file(connection, settings)
            require_ours(connection, config)
            return Pass(connection, settings, config, desks.open_desk(connection, config, account, live=live)).run()
    except DatabaseUnreachable:
        killswitch.kill_without_database(settings, config, account, live=live)
        raise


def require_ours(connection: Connection, config: GoldenConfig, files: Sequence[deploy.File] | None = None) -> None:
    """A worker carries nothing for a schema or a configuration it was not built for (I32). files: as of its start."""
    deploy.require_deployed(connection, catalog=False, files=files)
    lock.require_pinned(connection, config)


# -- workers and their leases ----


def worker_name() -> str:
    """host:pid:start — start tells a process from a later one with the same pid."""
    return f"{socket.gethostname()}:{os.getpid()}:{_process_start(os.getpid())}"


def _process_start(pid: int) -> str | None:
    """When a process of this host started, in clock ticks since boot; None where it does not run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state == "Z" else rest[18]  # field 22 of proc(5); a zombie sends nothing any more


def monotonic() -> float:
    """Seconds of a clock that nobody sets and that goes on while the machine sleeps, where the system has one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


# -- one pass ----


@dataclass
class Pass:
    """One pass over an account, step by step; `run` is its order."""

    connection: Connection
    settings: Settings
    config: GoldenConfig
    desk: Desk

    def __post_init__(self) -> None:
        """Fix its instant, its worker's name and its broker."""
        self.account = self.desk.account.account
        self.worker = worker_name()
        now: datetime = self._value("ops.now")
        self.broker = self.desk.open(self.connection, now)
        self.report = SyncReport(self.account, now)

    def run(self) -> SyncReport:
        """Everything, once."""
        self._end_dead_leases()
        self._reconcile()
        self._book_actions()
        self._expire()
        for _ in range(ROUNDS):
            self.report.protected += self._value("trade.protect_positions", account=self.account)
            self._value("trade.cancel_entries", account=self.account)
            self.report.liquidated += sum(
                row["client_order_id"] is not None
                for row in self._rows("trade.liquidate_positions", account=self.account)
            )
            if not (self._cancel() | self._release()) or self._left_alone:
                break
            self._reconcile()
        self._mark()
        self.report.killed = self._value("ops.kill_engaged")
        self.report.gate = self._value("trade.release_gate", account=self.account)
        self.report.breaks = self._rows("trade.open_breaks", account=self.account)
        self.report.unprotected = self._value("trade.alert_unprotected_positions", account=self.account)
        self.report.cycles_failed = self._value("decide.watch_cycles", account=self.account)
        self._tell()
        return self.report

    def _rows(self, query: str, /, **parameters: Any) -> list[dict[str, Any]]:
        return db.fetch_all(self.connection, query, **parameters)

    def _value(self, query: str, /, **parameters: Any) -> Any:
        return db.fetch_value(self.connection, query, **parameters)

    def _tell(self) -> None:
        told = self.report
        db.execute(
            self.connection,
            "ops.beat",
            process="sync",
            host=socket.gethostname(),
            pid=os.getpid(),
            detail=db.as_json({"account": self.account, "gate": told.gate, "killed": told.killed}),
        )
        log.info(
            "synced",
            account=self.account,
            claimed=len(told.claimed),
            fills=len(told.fills),
            adjusted_fills=len(told.adjusted_fills),
            ended=len(told.ended) + len(told.expired),
            unsettled=len(told.unsettled),
            orphans=told.orphans,
            breaks=len(told.breaks),
            gate=told.gate,
            killed=told.killed,
        )

    # -- leases ----

    def _end_dead_leases(self) -> None:
        """A worker of this host that no longer runs cannot have a POST in flight: its lease need not be waited for."""
        if not Path("/proc/self/stat").exists():  # another system: leases end by themselves
            return
        for lease in self._rows("trade.worker_leases", account=self.account):
            host, _, process = str(lease["worker"]).partition(":")
            pid, _, start = process.partition(":")
            if host == socket.gethostname() and pid.isdigit() and _process_start(int(pid)) != start:
                db.execute(self.connection, "trade.end_leases", account=self.account, worker=lease["worker"])

    def _lease_guard(self, claimed_at: float) -> Guard:
        """Asked directly before a first byte leaves, by a clock nobody sets (I4).

        The lease must outlast the call itself, so that it is over before another worker may make its own.
        """
        lease_over = claimed_at + self.config.oms.claim_lease_seconds - self.config.broker.total_timeout_seconds
        return lambda: "LEASE_OVER" if monotonic() >= lease_over else None

    def _post_guard(self, claimed_at: float, closes_in_seconds: float | None) -> Guard:
        """The same of a POST, which a kill file and the end of its session stop as well (I10, I14)."""
        lease, session_over = self._lease_guard(claimed_at), claimed_at + (closes_in_seconds or 0.0)

        def why_not() -> str | None:
            if self.settings.kill_switch_file.exists():
                return "KILL_FILE"
            return lease() or ("SESSION_OVER" if monotonic() >= session_over else None)

        return why_not

    # -- what the broker's books say ----

    def _reconcile(self) -> None:
        """Read everything since the watermarks; record orders, executions, orders again; then move the watermarks.

        An execution is found by the broker's id of its order, which the order's report brings; an end waits for the
        executions before it. A mark moves only when all that it passes is recorded.
        """
        began = monotonic()
        marks = {stream: self._value("trade.watermark", account=self.account, stream=stream) for stream in _STREAMS}
        seen = self.broker.observe(
            Watermarks(marks["orders"] and datetime.fromisoformat(marks["orders"]), marks["executions"]),
            [WorkingOrder(**row) for row in self._rows("trade.working_orders", account=self.account)],
        )
        self._wait_for(seen.retry_after_seconds)
        reports = db.as_json([_as_report(order) for order in seen.orders])
        self.report.orphans += self._value("trade.record_orphans", account=self.account, reports=reports)
        unbooked = self._record_reports(reports)
        unknown = sum(self._book(execution) for execution in seen.executions)
        if seen.executions or unbooked:
            unbooked = self._record_reports(reports)
        because = seen.incomplete_because or (f"{unknown} execution(s) of orders no report names" if unknown else None)
        complete = seen.complete and not unknown
        if complete:
            self._advance("executions", marks["executions"], seen.following.executions)
            if not unbooked:
                orders = seen.following.orders
                self._advance("orders", marks["orders"], orders.isoformat() if orders else None)
        if self.broker.external:
            self._record_snapshot(seen, complete, because, monotonic() - began)

    def _record_reports(self, reports: str) -> int:
        """Record order reports; how many say more was filled than is booked."""
        (told,) = self._rows("trade.record_reports", account=self.account, reports=reports)
        self.report.ended += [Failure(**ended) for ended in told["ended"]]
        return int(told["unbooked"])

    def _book(self, execution: Execution) -> bool:
        """Book one execution; whether it is of an order no report has named."""
        outcome = self._value("trade.record_execution", account=self.account, execution=db.as_json(execution))
        if outcome == "BOOKED":
            self.report.fills.append(execution)
        return bool(outcome == "UNKNOWN")

    def _advance(self, stream: str, before: str | None, after: str | None) -> None:
        if after is not None and after != before:
            self._value("trade.advance_watermark", account=self.account, stream=stream, before=before, after=after)

    def _record_snapshot(self, seen: Observation, complete: bool, because: str | None, age_seconds: float) -> None:
        facts = seen.account
        body = {
            "complete": complete,
            "reason": because,
            "age_seconds": age_seconds,
            "broker_account_id": facts and facts.broker_account_id,
            "status": facts and facts.status,
            "blocked": facts and list(facts.blocked),
            "cash": seen.cash,
            "equity": seen.equity,
            "positions": seen.positions,
            "open_orders": [order.client_order_id for order in seen.orders if order.client_order_id],
            "broker_at": seen.broker_at,
            "pages": seen.pages,
        }
        self.report.incomplete_because = because
        self._rows("trade.record_snapshot", account=self.account, worker=self.worker, body=db.as_json(body))

    # -- orders and cancels ----

    def _claim(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "worker": self.worker,
            "lease_seconds": self.config.oms.claim_lease_seconds,
            "limit_count": CLAIM_COUNT,
        }

    def _expire(self) -> None:
        self.report.expired += [
            Failure(row["client_order_id"], row["symbol"], "EXPIRED", "SESSION_OVER")
            for row in self._rows("trade.expire_orders", account=self.account)
        ]

    def _cancel(self) -> bool:
        """Ask for every cancel that is due; whether there was any. Allowed in every state (B5): no kill stops it.

        A reading that was answered 429 does not stop it either; a cancel that was ends the asking.
        """
        claimed_at, asked, refused = monotonic(), False, False
        for row in self._rows("trade.claim_requests", **self._claim()):
            asked = True
            outcome: CancelOutcome = Unsent(_LEFT_ALONE)
            if not refused:
                outcome = self.broker.cancel(row["broker_order_id"], self._lease_guard(claimed_at))
                self.report.cancels.append(row["client_order_id"])
            word, reason = _answer(outcome)
            if isinstance(outcome, Unsent) and outcome.retry_after_seconds is not None:
                self._wait_for(outcome.retry_after_seconds)
                refused = True
            db.execute(
                self.connection,
                "trade.record_request",
                request_id=row["request_id"],
                fencing_token=row["fencing_token"],
                outcome=word,
                reason=reason,
            )
        return asked

    def _release(self) -> bool:
        """Claim until nothing is left; whether there was anything. A 429 or what is not settled ends the claiming."""
        worked = False
        while not (self.report.unsettled or self._left_alone):
            claimed_at = monotonic()
            rows = self._rows("trade.claim_orders", **self._claim())
            for row in rows:
                worked = True
                try:
                    self._carry(row, self._post_guard(claimed_at, row["closes_in_seconds"]))
                except FundError as error:
                    if error.code not in _OVERTAKEN:
                        raise
                    self._unsettled(row, "TAKEN_OVER", f"by another worker: {error.message}")
            if not rows:
                break
        return worked

    def _carry(self, row: dict[str, Any], guard: Guard) -> None:
        """One claimed order: send it, or look it up where a POST may have left (I6)."""
        order = OrderRequest(**{name: row[name] for name in _REQUEST})
        if not row["in_doubt"]:
            self.report.claimed.append(order.client_order_id)
            self._settle(row, order, self._send(row, order, guard))
            return
        if self._left_alone:
            self._doubt(row, _LEFT_ALONE)
            return
        self.report.adopted.append(order.client_order_id)
        found = self._look_up(order)
        match found:
            case BrokerOrder():
                self._adopt(row, found)
            case NotFound():
                self._not_found(row, order)
            case Unanswered():
                self._doubt(row, found.reason)

    def _look_up(self, order: OrderRequest) -> LookupOutcome:
        """What the broker has under the order's id; a 429 ends the asking here as anywhere."""
        found = self.broker.lookup(order)
        if isinstance(found, Unanswered):
            self._wait_for(found.retry_after_seconds)
        return found

    def _send(self, row: dict[str, Any], order: OrderRequest, guard: Guard) -> SubmitOutcome:
        """The one POST. The orders of a claim leave one after another: what was released may be stopped since (I13)."""
        if self._left_alone:
            return Unsent(_LEFT_ALONE)
        refusal = self._value("trade.send_refusal", **_key(row))
        return self.broker.submit(order, guard) if refusal is None else Unsent(refusal)

    def _not_found(self, row: dict[str, Any], order: OrderRequest) -> None:
        """Not there is not "not accepted": wait, or commit another attempt and send the same id and body again (I6)."""
        claimed_at, lease_seconds = monotonic(), self.config.oms.claim_lease_seconds
        following = self._value("trade.record_not_found", **_key(row), lease_seconds=lease_seconds)
        if following == "REPOST":
            guard = self._post_guard(claimed_at, row["closes_in_seconds"])
            self._settle(row, order, self._send(row, order, guard))
        elif following == "EXPIRED":
            self.report.ended.append(Failure(order.client_order_id, order.symbol, "EXPIRED", "NOT_FOUND"))
        else:
            self._unsettled(row, "IN_DOUBT", f"not found at the broker: {following}")

    def _settle(self, row: dict[str, Any], order: OrderRequest, outcome: SubmitOutcome) -> None:
        """Record what a POST came back with (I5, I7)."""
        match outcome:
            case Acknowledged(broker_order_id, broker_at):
                db.execute(
                    self.connection,
                    "trade.record_ack",
                    **_key(row),
                    broker_order_id=broker_order_id,
                    broker_at=broker_at,
                )
                self.report.acknowledged.append(order.client_order_id)
            case Rejected(reason, broker_at):
                if row["in_doubt"] and not self._really_absent(row, order):
                    return
                self._end(row, "REJECTED", reason, broker_at)
            case Duplicate(reason):
                found = self._look_up(order)
                if isinstance(found, BrokerOrder):
                    self._adopt(row, found)
                else:
                    self._doubt(row, f"{reason}; {found.reason}")
            case Unsent(reason, retry_after_seconds):
                self._wait_for(retry_after_seconds)
                if row["in_doubt"]:  # an attempt before this one may have arrived
                    self._doubt(row, f"not sent again: {reason}")
                else:
                    db.execute(self.connection, "trade.return_unsent", **_key(row), reason=reason)
                    self._unsettled(row, "RETURNED", reason)
            case InDoubt(reason):
                self._doubt(row, reason)

    def _really_absent(self, row: dict[str, Any], order: OrderRequest) -> bool:
        """Whether a refused re-POST was the only one: the one before may hold the very shares it was refused for."""
        found = self._look_up(order)
        if isinstance(found, BrokerOrder):
            self._adopt(row, found)
        elif isinstance(found, Unanswered):
            self._doubt(row, found.reason)
        return isinstance(found, NotFound)

    def _adopt(self, row: dict[str, Any], found: BrokerOrder) -> None:
        """The broker has an order under this id: equal it is ours, different it halts (I7); SQL compares."""
        reports = db.as_json([_as_report(found)])
        self._record_reports(reports)
        self.report.acknowledged.append(row["client_order_id"])

    def _end(self, row: dict[str, Any], state: str, reason: str, broker_at: datetime | None) -> None:
        db.execute(self.connection, "trade.record_end", **_key(row), state=state, reason=reason, broker_at=broker_at)
        self.report.ended.append(Failure(row["client_order_id"], row["symbol"], state, reason))

    def _doubt(self, row: dict[str, Any], reason: str) -> None:
        """It is looked up after the wait, by whoever claims it then."""
        db.execute(self.connection, "trade.record_doubt", **_key(row), reason=reason)
        self._unsettled(row, "IN_DOUBT", reason)

    def _unsettled(self, row: dict[str, Any], state: str, reason: str) -> None:
        self.report.unsettled.append(Failure(row["client_order_id"], row["symbol"], state, reason))

    @property
    def _left_alone(self) -> bool:
        """Whether the broker said 429 in this pass: orders and look-ups wait for the next."""
        return self.report.retry_after_seconds is not None

    def _wait_for(self, seconds: float | None) -> None:
        if seconds is not None:
            self.report.retry_after_seconds = max(seconds, self.report.retry_after_seconds or 0.0)

    # -- the book ----

    def _book_actions(self) -> None:
        """Splits and dividends known by now: before orders of old shares leave, and before a mark without them."""
        self.report.actions += self._rows("trade.apply_corporate_actions", account=self.account)

    def _mark(self) -> None:
        """Mark every session that is over, in order, up to the first that cannot be marked yet."""
        self._book_actions()
        for row in self._rows(
            "trade.sessions_to_mark",
            account=self.account,
            delay_minutes=self.config.data.provider_delay_minutes,
        ):
            try:
                db.execute(self.connection, "trade.mark_nav", account=self.account, session=row["session"])
            except FundError as error:
                if error.code not in _NOT_YET_MARKABLE:
                    raise
                self.report.unmarked_because = str(error)
                if error.code == _UNMARKABLE:
                    self._value("trade.alert_unmarkable", account=self.account, session=row["session"])
                return
            self.report.marked.append(row["session"])


_STREAMS = ("orders", "executions")

#: Columns of a claim that make the order as it is sent.
_REQUEST = (
    "client_order_id", "symbol", "side", "quantity", "order_type", "time_in_force", "limit_price", "stop_price",
    "trade_session",
)  # fmt: skip


def _key(row: dict[str, Any]) -> dict[str, Any]:
    return {"client_order_id": row["client_order_id"], "fencing_token": row["fencing_token"]}


def _as_report(order: BrokerOrder) -> dict[str, Any]:
    """A broker's report as trade.parse_reports reads it."""
    return {
        "client_order_id": order.client_order_id,
        "broker_order_id": order.broker_order_id,
        "status": order.status,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": order.quantity,
        "filled_quantity": order.filled_quantity,
        "order_type": order.order_type,
        "time_in_force": order.time_in_force,
        "limit_price": order.limit_price,
        "stop_price": order.stop_price,
        "updated_at": order.updated_at,
        "reason": order.reason,
    }


def _answer(outcome: CancelOutcome) -> tuple[str, str | None]:
    """A broker's answer to a cancel, in the words of trade.order_requests."""
    match outcome:
        case CancelAccepted():
            return "ACCEPTED", None
        case NotCancelable(reason):
            return "NOT_CANCELABLE", reason
        case NotFound(reason):
            return "NOT_FOUND", reason
        case Unsent(reason):
            return "UNSENT", reason
        case InDoubt(reason):
            return "IN_DOUBT", reason
