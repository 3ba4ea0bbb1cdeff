"""Sources asked over the network, in this process: they answer what a test says, and count what they were asked."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from runner.providers.base import Action, Answer, Exchange, Fault, SymbolBars, Unreadable, Window

#: What a source answers to (symbol, window): rows, or a fault with the status it came with.
Said = Callable[[str, Window], "list[dict[str, object]] | Refusal"]


@dataclass(frozen=True)
class Refusal:
    """A fault, its reason and the HTTP status it came with (None: no answer came)."""

    fault: Fault
    reason: str = "no"
    status: str | None = None


@dataclass
class Remote:
    """A `RemoteProvider` whose answers are JSON of what `said` gives; reading them is pure."""

    name: str
    priority: int
    said: Said
    capabilities: Mapping[str, int] = field(default_factory=lambda: {"equity": 5000})
    description: str = "a source of tests"
    price_basis: str = "raw"
    price_kind: str = "ohlcv"
    delay_minutes: int = 30
    requires_entitlement: bool = False
    requests_per_minute: int = 600_000
    connections: int = 4
    asked: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, symbol: str, asset_class: str, window: Window) -> Exchange:
        with self.lock:
            self.asked[symbol] += 1
        said = self.said(symbol, window)
        request = {"symbol": symbol, "class": asset_class, "from": str(window.first), "to": str(window.last)}
        if isinstance(said, Refusal):
            body = said.reason.encode()
            answers = () if said.status is None else (Answer(body, "text/html", said.status, request),)
            return Exchange(answers, said.fault, said.reason)
        body = json.dumps(said).encode()
        half = len(body) // 2  # two parts, so that the order of parts matters
        return Exchange(tuple(Answer(part, "application/json", "200", request) for part in (body[:half], body[half:])))

    def read(self, symbol: str, asset_class: str, window: Window, answers: Sequence[Answer]) -> SymbolBars:
        try:
            said = json.loads(b"".join(answer.content for answer in answers))
        except ValueError as error:
            raise Unreadable(f"not JSON: {error}") from None
        actions = tuple(
            Action(pd.Timestamp(row["session"]).date(), "split", row["split"], row["split"])
            for row in said
            if "split" in row
        )
        frame = pd.DataFrame(said, columns=["session", "open", "high", "low", "close", "volume"])
        numbers = frame.drop(columns="session").astype("float64")
        return SymbolBars(symbol, numbers.assign(session=pd.to_datetime(frame["session"])), actions)


def bars(sessions: Sequence[object], close: float = 10.0) -> list[dict[str, object]]:
    """A good bar for each session; later ones a cent higher."""
    return [
        {"session": str(day)[:10], "open": price, "high": price + 1, "low": price - 1, "close": price, "volume": 1e6}
        for price, day in ((close + 0.01 * number, day) for number, day in enumerate(sessions))
    ]
