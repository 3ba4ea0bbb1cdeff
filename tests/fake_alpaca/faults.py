"""The catalogue of what goes wrong, and the script that says where: every broker fault of INVARIANTS.

A fault names a request (`op`, its `nth` occurrence from when the fault was set, `count` of them, None: for good;
`where`: values the request's body or query must have) and one entry of CATALOGUE. Phases:

  wire      what happens to the answer of a request: before it is looked at, or after it was carried out
  answer    the request is carried out and answered; the answer's body lies
  plan      an accepted order is treated as no order should be (the request and its answer are well)
  stream    trade_updates, from now on (no op)
  broker    the account, an asset, the clock, from now on (no op)
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Phase = Literal["wire", "answer", "plan", "stream", "broker"]


@dataclass(frozen=True)
class Entry:
    """One fault. defaults: its parameters with the value each takes when the script is silent."""

    phase: Phase
    about: str
    defaults: Mapping[str, Any] = field(default_factory=dict)


CATALOGUE: dict[str, Entry] = {
    # -- wire: no answer, or not this one ----
    "timeout_before": Entry("wire", "read, not carried out, no answer until the client gives up", {"seconds": 60}),
    "timeout_after": Entry("wire", "carried out, no answer until the client gives up", {"seconds": 60}),
    "timeout_mid_body": Entry("wire", "carried out, half an answer, then silence", {"seconds": 60}),
    "reset_before": Entry("wire", "connection reset, not carried out"),
    "reset_after": Entry("wire", "carried out, then the connection is reset"),
    "reset_mid_body": Entry("wire", "carried out, half an answer, then a reset"),
    "drip": Entry("wire", "carried out, answered a byte at a time", {"interval": 0.5}),
    "status_before": Entry("wire", "not carried out; a gateway's page", {"status": 503}),
    "status_after": Entry("wire", "carried out; a gateway's page", {"status": 504}),
    "rate_limited": Entry("wire", "429 with Alpaca's headers, not carried out", {"retry_after": 1}),
    "rate_limited_bare": Entry("wire", "429 without headers, not carried out"),
    "unauthorized": Entry("wire", "401, not carried out"),
    "forbidden": Entry(
        "wire",
        "403, not carried out; meaning: key, buying_power, quantity, wash_trade, blocked, liquidation, pdt, html",
        {"meaning": "key"},
    ),
    "invalid": Entry("wire", "422 of validation, not carried out", {"message": "qty must be > 0"}),
    "duplicate_id": Entry("wire", "carried out, yet answered 422 'client_order_id must be unique'"),
    "not_found": Entry("wire", "404, not carried out"),
    "redirect": Entry("wire", "307 to another path, not carried out", {"location": "/v2/elsewhere"}),
    "html": Entry("wire", "carried out; 200 with an HTML page"),
    "empty": Entry("wire", "carried out; 200 with an empty body"),
    "truncated": Entry("wire", "carried out; 200 with JSON cut in half, length and all"),
    "wrong_shape": Entry("wire", "carried out; 200 with JSON of another shape", {"body": {"unexpected": True}}),
    "json_null": Entry("wire", "carried out; 200 with `null`"),
    "huge": Entry("wire", "carried out; 200 with a body of many bytes", {"bytes": 50_000_000}),
    # -- answer: carried out, and told wrongly ----
    "field": Entry(
        "answer",
        "a field of the answer (or of every row) is a number, null, exponent, nan, infinity, negative, empty, "
        "text, or missing",
        {"field": "qty", "as": "nan"},
    ),
    "unknown_status": Entry("answer", "a status nobody has heard of", {"status": "awaiting_moonrise"}),
    "short_page": Entry("answer", "a list stops early although more exists", {"drop": 1}),
    "repeated_row": Entry("answer", "a list gives its first row twice"),
    "stale_list": Entry("answer", "a list misses the orders or activities of the last requests", {"drop_newest": 1}),
    # -- plan: what becomes of an accepted order ----
    "hide_order": Entry(
        "plan", "404 by client id, absent from lists, for so many questions", {"lookups": 1, "lists": 0}
    ),
    "reject_later": Entry("plan", "accepted, then rejected"),
    "stuck": Entry("plan", "nothing ever happens to it; a cancel stays pending"),
    "partial_fill": Entry("plan", "filled in part, then nothing", {"fraction": "0.5"}),
    "partial_then_cancelled": Entry("plan", "filled in part, then cancelled by the broker", {"fraction": "0.5"}),
    "slow_cancel": Entry("plan", "a cancel stays pending_cancel for good"),
    "fill_during_cancel": Entry("plan", "its cancel is taken (204), and it fills"),
    "fill_after_cancel": Entry("plan", "cancelled, and filled all the same"),
    "broker_replaces": Entry("plan", "the broker (or a hand in its web page) replaces it by another with its own id"),
    "many_fills": Entry("plan", "filled share by share: as many executions as shares"),
    "set_status": Entry("plan", "any status after acceptance", {"status": "held"}),
    # -- stream ----
    "stream_drop": Entry("stream", "every connection is cut, once"),
    "stream_mute": Entry("stream", "connected, and nothing is told"),
    "stream_refuse": Entry("stream", "no connection, once or for good", {"how": "handshake"}),
    "stream_duplicate": Entry("stream", "every event twice"),
    "stream_early": Entry("stream", "events leave before the answer to the request that caused them"),
    "stream_late": Entry("stream", "events leave after a while", {"seconds": 1.0}),
    "stream_reorder": Entry("stream", "events leave in groups, shuffled by the seed", {"group": 3}),
    "stream_garbage": Entry("stream", "a frame that is not JSON before each event"),
    # -- broker ----
    "halt": Entry("broker", "a symbol rests: accepted, not executed", {"symbol": "AAA", "halted": True}),
    "blocked": Entry("broker", "trading_blocked and account_blocked"),
    "equity_zero": Entry("broker", "no equity, no buying power"),
    "closed_day": Entry("broker", "no session on a day", {"day": None}),
    "half_day": Entry("broker", "a session that ends early", {"day": None, "close": "13:00"}),
    "clock_skew": Entry("broker", "every instant the broker tells is off", {"seconds": 120}),
    "tied_instants": Entry("broker", "orders share one submitted_at"),
    "bust": Entry("broker", "the last execution (of a symbol) is undone", {"symbol": None}),
    "split": Entry("broker", "a split overnight", {"symbol": "AAA", "ratio": "2"}),
    "dividend": Entry("broker", "a cash dividend overnight", {"symbol": "AAA", "per_share": "0.25"}),
}

#: The words of INVARIANTS, each with the entries (or the rule of the exchange) that produce it.
OF_INVARIANTS: dict[str, tuple[str, ...]] = {
    "time-out before accept": ("timeout_before", "reset_before"),
    "time-out after accept": ("timeout_after", "reset_after", "drip"),
    "time-out mid-body": ("timeout_mid_body", "reset_mid_body"),
    "504 after accept": ("status_after",),
    "500/502/503": ("status_before", "status_after"),
    "429 with and without headers": ("rate_limited", "rate_limited_bare"),
    "401": ("unauthorized",),
    "403 in its several meanings": ("forbidden",),
    "422 duplicate id, also of a cancelled order": ("duplicate_id",),
    "HTML with 200": ("html",),
    "empty 200": ("empty",),
    "truncated JSON": ("truncated", "wrong_shape", "json_null", "huge"),
    "numbers as string, null, exponent, NaN": ("field",),
    "unknown status": ("unknown_status", "set_status"),
    "404 by client id right after accept, then 200": ("hide_order",),
    "a list that misses a recent order": ("hide_order", "stale_list", "short_page"),
    "more than 500 orders": (),
    "accepted then rejected": ("reject_later",),
    "stuck for hours": ("stuck",),
    "partial fill then cancelled": ("partial_then_cancelled", "partial_fill"),
    "fill after cancel": ("fill_after_cancel", "fill_during_cancel", "slow_cancel"),
    "replaced": ("broker_replaces",),
    "duplicate, early, late, reordered fill events": (
        "stream_duplicate", "stream_early", "stream_late", "stream_reorder", "repeated_row", "many_fills",
    ),
    "trade bust": ("bust",),
    "stream dropped, mute, refused": ("stream_drop", "stream_mute", "stream_refuse", "stream_garbage"),
    "halted symbol": ("halt",),
    "market closed, half day": ("closed_day", "half_day"),
    "refused fractional short": (),
    "account blocked": ("blocked",),
    "equity zero": ("equity_zero",),
    "corporate action overnight": ("split", "dividend"),
    "clock skew": ("clock_skew", "tied_instants"),
}  # fmt: skip

#: What a seeded script draws from, per request: faults that any request of the kind can meet.
_WIRE = [
    "timeout_before", "timeout_after", "timeout_mid_body", "reset_before", "reset_after", "reset_mid_body",
    "status_before", "status_after", "rate_limited", "rate_limited_bare", "html", "empty", "truncated", "wrong_shape",
    "json_null",
]  # fmt: skip
SEEDED: dict[str, list[str]] = {
    "POST /v2/orders": [
        *_WIRE, "duplicate_id", "hide_order", "reject_later", "stuck", "partial_fill", "partial_then_cancelled",
        "fill_during_cancel", "fill_after_cancel", "many_fills",
    ],
    "GET /v2/orders:by_client_order_id": [*_WIRE, "not_found"],
    "GET /v2/orders": [*_WIRE, "short_page", "repeated_row", "stale_list"],
    "DELETE /v2/orders/{id}": _WIRE,
    "GET /v2/positions": _WIRE,
    "GET /v2/account": _WIRE,
    "GET /v2/account/activities/FILL": [*_WIRE, "short_page", "repeated_row", "stale_list"],
    "GET /v2/clock": _WIRE,
}  # fmt: skip


class UnknownFault(ValueError):
    """A script names a fault or a parameter that is not in the catalogue."""


@dataclass
class Fault:
    """One line of a script. left: occurrences it still applies to, None for good."""

    name: str
    op: str
    nth: int = 1
    count: int | None = 1
    where: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seen: int = 0
    used: int = 0

    @property
    def entry(self) -> Entry:
        """Its line of the catalogue."""
        return CATALOGUE[self.name]

    @property
    def spent(self) -> bool:
        """Whether it is over."""
        return self.count is not None and self.used >= self.count

    def get(self, name: str) -> Any:
        """A parameter."""
        return self.parameters.get(name, self.entry.defaults[name])

    def meets(self, op: str, facts: Mapping[str, Any]) -> bool:
        """Count a request; whether the fault applies to it."""
        if self.op not in (op, "*") or self.spent:
            return False
        if any(str(facts.get(name)) != str(value) for name, value in self.where.items()):
            return False
        self.seen += 1
        if self.seen < self.nth:
            return False
        self.used += 1
        return True


def parse(line: Mapping[str, Any]) -> Fault:
    """A line of a script: {"fault": name, "op": "POST /v2/orders", "nth": 1, "count": 1, "where": {}, parameters…}.

    Raises: UnknownFault.
    """
    rest = dict(line)
    name = str(rest.pop("fault", ""))
    entry = CATALOGUE.get(name)
    if entry is None:
        raise UnknownFault(f"no fault is called {name!r}: `python -m tests.fake_alpaca faults` lists them")
    op = str(rest.pop("op", "POST /v2/orders" if entry.phase == "plan" else ""))
    if entry.phase in ("wire", "answer", "plan") and not op:
        raise UnknownFault(f"{name} needs an op, such as 'GET /v2/orders' or '*'")
    nth, count, where = rest.pop("nth", 1), rest.pop("count", 1), rest.pop("where", {})
    if unknown := set(rest) - set(entry.defaults):
        raise UnknownFault(
            f"{name} has no parameter {', '.join(sorted(unknown))}: it takes {', '.join(entry.defaults) or 'none'}"
        )
    return Fault(name, op, int(nth), None if count is None else int(count), where, rest)


class Script:
    """The faults that are set. Thread-safe."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Set one more."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Set none."""
        with self._lock:
            self._faults.clear()

    def take(self, op: str, facts: Mapping[str, Any]) -> list[Fault]:
        """Faults of this request, in the order they were set: at most one of the wire."""
        with self._lock:
            met: list[Fault] = []
            for fault in self._faults:
                wired = fault.entry.phase == "wire" and any(other.entry.phase == "wire" for other in met)
                if not wired and fault.meets(op, facts):
                    met.append(fault)
            return met

    def unused(self) -> list[str]:
        """Faults that never came to pass: a test that set one for nothing shows nothing."""
        with self._lock:
            return [f"{fault.name} at {fault.op}" for fault in self._faults if not fault.used]


def seeded(seed: int, count: int, ops: list[str] | None = None) -> list[dict[str, Any]]:
    """`count` lines of a script, the same for the same seed."""
    draw = random.Random(seed)
    lines = []
    for _ in range(count):
        op = draw.choice(ops or sorted(SEEDED))
        lines.append({"fault": draw.choice(SEEDED[op]), "op": op, "nth": draw.randint(1, 3)})
    return lines
