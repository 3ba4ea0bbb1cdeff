"""One complete cycle, phases 0 to 5: the only impure orchestration of pure stages.

Two short transactions with no transaction open while Python computes (ARCHITECTURE section 2). *Open* fixes what the
cycle may see and judges layers 1 to 4; a refusal ends there as HALTED, with a decision for every active symbol.
*Commit* writes agent outputs, risk, orders, decisions, verdicts and audit, all or nothing. A crash between them leaves
an open run without decision, risk state or order, which the next opening closes as FAILED once its lease is over.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
from structlog.contextvars import bound_contextvars

from runner import config as golden
from runner import db, deploy, lock, records, transform, verifier, versions
from runner import inputs as inputs_read
from runner.config import GoldenConfig
from runner.db import Connection
from runner.errors import AuditChainBroken, DataUnusable, ExitCode, FundError, NotAllowed, UsageError, most_severe
from runner.log import get_logger
from runner.models import (
    AccountState,
    Alert,
    CycleInputs,
    CycleResult,
    Decision,
    Panel,
)
from runner.settings import Settings
from runner.stages import halted_decisions, stages

log = get_logger("cycle")

Mode = Literal["paper", "live", "shadow"]
State = Literal["DONE", "HALTED", "FAILED"]

#: trade.mark_nav: an order of the session has not ended; a split or dividend of it is not booked: sync does both. Or a
#: position has no price, or the NAV is no capital any more, which a person settles; sync has the alert of it.
_NOT_MARKABLE = ("MQ320", "MQ322", "MQ370")

#: Told the name of each step as it begins, for progress on work longer than two seconds.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """Which cycle to run. as_of_session None: the last completed session by ops.now(). strategy None: the account's."""

    account: str = "paper"
    mode: Mode = "paper"
    strategy: str | None = None
    as_of_session: date | None = None
    slot: str = "close"
    dry_run: bool = False


@dataclass(frozen=True)
class Verdict:
    """A governance layer's verdict, as its row says."""

    layer: int
    layer_name: str
    verdict: Literal["PASS", "REFUSE", "NOT_BUILT"]
    reason_code: str
    evidence: Mapping[str, Any]
    exit_code: int


