"""What sync asks of a broker, and the facts a broker answers with.

A broker is one module with a class that has the methods of `Broker`. It holds no state of ours: what it needs stands in
its arguments, what it learns is returned as a fact and recorded by sync. What a broker may answer is a value, never an
exception; every answer may be lost, and then the value says so. Quantities are shares, prices, fees and cash USD, all
`Decimal` and finite; instants are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

Side = Literal["BUY", "SELL"]
OrderType = Literal["MARKET", "LIMIT", "STOP", "STOP_LIMIT"]
TimeInForce = Literal["DAY", "GTC", "IOC", "FOK"]
PriceBasis = Literal["raw", "split_adjusted", "fully_adjusted"]

#: Asked directly before the first byte is written to the socket; a reason stops the call: Unsent(reason) (I4, I14).
Guard: TypeAlias = Callable[[], str | None]


@dataclass(frozen=True)
class OrderRequest:
    """One order as it is sent: the same id and body at every attempt (I6)."""

    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    order_type: OrderType
    time_in_force: TimeInForce
    limit_price: Decimal | None
    stop_price: Decimal | None
    trade_session: date


@dataclass(frozen=True)
class WorkingOrder:
    """An order of ours the broker may still act on. opens_at, closes_at: of its trade session.

    filled_through: the last session an execution of it is booked for; cancel_accepted_at: when the broker first took a
    cancel of it. Both are for a broker without a memory of its own.
    """

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
    filled_through: date | None = None
    cancel_accepted_at: datetime | None = None


# -- answers to a POST, a look-up, a cancel ----


@dataclass(frozen=True)
class Acknowledged:
    """The broker has the order. broker_at: its instant, where it gave one (I25)."""

    broker_order_id: str
    broker_at: datetime | None = None


@dataclass(frozen=True)
class Rejected:
    """The broker parsed the order and refused it: 400, 401, 403, 422 of validation with a parsed body (I5)."""

    reason: str
    broker_at: datetime | None = None


@dataclass(frozen=True)
class Duplicate:
    """422: the broker has an order under this id already; it is looked up and compared (I7)."""

    reason: str


@dataclass(frozen=True)
class Unsent:
    """The call certainly had no effect: 429, or stopped before its first byte left (no connection, a guard's reason).

    retry_after_seconds: of a 429 how long the broker asks to be left alone (Retry-After, X-RateLimit-Reset), 0 where it
    does not say; None: it was no 429.
    """

    reason: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True)
class InDoubt:
    """It may or may not have had an effect: time-out, reset, 5xx, empty or unreadable answer (I5)."""

    reason: str


@dataclass(frozen=True)
class BrokerOrder:
    """An order as the broker reports it. status: its own word; reason: why it ended, where the broker says."""

    client_order_id: str
    broker_order_id: str
    status: str
    symbol: str
    side: Side
    quantity: Decimal
    filled_quantity: Decimal
    order_type: OrderType
    time_in_force: TimeInForce
    limit_price: Decimal | None
    stop_price: Decimal | None
    submitted_at: datetime | None
    updated_at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class NotFound:
    """404 with a parsed body. Of a look-up: not yet "not accepted" (I6)."""

    reason: str


@dataclass(frozen=True)
class Unanswered:
    """Nothing usable came back; it means nothing. retry_after_seconds as in `Unsent`."""

    reason: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True)
class CancelAccepted:
    """The broker took the request; the order's end is what its reports say, never this."""


@dataclass(frozen=True)
class NotCancelable:
    """422: filled, ended, or not to be cancelled in this state; its reports say which."""

    reason: str


SubmitOutcome: TypeAlias = Acknowledged | Rejected | Duplicate | Unsent | InDoubt
LookupOutcome: TypeAlias = BrokerOrder | NotFound | Unanswered
CancelOutcome: TypeAlias = CancelAccepted | NotCancelable | NotFound | Unsent | InDoubt


# -- what a broker's books say ----


@dataclass(frozen=True)
class Execution:
    """One execution, keyed by the broker's id (I9). price: spread and slippage included; fee beside it.

    client_order_id: None where the broker's record names only its own order id.
    """

    execution_id: str
    client_order_id: str | None
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    price_basis: PriceBasis
    session: date
    filled_at: datetime
    broker_order_id: str | None = None


@dataclass(frozen=True)
class AccountFacts:
    """The account as the broker describes it. blocked: names of the flags that forbid trading, none where it may."""

    broker_account_id: str
    status: str
    blocked: tuple[str, ...]
    shorting: bool
    cash: Decimal
    equity: Decimal


@dataclass(frozen=True)
class Watermarks:
    """How far an observation has been read and committed. orders: updated instant; executions: last activity id."""

    orders: datetime | None = None
    executions: str | None = None


@dataclass(frozen=True)
class Observation:
    """Everything the broker's books say since the watermarks, every page of it.

    orders: each one updated since the watermark and each open one; executions: each one since the watermark.
    complete: False where a call failed, a page was short or a row unreadable; what was read stands, and is used for
    fills, but says nothing about what is missing (I8). following: the watermarks to keep once this is committed.
    """

    orders: tuple[BrokerOrder, ...]
    executions: tuple[Execution, ...]
    positions: Mapping[str, Decimal]
    cash: Decimal | None
    equity: Decimal | None
    broker_at: datetime | None
    market_open: bool | None
    account: AccountFacts | None
    following: Watermarks
    complete: bool
    incomplete_because: str | None = None
    pages: int = 0
    retry_after_seconds: float | None = None


@dataclass(frozen=True)
class KillReport:
    """What a kill at the broker did. failures: one line each; empty where trading is suspended and all is cancelled."""

    suspended: bool
    cancels_requested: int
    failures: tuple[str, ...] = field(default=())


class Broker(Protocol):
    """What sync needs. Several threads: `halt_trading` is called beside any other method, the others one at a time.

    external: False where the book is this database's own, so that nothing is observed that could differ from it.
    No method but `account` raises for what a broker may answer; another exception is a bug or a broken environment.
    Each call ends within its total time-out and sends a POST or DELETE once: no retry inside (I30).
    """

    @property
    def external(self) -> bool:
        """Whether the truth is somewhere else."""
        ...

    def account(self) -> AccountFacts:
        """The account. Raises: BrokerUnreachable; AccountRefused for a key or account that may not trade."""
        ...

    def submit(self, order: OrderRequest, guard: Guard) -> SubmitOutcome:
        """Send one order, once, unless the guard says otherwise directly before the first byte."""
        ...

    def lookup(self, order: OrderRequest) -> LookupOutcome:
        """The order the broker has under this order's client id; the rest of `order` is ours, not what it answers."""
        ...

    def cancel(self, broker_order_id: str, guard: Guard) -> CancelOutcome:
        """Ask for one order's end, once."""
        ...

    def observe(self, since: Watermarks, working: Sequence[WorkingOrder]) -> Observation:
        """Read the books. `working`: ours the broker may act on, each of which the answer must account for."""
        ...

    def halt_trading(self) -> KillReport:
        """Suspend trading and cancel every open order at the broker; needs no database."""
        ...

    def resume_trading(self) -> str | None:
        """Lift what `halt_trading` suspended, for an operator who has cleared the kill; why not, where it failed."""
        ...

    def hints(self, on_hint: Callable[[], None]) -> AbstractContextManager[object]:
        """Call `on_hint`, in a thread, whenever something may have happened, while the block lasts.

        A hint only brings the next poll forward: a stream that is dropped, mute or refused changes nothing else.
        """
        ...
