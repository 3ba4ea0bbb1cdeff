"""The exchange's rules: what an order becomes, given the sessions' bars. Pure; demo, paper and backtest share it.

A daily bar says what was traded first, highest, lowest and last, not when. What follows from it:

there before the opening  the order meets the whole bar. One that comes during the session, and every order for an
                          instrument with one price a session, meets the close alone.
MARKET                    at the open, else at the close.
LIMIT                     at the open where that is better, else at the limit where the bar trades *through* it: a
                          touch fills those who were there first.
STOP                      triggered by a touch of high or low; at the open where that is beyond it, else at the stop.
STOP_LIMIT                triggered the same way, then a limit: at the stop where the bar never went beyond the limit,
                          at the limit where the close shows that it came back, else not in this session.
DAY                       what its session leaves unfilled expires at the close.
GTC                       rests from session to session, a triggered stop as what it has become.
IOC, FOK                  act on one instant, the open or the close they meet; the rest, or all of it, is cancelled.
volume                    one order gets `volume_share` of a session's at most, and pays for its part of it. Where the
                          source has no volume (close-only instruments) an order fills whole and moves no price.
halt                      no bar once the close and the delay have passed, or a bar without volume: nothing fills.
split                     what rests from before the opening of a split's ex-date is cancelled: it counts old shares.
cancel                    ends what has not filled before it. Whether a fill inside the session came first the bar does
                          not say: whichever leaves us worse off at the close did.

Each session gives an order one execution at most, with an id derived from both. Those that are booked are not made
again: a bar revised since then changes none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_UP, Decimal
from typing import Literal, NamedTuple

from runner.brokers.base import Execution, PriceBasis, Side, WorkingOrder
from runner.config import PaperBrokerConfig

#: Prices keep eight decimals (an adjusted series can stand at 0.3 USD), fees four; both are rounded against us.
PRICE_STEP = Decimal("0.00000001")
FEE_STEP = Decimal("0.0001")
BASIS_POINT = Decimal("0.0001")

#: Shares of an order for a fraction (ruling F14).
FRACTION_STEP = Decimal("0.0001")

#: The words of ref.broker_statuses the exchange uses.
Status = Literal["accepted", "partially_filled", "filled", "canceled", "expired"]

Moment = Literal["open", "session", "close"]


@dataclass(frozen=True)
class SessionBar:
    """A session that has opened, with its bar as first known; close None: no bar is known. Prices on price_basis.

    open, high, low: None for an instrument of price kind close. volume: shares, None where the source has none.
    split_factor: new shares for one old, of a split whose ex-date it is; 1 for none.
    """

    session: date
    opens_at: datetime
    closes_at: datetime
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None
    price_kind: Literal["ohlcv", "close"]
    price_basis: PriceBasis
    split_factor: float

    @property
    def halted(self) -> bool:
        """Whether it has no bar, or one in which nothing was traded."""
        return self.close is None or self.volume == 0


@dataclass(frozen=True)
class CostModel:
    """What an order gets and pays: a share of the volume; half the spread and the impact in the price; the fee beside.

    Per share and per order once, however many executions fill it, and per USD of a sale.
    """

    half_spread_bp: Decimal
    impact_bp: Decimal
    volume_share: Decimal
    fee_per_share: Decimal
    fee_min: Decimal
    sell_fee_bp: Decimal

    @classmethod
    def of(cls, config: PaperBrokerConfig) -> CostModel:
        """The golden configuration's section `paper_broker`."""
        return cls(
            half_spread_bp=Decimal(str(config.half_spread_bp)),
            impact_bp=Decimal(str(config.impact_bp)),
            volume_share=Decimal(str(config.volume_share)),
            fee_per_share=Decimal(str(config.fee_per_share)),
            fee_min=Decimal(str(config.fee_min)),
            sell_fee_bp=Decimal(str(config.sell_fee_bp)),
        )

    def price(self, side: Side, market: Decimal, participation: Decimal = Decimal(0)) -> Decimal:
        """The fill's price: worse than the market's by half the spread and impact x sqrt(participation).

        participation: quantity / volume of the session. The square root is the law of Almgren et al., Direct
        estimation of equity market impact (2005), in its usual rounding of the exponent.
        """
        cost = (self.half_spread_bp + self.impact_bp * participation.sqrt()) * BASIS_POINT
        if side == "BUY":
            return (market * (1 + cost)).quantize(PRICE_STEP, ROUND_CEILING)
        return (market * (1 - cost)).quantize(PRICE_STEP, ROUND_FLOOR)

    def fee(self, side: Side, quantity: Decimal, price: Decimal, filled_before: Decimal = Decimal(0)) -> Decimal:
        """The fee of one execution, USD; filled_before: shares of the order whose commission is paid already."""
        commission = self._commission(filled_before + quantity) - self._commission(filled_before)
        regulatory = quantity * price * self.sell_fee_bp * BASIS_POINT if side == "SELL" else Decimal(0)
        return (commission + regulatory).quantize(FEE_STEP, ROUND_UP)

    def _commission(self, quantity: Decimal) -> Decimal:
        return max(self.fee_min, quantity * self.fee_per_share) if quantity else Decimal(0)

    def available(self, order: WorkingOrder, remaining: Decimal, volume: Decimal | None) -> Decimal:
        """Shares of `remaining` a session can give: whole ones for an order of whole shares."""
        if volume is None:
            return remaining
        step = Decimal(1) if order.quantity == order.quantity.to_integral_value() else FRACTION_STEP
        return min(remaining, self.volume_share * volume // step * step)


@dataclass(frozen=True)
class Played:
    """What an order has become by an instant. executions: those not booked yet; at: of its newest fact.

    committed: it met its price, and only the bar that says at which is not known yet: no cancel can come before it.
    """

    executions: tuple[Execution, ...]
    status: Status
    filled_quantity: Decimal
    at: datetime
    reason: str | None
    committed: bool


def play(
    order: WorkingOrder, sessions: Iterable[SessionBar], costs: CostModel, now: datetime, delay: timedelta
) -> Played:
    """What `order` has become by `now`. sessions: of its symbol, from its trade session on, in order.

    delay: how long after a close a bar may still come.
    """
    run = _Run(order, costs, now, delay)
    for bar in sessions:
        if run.ended or run.waiting or bar.opens_at > now:
            break
        run.meet(bar)
    return run.result()


class _Touch(NamedTuple):
    """The market met the order: at this price, before costs, at this moment of the session."""

    price: Decimal
    moment: Moment


@dataclass
class _Run:
    """An order on its way through the sessions."""

    order: WorkingOrder
    costs: CostModel
    now: datetime
    delay: timedelta
    executions: list[Execution] = field(default_factory=list)
    waiting: bool = False
    committed: bool = False
    ended: tuple[Status, str | None] | None = None

    def __post_init__(self) -> None:
        """Start from what is booked: an order that filled in part has been triggered."""
        self.filled = self.order.filled_quantity
        self.triggered = self.filled > 0
        self.at = self.order.submitted_at

    def result(self) -> Played:
        """Where it stands. A cancel that no session came after ends it."""
        cancel = self.order.cancel_accepted_at
        if cancel is not None and not (self.ended or self.waiting):
            self._end("canceled", cancel, "CANCEL_REQUESTED")
        status, reason = self.ended or ("partially_filled" if self.filled else "accepted", None)
        return Played(tuple(self.executions), status, self.filled, self.at, reason, self.committed)

    def meet(self, bar: SessionBar) -> None:
        """One session, in which the order may wait for the bar, fill, end, or do nothing."""
        order, cancel = self.order, self.order.cancel_accepted_at
        there = order.submitted_at <= bar.opens_at
        if order.filled_through is not None and bar.session <= order.filled_through:
            self._after(bar)
        elif cancel is not None and cancel < bar.opens_at:
            self._end("canceled", cancel, "CANCEL_REQUESTED")
        elif there and bar.split_factor != 1:
            self._end("canceled", bar.opens_at, "SPLIT")
        elif self.now < bar.closes_at or (bar.close is None and self.now < bar.closes_at + self.delay):
            self._wait(bar, there)
        else:
            if not bar.halted and order.submitted_at < bar.closes_at:
                self._trade(bar, self._touch(bar, there))
            self._after(bar)

    def _wait(self, bar: SessionBar, there: bool) -> None:
        """The bar is not known yet: only a cancel before the close that the order waits for needs none."""
        order, cancel = self.order, self.order.cancel_accepted_at
        meets_open = there and bar.price_kind == "ohlcv"
        if cancel is not None and cancel < bar.closes_at and not meets_open:
            self._end("canceled", cancel, "CANCEL_REQUESTED")
            return
        self.waiting = True
        market_now = order.order_type == "MARKET" or (self.triggered and order.order_type == "STOP")
        at_the_open = meets_open and (market_now or order.time_in_force in ("IOC", "FOK"))
        self.committed = at_the_open or (order.time_in_force != "GTC" and self.now >= bar.closes_at)

    def _touch(self, bar: SessionBar, there: bool) -> _Touch | None:
        """Where the market met the order in a session, None where it did not.

        Prices are mirrored for a sale, so that lower is better and one rule serves both sides.
        """
        order, sign = self.order, 1 if self.order.side == "BUY" else -1
        whole = there and bar.open is not None
        met = [sign * Decimal(str(p)) for p in ((bar.open, bar.high, bar.low) if whole else (bar.close,))]
        first, low, high, close = met[0], min(met), max(met), sign * Decimal(str(bar.close))
        moment: Moment = "open" if whole else "close"
        limit = None if order.limit_price is None else sign * order.limit_price
        if order.stop_price is not None and not self.triggered:
            stop = sign * order.stop_price
            self.triggered = high >= stop
            if not self.triggered:
                return None
            if first < stop:  # after the opening: of the way from there to the close the bar says only how far it went
                price = stop if limit is None or high < limit else limit if close < limit else None
                return None if price is None else _Touch(sign * price, "session")
        if limit is not None and order.time_in_force in ("IOC", "FOK"):
            quote = first + abs(first) * self.costs.half_spread_bp * BASIS_POINT
            return _Touch(sign * first, moment) if quote <= limit else None
        if limit is not None and first >= limit:
            return _Touch(sign * limit, "session") if low < limit else None
        return _Touch(sign * first, moment)

    def _trade(self, bar: SessionBar, touch: _Touch | None) -> None:
        """Fill what the session gives of the order at a touch, unless a cancel came before it."""
        order = self.order
        volume = None if bar.volume is None else Decimal(str(bar.volume))
        remaining = order.quantity - self.filled
        quantity = self.costs.available(order, remaining, volume)
        if touch is None or quantity <= 0 or (order.time_in_force == "FOK" and quantity < remaining):
            return
        price = self.costs.price(order.side, touch.price, quantity / volume if volume else Decimal(0))
        if order.limit_price is not None:
            price = (min if order.side == "BUY" else max)(price, order.limit_price)
        if self._cancelled_first(bar, touch, price):
            return
        self.at = bar.opens_at if touch.moment == "open" else bar.closes_at
        self.executions.append(
            Execution(
                execution_id=f"{order.client_order_id}.{bar.session.isoformat()}",
                client_order_id=order.client_order_id,
                symbol=order.symbol,
                side=order.side,
                quantity=quantity,
                price=price,
                fee=self.costs.fee(order.side, quantity, price, self.filled),
                price_basis=bar.price_basis,
                session=bar.session,
                filled_at=self.at,
                broker_order_id=order.broker_order_id,
            )
        )
        self.filled += quantity

    def _cancelled_first(self, bar: SessionBar, touch: _Touch, price: Decimal) -> bool:
        cancel = self.order.cancel_accepted_at
        if cancel is None or cancel >= bar.closes_at or touch.moment == "open":
            return False
        close = Decimal(str(bar.close))
        filled_is_worse = price > close if self.order.side == "BUY" else price < close
        return touch.moment == "close" or not filled_is_worse

    def _after(self, bar: SessionBar) -> None:
        """What the end of a session makes of what is left."""
        order, cancel = self.order, self.order.cancel_accepted_at
        if self.filled == order.quantity:
            self._end("filled", self.at, None)
        elif cancel is not None and cancel < bar.closes_at:
            self._end("canceled", cancel, "CANCEL_REQUESTED")
        elif order.time_in_force != "GTC":
            halt = ("NO_BAR" if bar.close is None else "HALTED") if bar.halted else None
            if order.time_in_force == "DAY":
                self._end("expired", bar.closes_at, halt or "SESSION_OVER")
            else:
                self._end("canceled", bar.closes_at, halt or order.time_in_force)

    def _end(self, status: Status, at: datetime, reason: str | None) -> None:
        self.ended, self.at = (status, reason), at