@dataclass(frozen=True)
class Report:
    """How a cycle ended. state ALREADY_DONE: its key had a DONE run, nothing was changed. seconds: by step.

    state DRY_RUN: rolled back; layer, reason and exit code are those it would have ended with.
    """

    cycle_id: str
    run: int | None
    account: str
    mode: str
    as_of_session: date
    trade_session: date
    state: State | Literal["ALREADY_DONE", "DRY_RUN"]
    layer: int | None
    reason: str
    exit_code: ExitCode
    verdicts: tuple[Verdict, ...] = ()
    decisions: tuple[Decision, ...] = ()
    orders: tuple[records.PlacedOrder, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Opened:
    """An open run and the instants that bound what it may see."""

    cycle_id: str
    run: int
    as_of_session: date
    as_of: datetime
    recorded_before: datetime
    trade_session: date


class _Stopwatch:
    """Seconds by step; `step` ends the one before."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._name: str | None = None
        self._began = 0.0

    def step(self, name: str | None) -> None:
        now = time.perf_counter()
        if self._name is not None:
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + now - self._began
        if name is not None:
            self._progress(name)
        self._name, self._began = name, now


#: What to do about a cycle that did not end DONE, by exit code.
_REMEDIES = {
    ExitCode.KILLED: "`python -m runner status` lists the kill sources; `python -m runner resume` when each is clear.",
    ExitCode.RECONCILIATION: "`python -m runner breaks list` shows what differs from the broker's books; "
    "`python -m runner sync --once --account {account}` reads them anew.",
    ExitCode.DATA: "`python -m runner ingest` loads the sample, `ingest --live` the last sessions, `ingest "
    "--provider auto --from D1` history; then run the cycle again. `python -m runner status` shows the layers.",
}
_UNMARKED = (
    "`python -m runner sync --once --account {account}` ends the session's orders and marks the book; then run the "
    "cycle again."
)


def refusal(report: Report) -> FundError:
    """The one line for a cycle that a layer halted or that failed, with its exit code."""
    by = f" by layer {report.layer}" if report.layer else ""
    remedy = _REMEDIES.get(report.exit_code, "`python -m runner status` shows the layers and their reasons.")
    return FundError(
        f"cycle {report.cycle_id[:12]} as of {report.as_of_session}: {report.state}{by}: {report.reason}",
        (_UNMARKED if report.reason == "NAV_UNUSABLE" else remedy).format(account=report.account),
        report.exit_code,
    )


def run_cycle(
    settings: Settings,
    request: Request,
    *,
    config: GoldenConfig | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Run one cycle and say how it ended; a refusal is a report, an exception is a start that was refused or a bug.

    However it ended, the head of the audit chain is anchored outside the database then (I23).
    Raises: ConfigError (12), DatabaseUnreachable (16), UsageError (2), AuditChainBroken (15), FundError.
    """
    report = _run(settings, request, config, progress)
    progress("anchor")
    try:
        verifier.anchor(settings, f"cycle {report.cycle_id} run {report.run} {report.state}")
    except AuditChainBroken:
        if report.exit_code is not ExitCode.KILLED:  # which is reported before a broken chain
            raise
    return report


def _run(settings: Settings, request: Request, config: GoldenConfig | None, progress: Progress) -> Report:
    config = golden.load_verified() if config is None else config
    require_mode(request.mode)
    watch = _Stopwatch(progress)
    # autocommit: a lone read is a transaction of its own; the two of the cycle are explicit blocks.
    with db.connect("fund_decider", autocommit=True) as connection:
        watch.step("clock")
        deploy.require_deployed(connection)
        lock.require_pinned(connection, config)
        require_account(connection, config, request)
        # A broken chain engages the kill switch, by which the gate then halts the run.
        verifier.watch(settings)
        session = _as_of_session(connection, config, request)
        watch.step("book")
        _mark(connection, config, request, session)
        watch.step("features (dbt)")
        failure = _transform(connection, settings, request, session)
        watch.step("open")
        opened = _open(connection, settings, config, request, session, watch)
        if isinstance(opened, Report):
            return opened if failure is None else _caused(opened, failure)
        run, verdicts, inputs, state = opened
        with bound_contextvars(cycle_id=run.cycle_id):
            if failure is not None:
                return _fail(connection, request, run, verdicts, failure, watch)
            try:
                watch.step("panel")
                panel = _panel(connection, config, run, inputs)
                watch.step("stages")
                limits = _limits(connection)
                in_force = golden.with_limits(config, limits)
                result = stages(
                    panel,
                    inputs,
                    state,
                    in_force,
                    request.strategy or config.strategy_of(request.account),
                    request.slot,
                )
                watch.step("commit")
                return _commit(
                    connection, settings, request, run, verdicts, inputs, state, panel, limits, result, watch
                )
            except Exception as error:
                _fail_after(connection, settings, request, run, error)
                raise


def require_mode(mode: Mode) -> None:
    """Before anything is asked. Raises: NotAllowed for the mode that is not built."""
    if mode == "live":
        raise NotAllowed(
            "live trading is not built: the live broker is an open issue",
            "Use --mode paper or --mode shadow.",
        )


def require_account(connection: Connection, config: GoldenConfig, request: Request) -> None:
    """Before anything is moved or computed for it.

    Raises: UsageError for an account neither opened nor configured, and for a mode that does not fit it (MQ241 later).
    """
    account = request.account
    opened = db.fetch_all(connection, "trade.account", account=account)
    kinds = [row["kind"] for row in opened] or [one.mode for one in config.accounts.defaults if one.name == account]
    if not kinds:
        raise UsageError(
            f"there is no account {account}",
            "accounts.defaults in configs/golden_config.yaml, then `python -m runner config lock`.",
        )
    if request.mode not in ("shadow", *kinds):
        raise UsageError(
            f"a cycle of mode {request.mode} does not fit a {kinds[0]} account",
            "Use --mode shadow." if kinds == ["live"] else f"Use --mode {kinds[0]} or --mode shadow.",
        )


def _as_of_session(connection: Connection, config: GoldenConfig, request: Request) -> date:
    """The session asked for, or the last completed one; a simulated clock standing before it is moved to its as-of."""
    calendar = config.fund.session_calendar
    if request.as_of_session is None:
        row = db.fetch_one(connection, "ref.last_session", calendar=calendar)
        if row["last_session"] is None:
            raise DataUnusable("the calendar has no completed session", "`python -m runner ingest` loads the calendar.")
        return row["last_session"]  # type: ignore[no-any-return]
    rows = db.fetch_all(
        connection,
        "ref.as_of",
        calendar=calendar,
        session=request.as_of_session,
        delay_minutes=config.data.provider_delay_minutes,
    )
    if not rows:
        raise UsageError(
            f"{request.as_of_session} is no session of {calendar}",
            "Give a trading day the calendar holds; `python -m runner ingest` loads the calendar.",
        )
    row = rows[0]
    if row["known"]:
        return request.as_of_session
    if row["kind"] == "simulated":
        db.execute(connection, "ops.advance_clock", instant=row["as_of"])
        return request.as_of_session
    raise UsageError(
        f"session {request.as_of_session} is not over: its bars are known at {row['as_of']:%Y-%m-%d %H:%M %Z}",
        "Run the cycle after that instant, or without --as-of.",
    )


def _mark(connection: Connection, config: GoldenConfig, request: Request, session: date) -> None:
    """Open a configured account on its first cycle's session, and mark what sync has not marked yet.

    Marks follow from fills and closes alone. A session whose orders may still fill, whose splits and dividends are not
    booked, or whose book has no worth, cannot be marked: the cycle then halts for want of a NAV, with a row for each
    symbol, and says that sync comes first.
    """
    db.execute(connection, "trade.open_configured_account", account=request.account, session=session)
    for row in db.fetch_all(
        connection,
        "trade.sessions_to_mark",
        account=request.account,
        delay_minutes=config.data.provider_delay_minutes,
    ):
        if row["session"] > session:
            break
        try:
            db.execute(connection, "trade.mark_nav", account=request.account, session=row["session"])
        except FundError as error:
            if error.code not in _NOT_MARKABLE:
                raise
            log.warning("not_marked", session=str(row["session"]), message=str(error))
            break


def _transform(connection: Connection, settings: Settings, request: Request, session: date) -> FundError | None:
    """Refresh dbt's cycle models; a failure is kept until the run it spoils is open, so that it becomes a row.

    And an alert: the gate may find what it left behind too old, and halt the run for that.
    """
    try:
        transform.run_cycle_models(settings, session)
    except FundError as error:
        log.error("transform_failed", session=str(session), message=error.message)
        detail = {"session": str(session), "remedy": error.remedy}
        alert = Alert("HIGH", "SYSTEM", "TRANSFORM_FAILED", None, f"no features of {session}: {error.message}", detail)
        _alert(connection, settings, request, (alert,))
        return error
    return None


def _caused(report: Report, failure: FundError) -> Report:
    """The report of a run the gate ended, with the failure before it: what it found stale is that one's doing."""
    if report.state == "ALREADY_DONE":
        return report
    return replace(report, reason=f"{report.reason} after TRANSFORM_FAILED: {failure}")


def _open(
    connection: Connection,
    settings: Settings,
    config: GoldenConfig,
    request: Request,
    session: date,
    watch: _Stopwatch,
) -> Report | tuple[_Opened, tuple[Verdict, ...], CycleInputs, AccountState]:
    """The open transaction: a report where the cycle ends here, else what the stages need."""
    host = socket.gethostname()
    # By itself: a change of the file is audited, and the audit head is not to be held while inputs are copied (I13).
    db.fetch_value(connection, "ops.report_kill_file", host=host, present=settings.kill_switch_file.exists())
    with db.translated(), connection.transaction():
        row = db.fetch_one(
            connection,
            "decide.open_cycle",
            account=request.account,
            mode=request.mode,
            strategy=request.strategy or config.strategy_of(request.account),
            as_of_session=session,
            slot=request.slot,
            config_sha256=config.sha256,
            delay_minutes=config.data.provider_delay_minutes,
            lease_seconds=config.cycle.lease_seconds,
            host=host,
            pid=os.getpid(),
            code_version=versions.code_version(),
            versions=db.as_json(versions.everything(connection)),
        )
        if row["outcome"] != "OPENED":
            return _not_opened(row, request, session)
        run = _Opened(row["cycle_id"], row["run"], session, row["as_of"], row["recorded_before"], row["trade_session"])
        verdicts = _verdicts(db.fetch_all(connection, "govern.open_gate", cycle_id=run.cycle_id, run=run.run))
        inputs = _inputs(connection, config, run)
        state = _account_state(connection, request, run)
        refused = [v for v in verdicts if v.verdict == "REFUSE"]
        if refused:
            # A dry run keeps its verdicts, as one does that comes as far as the commit, and not what they decided.
            with connection.transaction() as halting:
                report = _halt(connection, request, run, verdicts, inputs, state, refused, watch)
                if request.dry_run:
                    raise db.Rollback(halting)
            return _rolled_back(connection, request, run, report) if request.dry_run else report
    return run, verdicts, inputs, state


def _not_opened(row: Mapping[str, Any], request: Request, session: date) -> Report:
    if row["outcome"] == "BUSY":
        raise FundError(
            f"account {request.account} has a cycle running ({row['cycle_id']}, run {row['run']})",
            "Wait for it, or until its lease is over; `python -m runner status` shows host, process and lease.",
        )
    return Report(
        cycle_id=row["cycle_id"],
        run=row["run"],
        account=request.account,
        mode=request.mode,
        as_of_session=session,
        trade_session=row["trade_session"],
        state="ALREADY_DONE",
        layer=None,
        reason="ALREADY_DONE",
        exit_code=ExitCode.DONE,
    )


def _verdicts(rows: list[dict[str, Any]]) -> tuple[Verdict, ...]:
    return tuple(Verdict(**row) for row in rows)


def _inputs(connection: Connection, config: GoldenConfig, run: _Opened) -> CycleInputs:
    """What the gate copied and the benchmark; both are kept for replay."""
    rows = db.fetch_all(connection, "decide.cycle_inputs", cycle_id=run.cycle_id, run=run.run)
    benchmarks = db.fetch_all(connection, "ref.benchmarks", calendar=config.fund.session_calendar)
    found = records.cycle_inputs(run.as_of_session, rows, benchmarks)
    _keep(connection, run, {"decide.cycle_inputs": inputs_read.rows_content(found), "ref.benchmarks": benchmarks})
    return found


def _account_state(connection: Connection, request: Request, run: _Opened) -> AccountState:
    """The account as it stands: the book from trade, the memory from decide; both are kept for replay."""
    book = db.fetch_value(connection, "trade.account_state", account=request.account, as_of_session=run.as_of_session)
    memory = db.fetch_value(
        connection,
        "decide.load_state",
        account=request.account,
        as_of_session=run.as_of_session,
        slot=request.slot,
    )
    _keep(connection, run, {"trade.account_state": book, "decide.load_state": memory})
    return records.account_state(request.account, book, memory)


def _keep(connection: Connection, run: _Opened, read: Mapping[str, Any]) -> None:
    """Inside a transaction: store what was read, by name, for replay (I24)."""
    rows = [{"input": name, "content": content} for name, content in read.items()]
    db.execute(connection, "decide.record_inputs", cycle_id=run.cycle_id, run=run.run, rows=db.as_json(rows))


def _limits(connection: Connection) -> dict[str, float]:
    """The limits in force by name: the file's, or what an operator tightened since (I20)."""
    return {row["limit_name"]: row["threshold"] for row in db.fetch_all(connection, "govern.effective_limits")}


def _panel(connection: Connection, config: GoldenConfig, run: _Opened, inputs: CycleInputs) -> Panel:
    """The F9 closes risk reads, of every symbol of the inputs and the benchmark (T3: one close more than returns)."""
    sessions = config.risk.history_sessions_max + 1
    symbols = sorted({row.symbol for row in inputs.symbols} | ({inputs.benchmark} if inputs.benchmark else set()))
    axis = [
        row["session"] for row in db.fetch_all(connection, "market.panel_sessions", as_of=run.as_of, sessions=sessions)
    ]
    rows = db.fetch_all(
        connection,
        "market.panel",
        as_of=run.as_of,
        recorded_before=run.recorded_before,
        sessions=sessions,
        symbols=symbols,
    )
    columns = {row["symbol"]: row["closes"] for row in rows}
    missing = np.full(len(axis), np.nan)
    closes = np.column_stack([columns.get(symbol, missing) for symbol in symbols]) if symbols else missing[:, :0]
    return Panel(tuple(symbols), np.array(axis, dtype="datetime64[D]"), np.ascontiguousarray(closes, dtype=np.float64))


def _halt(
    connection: Connection,
    request: Request,
    run: _Opened,
    verdicts: tuple[Verdict, ...],
    inputs: CycleInputs,
    state: AccountState,
    refused: list[Verdict],
    watch: _Stopwatch,
    codes: tuple[str, ...] = (),
) -> Report:
    """Inside a transaction: a refused layer becomes a HALTED run with a REJECT for every active symbol."""
    layer, code = _binding(refused)
    reasons = codes or (layer.reason_code,)
    decisions = halted_decisions(inputs, state, layer.layer, reasons)
    db.execute(
        connection,
        "decide.record_decisions",
        cycle_id=run.cycle_id,
        run=run.run,
        rows=db.as_json(records.decision_rows(run.as_of, decisions)),
    )
    concluded = _verdicts(db.fetch_all(connection, "govern.conclude", cycle_id=run.cycle_id, run=run.run))
    return _close(
        connection,
        request,
        run,
        state="HALTED",
        layer=layer.layer,
        reason=reasons[0],
        code=code,
        verdicts=_merge(verdicts, concluded),
        decisions=decisions,
        summary={"decisions": records.counts(decisions)},
        watch=watch,
    )


def _binding(refused: list[Verdict]) -> tuple[Verdict, ExitCode]:
    """The layer that gives the exit code: the most severe of those that refused, the first of these."""
    code = most_severe([ExitCode(v.exit_code) for v in refused])
    return next(v for v in refused if v.exit_code == code), code


def _commit(
    connection: Connection,
    settings: Settings,
    request: Request,
    run: _Opened,
    verdicts: tuple[Verdict, ...],
    inputs: CycleInputs,
    state: AccountState,
    panel: Panel,
    limits: Mapping[str, float],
    result: CycleResult,
    watch: _Stopwatch,
) -> Report:
    """The commit transaction, rolled back after the report for a dry run."""
    key = {"cycle_id": run.cycle_id, "run": run.run}
    report: Report
    with db.translated(), connection.transaction() as transaction:
        _keep(connection, run, {"market.panel": inputs_read.panel_content(panel), "govern.effective_limits": limits})
        db.execute(connection, "decide.record_model_outputs", **key, rows=db.as_json(result.views))
        if result.risk_state is not None:
            db.execute(
                connection,
                "decide.record_risk",
                **key,
                checks=db.as_json(records.check_rows(result)),
                state=db.as_json(records.state_row(result)),
                symbol_states=db.as_json(records.memory_rows(result, panel)),
            )
        judged = _verdicts(db.fetch_all(connection, "govern.check_results", **key))
        verdicts = _merge(verdicts, judged)
        refused = [v for v in judged if v.verdict == "REFUSE"]
        if refused:
            codes = tuple(result.metadata.get("codes", ()))
            # Where the stages halted, their layer knows why; SQL sees only that rows are missing.
            refused = [v for v in refused if v.layer == result.halt_layer] or refused
            report = _halt(connection, request, run, verdicts, inputs, state, refused, watch, codes)
        elif result.halt_layer is not None:
            raise FundError(f"the stages halted at layer {result.halt_layer}, which SQL passed: {result.metadata}")
        else:
            report = _place(connection, settings, request, run, verdicts, result, watch)
        if request.dry_run:
            raise db.Rollback(transaction)
    return _rolled_back(connection, request, run, report) if request.dry_run else report


def _rolled_back(connection: Connection, request: Request, run: _Opened, report: Report) -> Report:
    """A dry run after its rollback: its run decided nothing, its report says what it would have been."""
    _close_failed(connection, request, run, "DRY_RUN")
    return replace(report, state="DRY_RUN")


def _place(
    connection: Connection,
    settings: Settings,
    request: Request,
    run: _Opened,
    verdicts: tuple[Verdict, ...],
    result: CycleResult,
    watch: _Stopwatch,
) -> Report:
    """Inside the commit transaction: orders through SQL, then the decisions that say what became of them."""
    key = {"cycle_id": run.cycle_id, "run": run.run}
    orders: tuple[records.PlacedOrder, ...] = ()
    if request.mode != "shadow":
        intents = db.as_json(records.intent_rows(result))
        orders = tuple(
            records.PlacedOrder(**row) for row in db.fetch_all(connection, "trade.place_orders", **key, intents=intents)
        )
    _keep(connection, run, {"trade.place_orders": orders})
    decisions = records.with_orders(result, orders, shadow=request.mode == "shadow")
    _alert(connection, settings, request, result.alerts)
    db.execute(
        connection, "decide.record_decisions", **key, rows=db.as_json(records.decision_rows(run.as_of, decisions))
    )
    verdicts = _merge(verdicts, _verdicts(db.fetch_all(connection, "govern.conclude", **key)))
    refused = [v for v in verdicts if v.verdict == "REFUSE"]
    if refused:
        layer, code = _binding(refused)
        raise FundError(
            f"layer {layer.layer} ({layer.layer_name}) refused at the end: {layer.reason_code}", exit_code=code
        )
    return _close(
        connection,
        request,
        run,
        state="DONE",
        layer=None,
        reason="DONE",
        code=ExitCode.DONE,
        verdicts=verdicts,
        decisions=decisions,
        orders=orders,
        summary=records.summary(result, decisions, len(orders)),
        watch=watch,
    )


def _merge(before: tuple[Verdict, ...], after: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    by_layer = {v.layer: v for v in before} | {v.layer: v for v in after}
    return tuple(by_layer[layer] for layer in sorted(by_layer))


def _alert(connection: Connection, settings: Settings, request: Request, alerts: tuple[Alert, ...]) -> None:
    for alert in alerts:
        db.fetch_value(
            connection,
            "notify.enqueue",
            level=alert.level,
            category=alert.category,
            code=alert.code,
            message=alert.message,
            symbol=alert.symbol,
            account=request.account,
            detail=db.as_json(alert.detail),
            window_seconds=settings.alert_dedup_window,
        )


def _close(
    connection: Connection,
    request: Request,
    run: _Opened,
    *,
    state: State,
    layer: int | None,
    reason: str,
    code: ExitCode,
    verdicts: tuple[Verdict, ...],
    summary: Mapping[str, Any],
    watch: _Stopwatch,
    decisions: tuple[Decision, ...] = (),
    orders: tuple[records.PlacedOrder, ...] = (),
) -> Report:
    """The transaction's last call: closes the run and appends its audit events (I13, I21)."""
    db.execute(
        connection,
        "decide.close_run",
        cycle_id=run.cycle_id,
        run=run.run,
        state=state,
        layer=layer,
        reason=reason,
        exit_code=int(code),
        summary=db.as_json(summary),
    )
    watch.step(None)
    log.info("cycle_closed", cycle_id=run.cycle_id, run=run.run, state=state, reason=reason)
    return Report(
        cycle_id=run.cycle_id,
        run=run.run,
        account=request.account,
        mode=request.mode,
        as_of_session=run.as_of_session,
        trade_session=run.trade_session,
        state=state,
        layer=layer,
        reason=reason,
        exit_code=code,
        verdicts=verdicts,
        decisions=decisions,
        orders=orders,
        summary=summary,
        seconds=watch.seconds,
    )


def _fail(
    connection: Connection,
    request: Request,
    run: _Opened,
    verdicts: tuple[Verdict, ...],
    error: FundError,
    watch: _Stopwatch,
) -> Report:
    """Close the run as FAILED because of an error known before it could compute; the report carries its exit code."""
    _close_failed(connection, request, run, "TRANSFORM_FAILED", error)
    watch.step(None)
    return Report(
        cycle_id=run.cycle_id,
        run=run.run,
        account=request.account,
        mode=request.mode,
        as_of_session=run.as_of_session,
        trade_session=run.trade_session,
        state="FAILED",
        layer=None,
        reason=f"TRANSFORM_FAILED: {error}",
        exit_code=error.exit_code,
        verdicts=verdicts,
        seconds=watch.seconds,
    )


def _fail_after(connection: Connection, settings: Settings, request: Request, run: _Opened, error: Exception) -> None:
    """Close the run as FAILED after an exception; where even that fails, its lease does it. The first error is kept."""
    reason = (error.code if isinstance(error, FundError) else None) or type(error).__name__
    try:
        _close_failed(connection, request, run, f"ERROR_{reason}".upper(), error)
    except FundError as second:
        log.error("run_left_open", cycle_id=run.cycle_id, run=run.run, message=second.message)
    try:
        verifier.anchor(settings, f"cycle {run.cycle_id} run {run.run} FAILED")
    except FundError as second:
        log.error("not_anchored", cycle_id=run.cycle_id, run=run.run, error=str(second))


def _close_failed(
    connection: Connection, request: Request, run: _Opened, reason: str, error: Exception | None = None
) -> None:
    code = error.exit_code if isinstance(error, FundError) else ExitCode.UNEXPECTED
    with db.translated(), connection.transaction():
        if error is not None:
            db.fetch_value(
                connection,
                "notify.enqueue",
                level="HIGH",
                category="SYSTEM",
                code="CYCLE_FAILED",
                message=f"cycle {run.cycle_id} failed: {reason}",
                symbol=None,
                account=request.account,
                detail=db.as_json({"cycle_id": run.cycle_id, "run": run.run}),
                window_seconds=0,
            )
        db.execute(
            connection,
            "decide.close_run",
            cycle_id=run.cycle_id,
            run=run.run,
            state="FAILED",
            layer=None,
            reason=reason,
            exit_code=int(ExitCode.DONE if error is None else code),
            summary="{}",
        )
