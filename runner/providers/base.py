"""What a source of bars is, and what it hands over.

A provider declares once what its prices are (basis, kind), how it ranks and how late its bars are known;
ref.providers keeps that, and the database elects by it. It fetches payloads: the raw bytes as received, and the rows
read from them. It decides nothing about validity: a row goes to the database as it is, and is judged there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import pandas as pd

#: Columns a frame of bars may have, beside `session`; one it lacks is NULL in every row, a NaN is received as such.
PRICE_COLUMNS = ("open", "high", "low", "close", "adj_close", "volume")


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
    (float64).

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
    """

    bars: tuple[SymbolBars, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)


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
