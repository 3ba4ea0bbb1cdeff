"""Reading Alpaca's books: every page of fills and orders since the watermarks, positions, account, clock.

How its lists work, and what follows. Orders are filtered and sorted by `submitted_at` alone, `after` is exclusive, a
page holds 500 at most, and nothing says whether there is more. An order that was updated since a mark is one submitted
since, one still open, or one of ours that has ended: so the list since the mark, the list of open ones, and a look-up
of each working order that neither names.
Fills are filtered by activity id, whose first half is an instant. Both lists may miss what happened in the last
seconds, and two fills of one millisecond have ids in any order: so a mark stays `LAG` behind, and what it covers is
read again; it is recorded once (I9). A page is the last when the next one brings nothing new: a page that stops early
hides nothing (I8).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from runner.brokers import alpaca_parse as parse
from runner.brokers.alpaca_wire import Answered, Body, NotSent, Outcome
from runner.brokers.base import (
    AccountFacts,
    BrokerOrder,
    Execution,
    LookupOutcome,
    NotFound,
    Observation,
    Unanswered,
    Watermarks,
    WorkingOrder,
)
from runner.config import BrokerConfig

Row = TypeVar("Row")

#: How far behind the broker's clock its lists are believed to be whole.
LAG = timedelta(seconds=60)

_TICK = timedelta(microseconds=1)
_REASONS_MAX = 5

Get = Callable[[str, Mapping[str, str]], Outcome]


def retry_after_seconds(answer: Answered) -> float:
    """How long a 429 asks to be left alone; 0: it does not say."""
    for name, base in (("retry-after", 0.0), ("x-ratelimit-reset", time.time())):
        try:
            seconds = float(answer.headers[name]) - base
        except (KeyError, ValueError):
            continue
        if 0 <= seconds <= 3600:
            return seconds
    return 0.0


def message(answer: Answered) -> str | None:
    """What the broker says of a refusal; None where the body is not the broker's."""
    body = answer.body
    said = body.get("message") if isinstance(body, dict) else None
    return f"{answer.status} {said[:300]}" if isinstance(said, str) and said else None


def told(outcome: Outcome) -> str:
    """An outcome that is of no use, in words."""
    if not isinstance(outcome, Answered):
        return f"not sent: {outcome.reason}" if isinstance(outcome, NotSent) else outcome.reason
    of = outcome.body.value if isinstance(outcome.body, Body) else "a body that says nothing"
    return message(outcome) or f"{outcome.status} with {of}"


def looked_up(outcome: Outcome, client_order_id: str | None) -> LookupOutcome:
    """What an answer says of one order. client_order_id: the one asked for, None where it was the broker's."""
    if isinstance(outcome, Answered):
        if outcome.status == 404 and message(outcome) is not None:
            return NotFound(told(outcome))
        if outcome.status == 200:
            try:
                found = parse.order(outcome.body)
            except parse.Unreadable as error:
                return Unanswered(f"an order whose {error} cannot be read")
            if client_order_id in (None, found.client_order_id):
                return found
            return Unanswered("another order than the one asked for")
        if outcome.status == 429:
            return Unanswered(told(outcome), retry_after_seconds(outcome))
    return Unanswered(told(outcome))


