"""Years of history of a universe: asked once, whatever happens on the way.

market.backfills and backfill_items say what is wanted and what is DONE; an item is DONE in the transaction that stores
its bars, so a process that dies at any point is followed by one that goes on with the rest. A lease keeps two processes
from asking the same. Where the network is gone the rest waits and is asked again, until nothing has come for an hour.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from runner import db, router
from runner.errors import DataUnusable, FundError
from runner.providers.base import RemoteProvider, Window
from runner.router import Outcome, Request

#: How long a process that says nothing keeps a backfill, seconds.
LEASE_SECONDS = 30
#: Rests between rounds while sources are not to be reached, seconds; the last repeats.
RESTS = (15.0, 30.0, 60.0, 120.0, 300.0)
#: After so long without one answer what is left has failed, seconds.
PATIENCE_SECONDS = 3600.0


@dataclass(frozen=True)
class Report:
    """One run of a backfill. outcomes: what this run settled; items: all of the backfill, by state."""

    backfill_id: int
    window: Window
    outcomes: tuple[Outcome, ...]
    items: dict[str, int]


def run(
    connection: db.Connection,
    providers: Sequence[RemoteProvider],
    word: str,
    symbols: Sequence[str],
    first: date,
    last: date | None = None,
    restart: bool = False,
    on_start: Callable[[int], None] = lambda _: None,
    on_done: Callable[[Outcome], None] = lambda _: None,
    on_rest: Callable[[int, float], None] = lambda _left, _seconds: None,
    lease_seconds: int = LEASE_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Ask `providers` (called `word` on the command line) for `symbols` from `first` to `last` (None: to today, or as
    the backfill that is continued). `connection`: fund_ingestor's, in autocommit, after ingest.prepare.

    restart: begin anew, whatever is DONE. on_start: hears how many items are left; on_done: of each settled one;
    on_rest: how many wait, and for how many seconds, because a source that may have them is not to be reached.
    Raises: DataUnusable where another process holds the backfill; FundError MQ523, MQ524.
    """
    return _Backfill(connection, providers, lease_seconds, on_done, on_rest, sleep, clock).run(
        word, symbols, first, last, restart, on_start
    )


class _Backfill:
    def __init__(
        self,
        connection: db.Connection,
        providers: Sequence[RemoteProvider],
        lease_seconds: int,
        on_done: Callable[[Outcome], None],
        on_rest: Callable[[int, float], None],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self.connection, self.providers, self.lease_seconds = connection, providers, lease_seconds
        self.on_done, self.on_rest, self.sleep, self.clock = on_done, on_rest, sleep, clock
        self.worker = f"{socket.gethostname()} {os.getpid()} {time.time_ns()}"
        self.backfill_id = 0
        self.renewed_at = self.answered_at = clock()
        self.outcomes: list[Outcome] = []

    def run(
        self,
        word: str,
        symbols: Sequence[str],
        first: date,
        last: date | None,
        restart: bool,
        on_start: Callable[[int], None],
    ) -> Report:
        window = self._hold(word, symbols, first, last, restart)
        try:
            self._fill(symbols, window, on_start)
        except KeyboardInterrupt:
            with contextlib.suppress(FundError):  # over already, or nobody to tell: a lease ends by itself
                self._item(None, lease_seconds=0)
            raise
        router.alert(self.connection, self.outcomes)
        rows = db.fetch_all(self.connection, "market.backfill_items", backfill=self.backfill_id)
        items = {row["state"]: row["items"] for row in rows}
        if "FAILED" in items:
            self._item(None, lease_seconds=0)  # still open: let the next run begin at once
        return Report(self.backfill_id, window, tuple(self.outcomes), items)

    def _fill(self, symbols: Sequence[str], window: Window, on_start: Callable[[int], None]) -> None:
        """Ask until nothing waits any more, or nothing has come for too long."""
        rounds = 0
        while pending := self._pending(symbols):
            on_start(len(pending))
            requests = [Request(symbol, window) for symbol in pending]
            outcomes = router.run(
                self.connection,
                requests,
                "backfill",
                self.providers,
                self._settle,
                self._done,
                self._renew,
                self.sleep,
                self.clock,
            )
            rounds = 0 if any(outcome.result for outcome in outcomes) else rounds + 1
            left = [outcome for outcome in outcomes if self._waits(outcome)]
            if left and self.clock() - self.answered_at > PATIENCE_SECONDS:
                for outcome in left:
                    self._item(outcome)
                    self._done(outcome, final=True)
            elif left:
                seconds = RESTS[min(rounds, len(RESTS) - 1)]
                self.on_rest(len(left), seconds)
                self._rest(seconds)

    def _hold(self, word: str, symbols: Sequence[str], first: date, last: date | None, restart: bool) -> Window:
        """Take the backfill's lease, waiting once for that of a process that may have died."""
        deadline = self.clock() + self.lease_seconds + 1
        while True:
            rows = db.fetch_all(
                self.connection,
                "market.open_backfill",
                providers=word,
                first=first,
                last=last,
                symbols=list(symbols),
                worker=self.worker,
                lease_seconds=self.lease_seconds,
                restart=restart,
            )
            if rows:
                self.backfill_id = rows[0]["backfill_id"]
                return Window(first, rows[0]["last_session"])
            if self.clock() > deadline:
                raise DataUnusable("another process works on this backfill", "Let it finish; what it has done is kept.")
            self.sleep(1.0)

    def _pending(self, symbols: Sequence[str]) -> list[str]:
        rows = db.fetch_all(self.connection, "market.pending_items", backfill=self.backfill_id, symbols=list(symbols))
        return [row["symbol"] for row in rows]

    @staticmethod
    def _waits(outcome: Outcome) -> bool:
        """Whether it stays PENDING: no source had it, and one of them could not be asked."""
        return outcome.result is None and outcome.passing

    def _settle(self, outcome: Outcome) -> None:
        """Within the transaction of its bars."""
        if not self._waits(outcome):
            self._item(outcome)

    def _item(self, outcome: Outcome | None, lease_seconds: int | None = None) -> None:
        db.execute(
            self.connection,
            "market.settle_item",
            backfill=self.backfill_id,
            symbol=outcome.request.symbol if outcome else None,
            fetch=outcome.fetch_id if outcome else None,
            reason=outcome.reason if outcome else None,
            worker=self.worker,
            lease_seconds=self.lease_seconds if lease_seconds is None else lease_seconds,
        )
        self.renewed_at = self.clock()

    def _done(self, outcome: Outcome, final: bool = False) -> None:
        if outcome.result is not None:
            self.answered_at = self.clock()
        if final or not self._waits(outcome):
            self.outcomes.append(outcome)
            self.on_done(outcome)

    def _renew(self) -> None:
        if self.clock() - self.renewed_at > self.lease_seconds / 3:
            self._item(None)

    def _rest(self, seconds: float) -> None:
        while seconds > 0:
            part = min(seconds, self.lease_seconds / 3)
            self.sleep(part)
            self._item(None)
            seconds -= part
