"""Alpaca's endpoints over the exchange: (method, path, query, body) to (status, JSON). No socket here.

Paging as Alpaca's: orders `limit` 50 by default and 500 at most, `after` and `until` exclusive by submitted_at,
`direction` desc by default, `status` open by default; activities `page_size` 100 at most, `page_token` the id of the
last row seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

from tests.fake_alpaca.clock import parse_instant
from tests.fake_alpaca.exchange import CONFIGURATIONS, Exchange, Plan
from tests.fake_alpaca.orders import Order
from tests.fake_alpaca.rules import Refusal, not_found

ORDERS_DEFAULT, ORDERS_MAX, ACTIVITIES_MAX = 50, 500, 100

Answer: TypeAlias = tuple[int, Any]

#: (method, path) -> the name a script calls it by, and the method of Broker that answers.
ROUTES: list[tuple[str, str, str]] = [
    ("POST /v2/orders", r"/v2/orders", "place"),
    ("GET /v2/orders", r"/v2/orders", "orders"),
    ("DELETE /v2/orders", r"/v2/orders", "cancel_all"),
    ("GET /v2/orders:by_client_order_id", r"/v2/orders:by_client_order_id", "by_client_order_id"),
    ("GET /v2/orders/{id}", r"/v2/orders/(?P<id>[^/]+)", "order"),
    ("PATCH /v2/orders/{id}", r"/v2/orders/(?P<id>[^/]+)", "replace"),
    ("DELETE /v2/orders/{id}", r"/v2/orders/(?P<id>[^/]+)", "cancel"),
    ("GET /v2/positions", r"/v2/positions", "positions"),
    ("GET /v2/positions/{symbol}", r"/v2/positions/(?P<symbol>[^/]+)", "position"),
    ("GET /v2/account", r"/v2/account", "account"),
    ("GET /v2/account/configurations", r"/v2/account/configurations", "configurations"),
    ("PATCH /v2/account/configurations", r"/v2/account/configurations", "configure"),
    ("GET /v2/account/activities/FILL", r"/v2/account/activities/FILL", "fills"),
    ("GET /v2/account/activities", r"/v2/account/activities", "activities"),
    ("GET /v2/account/activities/{type}", r"/v2/account/activities/(?P<activity_types>[A-Z]+)", "activities"),
    ("GET /v2/clock", r"/v2/clock", "clock"),
    ("GET /v2/calendar", r"/v2/calendar", "calendar"),
    ("GET /v2/assets/{symbol}", r"/v2/assets/(?P<symbol>[^/]+)", "asset"),
]
_COMPILED = [(name, name.partition(" ")[0], re.compile(pattern), handler) for name, pattern, handler in ROUTES]


def route(method: str, path: str) -> tuple[str, str, dict[str, str]] | None:
    """The request's name in a script, the method that answers it, and what its path says; None: there is none."""
    for name, wanted, pattern, handler in _COMPILED:
        if wanted == method and (match := pattern.fullmatch(path)):
            return name, handler, match.groupdict()
    return None


