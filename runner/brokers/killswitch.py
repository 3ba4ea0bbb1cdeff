"""The kill file, as the process that holds the trading key sees it (I14).

With the database there, the file becomes a row and every rule that hangs on it: entries are cancelled, protective stops
stay. With the database away, the holder of the key kills at the broker: trading suspended, every order cancelled.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from runner import db
from runner.brokers import desk as desks
from runner.brokers.base import Broker, KillReport
from runner.config import GoldenConfig
from runner.db import Connection
from runner.errors import FundError, UsageError
from runner.log import get_logger
from runner.settings import Settings

log = get_logger("sync")


def report_file(connection: Connection, settings: Settings) -> None:
    """What this host sees of its kill file becomes its row."""
    present = settings.kill_switch_file.exists()
    db.execute(connection, "ops.report_kill_file", host=socket.gethostname(), present=present)


def kill_without_database(settings: Settings, config: GoldenConfig, account: str, *, live: bool) -> None:
    """Where the file is there and the database is not: kill at the broker, if the account has one outside."""
    if not settings.kill_switch_file.exists():
        return
    try:
        told = desks.kill_at_broker(config, account, live=live)
    except UsageError as error:  # the paper exchange's account, or no key: there is nothing outside to kill
        log.warning("kill_file_without_database", error=str(error))
        return
    _tell(told)


class KillWatch:
    """Looks at the kill file each second, whatever the passes are waiting for.

    A file that appeared becomes a row, by a connection of its own. Where that fails, or does not come back within
    KILL_DATABASE_TIMEOUT, the holder of the key kills at the broker, again and again until it succeeded once. A row is
    not the end of it: what it cancels leaves with a pass, so while the file is there the database is asked each second
    whether it still answers. No POST waits for any of this (I14); a slow answer alone must not cost the protective
    stops, which a kill keeps (B7) and the broker's own switch does not.
    """

    SECONDS = 1.0

    def __init__(self, settings: Settings, broker: Broker, on_kill: Callable[[], None]) -> None:
        """`on_kill` is called when the file appeared, before anything else is done about it."""
        self._settings, self._broker, self._on_kill = settings, broker, on_kill
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> KillWatch:
        """Start watching."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; a halt that is under way ends first."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        woken = killed = False
        while not self._stop.wait(self.SECONDS):
            try:
                if not self._settings.kill_switch_file.exists():
                    woken = killed = False
                    continue
                if not woken:
                    self._on_kill()
                    woken = True
                if not killed:
                    killed = not self._in_the_database() and self._at_the_broker()
            except Exception as error:  # whatever it is: nobody else looks, so the next second tries again
                with contextlib.suppress(Exception):
                    log.error("kill_watch_failed", error=f"{type(error).__name__}: {error}")

    def _in_the_database(self) -> bool:
        """Whether the file is a row now. In a thread of its own: a database that hangs is one that is away.

        The file is looked at each second all the same: one that is gone asks for nothing any more.
        """
        done, taken = threading.Event(), threading.Event()

        def report() -> None:
            try:
                with db.connect("fund_broker", autocommit=True) as connection:
                    report_file(connection, self._settings)
                taken.set()
            except FundError as error:
                log.error("kill_file_not_recorded", error=str(error))
            finally:
                done.set()

        threading.Thread(target=report, daemon=True).start()
        silent = 0.0
        while not done.wait(self.SECONDS):
            silent += self.SECONDS
            if not self._settings.kill_switch_file.exists():
                return True
            if silent >= self._settings.kill_database_timeout:
                return False
        return taken.is_set()

    def _at_the_broker(self) -> bool:
        told = self._broker.halt_trading()
        _tell(told)
        return not told.failures


def _tell(told: KillReport) -> None:
    log.error(
        "killed_at_the_broker",
        suspended=told.suspended,
        cancels_requested=told.cancels_requested,
        failures=list(told.failures),
    )
