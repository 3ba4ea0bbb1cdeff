"""Bars from a CSV file, plain or gzip: the way in for a vendor's export, `ingest --file bars.csv --basis raw`.

Columns: symbol, session (or date), open, high, low, close, volume; optional adj_close. A session is YYYY-MM-DD and
nothing else: an instant belongs to one day in New York and to another in UTC. A number is written with a point and no
separators; nan and inf are numbers that the database sets aside. An empty cell says nothing: NULL. What the prices are,
raw or adjusted, no file tells: the caller says it, and each basis is a source of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from runner.errors import DataUnusable
from runner.providers import csv_lines
from runner.providers.base import PRICE_COLUMNS, Answer, Payload, SymbolBars, listed

#: Basis of a file's prices -> priority of its source: behind every source that was asked.
BASES = {"raw": 910, "split_adjusted": 920, "fully_adjusted": 930}
REQUIRED = ("symbol", "session", "open", "high", "low", "close", "volume")
OPTIONAL = ("adj_close",)
OTHER_NAMES = {"date": "session"}

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|inf|infinity)", re.IGNORECASE)


@dataclass
class _Lines:
    """Lines of one symbol: what was read, and what could not be, by place."""

    sessions: list[date] = field(default_factory=list)
    prices: list[dict[str, float]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """Columns as SymbolBars has them, Float64: an empty cell is NA, nan is NaN."""
        columns: dict[str, object] = {"session": np.array(self.sessions, "datetime64[s]")}
        for name in PRICE_COLUMNS:
            values = np.array([row.get(name, np.nan) for row in self.prices])
            columns[name] = pd.arrays.FloatingArray(values, np.array([name not in row for row in self.prices]))
        return pd.DataFrame(columns)


class FileBars:
    """One file as one payload."""

    group = "file"
    price_kind = "ohlcv"
    delay_minutes = 30

    def __init__(self, path: Path, basis: str) -> None:
        """The file at `path`, its prices on `basis`, a key of BASES."""
        self.path = path
        self.name = f"file_{basis}"
        self.description = f"a CSV file given to ingest --file --basis {basis}"
        self.priority = BASES[basis]
        self.price_basis = basis

    def symbols(self) -> tuple[str, ...]:
        """Every symbol the file names; none where it is no file of bars. Raises: DataUnusable where there is none."""
        return tuple(sorted(_parse(self.path, self._content)[0]))

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        """The file, with the rows of `symbols`. Raises: DataUnusable where there is none."""
        yield self.read(Answer(self._content, "text/csv", "file", {"file": self.path.name}), symbols)

    def read(self, answer: Answer, symbols: Sequence[str]) -> Payload:
        """What the file says of `symbols`; pure. A line that cannot be read is named, all others are handed over; what
        is no file of bars is one fault."""
        by_symbol, nobodys = _parse(self.path, answer.content)
        wanted = {symbol: by_symbol[symbol] for symbol in symbols if symbol in by_symbol}
        return Payload(
            content=answer.content,
            content_type=answer.content_type,
            status=answer.status,
            request=answer.request,
            bars=tuple(SymbolBars(symbol, lines.frame()) for symbol, lines in wanted.items() if lines.sessions),
            unreadable={symbol: listed(lines.faults) for symbol, lines in wanted.items() if lines.faults},
            faults={**nobodys, **{place: why for lines in wanted.values() for place, why in lines.faults.items()}},
        )

    @cached_property
    def _content(self) -> bytes:
        return csv_lines.content_of(self.path)


@lru_cache(maxsize=1)
def _parse(path: Path, content: bytes) -> tuple[dict[str, _Lines], dict[str, str]]:
    """Lines by symbol, and the faults of those that have none; the file at hand is parsed once."""
    by_symbol: dict[str, _Lines] = {}
    nobodys: dict[str, str] = {}
    try:
        read = list(csv_lines.read(path, content, REQUIRED, OPTIONAL, OTHER_NAMES))
    except DataUnusable as error:
        return {}, {"file": str(error)}
    for line in read:
        if line.fault is not None:
            nobodys[line.place] = line.fault
            continue
        lines = by_symbol.setdefault(line.symbol, _Lines())
        try:
            session, prices = _session(line.cells), _prices(line.cells)
        except ValueError as error:
            lines.faults[line.place] = str(error)
        else:
            lines.sessions.append(session)
            lines.prices.append(prices)
    return by_symbol, nobodys


def _session(cells: Mapping[str, str]) -> date:
    text = cells.get("session", "").strip()
    if not _DATE.fullmatch(text):
        raise ValueError(f"session {text[:40]!r} is not a date YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"session {text!r} is no day of a calendar") from None


def _prices(cells: Mapping[str, str]) -> dict[str, float]:
    found = {name: cells[name].strip() for name in PRICE_COLUMNS if name in cells}
    for name, text in found.items():
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{name} {text[:40]!r} is not a number")
    return {name: float(text) for name, text in found.items()}