class Broker:
    """Endpoints as methods: (arguments of path and query, body, plans) -> Answer. Raise Refusal."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    def answer(self, handler: str, arguments: Mapping[str, str], body: Any, plans: list[Plan]) -> Answer:
        """Call one; a refusal becomes its answer."""
        try:
            if handler in ("place", "replace"):
                if not isinstance(body, dict):
                    raise Refusal(400, 40010000, "request body format is invalid")
                return getattr(self, handler)(arguments, body, plans)
            return getattr(self, handler)(arguments, body)
        except Refusal as refusal:
            return refusal.status, refusal.body

    # -- orders ----

    def place(self, arguments: Mapping[str, str], body: dict[str, Any], plans: list[Plan]) -> Answer:
        return 200, self._shape(self.exchange.place(body, plans))

    def replace(self, arguments: Mapping[str, str], body: dict[str, Any], plans: list[Plan]) -> Answer:
        return 200, self._shape(self.exchange.replace(self._order(arguments["id"]), body, plans))

    def cancel(self, arguments: Mapping[str, str], body: Any) -> Answer:
        self.exchange.cancel(self._order(arguments["id"]))
        return 204, None

    def cancel_all(self, arguments: Mapping[str, str], body: Any) -> Answer:
        rows = []
        for order in self.exchange.open_orders():
            try:
                self.exchange.cancel(order)
                rows.append({"id": order.id, "status": 200, "body": self._shape(order)})
            except Refusal as refusal:
                rows.append({"id": order.id, "status": refusal.status, "body": refusal.body})
        return 207, rows

    def order(self, arguments: Mapping[str, str], body: Any) -> Answer:
        return 200, self._shape(self._order(arguments["id"]))

    def by_client_order_id(self, arguments: Mapping[str, str], body: Any) -> Answer:
        name = arguments.get("client_order_id", "")
        order = self.exchange.by_client.get(name)
        if order is not None and order.hidden_lookups:
            order.hidden_lookups -= 1
            order = None
        if order is None:
            raise not_found(f"order not found for {name}")
        return 200, self._shape(order)

    def orders(self, arguments: Mapping[str, str], body: Any) -> Answer:
        limit = _count(arguments, "limit", ORDERS_DEFAULT, ORDERS_MAX)
        after, until = (_instant(arguments, name) for name in ("after", "until"))
        wanted = {"open": (True,), "closed": (False,), "all": (True, False)}.get(arguments.get("status") or "open")
        if wanted is None:
            raise Refusal(422, 40010001, "status is invalid")
        skew = self.exchange.clock.skew  # a broker whose clock is off asks and answers by it
        symbols = set(filter(None, arguments.get("symbols", "").split(",")))
        found = [
            order
            for order in self.exchange.orders.values()
            if order.open in wanted
            and (not symbols or order.symbol in symbols)
            and arguments.get("side") in (None, "", order.side)
            and (after is None or order.submitted_at + skew > after)
            and (until is None or order.submitted_at + skew < until)
            and not self._hidden(order)
        ]
        found.sort(key=lambda order: order.submitted_at, reverse=_descending(arguments))
        return 200, [self._shape(order) for order in found[:limit]]

    def _hidden(self, order: Order) -> bool:
        if order.hidden_lists:
            order.hidden_lists -= 1
            return True
        return False

    def _order(self, order_id: str) -> Order:
        if order_id not in self.exchange.orders:
            raise not_found(f"order not found for {order_id}")
        return self.exchange.orders[order_id]

    def _shape(self, order: Order) -> dict[str, Any]:
        return order.as_json(self.exchange.clock.skew)

    # -- account ----

    def account(self, arguments: Mapping[str, str], body: Any) -> Answer:
        return 200, self.exchange.account_json()

    def configurations(self, arguments: Mapping[str, str], body: Any) -> Answer:
        return 200, self.exchange.configurations

    def configure(self, arguments: Mapping[str, str], body: Any) -> Answer:
        if not isinstance(body, dict) or set(body) - set(CONFIGURATIONS):
            raise Refusal(422, 40010001, "request body format is invalid")
        self.exchange.configurations |= body
        self.exchange.journal.write("account", configurations=body)
        return 200, self.exchange.configurations

    def positions(self, arguments: Mapping[str, str], body: Any) -> Answer:
        return 200, self.exchange.positions_json()

    def position(self, arguments: Mapping[str, str], body: Any) -> Answer:
        rows = [row for row in self.exchange.positions_json() if row["symbol"] == arguments["symbol"]]
        if not rows:
            raise not_found("position does not exist")
        return 200, rows[0]

    def asset(self, arguments: Mapping[str, str], body: Any) -> Answer:
        return 200, self.exchange.asset_json(arguments["symbol"])

    def fills(self, arguments: Mapping[str, str], body: Any) -> Answer:
        return self.activities({**arguments, "activity_types": "FILL"}, body)

    def activities(self, arguments: Mapping[str, str], body: Any) -> Answer:
        exchange = self.exchange
        size = _count(arguments, "page_size", ACTIVITIES_MAX, ACTIVITIES_MAX)
        kinds = set(filter(None, arguments.get("activity_types", "").split(",")))
        rows = [dict(e.as_activity(exchange.clock.skew)) for e in exchange.executions.values()] + exchange.activities
        after, until = (_instant(arguments, name) for name in ("after", "until"))
        rows = [
            row
            for row in rows
            if (not kinds or row["activity_type"] in kinds)
            and (after is None or _at(row) > after)
            and (until is None or _at(row) < until)
            and arguments.get("date", "") in ("", str(row.get("transaction_time", row.get("date")))[:10])
        ]
        descending = _descending(arguments)
        rows.sort(key=lambda row: str(row["id"]), reverse=descending)
        if token := arguments.get("page_token"):
            rows = [row for row in rows if (row["id"] < token if descending else row["id"] > token)]
        return 200, rows[:size]

    def clock(self, arguments: Mapping[str, str], body: Any) -> Answer:
        return 200, self.exchange.clock.as_json()

    def calendar(self, arguments: Mapping[str, str], body: Any) -> Answer:
        today = date.fromisoformat(self.exchange.clock.as_json()["timestamp"][:10])
        first = date.fromisoformat(arguments["start"][:10]) if "start" in arguments else today
        last = date.fromisoformat(arguments["end"][:10]) if "end" in arguments else first + timedelta(days=30)
        return 200, self.exchange.clock.calendar(first, last)


def _at(row: Mapping[str, Any]) -> int:
    return parse_instant(row["transaction_time"] if "transaction_time" in row else row["date"])


def _instant(arguments: Mapping[str, str], name: str) -> int | None:
    text = arguments.get(name)
    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError:
        raise Refusal(422, 40010001, f"{name} is invalid") from None


def _count(arguments: Mapping[str, str], name: str, default: int, largest: int) -> int:
    text = arguments.get(name) or str(default)
    if not text.isdigit() or not 1 <= int(text) <= largest:
        raise Refusal(422, 40010001, f"{name} must be between 1 and {largest}")
    return int(text)


def _descending(arguments: Mapping[str, str]) -> bool:
    direction = arguments.get("direction") or "desc"
    if direction not in ("asc", "desc"):
        raise Refusal(422, 40010001, "direction is invalid")
    return direction == "desc"
