"""What a source of bars is, and what it hands over.

A provider declares once what its prices are (basis, kind), how it ranks and how late its bars are known;
ref.providers keeps that, and the database elects by it. It fetches payloads: the raw bytes as received, and the rows
read from them. It decides nothing about validity: a row goes to the database as it is, and is judged there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

import pandas as pd

#: Columns a frame of bars may have, beside `session`; one it lacks is NULL in every row, a NaN is received as such.
PRICE_COLUMNS = ("open", "high", "low", "close", "adj_close", "volume")

#: Faults named in one reason; a file of another kind has as many as it has lines.
NAMED_MAX = 20


@dataclass(frozen=True)
class Action:
    """A split or dividend. `factor` multiplies every price from the ex-date on (ruling F9); `amount` is the shares
    for one (split) or USD a share (dividend)."""

    ex_date: date
    kind: str
    factor: float
    amount: float


@dataclass(frozen=True)
class SymbolBars:
    """Rows of one symbol in the order received: column `session` (datetime64, date only) and some of PRICE_COLUMNS
    (float64; Float64, where NA is a cell that said nothing, and no NaN).

    `actions`: all splits and dividends with ex-dates within the rows' sessions; None where the source says nothing of
    them.
    """

    symbol: str
    rows: pd.DataFrame
    actions: tuple[Action, ...] | None = None


@dataclass(frozen=True)
class Answer:
    """One answer of a source: `content` byte for byte, and what was asked for (without secrets)."""

    content: bytes
    content_type: str
    status: str
    request: Mapping[str, Any]


@dataclass(frozen=True)
class Payload(Answer):
    """An answer and the bars read from it.

    `unreadable`: symbols asked for whose rows could not be read, with the reason; they become refused batches.
    `faults`: places of the answer that could not be read (`line 7`), with the reason; all else was.
    """

    bars: tuple[SymbolBars, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def listed(faults: Mapping[str, str]) -> str:
    """Places and their reasons as one reason of bounded length."""
    named = "; ".join(f"{place}: {why}" for place, why in list(faults.items())[:NAMED_MAX])
    return named if len(faults) <= NAMED_MAX else f"{named}; and {len(faults) - NAMED_MAX:,} more"


@dataclass(frozen=True)
class Window:
    """Sessions that are asked for, both ends included: exchange dates (UTC dates for crypto)."""

    first: date
    last: date


#: Characters of a reason: it may quote what was received.
REASON_MAX = 500

#: Why a source gave no rows. REFUSED: 400, 401, 403, never asked again (ruling F8). NO_KEY, NOT_INSTALLED: it was not
#: asked at all. THROTTLED, UNAVAILABLE: 429, 5xx or no connection, after every repetition. NOT_FOUND: it knows no such
#: symbol. UNREADABLE, TOO_LARGE: an answer, and not one that can be read.
Fault = Literal[
    "REFUSED", "NO_KEY", "NOT_INSTALLED", "THROTTLED", "UNAVAILABLE", "NOT_FOUND", "UNREADABLE", "TOO_LARGE"
]


@dataclass(frozen=True)
class Exchange:
    """What came of asking a source for one symbol: every answer byte for byte in the order received, refused ones and
    those before a repetition included; and the fault that ended it, with its reason in words, or none.
    """

    answers: tuple[Answer, ...]
    fault: Fault | None = None
    reason: str | None = None


class Unreadable(ValueError):
    """Answers from which no rows can be read; its text is the reason."""

    def __init__(self, reason: str) -> None:
        """reason: may quote what was received; what cannot be printed, and no database stores, is spelled out."""
        super().__init__("".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in reason)[:REASON_MAX])


class Source(Protocol):
    """What ref.providers keeps of a source."""

    name: str
    description: str
    priority: int
    price_basis: str
    price_kind: str
    delay_minutes: int


class Provider(Source, Protocol):
    """A source of bars. One module, one line in runner.providers.PROVIDERS, one row in ref.providers."""

    group: str

    def symbols(self) -> tuple[str, ...]:
        """Our symbols that it can be asked for, ascending."""

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        """Answers that cover `symbols`, each of which is one of `symbols()`.

        Raises: DataUnusable where the source as a whole is not there, with the remedy.
        """

    def read(self, answer: Answer, symbols: Sequence[str]) -> Payload:
        """The rows of `symbols` in an answer; pure, so that the archive gives the same rows again."""


class RemoteProvider(Source, Protocol):
    """A source of bars asked over the network, one symbol at a time.

    capabilities: asset class -> days of history it has at most; a class that is not there cannot be asked for.
    requires_entitlement: whether it answers only a key. requests_per_minute, connections: its limits, all threads
    together.
    """

    capabilities: Mapping[str, int]
    requires_entitlement: bool
    requests_per_minute: int
    connections: int

    def ask(self, symbol: str, asset_class: str, window: Window) -> Exchange:
        """Ask for daily bars and actions of `window`; safe from several threads. Never raises for what a source or a
        network does."""

    def read(self, symbol: str, asset_class: str, window: Window, answers: Sequence[Answer]) -> SymbolBars:
        """The rows in the answers that count; pure, so that the archive gives the same rows again.

        Raises: Unreadable.
        """


def rows_of(
    provider: RemoteProvider, symbol: str, asset_class: str, window: Window, answers: Sequence[Answer]
) -> SymbolBars:
    """What `provider` reads in answers. An answer of a shape nobody has seen is one that cannot be read, too.

    Raises: Unreadable.
    """
    try:
        return provider.read(symbol, asset_class, window, answers)
    except Unreadable:
        raise
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
        raise Unreadable(f"an answer of an unknown shape ({type(error).__name__})") from error
