"""What Alpaca refuses, with its status, code and words.

Codes: 40010001 and 42210000 with 422 (the request is wrong), 40310000 with 403 (the account may not),
40410000 with 404.
A refused order is not an order: its client_order_id stays free. An accepted one takes it for ever, cancelled or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

TYPES = {"market", "limit", "stop", "stop_limit"}
TIMES_IN_FORCE = {"day", "gtc", "opg", "cls", "ioc", "fok"}
CLIENT_ORDER_ID_MAX = 128
QUANTITY_DECIMALS = 9
NOTIONAL_MIN = Decimal(1)


class Refusal(Exception):
    """status, body: of the answer."""

    def __init__(self, status: int, code: int, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, **extra}


def invalid(message: str) -> Refusal:
    """422: the request is wrong."""
    return Refusal(422, 42210000, message)


def forbidden(message: str, **extra: Any) -> Refusal:
    """403: the account may not."""
    return Refusal(403, 40310000, message, **extra)


def not_found(message: str) -> Refusal:
    """404."""
    return Refusal(404, 40410000, message)


def decimal_of(body: Mapping[str, Any], name: str) -> Decimal | None:
    """A positive number given as a string or a JSON number; None where it is absent."""
    value = body.get(name)
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Refusal(422, 40010001, f"{name} is invalid") from None
    if not number.is_finite() or number <= 0:
        raise Refusal(422, 40010001, f"{name} must be > 0" if number.is_finite() else f"{name} is invalid")
    return number


def tick_of(price: Decimal) -> Decimal:
    """A cent from one dollar on, a hundredth of a cent below."""
    return Decimal("0.01") if price >= 1 else Decimal("0.0001")


def check_price(name: str, price: Decimal | None) -> None:
    """Raises: Refusal for a sub-penny price."""
    if price is not None and price % tick_of(price) != 0:
        raise invalid(f"invalid {name} {price}. sub-penny increment does not fulfill minimum pricing criteria")


def check_shape(body: Mapping[str, Any]) -> None:
    """What can be said of a new order without knowing the account. Raises: Refusal."""
    client_order_id = body.get("client_order_id")
    if client_order_id is not None and not isinstance(client_order_id, str):
        raise Refusal(400, 40010000, "request body format is invalid")
    if client_order_id and len(client_order_id) > CLIENT_ORDER_ID_MAX:
        raise Refusal(422, 40010001, f"client_order_id must be no more than {CLIENT_ORDER_ID_MAX} characters")
    if not body.get("symbol"):
        raise Refusal(422, 40010001, "symbol is required")
    if body.get("side") not in ("buy", "sell"):
        raise Refusal(422, 40010001, "side is invalid" if body.get("side") else "side is required")
    if body.get("type") not in TYPES:
        raise Refusal(422, 40010001, "type is invalid" if body.get("type") else "type is required")
    if body.get("time_in_force") not in TIMES_IN_FORCE:
        raise Refusal(
            422, 40010001, "time_in_force is invalid" if body.get("time_in_force") else "time_in_force is required"
        )
    if body.get("order_class") not in (None, "", "simple"):
        raise invalid(f"order_class {body['order_class']} is not simulated")
    check_amounts(body)
    check_prices(body)


def check_amounts(body: Mapping[str, Any]) -> None:
    """Quantity or notional, and what a fraction may do. Raises: Refusal."""
    quantity, notional = decimal_of(body, "qty"), decimal_of(body, "notional")
    if (quantity is None) == (notional is None):
        raise Refusal(
            422,
            40010001,
            "qty or notional is required" if quantity is None else "only one of qty or notional is accepted",
        )
    if quantity is not None and -quantity.normalize().as_tuple().exponent > QUANTITY_DECIMALS:  # type: ignore[operator]
        raise invalid(f"qty must be limited to {QUANTITY_DECIMALS} decimal places")
    if notional is not None and notional % Decimal("0.01") != 0:
        raise invalid("notional value must be limited to 2 decimal places")
    if fractional(quantity, notional) and body["time_in_force"] != "day":
        raise invalid("fractional orders must be DAY orders")
    if body.get("extended_hours") and (body["type"], body["time_in_force"]) != ("limit", "day"):
        raise invalid("extended hours order must be DAY limit orders")


def check_prices(body: Mapping[str, Any]) -> None:
    """Prices of the type, no others, in ticks. Raises: Refusal."""
    for name, types in (("limit_price", {"limit", "stop_limit"}), ("stop_price", {"stop", "stop_limit"})):
        price = decimal_of(body, name)
        if price is None and body["type"] in types:
            raise Refusal(422, 40010001, f"{body['type']} orders require {name.replace('_', ' ')}")
        if price is not None and body["type"] not in types:
            raise Refusal(422, 40010001, f"{body['type']} orders must not have {name.replace('_', ' ')}")
        check_price(name, price)
    if body["type"] in ("stop", "stop_limit") and body["time_in_force"] in ("ioc", "fok", "opg", "cls"):
        raise invalid(f"invalid time_in_force {body['time_in_force']} for a {body['type']} order")


def fractional(quantity: Decimal | None, notional: Decimal | None = None) -> bool:
    """Whether it is not whole shares."""
    return notional is not None or (quantity is not None and quantity % 1 != 0)


def crosses(side: str, limit: Decimal, other: Decimal) -> bool:
    """Whether a limit of `side` would trade with an opposite limit at `other`."""
    return limit >= other if side == "buy" else limit <= other
