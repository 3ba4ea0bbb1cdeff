"""The script's own requests, /__…: what a test or a hand does to the broker. Every one of them is in the journal.

POST bodies are JSON objects; each path is one method below and `python -m tests.fake_alpaca do PATH JSON` sends any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from tests.fake_alpaca.clock import SECOND, parse_instant, rfc3339
from tests.fake_alpaca.exchange import ACCOUNT, Exchange
from tests.fake_alpaca.faults import CATALOGUE, Fault, Script, UnknownFault, parse, seeded
from tests.fake_alpaca.orders import Order, plain
from tests.fake_alpaca.rules import not_found
from tests.fake_alpaca.stream import Behaviour, Hub


class Worlds(Protocol):
    """Where accounts come from: the server."""

    def world(self, **world: Any) -> Exchange: ...

    def saved(self) -> tuple[Exchange, list[str]]: ...

    def restored(self, saved: tuple[Exchange, list[str]]) -> Exchange: ...


class Control:
    """What /__… does."""

    def __init__(self, exchange: Exchange, script: Script, hub: Hub, worlds: Worlds) -> None:
        self.exchange, self.script, self.hub, self._worlds = exchange, script, hub, worlds
        self._saved: dict[str, tuple[Exchange, list[str]]] = {}
        self.paths: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            name.removeprefix("do_"): getattr(self, name) for name in dir(self) if name.startswith("do_")
        }

    def do_state(self, body: Mapping[str, Any]) -> Any:
        """Clock, cash, positions, open orders, faults not yet met."""
        exchange = self.exchange
        return {
            "now": rfc3339(exchange.clock.now()),
            "open": exchange.clock.is_open(),
            "account_id": exchange.account_id,
            "cash": plain(exchange.cash),
            "positions": {symbol: plain(held.quantity) for symbol, held in exchange.holdings.items()},
            "orders": len(exchange.orders),
            "open_orders": [order.client_order_id for order in exchange.open_orders()],
            "listeners": self.hub.listeners(),
            "faults_left": self.script.unused(),
        }

    def do_orders(self, body: Mapping[str, Any]) -> Any:
        """Every order the broker has, oldest first."""
        return [order.as_json() for order in self.exchange.orders.values()]

    def do_reset(self, body: Mapping[str, Any]) -> Any:
        """A new, empty account: {"clock", "running": false, "cash", "seed", "fills", "account_id", "unique_ids"}."""
        self.do_clear({})
        self.hub.drop()
        self.exchange = self._worlds.world(**body)
        return self.do_state({})

    def do_save(self, body: Mapping[str, Any]) -> Any:
        """{"name"}: keep the account as it stands, its lines of the journal included."""
        self._saved[str(body["name"])] = self._worlds.saved()
        return sorted(self._saved)

    def do_restore(self, body: Mapping[str, Any]) -> Any:
        """{"name"}: back to what was kept under it, without any fault."""
        self.do_clear({})
        self.hub.drop()
        self.exchange = self._worlds.restored(self._saved[str(body["name"])])
        return self.do_state({})

    def do_clock(self, body: Mapping[str, Any]) -> Any:
        """{"now": instant, "running": false}: what is due by then happens, opening by opening."""
        clock = self.exchange.clock
        clock.set(parse_instant(body["now"]), bool(body.get("running", False)))
        return clock.as_json()

    def do_prices(self, body: Mapping[str, Any]) -> Any:
        """{"AAA": [bid, ask], "BBB": price}: quotes; open orders are matched with them."""
        for symbol, quote in body.items():
            bid, ask = quote if isinstance(quote, list) else (quote, quote)
            self.exchange.asset(symbol)
            self.exchange.quotes[symbol] = (Decimal(str(bid)), Decimal(str(ask)))
        return {symbol: [plain(p) for p in quote] for symbol, quote in self.exchange.quotes.items()}

    def do_fill(self, body: Mapping[str, Any]) -> Any:
        """{"order": client or broker id, "quantity": null, "price": null, "keep_status": false}: execute it."""
        order = self._order(body["order"])
        quantity = Decimal(str(body["quantity"])) if body.get("quantity") else order.remaining
        price = Decimal(str(body["price"])) if body.get("price") else None
        execution = self.exchange.execute(order, quantity, price, keep_status=bool(body.get("keep_status")))
        return execution.as_activity()

    def do_status(self, body: Mapping[str, Any]) -> Any:
        """{"order": id, "status": any}: move it, no rule asked."""
        order = self._order(body["order"])
        self.exchange.set_status(order, str(body["status"]))
        return order.as_json()

    def do_place(self, body: Mapping[str, Any]) -> Any:
        """An order from elsewhere (a hand in the broker's web page): a request body, `repeat` of them."""
        rest = dict(body)
        made = [self.exchange.place(rest) for _ in range(int(rest.pop("repeat", 1)))]
        return [order.as_json() for order in made]

    def do_position(self, body: Mapping[str, Any]) -> Any:
        """{"symbol", "quantity", "price"}: shares that were there before anybody looked; cash stays."""
        quantity, price = Decimal(str(body["quantity"])), Decimal(str(body.get("price", 100)))
        self.exchange.book(body["symbol"], quantity, quantity * price)
        self.exchange.cash += quantity * price
        self.exchange.journal.write("action", action="position", symbol=body["symbol"], quantity=plain(quantity))
        return self.exchange.positions_json()

    def do_account(self, body: Mapping[str, Any]) -> Any:
        """Any of status, trading_blocked, account_blocked, shorting_enabled, multiplier, equity, buying_power…"""
        if unknown := set(body) - set(ACCOUNT):
            raise UnknownFault(f"the account has no {', '.join(sorted(unknown))}: it has {', '.join(ACCOUNT)}")
        self.exchange.account |= body
        self.exchange.journal.write("account", **body)
        return self.exchange.account_json()

    def do_asset(self, body: Mapping[str, Any]) -> Any:
        """{"symbol", tradable, shortable, fractionable, halted, liquidity}."""
        asset = self.exchange.asset(body["symbol"])
        for name in ("tradable", "shortable", "fractionable", "halted"):
            if name in body:
                setattr(asset, name, bool(body[name]))
        if "liquidity" in body:
            asset.liquidity = None if body["liquidity"] is None else Decimal(str(body["liquidity"]))
        return self.exchange.asset_json(asset.symbol)

    def do_rules(self, body: Mapping[str, Any]) -> Any:
        """{"unique_ids": false, "fills": "manual"}: another kind of broker from here on."""
        self.exchange.unique_ids = bool(body.get("unique_ids", self.exchange.unique_ids))
        self.exchange.fills = str(body.get("fills", self.exchange.fills))
        return {"unique_ids": self.exchange.unique_ids, "fills": self.exchange.fills}

    def do_cash(self, body: Mapping[str, Any]) -> Any:
        """{"amount", "type": "FEE"}: cash moves, an activity tells of it."""
        self.exchange.move_cash(Decimal(str(body["amount"])), str(body.get("type", "FEE")))
        return {"cash": plain(self.exchange.cash)}

    def do_catalogue(self, body: Mapping[str, Any]) -> Any:
        """Every fault there is."""
        return {name: {"phase": e.phase, "about": e.about, "parameters": e.defaults} for name, e in CATALOGUE.items()}

    def do_seed(self, body: Mapping[str, Any]) -> Any:
        """{"seed", "count", "ops": null}: set so many faults by seed; the script is answered."""
        lines = seeded(int(body["seed"]), int(body.get("count", 5)), body.get("ops"))
        return self.do_faults(lines)

    def do_clear(self, body: Mapping[str, Any]) -> Any:
        """No faults are left; the stream and the account's flags are well again."""
        left = self.script.unused()
        self.script.clear()
        self.hub.behaviour = Behaviour()
        self.exchange.account = dict(ACCOUNT)
        self.exchange.clock.skew, self.exchange.clock.ties = 0, False
        for asset in self.exchange.assets.values():
            asset.halted = False
        return {"unused": left}

    def do_faults(self, body: Mapping[str, Any] | list[Mapping[str, Any]]) -> Any:
        """One line of a script or a list of them (see faults.py)."""
        lines = body if isinstance(body, list) else [body]
        faults = [parse(line) for line in lines]
        for fault in faults:
            if fault.entry.phase in ("stream", "broker"):
                getattr(self, f"_set_{fault.name}")(fault)
            else:
                self.script.add(fault)
        return lines

    # -- faults that are not of a request ----

    def _set_stream_drop(self, fault: Fault) -> None:
        self.hub.drop()

    def _set_stream_mute(self, fault: Fault) -> None:
        self.hub.behaviour.mute = True

    def _set_stream_refuse(self, fault: Fault) -> None:
        self.hub.behaviour.refuse, self.hub.behaviour.refuse_left = str(fault.get("how")), fault.count
        self.hub.drop()

    def _set_stream_duplicate(self, fault: Fault) -> None:
        self.hub.behaviour.copies = 2

    def _set_stream_early(self, fault: Fault) -> None:
        self.hub.behaviour.early = True

    def _set_stream_late(self, fault: Fault) -> None:
        self.hub.behaviour.delay = float(fault.get("seconds"))

    def _set_stream_reorder(self, fault: Fault) -> None:
        self.hub.behaviour.group = int(fault.get("group"))

    def _set_stream_garbage(self, fault: Fault) -> None:
        self.hub.behaviour.garbage = True

    def _set_halt(self, fault: Fault) -> None:
        self.do_asset({"symbol": fault.get("symbol"), "halted": fault.get("halted")})

    def _set_blocked(self, fault: Fault) -> None:
        self.do_account({"trading_blocked": True, "account_blocked": True})

    def _set_equity_zero(self, fault: Fault) -> None:
        self.do_account({"equity": "0", "buying_power": "0"})

    def _set_closed_day(self, fault: Fault) -> None:
        self.exchange.clock.close_day(date.fromisoformat(fault.get("day")))

    def _set_half_day(self, fault: Fault) -> None:
        self.exchange.clock.half_day(date.fromisoformat(fault.get("day")), str(fault.get("close")))

    def _set_clock_skew(self, fault: Fault) -> None:
        self.exchange.clock.skew = int(float(fault.get("seconds")) * SECOND)

    def _set_tied_instants(self, fault: Fault) -> None:
        self.exchange.clock.ties = True

    def _set_bust(self, fault: Fault) -> None:
        symbol = fault.get("symbol")
        found = [e for e in self.exchange.executions.values() if symbol in (None, e.order.symbol)]
        if not found:
            raise UnknownFault("there is no execution to bust")
        self.exchange.bust(found[-1])

    def _set_split(self, fault: Fault) -> None:
        self.exchange.split(fault.get("symbol"), Decimal(str(fault.get("ratio"))))

    def _set_dividend(self, fault: Fault) -> None:
        self.exchange.dividend(fault.get("symbol"), Decimal(str(fault.get("per_share"))))

    def _order(self, name: str) -> Order:
        order = self.exchange.by_client.get(name) or self.exchange.orders.get(name)
        if order is None:
            raise not_found(f"order not found for {name}")
        return order
