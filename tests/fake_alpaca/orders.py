"""An order of the broker: its facts, its eighteen statuses, and its shape on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.fake_alpaca.clock import rfc3339

#: Alpaca's order statuses: those that may still fill, and those that may not.
OPEN = {
    "pending_new", "accepted", "accepted_for_bidding", "new", "partially_filled", "held", "suspended", "stopped",
    "pending_cancel", "pending_replace", "pending_review", "done_for_day", "calculated",
}  # fmt: skip
CLOSED = {"filled", "canceled", "expired", "rejected", "replaced"}
STATUSES = OPEN | CLOSED

#: Statuses in which the exchange works an order; in the others it waits for a script.
MATCHED = {"new", "partially_filled"}

#: Status -> the trade event that tells of it, where the name differs.
EVENTS = {"partially_filled": "partial_fill", "filled": "fill"}

#: Status -> the column that holds its instant.
STAMPS = {
    "filled": "filled_at", "canceled": "canceled_at", "expired": "expired_at", "rejected": "failed_at",
    "replaced": "replaced_at",
}  # fmt: skip


def plain(value: Decimal | None) -> str | None:
    """A number as Alpaca prints it: a string without exponent or trailing zeros."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass
class Order:
    """One order. Instants in nanoseconds; quantities in shares, prices and notional in USD."""

    id: str
    client_order_id: str
    symbol: str
    asset_id: str
    side: str
    quantity: Decimal
    notional: Decimal | None
    type: str
    time_in_force: str
    limit_price: Decimal | None
    stop_price: Decimal | None
    extended_hours: bool
    position_intent: str
    submitted_at: int
    expires_at: int | None
    status: str = "pending_new"
    updated_at: int = 0
    filled_quantity: Decimal = Decimal(0)
    filled_value: Decimal = Decimal(0)
    stamps: dict[str, int] = field(default_factory=dict)
    replaces: str | None = None
    replaced_by: str | None = None
    triggered: bool = False

    # What a script makes of it (faults.py).
    stuck: bool = False
    slow_cancel: bool = False
    fill_on_cancel: str | None = None
    hidden_lookups: int = 0
    hidden_lists: int = 0

    @property
    def open(self) -> bool:
        """Whether Alpaca lists it under status=open."""
        return self.status in OPEN

    @property
    def remaining(self) -> Decimal:
        """Shares not yet filled."""
        return self.quantity - self.filled_quantity

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sale."""
        return 1 if self.side == "buy" else -1

    def as_json(self, skew: int = 0) -> dict[str, Any]:
        """As GET /v2/orders/{id} prints it."""

        def stamp(name: str) -> str | None:
            return rfc3339(self.stamps[name] + skew) if name in self.stamps else None

        average = self.filled_value / self.filled_quantity if self.filled_quantity else None
        return {
            "id": self.id,
            "client_order_id": self.client_order_id,
            "created_at": rfc3339(self.submitted_at + skew),
            "updated_at": rfc3339(self.updated_at + skew),
            "submitted_at": rfc3339(self.submitted_at + skew),
            "filled_at": stamp("filled_at"),
            "expired_at": stamp("expired_at"),
            "expires_at": rfc3339(self.expires_at + skew) if self.expires_at else None,
            "canceled_at": stamp("canceled_at"),
            "failed_at": stamp("failed_at"),
            "replaced_at": stamp("replaced_at"),
            "replaced_by": self.replaced_by,
            "replaces": self.replaces,
            "asset_id": self.asset_id,
            "symbol": self.symbol,
            "asset_class": "us_equity",
            "notional": plain(self.notional),
            "qty": None if self.notional is not None else plain(self.quantity),
            "filled_qty": plain(self.filled_quantity),
            "filled_avg_price": plain(round(average, 6)) if average is not None else None,
            "order_class": "",
            "order_type": self.type,
            "type": self.type,
            "side": self.side,
            "position_intent": self.position_intent,
            "time_in_force": self.time_in_force,
            "limit_price": plain(self.limit_price),
            "stop_price": plain(self.stop_price),
            "status": self.status,
            "extended_hours": self.extended_hours,
            "legs": None,
            "trail_percent": None,
            "trail_price": None,
            "hwm": None,
            "subtag": None,
            "source": None,
        }


@dataclass(frozen=True)
class Execution:
    """One execution of an order, and the FILL activity that tells of it."""

    id: str
    activity_id: str
    order: Order
    quantity: Decimal
    price: Decimal
    at: int
    cumulative: Decimal
    complete: bool

    def as_activity(self, skew: int = 0) -> Mapping[str, Any]:
        """As GET /v2/account/activities/FILL prints it."""
        return {
            "id": self.activity_id,
            "activity_type": "FILL",
            "transaction_time": rfc3339(self.at + skew),
            "type": "fill" if self.complete else "partial_fill",
            "price": plain(self.price),
            "qty": plain(self.quantity),
            "side": self.order.side,
            "symbol": self.order.symbol,
            "leaves_qty": plain(self.order.quantity - self.cumulative),
            "order_id": self.order.id,
            "cum_qty": plain(self.cumulative),
            "order_status": "filled" if self.complete else "partially_filled",
        }
