"""What Alpaca's JSON says, read strictly: a finite number, an aware instant, a known side, or Unreadable.

A status is the broker's own word, whatever it is: ref.broker_statuses knows what it means, and halts where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from runner.brokers.base import AccountFacts, BrokerOrder, Execution, OrderType, Side, TimeInForce

NEW_YORK = ZoneInfo("America/New_York")

#: Flags of an account that forbid orders. Blocked transfers do not.
BLOCKING = ("trading_blocked", "account_blocked", "trade_suspended_by_user")

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_MAGNITUDE_MAX = 30
_SIDES: dict[str, Side] = {"buy": "BUY", "sell": "SELL", "sell_short": "SELL"}


class Unreadable(ValueError):
    """Which field cannot be read; never its value."""


def record(body: Any) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(body, dict):
        raise Unreadable("shape")
    return body


def text(body: Mapping[str, Any], name: str) -> str:
    """A string with something in it."""
    value = body.get(name)
    if not isinstance(value, str) or not value or "\x00" in value:
        raise Unreadable(name)
    return value


def flag(body: Mapping[str, Any], name: str) -> bool:
    """True or false, and nothing that could be taken for one."""
    value = body.get(name)
    if not isinstance(value, bool):
        raise Unreadable(name)
    return value


def number(body: Mapping[str, Any], name: str) -> Decimal:
    """A finite number, given as a string or as JSON's own, without exponent."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unreadable(name)
    if not _NUMBER.fullmatch(str(value)):
        raise Unreadable(name)
    exact = Decimal(str(value))
    if exact and not -_MAGNITUDE_MAX <= exact.adjusted() <= _MAGNITUDE_MAX:
        raise Unreadable(name)
    return Decimal(f"{exact:f}")


def positive(body: Mapping[str, Any], name: str) -> Decimal:
    """A number above zero."""
    value = number(body, name)
    if value <= 0:
        raise Unreadable(name)
    return value


def instant(body: Mapping[str, Any], name: str) -> datetime:
    """An aware instant, to the microsecond."""
    try:
        value = datetime.fromisoformat(text(body, name))
    except ValueError:
        raise Unreadable(name) from None
    if value.tzinfo is None:
        raise Unreadable(name)
    return value


def order(body: Any) -> BrokerOrder:
    """An order. Raises: Unreadable."""
    row = record(body)
    filled = number(row, "filled_qty")
    if filled < 0:
        raise Unreadable("filled_qty")
    submitted = row.get("submitted_at")
    return BrokerOrder(
        client_order_id=text(row, "client_order_id"),
        broker_order_id=text(row, "id"),
        status=text(row, "status"),
        symbol=text(row, "symbol"),
        side=_side(row),
        quantity=_quantity(row, filled),
        filled_quantity=filled,
        # A type or a time in force that is not ours is told as it is: somebody else placed that order.
        order_type=cast("OrderType", text(row, "type").upper()),
        time_in_force=cast("TimeInForce", text(row, "time_in_force").upper()),
        limit_price=None if row.get("limit_price") is None else positive(row, "limit_price"),
        stop_price=None if row.get("stop_price") is None else positive(row, "stop_price"),
        submitted_at=None if submitted is None else instant(row, "submitted_at"),
        updated_at=instant(row, "updated_at" if row.get("updated_at") is not None else "created_at"),
        reason=_reason(row),
    )


def _side(row: Mapping[str, Any]) -> Side:
    side = _SIDES.get(text(row, "side"))
    if side is None:
        raise Unreadable("side")
    return side


def _quantity(row: Mapping[str, Any], filled: Decimal) -> Decimal:
    """Shares; for an order by value, which nobody here sends, what stands for them, so that it is found an orphan."""
    if row.get("qty") is None and row.get("notional") is not None:
        return filled or positive(row, "notional")
    return positive(row, "qty")


def _reason(row: Mapping[str, Any]) -> str | None:
    for name, words in (("reject_reason", "{}"), ("replaced_by", "replaced by {}")):
        value = row.get(name)
        if isinstance(value, str) and value:
            return words.format(value[:200])
    return None


def execution(body: Any) -> Execution:
    """A FILL activity. Raises: Unreadable.

    Alpaca's fills carry no fee: regulatory fees are activities of their own (FEE), one a day and account, of no
    execution. So `fee` is 0 here, and a FEE is a difference of cash until it is booked as such.
    """
    row = record(body)
    if row.get("activity_type") != "FILL":
        raise Unreadable("activity_type")
    filled_at = instant(row, "transaction_time")
    return Execution(
        execution_id=text(row, "id"),
        client_order_id=None,
        symbol=text(row, "symbol"),
        side=_side(row),
        quantity=positive(row, "qty"),
        price=positive(row, "price"),
        fee=Decimal(0),
        price_basis="raw",
        session=filled_at.astimezone(NEW_YORK).date(),
        filled_at=filled_at,
        broker_order_id=text(row, "order_id"),
    )


def position(body: Any) -> tuple[str, Decimal]:
    """Symbol and signed shares. Raises: Unreadable, also where sign and side contradict each other."""
    row = record(body)
    quantity = number(row, "qty")
    if row.get("side") != ("long" if quantity > 0 else "short") or not quantity:
        raise Unreadable("qty")
    return text(row, "symbol"), quantity


def account(body: Any) -> AccountFacts:
    """The account. Raises: Unreadable, also where its money is not dollars: cash would be taken for as many (F8)."""
    row = record(body)
    if text(row, "currency") != "USD":
        raise Unreadable("currency, which is not USD")
    return AccountFacts(
        broker_account_id=text(row, "id"),
        status=text(row, "status"),
        blocked=tuple(name for name in BLOCKING if flag(row, name)),
        shorting=flag(row, "shorting_enabled"),
        cash=number(row, "cash"),
        equity=number(row, "equity"),
    )
