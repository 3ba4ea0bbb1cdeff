"""Which source is asked for a symbol, and what becomes of its answer.

Sources come by capability (ref.provider_capabilities, ruling F8). Threads ask and read, as many for a source as it
allows; one connection writes. Every asking is one transaction: the fetch, its answers byte for byte, the batch, the
bars. An answer is judged as a whole before any row of it is (market.answer_fault); one that fails is a row with its
reason and the source asked next. A source that refuses us (401, 403), has no key or is not installed is asked no more
in this run, and until its first answer it is asked one thing at a time: a wrong key costs one request.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from queue import SimpleQueue
from threading import Thread
from typing import Literal

from runner import db, ingest, settings
from runner.errors import FundError
from runner.ingest import Packed, SymbolResult
from runner.providers.base import Fault, RemoteProvider, SymbolBars, Unreadable, Window, rows_of

Purpose = Literal["ingest", "live", "heal", "backfill"]

#: Faults of a source that no other symbol will not meet as well.
_OF_THE_SOURCE: tuple[Fault, ...] = ("NO_KEY", "NOT_INSTALLED")
#: Statuses that say the key, not the question, is wrong.
_NOT_ENTITLED = ("401", "403", "451")
#: Faults that may be over when it is asked again later.
_PASSING = ("THROTTLED", "UNAVAILABLE")
#: So many of them in a row and the source is left alone for the rest of the run.
MISSES_MAX = 3
#: Longest time between two calls of on_tick, seconds.
TICK_SECONDS = 5.0
#: Seconds a source's requests per minute are spread over.
_MINUTE = 60.0


@dataclass(frozen=True)
class Request:
    """A symbol and the sessions asked for. providers: only these, in this order; None: all that can, by priority."""

    symbol: str
    window: Window
    providers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Failure:
    """A source that did not give a symbol, and why; `fault` as in market.fetches."""

    provider: str
    fault: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What became of a request: the asking that brought its bars (None: none did) and what failed before it."""

    request: Request
    result: SymbolResult | None
    fetch_id: int | None
    failures: tuple[Failure, ...]

    @property
    def reason(self) -> str:
        """Why nothing came, source by source."""
        return "; ".join(f"{f.provider}: {f.reason}" for f in self.failures) or "no source has its asset class"

    @property
    def passing(self) -> bool:
        """Whether asking again later may help: some source was throttled or not to be reached."""
        return any(f.fault in _PASSING for f in self.failures)


@dataclass(frozen=True)
class _Route:
    """A source a request can be asked of, and whether its history reaches the window."""

    provider: str
    reaches: bool
    history_days_max: int


@dataclass
class _Task:
    """A request on its way: the sources left to ask, and those that failed."""

    request: Request
    asset_class: str = ""
    left: deque[_Route] = field(default_factory=deque)
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class _Answered:
    """What a thread brings back: the answers ready to be archived, and the rows or why there are none."""

    packed: tuple[Packed, ...]
    bars: SymbolBars | None
    failure: Failure | None


@dataclass
class _Lane:
    """A source, the tasks that wait for it, and how it may be asked."""

    provider: RemoteProvider
    waiting: deque[_Task] = field(default_factory=deque)
    in_flight: int = 0
    answered: bool = False
    misses: int = 0
    dead: Failure | None = None
    next_at: float = 0.0

    @property
    def free(self) -> bool:
        """Whether a task waits and may start: one at a time until the source has given something."""
        return bool(self.waiting) and self.in_flight < (self.provider.connections if self.answered else 1)

    def note(self, failure: Failure, answered: _Answered) -> None:
        """Give the source up for this run where another symbol would meet the same."""
        self.misses = self.misses + 1 if failure.fault in _PASSING else 0
        status = answered.packed[-1].answer.status if answered.packed else None
        not_entitled = failure.fault == "REFUSED" and status in _NOT_ENTITLED
        if not_entitled or failure.fault in _OF_THE_SOURCE or self.misses >= MISSES_MAX:
            self.dead = failure


#: Askings under way: the source, the task, the instant it left.
_Running = dict[Future[_Answered], tuple[_Lane, _Task, datetime | None]]


