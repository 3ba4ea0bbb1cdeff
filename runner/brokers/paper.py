"""The paper exchange: fills at prices the market really showed, at a stated cost, without an account or a key.

Its rules are runner/brokers/matching.py. It remembers nothing: what it knows of an order is what the database has (when
it was released, what is booked of it, whether a cancel was taken), and ids follow from the order and the session, so
asking twice gives the same fact twice. What was sent has arrived: there is no wire to lose it on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from runner.brokers.base import (
    AccountFacts,
    Acknowledged,
    BrokerOrder,
    CancelAccepted,
    CancelOutcome,
    Guard,
    KillReport,
    LookupOutcome,
    NotCancelable,
    NotFound,
    Observation,
    OrderRequest,
    OrderType,
    Rejected,
    SubmitOutcome,
    TimeInForce,
    Unsent,
    Watermarks,
    WorkingOrder,
)
from runner.brokers.matching import CostModel, Played, SessionBar, play


@dataclass(frozen=True)
class PaperBroker:
    """The exchange at one instant of the database's clock.

    sessions_of: the sessions of a symbol from one on that have opened by `now`, in order, each with its bar where that
    is known. working: the account's working orders, for a cancel, which names one by id. account_of: its book.
    """

    costs: CostModel
    now: datetime
    delay: timedelta
    sessions_of: Callable[[str, date], Sequence[SessionBar]]
    working: Callable[[], Sequence[WorkingOrder]]
    account_of: Callable[[], AccountFacts]

    @property
    def external(self) -> bool:
        """False: its book is this database's own."""
        return False

    def account(self) -> AccountFacts:
        """The account, as the database has it."""
        return self.account_of()

    def submit(self, order: OrderRequest, guard: Guard) -> SubmitOutcome:
        """Take an order, or refuse one that cannot be understood."""
        if (reason := guard()) is not None:
            return Unsent(reason)
        if (reason := _refusal(order)) is not None:
            return Rejected(reason, self.now)
        return Acknowledged(broker_order_id(order.client_order_id), self.now)

    def lookup(self, order: OrderRequest) -> LookupOutcome:
        """What may have been sent counts as sent; only what would have been refused is not there."""
        if (reason := _refusal(order)) is not None:
            return NotFound(reason)
        return BrokerOrder(
            client_order_id=order.client_order_id,
            broker_order_id=broker_order_id(order.client_order_id),
            status="accepted",
            symbol=order.symbol,
            side=order.side,
            quantity=order.quantity,
            filled_quantity=order.quantity * 0,
            order_type=order.order_type,
            time_in_force=order.time_in_force,
            limit_price=order.limit_price,
            stop_price=order.stop_price,
            submitted_at=None,
            updated_at=self.now,
        )

    def cancel(self, broker_order_id: str, guard: Guard) -> CancelOutcome:
        """Take the request unless the order has ended or met its price. What it ended is what `observe` says.

        Taken is what the database records of this answer; an answer that was lost is a request that is made again.
        """
        if (reason := guard()) is not None:
            return Unsent(reason)
        for order in self.working():
            if order.broker_order_id == broker_order_id:
                played = self._play(order, self.sessions_of(order.symbol, order.trade_session))
                if played.committed:
                    return NotCancelable("MET_ITS_PRICE")
                if played.status not in ("accepted", "partially_filled", "canceled"):
                    return NotCancelable(played.status)
                return CancelAccepted()
        return NotCancelable("NOT_WORKING")

    def observe(self, since: Watermarks, working: Sequence[WorkingOrder]) -> Observation:
        """What every working order has become by now. Nothing else is in its books, so there is no mark to keep."""
        first: dict[str, date] = {}
        for order in working:
            first[order.symbol] = min(order.trade_session, first.get(order.symbol, order.trade_session))
        sessions = {symbol: self.sessions_of(symbol, session) for symbol, session in sorted(first.items())}
        told = [
            (order, self._play(order, [bar for bar in sessions[order.symbol] if bar.session >= order.trade_session]))
            for order in working
        ]
        facts = self.account()
        return Observation(
            orders=tuple(_report(order, played) for order, played in told),
            executions=tuple(execution for _, played in told for execution in played.executions),
            positions={},
            cash=facts.cash,
            equity=facts.equity,
            broker_at=self.now,
            market_open=None,
            account=facts,
            following=since,
            complete=True,
        )

    def _play(self, order: WorkingOrder, sessions: Sequence[SessionBar]) -> Played:
        return play(order, sessions, self.costs, self.now, self.delay)

    def halt_trading(self) -> KillReport:
        """Nothing is outside: what is in the database stops it, and without the database it does nothing."""
        return KillReport(suspended=True, cancels_requested=0)

    def resume_trading(self) -> str | None:
        """Nothing was suspended outside."""
        return None

    def hints(self, on_hint: Callable[[], None]) -> AbstractContextManager[object]:
        """None: the exchange moves with the database's clock and bars."""
        return nullcontext()


def broker_order_id(client_order_id: str) -> str:
    """The exchange's id of an order: derived, so that a second look finds the same one."""
    return f"paper.{client_order_id}"


def _refusal(order: OrderRequest) -> str | None:
    """Why the exchange does not understand an order."""
    if (order.limit_price is None) != (order.order_type in ("MARKET", "STOP")):
        return "LIMIT_PRICE"
    if (order.stop_price is None) != (order.order_type in ("MARKET", "LIMIT")):
        return "STOP_PRICE"
    if order.stop_price is not None and order.time_in_force in ("IOC", "FOK"):
        return f"STOP_{order.time_in_force}"
    return None


def _report(order: WorkingOrder, played: Played) -> BrokerOrder:
    return BrokerOrder(
        client_order_id=order.client_order_id,
        broker_order_id=order.broker_order_id or broker_order_id(order.client_order_id),
        status=played.status,
        symbol=order.symbol,
        side=order.side,
        quantity=order.quantity,
        filled_quantity=played.filled_quantity,
        order_type=cast("OrderType", order.order_type),
        time_in_force=cast("TimeInForce", order.time_in_force),
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        submitted_at=order.submitted_at,
        updated_at=played.at,
        reason=played.reason,
    )
