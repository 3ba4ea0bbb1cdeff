"""The broker itself: account, assets, quotes, orders, executions, positions, cash, activities.

No wire and no threads: `server` holds one lock around every call. Everything that changes what the account has or owes
is written to the journal here. A caller gives what a script wants of an order as a `Plan`.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.fake_alpaca import rules
from tests.fake_alpaca.clock import NEW_YORK, SECOND, Clock, rfc3339
from tests.fake_alpaca.journal import Journal
from tests.fake_alpaca.orders import EVENTS, MATCHED, STAMPS, STATUSES, Execution, Order, plain
from tests.fake_alpaca.rules import Refusal, forbidden, invalid, not_found

ZERO = Decimal(0)
MILLISECOND = 1_000_000

#: Statuses an order can be cancelled or replaced in.
CANCELABLE = {"pending_new", "accepted", "accepted_for_bidding", "new", "partially_filled", "held", "suspended",
              "stopped", "pending_review", "pending_replace", "done_for_day"}  # fmt: skip

#: Plans that fill an order: they wait for the session and a price.
FILLING = {"partial_fill", "partial_then_cancelled", "many_fills"}

#: What a script may set of the account, and Alpaca's value.
ACCOUNT = {
    "status": "ACTIVE", "trading_blocked": False, "transfers_blocked": False, "account_blocked": False,
    "trade_suspended_by_user": False, "shorting_enabled": True, "multiplier": "2", "currency": "USD",
    "equity": None, "buying_power": None,
}  # fmt: skip

#: PATCH /v2/account/configurations: what it accepts, and the default.
CONFIGURATIONS = {
    "fractional_trading": True, "max_margin_multiplier": "2", "no_shorting": False, "suspend_trade": False,
    "trade_confirm_email": "all", "ptp_no_exception_entry": False, "max_options_trading_level": None,
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What becomes of an accepted order, by script; see faults.py for each name's meaning."""

    name: str
    fraction: Decimal = Decimal("0.5")
    price: Decimal | None = None
    status: str | None = None
    lookups: int = 0
    lists: int = 0