def run(
    connection: db.Connection,
    requests: Sequence[Request],
    purpose: Purpose,
    providers: Sequence[RemoteProvider],
    on_settled: Callable[[Outcome], None] = lambda _: None,
    on_done: Callable[[Outcome], None] = lambda _: None,
    on_tick: Callable[[], None] = lambda: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[Outcome]:
    """Ask `providers` for `requests`; outcomes in the order they were settled. `connection`: fund_ingestor's, in
    autocommit, with ref.providers and ref.provider_capabilities loaded (ingest.prepare).

    on_settled: called within the transaction that settles a request; on_done: after its commit; on_tick: every few
    seconds, between transactions. sleep, clock: seconds.
    Raises: UsageError MQ520 for a window of purpose live that is too long, before anything is sent.
    """
    return _Run(connection, purpose, providers, on_settled, on_done, on_tick, sleep, clock).run(requests)


class _Run:
    def __init__(
        self,
        connection: db.Connection,
        purpose: Purpose,
        providers: Sequence[RemoteProvider],
        on_settled: Callable[[Outcome], None],
        on_done: Callable[[Outcome], None],
        on_tick: Callable[[], None],
        sleep: Callable[[float], None],
        clock: Callable[[], float],
    ) -> None:
        self.connection, self.purpose = connection, purpose
        self.lanes = {provider.name: _Lane(provider) for provider in providers}
        self.on_settled, self.on_done, self.on_tick = on_settled, on_done, on_tick
        self.sleep, self.clock = sleep, clock
        self.outcomes: list[Outcome] = []

    def run(self, requests: Sequence[Request]) -> list[Outcome]:
        for request in requests:
            self._require_live(request)
        for task in self._tasks(requests):
            self._forward(task)
        width = sum(lane.provider.connections for lane in self.lanes.values())
        if not width:
            return self.outcomes
        pool = _Pool(width)
        try:
            self._pump(pool)
        finally:
            pool.close()
        return self.outcomes

    def _pump(self, pool: _Pool) -> None:
        running: _Running = {}
        while running or any(lane.waiting for lane in self.lanes.values()):
            pause = min(self._start(pool, running), TICK_SECONDS)
            self.on_tick()
            if not running:
                self.sleep(pause)
                continue
            done, _ = wait(running, timeout=pause, return_when=FIRST_COMPLETED)
            for future in done:
                lane, task, asked_at = running.pop(future)
                lane.in_flight -= 1
                self._settle(lane, task, asked_at, future.result())

    def _start(self, pool: _Pool, running: _Running) -> float:
        """Start what may be; seconds until a source that waits for its rate may be asked again."""
        pauses = []
        asked_at = (
            db.fetch_value(self.connection, "ops.now") if any(lane.free for lane in self.lanes.values()) else None
        )
        for lane in self.lanes.values():
            while lane.free:
                now = self.clock()
                if now < lane.next_at:
                    pauses.append(lane.next_at - now)
                    break
                lane.next_at = max(now, lane.next_at) + _MINUTE / lane.provider.requests_per_minute
                task = lane.waiting.popleft()
                self._renew(task)
                lane.in_flight += 1
                running[pool.submit(lane.provider, task)] = (lane, task, asked_at)
        return min(pauses, default=TICK_SECONDS)

    def _renew(self, task: _Task) -> None:
        """The live window of a new day, where midnight has passed since it was given: the old one is a session too long
        by now.
        """
        try:
            self._require_live(task.request)
        except FundError as error:
            if error.code != "MQ520":
                raise
            (fresh,) = live_requests(self.connection, [task.request.symbol])
            task.request = replace(task.request, window=fresh.window)

    def _require_live(self, request: Request) -> None:
        if self.purpose == "live":
            db.execute(self.connection, "market.refuse_live_history", symbol=request.symbol, first=request.window.first)

    def _tasks(self, requests: Sequence[Request]) -> list[_Task]:
        """The requests with the sources each can be asked of, in order."""
        routes = db.fetch_all(
            self.connection,
            "market.routes",
            symbols=[request.symbol for request in requests],
            firsts=[request.window.first for request in requests],
        )
        tasks = [_Task(request) for request in requests]
        for row in routes:
            task = tasks[row["request"]]
            if row["provider"] in self.lanes:
                task.asset_class = row["asset_class"]
                task.left.append(_Route(row["provider"], row["reaches"], row["history_days_max"]))
        for task in tasks:
            if task.request.providers is not None:
                by_name = {route.provider: route for route in task.left}
                task.left = deque(by_name[name] for name in task.request.providers if name in by_name)
        return tasks

    def _forward(self, task: _Task) -> None:
        """Queue a task at the next source that can be asked, or settle it where none is left."""
        while task.left:
            route = task.left.popleft()
            lane = self.lanes[route.provider]
            if lane.dead is not None:
                task.failures.append(lane.dead)
            elif not route.reaches:
                reason = f"has {route.history_days_max} days of history at most"
                failure = Failure(route.provider, "HISTORY_TOO_SHORT", reason)
                with self.connection.transaction():
                    self._fail(self._open(lane, task, (), None), task, failure)
                task.failures.append(failure)
            else:
                lane.waiting.append(task)
                return
        outcome = Outcome(task.request, None, None, tuple(task.failures))
        with self.connection.transaction():
            self.on_settled(outcome)
        self._finish(outcome)

    def _settle(self, lane: _Lane, task: _Task, asked_at: datetime | None, answered: _Answered) -> None:
        """Store what came of an asking, in one transaction; send the task on where it was not enough."""
        name, failure = lane.provider.name, answered.failure
        outcome: Outcome | None = None
        with self.connection.transaction():
            answers = [ingest.archive(self.connection, name, packed) for packed in answered.packed]
            if answered.bars is not None:
                lane.answered = True
                symbol, window = task.request.symbol, task.request.window
                landing = ingest.open_landing(self.connection, name, symbol, self.purpose, answers, window, asked_at)
                fetch = landing.fetch_id
                taken = self._take_in(name, window, landing.batch_id, answered.bars)
                if isinstance(taken, Failure):
                    failure = taken
                else:
                    outcome = Outcome(task.request, taken, fetch, tuple(task.failures))
                    self.on_settled(outcome)
            else:
                of_source = failure is not None and failure.fault in _OF_THE_SOURCE
                fetch = self._open(lane, task, answers, asked_at, of_source)
            if failure is not None:
                lane.note(failure, answered)
                self._fail(fetch, task, failure)
        if outcome is not None:
            lane.misses = 0
            self._finish(outcome)
        elif failure is not None:
            task.failures.append(failure)
            self._forward(task)
        if lane.dead is not None:
            stranded, lane.waiting = lane.waiting, deque()
            for other in stranded:
                other.failures.append(lane.dead)
                self._forward(other)

    def _take_in(self, name: str, window: Window, batch: int, bars: SymbolBars) -> SymbolResult | Failure:
        ingest.land(self.connection, batch, bars)
        found = db.fetch_all(self.connection, "market.answer_fault", batch=batch, first=window.first, last=window.last)
        if found:
            failure = Failure(name, found[0]["fault"], found[0]["reason"])
        else:
            try:
                return ingest.store(self.connection, name, batch, bars)
            except FundError as error:
                if error.code != "MQ110":
                    raise
                failure = Failure(name, "IMPOSSIBLE_ACTIONS", error.message)
        db.execute(self.connection, "market.refuse_batch", batch=batch, reason=failure.reason, kind="bars")
        return failure

    def _open(
        self,
        lane: _Lane,
        task: _Task,
        answers: Sequence[ingest.Archived],
        asked_at: datetime | None,
        of_source: bool = False,
    ) -> int:
        symbol = None if of_source else task.request.symbol
        window = task.request.window
        return ingest.open_fetch(self.connection, lane.provider.name, symbol, self.purpose, answers, window, asked_at)

    def _fail(self, fetch: int, task: _Task, failure: Failure) -> None:
        following = next((r.provider for r in task.left if self.lanes[r.provider].dead is None), None)
        ingest.close_fetch(self.connection, fetch, failure.fault, failure.reason, following)

    def _finish(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.on_done(outcome)


class _Pool:
    """Threads that ask, no more than `width` things at once. Daemons, unlike an executor's: a process that is told to
    end waits for no back-off and no silent vendor, and what a thread has heard until then is nowhere.
    """

    def __init__(self, width: int) -> None:
        self._work: SimpleQueue[tuple[Future[_Answered], RemoteProvider, _Task] | None] = SimpleQueue()
        self._threads = [Thread(target=self._serve, name=f"ask_{n}", daemon=True) for n in range(width)]
        for thread in self._threads:
            thread.start()

    def submit(self, provider: RemoteProvider, task: _Task) -> Future[_Answered]:
        future: Future[_Answered] = Future()
        self._work.put((future, provider, task))
        return future

    def close(self) -> None:
        """Let each thread end with what it is at."""
        for _ in self._threads:
            self._work.put(None)

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            future, provider, task = work
            try:
                future.set_result(_ask(provider, task))
            except BaseException as error:  # raised where the result is waited for
                future.set_exception(error)


def _ask(provider: RemoteProvider, task: _Task) -> _Answered:
    """In a thread: ask, pack the answers for the archive, read the rows."""
    request = task.request
    try:
        exchange = provider.ask(request.symbol, task.asset_class, request.window)
    except Exception as error:  # a client is another's code: what it raises is this source's fault, not the run's end
        return _Answered((), None, Failure(provider.name, "UNAVAILABLE", f"{type(error).__name__} in its client"))
    packed = tuple(ingest.pack(answer) for answer in exchange.answers)
    if exchange.fault is not None:
        reason = exchange.reason or exchange.fault
        return _Answered(packed, None, Failure(provider.name, exchange.fault, reason))
    try:
        bars = rows_of(provider, request.symbol, task.asset_class, request.window, exchange.answers)
    except Unreadable as error:
        return _Answered(packed, None, Failure(provider.name, "UNREADABLE", str(error) or "it cannot be read"))
    return _Answered(packed, bars, None)


def askable(
    connection: db.Connection,
    providers: Sequence[RemoteProvider],
    wanted: Sequence[str] | None,
    first: date | None,
    last: date | None,
) -> tuple[list[str], list[str]]:
    """(symbols to ask for, symbols of `wanted` the universe file has not). Of None: every instrument that was in the
    universe between the dates (None: today) and that one of `providers` can be asked for.
    """
    if wanted is not None:
        known = {row["symbol"] for row in db.fetch_all(connection, "ref.instruments")}
        return [symbol for symbol in wanted if symbol in known], [symbol for symbol in wanted if symbol not in known]
    names = [provider.name for provider in providers]
    rows = db.fetch_all(connection, "market.askable", providers=names, first=first, last=last)
    return [row["symbol"] for row in rows], []


def live_requests(connection: db.Connection, symbols: Sequence[str]) -> list[Request]:
    """What the live loop may ask for of each symbol: the five sessions before today, and today (ruling F7)."""
    rows = db.fetch_all(connection, "market.live_windows", symbols=list(symbols))
    return [Request(row["symbol"], Window(row["first_session"], row["last_session"])) for row in rows]


def alert(connection: db.Connection, outcomes: Sequence[Outcome]) -> None:
    """One alert where requests brought nothing from any source, with how many and why (deduplicated, ruling F16)."""
    failed = [outcome for outcome in outcomes if outcome.result is None]
    if not failed:
        return
    reasons = Counter(f"{f.provider} {f.fault}" for outcome in failed for f in outcome.failures)
    listed = (
        ", ".join(f"{what} ({count})" for what, count in reasons.most_common(5)) or "no source has their asset class"
    )
    symbols = sorted({outcome.request.symbol for outcome in failed})
    db.execute(
        connection,
        "notify.enqueue",
        level="HIGH",
        category="MARKET_DATA",
        code="NO_SOURCE",
        message=f"no source gave bars of {len(symbols)} symbols: {listed}",
        symbol=None,
        account=None,
        detail=db.as_json({"symbols": symbols[:50], "count": len(symbols), "reasons": dict(reasons)}),
        window_seconds=settings.load().alert_dedup_window,
    )
