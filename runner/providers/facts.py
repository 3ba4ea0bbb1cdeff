"""What a source of filings or headlines is, and what it hands over.

Like a source of bars it decides nothing about validity: a cell goes to the database as the text that was received, and
is judged there. The one thing it must know is when a thing was public: a date alone means the end of that day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from runner.providers.base import Answer, Fault, Source

Kind = Literal["fundamentals", "news"]

#: Numbers of market.fundamentals, by its columns' names.
NUMBERS = (
    "eps_diluted",
    "revenue",
    "net_income",
    "operating_cash_flow",
    "capital_expenditure",
    "free_cash_flow",
    "dividends_paid",
    "dividends_per_share",
    "book_value",
    "total_assets",
    "total_liabilities",
    "shares_outstanding",
    "market_cap",
)

_NEW_YORK = ZoneInfo("America/New_York")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Until when of a day EDGAR takes filings, and when a day of news is over.
_FILED, _PUBLISHED = time(22), time(23, 59, 59)


@dataclass(frozen=True)
class SymbolFacts:
    """Statements or headlines of one symbol in the order received: keys as market.ingest_fundamentals or ingest_news
    takes them, values as text (symbols: a list of text); what a row does not say is left out.
    """

    symbol: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class FactsPayload(Answer):
    """An answer and the facts read from it.

    unreadable: symbols whose rows could not be read, with the reason; they become refused batches, for `fault`. faults:
    places of the answer that could not be read or belong to no symbol (`line 7`), with the reason; all else was read.
    earlier: the answers of attempts that were made again before it, in order.
    """

    kind: Kind
    facts: tuple[SymbolFacts, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = "UNREADABLE"
    earlier: tuple[Answer, ...] = ()


class FactsProvider(Source, Protocol):
    """A source of filings or headlines. One module, one row in ref.providers."""

    def symbols(self) -> tuple[str, ...] | None:
        """Our symbols that it can be asked for, ascending; None where only its answer tells."""

    def fetch(self, symbols: Sequence[str]) -> Iterator[FactsPayload]:
        """Answers about `symbols`. Raises: DataUnusable where the source as a whole is not there, with the remedy."""

    def read(self, answer: Answer, symbols: Sequence[str]) -> FactsPayload:
        """What an answer says of `symbols`; pure, so that the archive gives the same rows again."""


def filed_at(text: str) -> str:
    """A filing's instant; of a date alone the end of EDGAR's acceptance on it, 22:00 New York."""
    return _end_of(text, _FILED)


def published_at(text: str) -> str:
    """A headline's instant; of a date alone the end of that day in New York."""
    return _end_of(text, _PUBLISHED)


def _end_of(text: str, end: time) -> str:
    if not _DATE.fullmatch(text):
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return datetime.combine(day, end, _NEW_YORK).isoformat()


def cell(value: object) -> str:
    """A value as text the database can receive: what no text of it may contain becomes U+FFFD, which it sets aside."""
    text = repr(value) if isinstance(value, float) else str(value)
    return text.replace("\x00", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
