"""The paper exchange: fills at prices the market really showed, at a stated cost, without an account or a key.

A market order that is there before its session opens fills at the opening price; one that comes later, and every order
for an instrument with one price a session, fills at the close. The whole quantity fills at once and moves no price:
market impact is not modelled. No bar once the session's close and the provider's delay have passed: the order expires,
reason NO_BAR.

It remembers nothing. Ids follow from the order and prices from the bars, so asking twice gives the same fact twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_UP, Decimal
from typing import Literal

from runner.brokers.base import (
    Acknowledged,
    Ended,
    Execution,
    InDoubt,
    OrderRequest,
    PriceBasis,
    Rejected,
    Side,
    Unsent,
    WorkingOrder,
)
from runner.config import PaperBrokerConfig

#: Prices keep eight decimals (an adjusted series can stand at 0.3 USD), fees four; both are rounded against us.
PRICE_STEP = Decimal("0.00000001")
FEE_STEP = Decimal("0.0001")
BASIS_POINT = Decimal("0.0001")


@dataclass(frozen=True)
class SessionBar:
    """The elected bar of one session. open: None for an instrument of price kind close."""

    open: float | None
    close: float
    price_kind: Literal["ohlcv", "close"]
    price_basis: PriceBasis


@dataclass(frozen=True)
class CostModel:
    """What a fill costs: half the spread in the price; per share, per order and, on sales, per USD as a fee."""

    half_spread_bp: Decimal
    fee_per_share: Decimal
    fee_min: Decimal
    sell_fee_bp: Decimal

    @classmethod
    def of(cls, config: PaperBrokerConfig) -> CostModel:
        """The golden configuration's section `paper_broker`."""
        return cls(
            half_spread_bp=Decimal(str(config.half_spread_bp)),
            fee_per_share=Decimal(str(config.fee_per_share)),
            fee_min=Decimal(str(config.fee_min)),
            sell_fee_bp=Decimal(str(config.sell_fee_bp)),
        )

    def price(self, side: Side, market: Decimal) -> Decimal:
        """The fill's price: half the spread worse than the market's."""
        half = self.half_spread_bp * BASIS_POINT
        if side == "BUY":
            return (market * (1 + half)).quantize(PRICE_STEP, ROUND_CEILING)
        return (market * (1 - half)).quantize(PRICE_STEP, ROUND_FLOOR)

    def fee(self, side: Side, quantity: Decimal, price: Decimal) -> Decimal:
        """The fee of an order filled at once, USD."""
        commission = max(self.fee_min, quantity * self.fee_per_share)
        regulatory = quantity * price * self.sell_fee_bp * BASIS_POINT if side == "SELL" else Decimal(0)
        return (commission + regulatory).quantize(FEE_STEP, ROUND_UP)


@dataclass(frozen=True)
class PaperBroker:
    """The exchange at one instant. bar_of: the bar of a symbol and session, None while (or if) it is not known."""

    costs: CostModel
    now: datetime
    delay: timedelta
    bar_of: Callable[[str, date], SessionBar | None]

    def submit(self, order: OrderRequest) -> Acknowledged | Rejected | Unsent | InDoubt:
        """Accept a market order; the exchange knows no other type."""
        if order.order_type != "MARKET":
            return Rejected(f"ORDER_TYPE_{order.order_type}", self.now)
        return Acknowledged(broker_order_id(order.client_order_id), self.now)

    def lookup(self, client_order_id: str) -> Acknowledged | None:
        """What was sent was accepted, and what may have been sent counts as sent: there is no wire to lose it on."""
        return Acknowledged(broker_order_id(client_order_id), self.now)

    def poll(self, orders: Sequence[WorkingOrder]) -> list[Execution | Ended]:
        """A fill for every order whose session's bar is known, an end for every order whose bar never came."""
        facts: list[Execution | Ended] = []
        for order in orders:
            bar = self.bar_of(order.symbol, order.trade_session)
            if order.order_type != "MARKET":
                # One in doubt was adopted by `lookup`, which cannot see its type.
                reason = f"ORDER_TYPE_{order.order_type}"
                facts.append(Ended(order.client_order_id, order.symbol, "REJECTED", reason, self.now))
            elif bar is not None and self.now >= order.closes_at:
                facts.append(self._fill(order, bar))
            elif bar is None and self.now >= order.closes_at + self.delay:
                facts.append(Ended(order.client_order_id, order.symbol, "EXPIRED", "NO_BAR", order.closes_at))
        return facts

    def _fill(self, order: WorkingOrder, bar: SessionBar) -> Execution:
        at_open = bar.open is not None and order.submitted_at <= order.opens_at
        market = Decimal(str(bar.open if at_open else bar.close))
        quantity = order.quantity - order.filled_quantity
        price = self.costs.price(order.side, market)
        return Execution(
            execution_id=f"{order.client_order_id}.1",
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            fee=self.costs.fee(order.side, quantity, price),
            price_basis=bar.price_basis,
            session=order.trade_session,
            filled_at=order.opens_at if at_open else order.closes_at,
        )


def broker_order_id(client_order_id: str) -> str:
    """The exchange's id of an order: derived, so that a second look finds the same one."""
    return f"paper.{client_order_id}"
