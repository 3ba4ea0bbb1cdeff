"""Alpaca, paper and live: what each of its answers means (I4-I7).

Beside it: `alpaca_wire` one HTTP call, `alpaca_safety` whether its client is what it should be, `alpaca_parse` JSON to
facts, `alpaca_books` everything the broker's books say, `alpaca_stream` hints.

A replacement is never asked for: PATCH on an order gives it another id, and what becomes of the first is told later, if
at all. Who wants another order cancels this one and sends a new revision (I1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from runner.brokers import alpaca_parse as parse
from runner.brokers.alpaca_books import Reading, looked_up, message, retry_after_seconds, told
from runner.brokers.alpaca_safety import require_safe
from runner.brokers.alpaca_stream import TradeStream
from runner.brokers.alpaca_wire import ADDRESSES, Answered, Client, Kind, NotSent
from runner.brokers.base import (
    AccountFacts,
    Acknowledged,
    BrokerOrder,
    CancelAccepted,
    CancelOutcome,
    Duplicate,
    Guard,
    InDoubt,
    KillReport,
    LookupOutcome,
    NotCancelable,
    NotFound,
    Observation,
    OrderRequest,
    Rejected,
    SubmitOutcome,
    Unsent,
    Watermarks,
    WorkingOrder,
)
from runner.config import BrokerConfig
from runner.errors import AccountRefused, BrokerUnreachable, SettingsError
from runner.settings import TradingKey

#: Answers by which the broker refuses, if it is the broker who gives them (I5).
_REFUSALS = (400, 401, 403, 422)

_SUSPENSION = "/account/configurations"


class AlpacaBroker:
    """A `Broker` at Alpaca. Made by `connect`; holds the key and nothing of ours."""

    external = True

    def __init__(self, client: Client, key: TradingKey, kind: Kind, config: BrokerConfig) -> None:
        """client: one that `require_safe` has passed."""
        self._client, self._key, self._kind, self._config = client, key, kind, config

    @classmethod
    def connect(cls, key: TradingKey, kind: Kind, config: BrokerConfig) -> AlpacaBroker:
        """The broker of a key; nothing is asked yet. The address follows the kind, a test server's excepted (I31).

        Raises: SettingsError for a key that cannot be one, IntegrityError for an alpaca-py that is not safe (I30).
        """
        for secret, name in ((key.api_key, "ALPACA_API_KEY"), (key.secret_key, "ALPACA_SECRET_KEY")):
            value = secret.get_secret_value()
            if not (value.isascii() and value.isprintable()) or value.split() != [value]:
                raise SettingsError(f"{name}: must be printable ASCII without spaces")
        client = Client(
            key.api_key.get_secret_value(),
            key.secret_key.get_secret_value(),
            key.base_url or ADDRESSES[kind],
            config,
        )
        require_safe(client, kind, loopback=key.base_url is not None)
        return cls(client, key, kind, config)

    def __repr__(self) -> str:
        """Without the key."""
        return f"AlpacaBroker({self._kind} at {self._key.base_url or ADDRESSES[self._kind]})"

    # -- the account ----

    def account(self) -> AccountFacts:
        """The account. One that is blocked is a fact: its fills are still booked, and SQL releases nothing for it.

        Raises: AccountRefused where the broker refuses the key, BrokerUnreachable where it says nothing usable.
        """
        outcome = self._client.call("GET", "/account")
        if isinstance(outcome, Answered) and outcome.status in (401, 403) and message(outcome) is not None:
            raise AccountRefused(f"the broker refuses the key: {told(outcome)}", "Check the key in the environment.")
        if not isinstance(outcome, Answered) or outcome.status != 200:
            raise BrokerUnreachable(f"the broker did not tell the account: {told(outcome)}")
        try:
            return parse.account(outcome.body)
        except parse.Unreadable as error:
            raise BrokerUnreachable(f"the broker's account cannot be read: {error}") from None

    # -- one order ----

    def submit(self, order: OrderRequest, guard: Guard) -> SubmitOutcome:
        """POST it, once."""
        outcome = self._client.call("POST", "/orders", order_body(order), guard)
        if not isinstance(outcome, Answered):
            return Unsent(outcome.reason) if isinstance(outcome, NotSent) else InDoubt(outcome.reason)
        if outcome.status in (200, 201):
            return self._submitted(order, outcome)
        if outcome.status == 429:
            return Unsent(told(outcome), retry_after_seconds(outcome))
        said = message(outcome)
        if outcome.status in _REFUSALS and said is not None:
            if outcome.status == 422 and "client_order_id must be unique" in said:
                return Duplicate(said)
            return Rejected(said, _told_at(outcome))
        return InDoubt(told(outcome))

    def _submitted(self, order: OrderRequest, answer: Answered) -> Acknowledged | InDoubt:
        """An acknowledgement where it shows the very order that was sent; else it is looked up and compared."""
        try:
            shown = parse.order(answer.body)
        except parse.Unreadable as error:
            return InDoubt(f"{answer.status} with an order whose {error} cannot be read")
        if not same_order(order, shown):
            return InDoubt(f"{answer.status} with another order than the one sent")
        return Acknowledged(shown.broker_order_id, shown.submitted_at)

    def lookup(self, order: OrderRequest) -> LookupOutcome:
        """GET it by client id."""
        query = {"client_order_id": order.client_order_id}
        return looked_up(self._client.call("GET", "/orders:by_client_order_id", query), order.client_order_id)

    def cancel(self, broker_order_id: str, guard: Guard) -> CancelOutcome:
        """DELETE it, once. A refusal of the key or of the account (400, 401, 403) had no effect: Unsent."""
        outcome = self._client.call("DELETE", f"/orders/{quote(broker_order_id, safe='')}", guard=guard)
        if not isinstance(outcome, Answered):
            return Unsent(outcome.reason) if isinstance(outcome, NotSent) else InDoubt(outcome.reason)
        if outcome.status == 204:
            return CancelAccepted()
        if outcome.status == 429:
            return Unsent(told(outcome), retry_after_seconds(outcome))
        said = message(outcome)
        if said is None:
            return InDoubt(told(outcome))
        if outcome.status == 422:
            return NotCancelable(said)
        if outcome.status == 404:
            return NotFound(said)
        return Unsent(said) if outcome.status in _REFUSALS else InDoubt(said)

    # -- the books ----

    def observe(self, since: Watermarks, working: Sequence[WorkingOrder]) -> Observation:
        """Everything since the watermarks, call by call, each within its total time-out."""
        reading = Reading(lambda path, query: self._client.call("GET", path, query or None), self._config)
        return reading.observe(since, working)

    # -- the kill at the broker ----

    def halt_trading(self) -> KillReport:
        """Suspend, then cancel all; the second also where the first failed."""
        failed = self._suspend(True)
        cancels, failures = self._cancel_all()
        return KillReport(failed is None, cancels, (*([failed] if failed else []), *failures))

    def resume_trading(self) -> str | None:
        """Lift the suspension."""
        return self._suspend(False)

    def _suspend(self, suspended: bool) -> str | None:
        """Why it is not known to be so; None where the broker says that it is."""
        outcome = self._client.call("PATCH", _SUSPENSION, {"suspend_trade": suspended})
        if not isinstance(outcome, Answered) or outcome.status != 200:
            return f"suspend_trade={suspended}: {told(outcome)}"
        if not isinstance(outcome.body, dict) or outcome.body.get("suspend_trade") is not suspended:
            return f"suspend_trade={suspended}: the broker does not confirm it"
        return None

    def _cancel_all(self) -> tuple[int, tuple[str, ...]]:
        """How many cancels the broker took, and a line for each it did not, or for an answer that does not say."""
        outcome = self._client.call("DELETE", "/orders")
        if not isinstance(outcome, Answered) or outcome.status not in (200, 207):
            return 0, (f"cancel all: {told(outcome)}",)
        if not isinstance(outcome.body, list):
            return 0, ("cancel all: a body of another shape",)
        refused = [line for row in outcome.body if (line := _not_cancelled(row)) is not None]
        return len(outcome.body) - len(refused), tuple(refused)

    # -- the stream ----

    def hints(self, on_hint: Callable[[], None]) -> AbstractContextManager[object]:
        """The trade stream of the same address."""
        scheme, _, place = (self._key.base_url or ADDRESSES[self._kind]).partition("://")
        url = f"{'wss' if scheme == 'https' else 'ws'}://{place}/stream"
        key = self._key
        return TradeStream(
            url, lambda: (key.api_key.get_secret_value(), key.secret_key.get_secret_value()), self._config, on_hint
        )


def order_body(order: OrderRequest) -> dict[str, str]:
    """The body of a POST: numbers as plain decimal strings, no field that the type does not have.

    alpaca-py's order model is not used: it makes a float of the quantity and takes NaN for one.
    """
    body = {
        "client_order_id": order.client_order_id,
        "symbol": order.symbol,
        "side": order.side.lower(),
        "type": order.order_type.lower(),
        "time_in_force": order.time_in_force.lower(),
        "qty": _plain(order.quantity),
    }
    for name, price in (("limit_price", order.limit_price), ("stop_price", order.stop_price)):
        if price is not None:
            body[name] = _plain(price)
    return body


def _plain(value: Decimal) -> str:
    """Raises: ValueError for what is no positive finite number; SQL lets none out."""
    if not value.is_finite() or value <= 0:
        raise ValueError("a quantity or price that is not positive and finite")
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def same_order(sent: OrderRequest, shown: BrokerOrder) -> bool:
    """Whether an answer shows the order that was sent, field by field (I7)."""
    as_sent = replace(
        shown,
        client_order_id=sent.client_order_id,
        symbol=sent.symbol,
        side=sent.side,
        quantity=sent.quantity,
        order_type=sent.order_type,
        time_in_force=sent.time_in_force,
        limit_price=sent.limit_price,
        stop_price=sent.stop_price,
    )
    return as_sent == shown


def _told_at(answer: Answered) -> datetime | None:
    """The broker's instant of an answer, by its Date header; None where there is none to read."""
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _not_cancelled(row: Any) -> str | None:
    """A line of the answer to cancel-all, where the cancel was not taken."""
    if not isinstance(row, dict) or isinstance(row.get("status"), bool) or not isinstance(row.get("status"), int):
        return "cancel all: a row that cannot be read"
    if row["status"] in (200, 204):
        return None
    return f"cancel of {str(row.get('id'))[:60]}: {row['status']}"
