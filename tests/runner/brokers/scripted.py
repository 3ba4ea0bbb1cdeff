"""A broker outside that answers what a test says, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from runner.brokers.base import (
    AccountFacts,
    Acknowledged,
    BrokerOrder,
    CancelAccepted,
    CancelOutcome,
    Execution,
    Guard,
    KillReport,
    LookupOutcome,
    NotFound,
    Observation,
    OrderRequest,
    SubmitOutcome,
    Unsent,
    Watermarks,
    WorkingOrder,
)

Answer = TypeVar("Answer")

NOON = datetime(2020, 1, 7, 17, 0, tzinfo=UTC)


def reported(order: OrderRequest, status: str = "accepted", filled: str = "0", **changes: object) -> BrokerOrder:
    """The broker's report of an order as it was sent."""
    report = BrokerOrder(
        client_order_id=order.client_order_id,
        broker_order_id=f"b-{order.client_order_id}",
        status=status,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        filled_quantity=Decimal(filled),
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        submitted_at=NOON,
        updated_at=NOON,
    )
    return replace(report, **changes)  # type: ignore[arg-type]


def executed(order: BrokerOrder, execution_id: str, quantity: str, price: str = "100") -> Execution:
    """An execution as Alpaca tells it: with its own order id only."""
    return Execution(
        execution_id=execution_id,
        client_order_id=None,
        symbol=order.symbol,
        side=order.side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        fee=Decimal(0),
        price_basis="raw",
        session=date(2020, 1, 7),
        filled_at=NOON,
        broker_order_id=order.broker_order_id,
    )


@dataclass
class ScriptedBroker:
    """Answers: of each POST and look-up in turn, the last one for good; a callable is asked with the order.

    A POST whose answer is Acknowledged is reported from then on; `orders`, `executions`, `positions`, `cash` are what
    the books say besides.
    """

    submits: list[SubmitOutcome | Callable[[OrderRequest, Guard], SubmitOutcome]] = field(default_factory=list)
    lookups: list[LookupOutcome | Callable[[OrderRequest], LookupOutcome]] = field(default_factory=list)
    cancels: list[CancelOutcome] = field(default_factory=list)
    orders: list[BrokerOrder] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    positions: dict[str, Decimal] = field(default_factory=dict)
    cash: Decimal = Decimal(1000000)
    broker_at: datetime | None = None
    account_id: str = "acct-1"
    incomplete_because: str | None = None
    retry_after_seconds: float | None = None
    sent: list[OrderRequest] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    since: list[Watermarks] = field(default_factory=list)
    external: bool = True

    def submit(self, order: OrderRequest, guard: Guard) -> SubmitOutcome:
        """The next answer; the guard is asked first, as the socket write asks it."""
        answer = _next(self.submits, Acknowledged(f"b-{order.client_order_id}"))
        if callable(answer):
            return answer(order, guard)
        reason = guard()
        if reason is not None:
            return Unsent(reason)
        self.sent.append(order)
        if isinstance(answer, Acknowledged):
            self.orders.append(reported(order))
        return answer

    def lookup(self, order: OrderRequest) -> LookupOutcome:
        """The next answer."""
        self.looked_up.append(order.client_order_id)
        answer = _next(self.lookups, NotFound("404"))
        return answer(order) if callable(answer) else answer

    def cancel(self, broker_order_id: str, guard: Guard) -> CancelOutcome:
        """The next answer."""
        reason = guard()
        if reason is not None:
            return Unsent(reason)
        self.cancelled.append(broker_order_id)
        return _next(self.cancels, CancelAccepted())

    def account(self) -> AccountFacts:
        """An account that may trade."""
        return AccountFacts(self.account_id, "ACTIVE", (), True, self.cash, self.cash)

    def observe(self, since: Watermarks, working: Sequence[WorkingOrder]) -> Observation:
        """The books as the test left them."""
        self.since.append(since)
        return Observation(
            orders=tuple(self.orders),
            executions=tuple(self.executions),
            positions=self.positions,
            cash=self.cash,
            equity=self.cash,
            broker_at=self.broker_at,
            market_open=True,
            account=self.account(),
            following=Watermarks(NOON, "mark-1"),
            complete=self.incomplete_because is None,
            incomplete_because=self.incomplete_because,
            retry_after_seconds=self.retry_after_seconds,
        )

    def halt_trading(self) -> KillReport:
        """Everything worked."""
        return KillReport(True, len(self.orders))

    def resume_trading(self) -> str | None:
        """It did."""
        return None

    @contextmanager
    def hints(self, on_hint: Callable[[], None]) -> Iterator[None]:
        """None ever comes."""
        yield


def _next(answers: list[Answer], otherwise: Answer) -> Answer:
    if not answers:
        return otherwise
    return answers.pop(0) if len(answers) > 1 else answers[0]