class Reading:
    """One reading. What a call does not bring is a reason; the reading goes on, but not for ever.

    It stops asking where the broker said 429, and where calls that brought nothing took two calls' total time-out.
    """

    def __init__(self, get: Get, config: BrokerConfig) -> None:
        """get: one GET, by path and query."""
        self._get, self._config = get, config
        self._reasons: list[str] = []
        self._stopped = False
        self._lost_seconds = 0.0
        self._retry_after: float | None = None
        self._pages = 0
        self._orders: dict[str, BrokerOrder] = {}

    def observe(self, since: Watermarks, working: Sequence[WorkingOrder]) -> Observation:
        """Fills before orders: then each fill's order is in a list that was read after it."""
        broker_at, market_open = self._clock()
        executions = self._executions(since.executions)
        listed = self._list_orders({"status": "open"}, None)
        listed &= self._list_orders({"status": "all"}, since.orders and since.orders - LAG)
        if listed:
            self._look_up_unlisted(working, executions)
        positions = self._positions()
        account = self._account()
        complete = not self._reasons
        return Observation(
            orders=tuple(self._orders.values()),
            executions=executions,
            positions=positions,
            cash=account.cash if account else None,
            equity=account.equity if account else None,
            broker_at=broker_at,
            market_open=market_open,
            account=account,
            following=self._following(since, executions, broker_at) if complete and broker_at else since,
            complete=complete,
            incomplete_because="; ".join(self._reasons[:_REASONS_MAX]) or None,
            pages=self._pages,
            retry_after_seconds=self._retry_after,
        )

    def _following(self, since: Watermarks, executions: Iterable[Execution], broker_at: datetime) -> Watermarks:
        updated = [order.updated_at for order in self._orders.values()]
        settled = [done.execution_id for done in executions if done.filled_at <= broker_at - LAG]
        return Watermarks(
            orders=max([*updated, *([since.orders] if since.orders else [])], default=None),
            executions=max([*settled, *([since.executions] if since.executions else [])], default=None),
        )

    # -- one call ----

    def _ask(self, path: str, query: Mapping[str, str]) -> Outcome | None:
        """One call; None where the reading has stopped."""
        if self._stopped:
            return None
        began = time.monotonic()
        outcome = self._get(path, query)
        self._pages += 1
        if isinstance(outcome, Answered) and outcome.status == 429:
            self._stopped, self._retry_after = True, retry_after_seconds(outcome)
        elif not isinstance(outcome, Answered) or outcome.status != 200:
            self._lost_seconds += time.monotonic() - began
            self._stopped = self._lost_seconds >= 2 * self._config.total_timeout_seconds
        return outcome

    def _body(self, what: str, path: str, query: Mapping[str, str], shape: type) -> Any:
        """The body of a 200, of that shape; None, with a reason, otherwise."""
        outcome = self._ask(path, query)
        if outcome is None:
            self._reasons.append(f"{what}: not asked any more")
        elif not isinstance(outcome, Answered) or outcome.status != 200:
            self._reasons.append(f"{what}: {told(outcome)}")
        elif not isinstance(outcome.body, shape):
            self._reasons.append(f"{what}: a body of another shape")
        else:
            return outcome.body
        return None

    def _read(self, what: str, read: Callable[[Any], Row], row: Any) -> Row | None:
        try:
            return read(row)
        except parse.Unreadable as error:
            self._reasons.append(f"{what}: {error} cannot be read")
            return None

    # -- each of the books ----

    def _clock(self) -> tuple[datetime | None, bool | None]:
        body = self._body("clock", "/clock", {}, dict)
        if body is None:
            return None, None
        return (
            self._read("clock", lambda row: parse.instant(row, "timestamp"), body),
            self._read("clock", lambda row: parse.flag(row, "is_open"), body),
        )

    def _account(self) -> AccountFacts | None:
        body = self._body("account", "/account", {}, dict)
        return None if body is None else self._read("account", parse.account, body)

    def _positions(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for row in self._body("positions", "/positions", {}, list) or []:
            read = self._read("positions", parse.position, row)
            if read is not None:
                symbol, quantity = read
                if found.setdefault(symbol, quantity) != quantity:
                    self._reasons.append("positions: one symbol twice")
        return found

    def _executions(self, mark: str | None) -> tuple[Execution, ...]:
        """Every fill after the mark, by activity id, oldest first."""
        found: dict[str, Execution] = {}
        size = self._config.execution_page_size
        query = {"direction": "asc", "page_size": str(size)} | ({"page_token": mark} if mark else {})
        seen: set[str] = set()
        while True:
            rows = self._body("fills", "/account/activities/FILL", query, list)
            if rows is None:
                break
            ids = [row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
            for row in rows:
                read = self._read("fills", parse.execution, row)
                if read is not None and found.setdefault(read.execution_id, read) != read:
                    self._reasons.append("fills: one id with different values")
            if not set(ids) - seen:
                break
            seen |= set(ids)
            query["page_token"] = max(ids)
        return tuple(found.values())

    def _list_orders(self, query: Mapping[str, str], after: datetime | None) -> bool:
        """Every order of a list that was submitted after an instant; whether all of it was read.

        The next page begins a tick before the last order of this one, so that orders of one instant are not torn apart.
        """
        before = len(self._reasons)
        size = self._config.order_page_size
        seen: set[str] = set()
        while True:
            asked = {**query, "direction": "asc", "limit": str(size)}
            if after is not None:
                asked["after"] = after.isoformat()
            rows = self._body("orders", "/orders", asked, list)
            if rows is None:
                break
            new, last = 0, after
            for row in rows:
                read = self._read("orders", parse.order, row)
                if read is None:
                    continue
                self._keep(read)
                new += read.broker_order_id not in seen
                seen.add(read.broker_order_id)
                if read.submitted_at is not None and (last is None or read.submitted_at > last):
                    last = read.submitted_at
            if not new:
                if len(rows) >= size:
                    self._reasons.append(f"orders: {size} or more of one instant cannot be paged")
                break
            after = last and last - _TICK
        return len(self._reasons) == before

    def _keep(self, order: BrokerOrder) -> None:
        """The later report of an order stands."""
        known = self._orders.get(order.broker_order_id)
        if known is None or known.updated_at <= order.updated_at:
            self._orders[order.broker_order_id] = order

    def _look_up_unlisted(self, working: Sequence[WorkingOrder], executions: Iterable[Execution]) -> None:
        """Working orders no list names, which have ended since or are gone, and orders only a fill names."""
        listed = {order.client_order_id for order in self._orders.values()}
        for name in [order.client_order_id for order in working if order.client_order_id not in listed]:
            self._look_up("/orders:by_client_order_id", {"client_order_id": name}, name)
        named = dict.fromkeys(done.broker_order_id for done in executions)
        for broker_order_id in [name for name in named if name and name not in self._orders]:
            self._look_up(f"/orders/{broker_order_id}", {}, None)

    def _look_up(self, path: str, query: Mapping[str, str], client_order_id: str | None) -> None:
        """Not found is an answer: sync's books and this reading differ, which is for SQL to say."""
        outcome = self._ask(path, query)
        found = Unanswered("not asked any more") if outcome is None else looked_up(outcome, client_order_id)
        if isinstance(found, BrokerOrder):
            self._keep(found)
        elif isinstance(found, Unanswered):
            self._reasons.append(f"order: {found.reason}")
