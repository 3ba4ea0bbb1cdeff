"""broker-sync: carries orders to a broker and facts back, one short transaction per step. Role fund_broker.

    report the kill file -> end the leases of dead workers -> expire what is too late -> claim, submit, record
    -> poll, record -> mark the sessions that are over

Nothing is kept between the steps but what the database holds, so the process can die anywhere: run again, it claims
what was not sent, looks up what may have been (in doubt), and books an execution once, by its id. No transaction is
open while the broker is asked.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from runner import db
from runner.brokers.base import (
    Acknowledged,
    Ended,
    Execution,
    InDoubt,
    OrderRequest,
    Polled,
    Rejected,
    Unsent,
    WorkingOrder,
)
from runner.brokers.paper import CostModel, PaperBroker, SessionBar
from runner.config import GoldenConfig
from runner.db import Connection
from runner.errors import BrokerUnreachable, Conflict, DatabaseUnreachable, FundError, NotAllowed, UsageError
from runner.log import get_logger
from runner.settings import Settings

log = get_logger("sync")

#: Orders claimed at a time: few, so that a lease outlives their POSTs.
CLAIM_COUNT = 20

#: What a loop outlives: the database or the broker away for a while, another session first.
_PASSING = (BrokerUnreachable, Conflict, DatabaseUnreachable)

#: trade.mark_nav while an order of the session may still be filled.
_NOT_YET_MARKABLE = "MQ320"


@dataclass(frozen=True)
class Failure:
    """An order that ended unfilled, or is not settled: state or IN_DOUBT, RETURNED, with the reason."""

    client_order_id: str
    symbol: str
    state: str
    reason: str


@dataclass(frozen=True)
class SyncReport:
    """What one sync did, in the order it was done. claimed: released for a POST; adopted: looked up, in doubt."""

    account: str
    at: datetime
    killed: bool
    expired: tuple[Failure, ...] = ()
    claimed: tuple[str, ...] = ()
    adopted: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    unsettled: tuple[Failure, ...] = ()
    fills: tuple[Execution, ...] = ()
    ended: tuple[Failure, ...] = ()
    marked: tuple[date, ...] = ()
    unmarked_because: str | None = None

    @property
    def adjusted_fills(self) -> tuple[Execution, ...]:
        """Fills at prices of a back-adjusted series: real returns, but no price anybody paid that day."""
        return tuple(fill for fill in self.fills if fill.price_basis != "raw")

    @property
    def changed(self) -> bool:
        """Whether it did anything."""
        return any((self.expired, self.claimed, self.adopted, self.unsettled, self.fills, self.ended, self.marked))


def sync_once(settings: Settings, config: GoldenConfig, account: str) -> SyncReport:
    """One pass over an account; again changes nothing that is done.

    Raises: UsageError for an unknown account, NotAllowed for a broker that is not built, DatabaseUnreachable,
    FundError.
    """
    with db.connect("fund_broker", autocommit=True) as connection:
        db.execute(
            connection, "ops.report_kill_file", host=socket.gethostname(), present=settings.kill_switch_file.exists()
        )
        now: datetime = db.fetch_value(connection, "ops.now")
        broker = _broker(connection, config, account, now)
        _end_dead_leases(connection, account)
        report = SyncReport(account, now, killed=db.fetch_value(connection, "ops.kill_engaged"))
        report = replace(report, expired=_expire(connection, account))
        report = _submit(connection, settings, config, broker, report)
        report = _settle(connection, broker, report)
        report = _mark(connection, config, report)
    log.info(
        "synced",
        account=account,
        claimed=len(report.claimed),
        fills=len(report.fills),
        adjusted_fills=len(report.adjusted_fills),
        ended=len(report.ended) + len(report.expired),
        unsettled=len(report.unsettled),
        killed=report.killed,
    )
    return report


def sync_forever(
    settings: Settings,
    config: GoldenConfig,
    account: str,
    interval_seconds: float,
    on_report: Callable[[SyncReport], None],
) -> None:
    """Sync every `interval_seconds` until SIGINT or SIGTERM, which end it between two passes.

    A pass that fails because the database is away or another session won is told and tried again; anything else raises.
    """
    with _stop_signal() as stop:
        while not stop.is_set():
            began = time.monotonic()
            try:
                on_report(sync_once(settings, config, account))
            except FundError as error:
                if not isinstance(error, _PASSING):
                    raise
                log.warning("sync_pass_failed", error=str(error))
            stop.wait(max(0.0, interval_seconds - (time.monotonic() - began)))


def _broker(connection: Connection, config: GoldenConfig, account: str, now: datetime) -> Polled:
    rows = db.fetch_all(connection, "trade.account", account=account)
    if not rows:
        raise UsageError(
            f"there is no account {account}", "`python -m runner config lock` opens those of the configuration."
        )
    make = BROKERS.get(rows[0]["broker"])
    if make is None:
        raise NotAllowed(
            f"account {account} trades at {rows[0]['broker']}, which is not built",
            "Use an account of the paper broker.",
        )
    return make(connection, config, now)


def _paper(connection: Connection, config: GoldenConfig, now: datetime) -> PaperBroker:
    def bar_of(symbol: str, session: date) -> SessionBar | None:
        rows = db.fetch_all(connection, "trade.session_bar", symbol=symbol, session=session)
        return SessionBar(**rows[0]) if rows else None

    return PaperBroker(
        costs=CostModel.of(config.paper_broker),
        now=now,
        delay=timedelta(minutes=config.data.provider_delay_minutes),
        bar_of=bar_of,
    )


#: Broker of an account -> how to make it for one sync. A broker is added here.
BROKERS: dict[str, Callable[[Connection, GoldenConfig, datetime], Polled]] = {"paper": _paper}


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


def _end_dead_leases(connection: Connection, account: str) -> None:
    """A worker of this host that no longer runs cannot have a POST in flight: its lease need not be waited for."""
    if not Path("/proc/self/stat").exists():  # another system: leases end by themselves
        return
    for lease in db.fetch_all(connection, "trade.worker_leases", account=account):
        host, _, process = str(lease["worker"]).partition(":")
        pid, _, start = process.partition(":")
        if host == socket.gethostname() and pid.isdigit() and _process_start(int(pid)) != start:
            db.execute(connection, "trade.end_leases", account=account, worker=lease["worker"])


# -- the steps ----


def _expire(connection: Connection, account: str) -> tuple[Failure, ...]:
    return tuple(
        Failure(row["client_order_id"], row["symbol"], "EXPIRED", "SESSION_OVER")
        for row in db.fetch_all(connection, "trade.expire_orders", account=account)
    )


def _submit(
    connection: Connection, settings: Settings, config: GoldenConfig, broker: Polled, report: SyncReport
) -> SyncReport:
    """Claim until nothing is left; an order given back or left in doubt ends the claiming, for this pass."""
    claimed: list[str] = []
    adopted: list[str] = []
    acknowledged: list[str] = []
    unsettled: list[Failure] = []
    ended: list[Failure] = []
    while not any(failure.state == "RETURNED" for failure in unsettled):
        rows = db.fetch_all(
            connection,
            "trade.claim_orders",
            account=report.account,
            worker=worker_name(),
            lease_seconds=config.oms.claim_lease_seconds,
            limit_count=CLAIM_COUNT,
        )
        if not rows:
            break
        for row in rows:
            name = row["client_order_id"]
            (adopted if row["in_doubt"] else claimed).append(name)
            outcome = _send(settings, broker, row)
            _record_outcome(connection, row, outcome)
            match outcome:
                case Acknowledged():
                    acknowledged.append(name)
                case Rejected():
                    ended.append(Failure(name, row["symbol"], "REJECTED", outcome.reason))
                case Unsent():
                    unsettled.append(Failure(name, row["symbol"], "RETURNED", outcome.reason))
                case InDoubt():
                    unsettled.append(Failure(name, row["symbol"], "IN_DOUBT", outcome.reason))
    return replace(
        report,
        claimed=tuple(claimed),
        adopted=tuple(adopted),
        acknowledged=tuple(acknowledged),
        unsettled=tuple(unsettled),
        ended=tuple(ended),
    )


def _send(settings: Settings, broker: Polled, row: dict[str, Any]) -> Acknowledged | Rejected | Unsent | InDoubt:
    """The one POST of a claimed order; one in doubt is looked up instead (I6); a kill file stops it (I14)."""
    if row["in_doubt"]:
        return broker.lookup(row["client_order_id"]) or InDoubt("not found at the broker, which is not a refusal")
    if settings.kill_switch_file.exists():
        return Unsent("KILL_FILE")
    return broker.submit(
        OrderRequest(
            client_order_id=row["client_order_id"],
            symbol=row["symbol"],
            side=row["side"],
            quantity=row["quantity"],
            order_type=row["order_type"],
            time_in_force=row["time_in_force"],
            limit_price=row["limit_price"],
            stop_price=row["stop_price"],
            trade_session=row["trade_session"],
        )
    )


def _record_outcome(
    connection: Connection, row: dict[str, Any], outcome: Acknowledged | Rejected | Unsent | InDoubt
) -> None:
    key = {"client_order_id": row["client_order_id"], "fencing_token": row["fencing_token"]}
    match outcome:
        case Acknowledged(broker_order_id, broker_at):
            db.execute(connection, "trade.record_ack", **key, broker_order_id=broker_order_id, broker_at=broker_at)
        case Rejected(reason, broker_at):
            db.execute(connection, "trade.record_end", **key, state="REJECTED", reason=reason, broker_at=broker_at)
        case Unsent(reason):
            db.execute(connection, "trade.return_unsent", **key, reason=reason)
        case InDoubt(reason):
            # It stays submitted under this lease; once that is over, whoever claims it looks it up.
            log.warning("order_in_doubt", client_order_id=row["client_order_id"], reason=reason)


def _settle(connection: Connection, broker: Polled, report: SyncReport) -> SyncReport:
    """Record every fact the broker has of our working orders; a fact recorded before is not news."""
    rows = db.fetch_all(connection, "trade.working_orders", account=report.account)
    fills: list[Execution] = []
    ended = list(report.ended)
    for fact in broker.poll([WorkingOrder(**row) for row in rows]):
        if isinstance(fact, Ended):
            db.execute(
                connection,
                "trade.record_end",
                client_order_id=fact.client_order_id,
                state=fact.state,
                reason=fact.reason,
                fencing_token=None,
                broker_at=fact.broker_at,
            )
            ended.append(Failure(fact.client_order_id, fact.symbol, fact.state, fact.reason))
        elif _record_fill(connection, report.account, fact):
            fills.append(fact)
    return replace(report, fills=tuple(fills), ended=tuple(ended))


def _record_fill(connection: Connection, account: str, fill: Execution) -> bool:
    return bool(
        db.fetch_value(
            connection,
            "trade.record_fill",
            account=account,
            execution_id=fill.execution_id,
            client_order_id=fill.client_order_id,
            quantity=fill.quantity,
            price=fill.price,
            fee=fill.fee,
            price_basis=fill.price_basis,
            session=fill.session,
            filled_at=fill.filled_at,
        )
    )


def _mark(connection: Connection, config: GoldenConfig, report: SyncReport) -> SyncReport:
    """Mark every session that is over, in order, up to the first whose orders may still be filled."""
    marked: list[date] = []
    rows = db.fetch_all(
        connection, "trade.sessions_to_mark", account=report.account, delay_minutes=config.data.provider_delay_minutes
    )
    for row in rows:
        try:
            db.execute(connection, "trade.mark_nav", account=report.account, session=row["session"])
        except FundError as error:
            if error.code != _NOT_YET_MARKABLE:
                raise
            return replace(report, marked=tuple(marked), unmarked_because=str(error))
        marked.append(row["session"])
    return replace(report, marked=tuple(marked))


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """An event set by SIGINT and SIGTERM; the handlers before are put back."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
