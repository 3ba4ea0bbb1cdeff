"""What sync asks of a broker, and the facts a broker answers with.

A broker is one module with a class that has these three methods. It holds no state of ours: everything it needs stands
in the order, everything it learns is returned as a fact and recorded by sync. Quantities are shares, prices and fees
USD, all `Decimal`; instants are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

Side = Literal["BUY", "SELL"]
PriceBasis = Literal["raw", "split_adjusted", "fully_adjusted"]


@dataclass(frozen=True)
class OrderRequest:
    """One order as it is sent: the same id and body at every attempt (I6)."""

    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    order_type: Literal["MARKET", "LIMIT", "STOP", "STOP_LIMIT"]
    time_in_force: Literal["DAY", "GTC", "IOC", "FOK"]
    limit_price: Decimal | None
    stop_price: Decimal | None
    trade_session: date


@dataclass(frozen=True)
class WorkingOrder:
    """An order the broker has acknowledged and not ended. opens_at, closes_at: of its trade session."""

    client_order_id: str
    broker_order_id: str | None
    symbol: str
    side: Side
    quantity: Decimal
    filled_quantity: Decimal
    order_type: str
    time_in_force: str
    limit_price: Decimal | None
    stop_price: Decimal | None
    price_basis: PriceBasis
    trade_session: date
    submitted_at: datetime
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Acknowledged:
    """The broker has the order. broker_at: its instant, where it gave one (I25)."""

    broker_order_id: str
    broker_at: datetime | None = None


@dataclass(frozen=True)
class Rejected:
    """The broker parsed the order and refused it: 400, 401, 403, 422 of validation (I5)."""

    reason: str
    broker_at: datetime | None = None


@dataclass(frozen=True)
class Unsent:
    """The order certainly did not reach the broker: 429, or stopped before the first byte left."""

    reason: str


@dataclass(frozen=True)
class InDoubt:
    """It may or may not have reached the broker: time-out, reset, 5xx, unreadable answer (I5). It stays submitted."""

    reason: str


SubmitOutcome: TypeAlias = Acknowledged | Rejected | Unsent | InDoubt


@dataclass(frozen=True)
class Execution:
    """One execution, keyed by the broker's id (I9). price: spread and slippage included; fee beside it."""

    execution_id: str
    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    price_basis: PriceBasis
    session: date
    filled_at: datetime


@dataclass(frozen=True)
class Ended:
    """The broker ended an order without filling (the rest of) it."""

    client_order_id: str
    symbol: str
    state: Literal["CANCELLED", "REJECTED", "EXPIRED"]
    reason: str
    broker_at: datetime | None = None


class Broker(Protocol):
    """What sync needs. No method raises for what a broker may answer; an exception is a bug or a broken environment."""

    def submit(self, order: OrderRequest) -> SubmitOutcome:
        """Send one order, once: no retry inside (I30)."""
        ...

    def lookup(self, client_order_id: str) -> Acknowledged | None:
        """The order the broker has under this id; None: not found, which is not "not accepted" (I6)."""
        ...

    def poll(self, orders: Sequence[WorkingOrder]) -> Sequence[Execution | Ended]:
        """Every execution and end of these orders known by now, those already recorded may be among them."""
        ...
