"""`sync` without --once: pass after pass until it is told to stop, through an absent database or broker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from runner import db, deploy
from runner.brokers import killswitch
from runner.brokers.desk import Desk, open_desk
from runner.brokers.killswitch import KillWatch
from runner.brokers.sync import Pass, SyncReport, monotonic, require_ours
from runner.config import GoldenConfig
from runner.db import Connection
from runner.errors import AccountNotOpen, BrokerUnreachable, Conflict, DatabaseUnreachable, FundError
from runner.interrupts import stop_signal
from runner.log import get_logger
from runner.settings import Settings

log = get_logger("sync")

#: The least between two passes, however many hints come: a broker counts calls.
HINT_PAUSE_SECONDS = 1.0

#: The most that a 429 keeps the next pass: a kill must reach the broker within a minute (I11), and a pass brings it.
LONGEST_WAIT_SECONDS = 30.0

#: What the loop outlives: the database or the broker away for a while, another session first.
_PASSING = (BrokerUnreachable, Conflict, DatabaseUnreachable)


def sync_forever(
    settings: Settings,
    config: GoldenConfig,
    account: str,
    interval_seconds: float,
    on_report: Callable[[SyncReport], None],
    *,
    live: bool = False,
) -> None:
    """Sync every `interval_seconds`, sooner on a hint of the broker's, until SIGINT or SIGTERM ends it between passes.

    A pass that fails because the database or the broker is away, or another session won, is told and tried again;
    so is an account of the configuration whose first cycle has yet to open it. Anything else raises, a schema or a
    configuration it was not built for included. Beside the passes, and beyond a connection, `KillWatch` looks at the
    kill file.
    """
    wake, desk, files = threading.Event(), None, deploy.tree()
    is_configured, told_waiting = account in {one.name for one in config.accounts.defaults}, False
    with stop_signal(wake) as stop, ExitStack() as beside:

        def passes(connection: Connection, desk: Desk) -> None:
            while not stop.is_set():
                began = monotonic()
                wake.clear()
                killswitch.report_file(connection, settings)
                # A deploy or another configuration may have come while it ran.
                require_ours(connection, config, files)
                report = Pass(connection, settings, config, desk).run()
                on_report(report)
                # A hint shortens the interval, not what the broker asked for.
                stop.wait(min(report.retry_after_seconds or HINT_PAUSE_SECONDS, LONGEST_WAIT_SECONDS))
                wake.wait(max(0.0, interval_seconds - (monotonic() - began)))

        while not stop.is_set():
            try:
                with db.connect("fund_broker", autocommit=True) as connection:
                    killswitch.report_file(connection, settings)
                    require_ours(connection, config, files)
                    if desk is None:
                        desk = open_desk(connection, config, account, live=live)
                        broker = desk.open(connection, db.fetch_value(connection, "ops.now"))
                        beside.enter_context(broker.hints(wake.set))
                        beside.enter_context(KillWatch(settings, broker, wake.set))
                    passes(connection, desk)
            except FundError as error:
                if isinstance(error, AccountNotOpen) and is_configured:
                    if not told_waiting:
                        log.warning("waiting_for_the_first_cycle", account=account)
                    told_waiting = True
                elif isinstance(error, _PASSING):
                    log.warning("sync_pass_failed", error=str(error))
                else:
                    raise
                if desk is None and isinstance(error, DatabaseUnreachable):
                    killswitch.kill_without_database(settings, config, account, live=live)
                stop.wait(interval_seconds)