@dataclass
class Holding:
    """A position. cost: USD paid for it, negative for a short sale's proceeds."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass
class Asset:
    """An equity of the broker. halted: orders rest unexecuted. liquidity: shares one match takes at most."""

    symbol: str
    id: str
    tradable: bool = True
    shortable: bool = True
    fractionable: bool = True
    halted: bool = False
    liquidity: Decimal | None = None


@dataclass
class Exchange:
    """seed: of every id. fills: `auto` executes against the quotes, `manual` waits for a script.

    unique_ids: False makes a broker that takes a client_order_id twice. Alpaca is not one; there, nothing but the
    look-up before a re-POST keeps an order single, which is what a test of that look-up needs.
    """

    clock: Clock
    journal: Journal
    publish: Callable[[dict[str, Any]], None]
    seed: int = 0
    cash: Decimal = Decimal(1_000_000)
    fills: str = "auto"
    account_id: str = ""
    unique_ids: bool = True
    account: dict[str, Any] = field(default_factory=lambda: dict(ACCOUNT))
    configurations: dict[str, Any] = field(default_factory=lambda: dict(CONFIGURATIONS))
    assets: dict[str, Asset] = field(default_factory=dict)
    quotes: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    by_client: dict[str, Order] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    activities: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._seen_to = self.clock.now()
        self.account_id = self.account_id or self.uuid()
        self._late: dict[str, Plan] = {}

    def uuid(self) -> str:
        """The next id: random, and the same for the same seed."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    # -- what the account looks like ----

    def asset(self, symbol: str) -> Asset:
        """The asset, made on the first question. Raises: Refusal 404 for what cannot be a symbol."""
        if symbol not in self.assets:
            if not symbol or not all(part.isalnum() and part.isupper() for part in symbol.split(".")):
                raise not_found(f"asset not found for {symbol}")
            self.assets[symbol] = Asset(symbol, self.uuid())
        return self.assets[symbol]

    def price(self, symbol: str) -> Decimal | None:
        """Middle of the quote."""
        return sum(self.quotes[symbol], ZERO) / 2 if symbol in self.quotes else None

    def value(self, symbol: str) -> Decimal:
        """USD of a position at the middle of the quote, at cost without one."""
        held = self.holdings[symbol]
        price = self.price(symbol)
        return held.cost if price is None else held.quantity * price

    @property
    def equity(self) -> Decimal:
        """Cash plus positions, or what a script says."""
        if self.account["equity"] is not None:
            return Decimal(self.account["equity"])
        return self.cash + sum((self.value(symbol) for symbol in self.holdings), ZERO)

    @property
    def buying_power(self) -> Decimal:
        """Multiplier x equity, less positions and what open orders that add to them would cost."""
        if self.account["buying_power"] is not None:
            return Decimal(self.account["buying_power"])
        held = sum((abs(self.value(symbol)) for symbol in self.holdings), ZERO)
        asked = sum((self.cost_of(order) for order in self.open_orders()), ZERO)
        return max(ZERO, self.equity * Decimal(self.account["multiplier"]) - held - asked)

    def cost_of(self, order: Order) -> Decimal:
        """USD an open order may still add to the positions; a closing one adds nothing."""
        if order.position_intent.endswith("close"):
            return ZERO
        price = order.limit_price or order.stop_price or self.price(order.symbol) or ZERO
        return order.remaining * price

    def open_orders(self, symbol: str | None = None) -> list[Order]:
        """Orders not in a final status, oldest first."""
        return [o for o in self.orders.values() if o.open and symbol in (None, o.symbol)]

    def account_json(self) -> dict[str, Any]:
        """GET /v2/account."""
        long = sum((v for s in self.holdings if (v := self.value(s)) > 0), ZERO)
        short = sum((v for s in self.holdings if (v := self.value(s)) < 0), ZERO)
        suspended = self.account["trade_suspended_by_user"] or self.configurations["suspend_trade"]
        money = {
            "cash": self.cash, "equity": self.equity, "last_equity": self.equity, "portfolio_value": self.equity,
            "buying_power": self.buying_power, "regt_buying_power": self.buying_power,
            "non_marginable_buying_power": max(ZERO, self.cash), "long_market_value": long, "short_market_value": short,
            "initial_margin": (long - short) / 2, "maintenance_margin": (long - short) * Decimal("0.3"),
            "last_maintenance_margin": ZERO, "sma": ZERO, "accrued_fees": ZERO,
        }  # fmt: skip
        return {
            "id": self.account_id,
            "account_number": "PA" + self.account_id[:8].upper(),
            "status": self.account["status"],
            "crypto_status": "ACTIVE",
            "currency": self.account["currency"],
            **{name: plain(round(value, 4)) for name, value in money.items()},
            "pending_transfer_in": "0",
            "multiplier": self.account["multiplier"],
            "shorting_enabled": self.account["shorting_enabled"] and not self.configurations["no_shorting"],
            "trade_suspended_by_user": suspended,
            "trading_blocked": self.account["trading_blocked"],
            "transfers_blocked": self.account["transfers_blocked"],
            "account_blocked": self.account["account_blocked"],
            "created_at": "2019-06-12T22:47:07.99658Z",
            "options_approved_level": 0,
            "options_trading_level": 0,
        }

    def positions_json(self) -> list[dict[str, Any]]:
        """GET /v2/positions."""
        return [self._position_json(symbol, held) for symbol, held in sorted(self.holdings.items())]

    def _position_json(self, symbol: str, held: Holding) -> dict[str, Any]:
        price = self.price(symbol) or (held.cost / held.quantity)
        value = held.quantity * price
        profit = value - held.cost
        part = profit / abs(held.cost) if held.cost else ZERO
        reserved = sum((o.remaining for o in self.open_orders(symbol) if o.sign * held.quantity < 0), ZERO)
        free = abs(held.quantity) - reserved
        return {
            "asset_id": self.asset(symbol).id,
            "symbol": symbol,
            "exchange": "NYSE",
            "asset_class": "us_equity",
            "asset_marginable": True,
            "qty": plain(held.quantity),
            "qty_available": plain(free if held.quantity > 0 else -free),
            "avg_entry_price": plain(round(held.cost / held.quantity, 6)),
            "side": "long" if held.quantity > 0 else "short",
            "market_value": plain(round(value, 4)),
            "cost_basis": plain(round(held.cost, 4)),
            "unrealized_pl": plain(round(profit, 4)),
            "unrealized_plpc": plain(round(part, 8)),
            "unrealized_intraday_pl": plain(round(profit, 4)),
            "unrealized_intraday_plpc": plain(round(part, 8)),
            "current_price": plain(round(price, 6)),
            "lastday_price": plain(round(price, 6)),
            "change_today": "0",
        }

    def asset_json(self, symbol: str) -> dict[str, Any]:
        """GET /v2/assets/{symbol}."""
        asset = self.asset(symbol)
        return {
            "id": asset.id, "class": "us_equity", "exchange": "NYSE", "symbol": symbol,
            "name": f"{symbol} Common Stock",
            "status": "active", "tradable": asset.tradable, "marginable": True, "shortable": asset.shortable,
            "easy_to_borrow": asset.shortable, "fractionable": asset.fractionable,
            "maintenance_margin_requirement": 30, "attributes": [],
        }  # fmt: skip

    # -- orders ----

    def place(self, body: Mapping[str, Any], plans: Iterable[Plan] = (), replaces: Order | None = None) -> Order:
        """Accept a new order, or raise Refusal. It is matched by `settle`, after its answer was made."""
        try:
            order = self._new_order(body, replaces)
        except Refusal as refusal:
            self.journal.write("refused", client_order_id=body.get("client_order_id"), **refusal.body)
            raise
        self.orders[order.id] = self.by_client[order.client_order_id] = order
        self.journal.write("accepted", **_facts(order))
        for plan in plans:
            self._prepare(order, plan)
        return order

    def _new_order(self, body: Mapping[str, Any], replaces: Order | None) -> Order:
        self._check_account()
        rules.check_shape(body)
        client_order_id = body.get("client_order_id") or self.uuid()
        if client_order_id in self.by_client and self.unique_ids:
            raise Refusal(422, 40010001, "client_order_id must be unique")
        try:
            asset = self.asset(str(body["symbol"]))
        except Refusal:
            raise invalid(f'could not find asset "{body["symbol"]}"') from None
        if not asset.tradable:
            raise invalid(f"asset {asset.symbol} is not tradable")
        quantity, notional = rules.decimal_of(body, "qty"), rules.decimal_of(body, "notional")
        limit, stop = rules.decimal_of(body, "limit_price"), rules.decimal_of(body, "stop_price")
        price = limit or stop or self.price(asset.symbol)
        if quantity is None:
            if price is None or notional is None:
                raise invalid(f"no quote for {asset.symbol}: a notional order cannot be valued")
            quantity = round(notional / price, 9)
        intent = self._check_holdings(asset, body, quantity, limit, replaces)
        at = self.clock.tick()
        _, day_open, day_close = self.clock.session_of(at)
        if body["time_in_force"] in ("ioc", "fok") and at < day_open:
            raise invalid(f"{body['time_in_force']} orders are only accepted during market hours")
        order = Order(
            id=self.uuid(), client_order_id=client_order_id, symbol=asset.symbol, asset_id=asset.id, side=body["side"],
            quantity=quantity, notional=notional, type=body["type"], time_in_force=body["time_in_force"],
            limit_price=limit, stop_price=stop, extended_hours=bool(body.get("extended_hours")), position_intent=intent,
            submitted_at=at, updated_at=at, expires_at=None if body["time_in_force"] == "gtc" else day_close,
            status="pending_new" if at >= day_open else "accepted",
        )  # fmt: skip
        if price is not None and quantity * price < rules.NOTIONAL_MIN:
            raise forbidden(f"cost basis must be >= minimal amount of order {rules.NOTIONAL_MIN}")
        cost = self.cost_of(order)
        if cost > self.buying_power:
            raise forbidden(
                "insufficient buying power",
                buying_power=plain(round(self.buying_power, 2)),
                cost_basis=plain(round(cost, 2)),
            )
        return order

    def _check_account(self) -> None:
        if self.account["account_blocked"] or self.account["trading_blocked"]:
            raise forbidden("account is not allowed to trade")
        if self.account["status"] != "ACTIVE":
            raise forbidden(f"account is {self.account['status']}: new orders are not allowed")
        if self.account["trade_suspended_by_user"] or self.configurations["suspend_trade"]:
            raise forbidden("new orders are rejected by user request")

    def _check_holdings(
        self, asset: Asset, body: Mapping[str, Any], quantity: Decimal, limit: Decimal | None, replaces: Order | None
    ) -> str:
        """The intent: opening or closing. Raises: Refusal for a wash trade, shares that are not there, a bad short."""
        side, fraction = body["side"], rules.fractional(quantity)
        others = [o for o in self.open_orders(asset.symbol) if o is not replaces]
        for other in others:
            if other.side != side:
                self._check_wash(other, side, str(body["type"]), limit)
        if fraction and not asset.fractionable:
            raise invalid(f"asset {asset.symbol} is not fractionable")
        held = self.holdings[asset.symbol].quantity if asset.symbol in self.holdings else ZERO
        sign = 1 if side == "buy" else -1
        if held * sign < 0:
            reserved = [o for o in others if o.side == side]
            free = abs(held) - sum((o.remaining for o in reserved), ZERO)
            if quantity > free:
                asked = f"requested: {plain(quantity)}, available: {plain(max(free, ZERO))}"
                raise forbidden(
                    f"insufficient qty available for order ({asked})",
                    symbol=asset.symbol, existing_qty=plain(abs(held)), held_for_orders=plain(abs(held) - free),
                    available=plain(max(free, ZERO)), related_orders=[o.id for o in reserved],
                )  # fmt: skip
            return f"{side}_to_close"
        if side == "sell":
            if fraction:
                raise invalid("fractional orders cannot be sold short")
            if not self.account["shorting_enabled"] or self.configurations["no_shorting"]:
                raise forbidden("account is not allowed to short")
            if not asset.shortable:
                raise invalid(f'asset "{asset.symbol}" cannot be sold short')
        return f"{side}_to_open"

    def _check_wash(self, other: Order, side: str, kind: str, limit: Decimal | None) -> None:
        resting = other.type in ("market", "stop")
        if (
            resting
            or kind != "limit"
            or other.limit_price is None
            or rules.crosses(side, limit or ZERO, other.limit_price)
        ):
            what = "market/stop" if resting else "limit"
            raise forbidden(
                "potential wash trade detected. use complex orders",
                existing_order_id=other.id, reject_reason=f"opposite side {what} order exists",
            )  # fmt: skip

    def cancel(self, order: Order) -> None:
        """Cancel now, or as the order's script says. Raises: Refusal 422 for one that cannot be."""
        if order.status not in CANCELABLE:
            raise invalid(f'order is already in "{order.status}" state')
        self.journal.write("cancel_requested", order_id=order.id, client_order_id=order.client_order_id)
        if order.stuck or order.slow_cancel:
            self.set_status(order, "pending_cancel")
        elif order.fill_on_cancel == "before":
            self.set_status(order, "pending_cancel")
            self.execute(order, order.remaining)
        else:
            self.set_status(order, "canceled")
            if order.fill_on_cancel == "after":
                self.execute(order, order.remaining, keep_status=True)

    def replace(self, order: Order, body: Mapping[str, Any], plans: Iterable[Plan] = ()) -> Order:
        """PATCH: a new order with a new id takes the place of the old one. Raises: Refusal."""
        if order.status not in CANCELABLE or order.status in ("pending_new", "pending_replace"):
            raise invalid(f'order is in "{order.status}" state: it cannot be replaced')
        given = {
            k: v
            for k, v in body.items()
            if k in ("qty", "time_in_force", "limit_price", "stop_price") and v is not None
        }
        whole = {
            "symbol": order.symbol, "side": order.side, "type": order.type, "time_in_force": order.time_in_force,
            "qty": plain(order.remaining), "limit_price": plain(order.limit_price),
            "stop_price": plain(order.stop_price),
        }  # fmt: skip
        if all(str(whole[name]) == str(value) for name, value in given.items()):
            raise invalid("order parameters are not changed")
        new = self.place(whole | given | {"client_order_id": body.get("client_order_id")}, plans, replaces=order)
        new.replaces, order.replaced_by = order.id, new.id
        self.journal.write("replaced", order_id=order.id, client_order_id=order.client_order_id, by=new.id)
        self.set_status(order, "replaced")
        return new

    def set_status(self, order: Order, status: str) -> None:
        """Move an order and tell of it. Any status: whether the name is Alpaca's is the script's business."""
        order.status, order.updated_at = status, self.clock.tick()
        if status in STAMPS:
            order.stamps[STAMPS[status]] = order.updated_at
        self.journal.write(
            "status", order_id=order.id, client_order_id=order.client_order_id, status=status, open=order.open,
            filled_qty=plain(order.filled_quantity),
        )  # fmt: skip
        if status in STATUSES and status not in EVENTS:
            self._tell(order, status)

    # -- executions ----

    def execute(
        self, order: Order, quantity: Decimal, price: Decimal | None = None, *, keep_status: bool = False
    ) -> Execution:
        """Fill some of an order. keep_status: as the broker does that fills what it had called cancelled."""
        if not ZERO < quantity <= order.remaining:
            raise invalid(
                f"{order.client_order_id} has {plain(order.remaining)} left, {plain(quantity)} cannot be filled"
            )
        price = price or self._execution_price(order)
        at = self.clock.tick()
        order.filled_quantity += quantity
        order.filled_value += quantity * price
        complete = not order.remaining
        execution = Execution(
            self.uuid(),
            f"{_new_york_digits(at)}::{self.uuid()}",
            order,
            quantity,
            price,
            at,
            order.filled_quantity,
            complete,
        )
        self.executions[execution.activity_id] = execution
        self.book(order.symbol, order.sign * quantity, order.sign * quantity * price)
        self.journal.write(
            "executed", order_id=order.id, client_order_id=order.client_order_id, symbol=order.symbol, side=order.side,
            qty=plain(quantity), price=plain(price), execution_id=execution.id, activity_id=execution.activity_id,
            cum_qty=plain(order.filled_quantity), cash=plain(self.cash), position=plain(self.position(order.symbol)),
        )  # fmt: skip
        if keep_status:
            order.updated_at = at
        else:
            self.set_status(order, "filled" if complete else "partially_filled")
        self._tell(order, "fill" if complete else "partial_fill", execution)
        return execution

    def _execution_price(self, order: Order) -> Decimal:
        if order.symbol in self.quotes:
            return self.quotes[order.symbol][1 if order.side == "buy" else 0]
        if order.limit_price or order.stop_price:
            return order.limit_price or order.stop_price or ZERO
        raise invalid(f"{order.symbol} has no quote: set one with /__prices, or name a price")

    def position(self, symbol: str) -> Decimal:
        """Shares held, negative when short."""
        return self.holdings[symbol].quantity if symbol in self.holdings else ZERO

    def book(self, symbol: str, quantity: Decimal, value: Decimal) -> None:
        """Move shares and cash. quantity: signed; value: USD paid, negative when received."""
        held = self.holdings.setdefault(symbol, Holding())
        if held.quantity * quantity >= 0:
            held.cost += value
        else:
            held.cost *= (held.quantity + quantity) / held.quantity if held.quantity else ZERO
        held.quantity += quantity
        self.cash -= value
        if not held.quantity:
            del self.holdings[symbol]

    def bust(self, execution: Execution) -> None:
        """Undo an execution: shares, cash, filled quantity go back, its activity vanishes, the stream tells."""
        order = execution.order
        del self.executions[execution.activity_id]
        order.filled_quantity -= execution.quantity
        order.filled_value -= execution.quantity * execution.price
        order.updated_at = self.clock.tick()
        self.book(order.symbol, -order.sign * execution.quantity, -order.sign * execution.quantity * execution.price)
        self.journal.write(
            "bust", order_id=order.id, client_order_id=order.client_order_id, symbol=order.symbol,
            qty=plain(execution.quantity), price=plain(execution.price), execution_id=execution.id,
            activity_id=execution.activity_id, cash=plain(self.cash), position=plain(self.position(order.symbol)),
        )  # fmt: skip
        self._tell(order, "trade_bust", execution)

    # -- time and matching ----

    def settle(self) -> None:
        """Carry out what time, quotes and scripts have made due; called after every request and change."""
        now = self.clock.now()
        for at, what in self.clock.boundaries(self._seen_to, now):
            self._seen_to = at
            if what == "close":
                self._expire(at)
        self._seen_to = max(now, self._seen_to)
        for order in [o for o in self.orders.values() if o.open]:
            self._work(order)

    def _expire(self, at: int) -> None:
        for order in self.open_orders():
            if order.expires_at is not None and order.expires_at <= at and not order.stuck:
                self.set_status(order, "expired")

    def _work(self, order: Order) -> None:
        if order.stuck:
            return
        late = self._late.pop(order.id, None)
        if late is not None and self._carry_out(order, late):
            return
        if not self.clock.is_open():
            return
        if order.status in ("pending_new", "accepted"):
            self.set_status(order, "new")
        if order.status in MATCHED and self.fills == "auto":
            self._match(order)

    def _prepare(self, order: Order, plan: Plan) -> None:
        """Take a script into the order; what happens at once after acceptance waits for `settle`."""
        match plan.name:
            case "stuck":
                order.stuck = True
            case "hide_order":
                order.hidden_lookups, order.hidden_lists = plan.lookups, plan.lists
            case "slow_cancel":
                order.slow_cancel = True
            case "fill_during_cancel":
                order.fill_on_cancel = "before"
            case "fill_after_cancel":
                order.fill_on_cancel = "after"
            case _:
                self._late[order.id] = plan

    def _carry_out(self, order: Order, plan: Plan) -> bool:
        """A script's next step for an accepted order; True: nothing more happens to it now."""
        match plan.name:
            case "reject_later":
                self.set_status(order, "rejected")
            case _ if plan.name in FILLING and not self._can_fill(order, plan):
                self._late[order.id] = plan
            case "partial_fill" | "partial_then_cancelled":
                self.set_status(order, "new")
                part = order.quantity * plan.fraction
                self.execute(
                    order, part if rules.fractional(order.quantity) else max(Decimal(1), part // 1), plan.price
                )
                if plan.name == "partial_then_cancelled":
                    self.set_status(order, "canceled")
                else:
                    order.stuck = True
            case "many_fills":
                self.set_status(order, "new")
                while order.remaining:
                    self.execute(order, min(Decimal(1), order.remaining), plan.price)
            case "set_status":
                self.set_status(order, plan.status or "held")
                order.stuck = True
            case "broker_replaces":
                self.set_status(order, "new")
                self.replace(order, {"qty": plain(max(Decimal(1), order.remaining // 2))})
            case _:
                raise ValueError(f"no plan {plan.name}")
        return True

    def _can_fill(self, order: Order, plan: Plan) -> bool:
        known = plan.price or order.symbol in self.quotes or order.limit_price or order.stop_price
        return bool(known) and self.clock.is_open()

    def _match(self, order: Order) -> None:
        """Fill what the quote allows. A stop triggers first; IOC and FOK do not rest."""
        asset = self.asset(order.symbol)
        quote = self.quotes.get(order.symbol)
        price = quote[1 if order.side == "buy" else 0] if quote and not asset.halted else None
        if price is not None and order.stop_price is not None and not order.triggered:
            order.triggered = price >= order.stop_price if order.side == "buy" else price <= order.stop_price
        ready = price is not None and (order.stop_price is None or order.triggered)
        if ready and order.limit_price is not None:
            ready = rules.crosses(order.side, order.limit_price, price or ZERO)
        size = min(order.remaining, asset.liquidity if asset.liquidity is not None else order.remaining)
        if order.time_in_force == "fok" and size < order.remaining:
            ready = False
        if ready and size > 0:
            self.execute(order, size, price)
        if order.time_in_force in ("ioc", "fok") and order.open:
            self.set_status(order, "canceled")

    # -- what a script does to the account ----

    def move_cash(self, amount: Decimal, kind: str, symbol: str | None = None, description: str = "") -> None:
        """Fees, dividends, journals: cash moves and an activity of `kind` tells of it."""
        self.cash += amount
        at = self.clock.tick()
        day = datetime.fromtimestamp(at // SECOND, NEW_YORK).date()
        self.journal.write("cash", amount=plain(amount), type=kind, symbol=symbol, cash=plain(self.cash))
        self._add_activity(
            at, kind, day, net_amount=plain(amount), symbol=symbol, description=description, status="executed"
        )

    def split(self, symbol: str, ratio: Decimal) -> None:
        """A split of `ratio` new shares for one: positions and quotes change overnight, open orders are cancelled."""
        held = self.holdings.get(symbol)
        at = self.clock.tick()
        if held is not None:
            added = held.quantity * (ratio - 1)
            held.quantity += added
            day = datetime.fromtimestamp(at // SECOND, NEW_YORK).date()
            self._add_activity(
                at, "SPLIT", day, net_amount="0", symbol=symbol, qty=plain(added), description="", status="executed"
            )
        if symbol in self.quotes:
            bid, ask = self.quotes[symbol]
            self.quotes[symbol] = (bid / ratio, ask / ratio)
        self.journal.write(
            "action", action="split", symbol=symbol, ratio=plain(ratio), position=plain(self.position(symbol))
        )
        for order in self.open_orders(symbol):
            self.set_status(order, "canceled")

    def dividend(self, symbol: str, per_share: Decimal) -> None:
        """A cash dividend on the position of the moment; a short position pays it."""
        amount = round(self.position(symbol) * per_share, 2)
        self.journal.write("action", action="dividend", symbol=symbol, per_share=plain(per_share), amount=plain(amount))
        if amount:
            self.move_cash(amount, "DIV", symbol)

    def _add_activity(self, at: int, kind: str, day: date, **facts: Any) -> None:
        self.activities.append(
            {"id": f"{_new_york_digits(at)}::{self.uuid()}", "activity_type": kind, "date": day.isoformat(), **facts}
        )

    def _tell(self, order: Order, event: str, execution: Execution | None = None) -> None:
        data: dict[str, Any] = {
            "event": event,
            "event_id": self.uuid(),
            "timestamp": rfc3339(order.updated_at + self.clock.skew),
            "order": order.as_json(self.clock.skew),
        }
        if execution is not None:
            data |= {
                "execution_id": execution.id, "price": plain(execution.price), "qty": plain(execution.quantity),
                "position_qty": plain(self.position(order.symbol)),
            }  # fmt: skip
        self.publish(data)


def _new_york_digits(ns: int) -> str:
    """The first half of an activity's id: New York's wall time to the millisecond, as Alpaca's are."""
    return f"{datetime.fromtimestamp(ns // SECOND, NEW_YORK):%Y%m%d%H%M%S}{ns % SECOND // MILLISECOND:03d}"


def _facts(order: Order) -> dict[str, Any]:
    """An accepted order's line in the journal."""
    shape = order.as_json()
    names = (
        "client_order_id",
        "symbol",
        "side",
        "qty",
        "notional",
        "type",
        "time_in_force",
        "limit_price",
        "stop_price",
    )
    return {"order_id": order.id, **{name: shape[name] for name in names}}
