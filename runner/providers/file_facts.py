"""Statements or headlines from a CSV file, plain or gzip: the way in for a vendor's export.

Columns of `--fundamentals`: symbol, period_end, period_months (0, 3, 6, 9, 12), form, filed_at, and any of accession
and the numbers of market.fundamentals in USD. Columns of `--news`: symbol, published_at, source, headline, and any of
story (the source's own number) and symbols (all the story names, separated by spaces). An instant is ISO 8601 with an
offset; a date alone is the end of that day, see runner/providers/facts.py. An empty cell says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runner.providers import csv_lines
from runner.providers.base import Answer
from runner.providers.facts import NUMBERS, FactsPayload, Kind, SymbolFacts, filed_at, published_at

#: Required columns and optional ones, by kind.
COLUMNS: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fundamentals": (("symbol", "period_end", "period_months", "form", "filed_at"), ("accession", *NUMBERS)),
    "news": (("symbol", "published_at", "source", "headline"), ("story", "symbols")),
}


class FileFacts:
    """One file as one payload. Ranks behind every source that files or publishes itself."""

    name = "file"
    description = "a CSV file given to ingest --fundamentals or --news"
    priority = 900
    price_basis = "raw"
    price_kind = "close"
    delay_minutes = 0

    def __init__(self, kind: Kind, path: Path) -> None:
        """The file at `path`, every row of it of one kind."""
        self.kind: Kind = kind
        self.path = path

    def symbols(self) -> None:
        """Only the file tells."""

    def fetch(self, symbols: Sequence[str]) -> Iterator[FactsPayload]:
        """The file's rows of `symbols` (none: of all). Raises: DataUnusable where it is no such file."""
        request = {"file": self.path.name, "kind": self.kind}
        yield self.read(Answer(csv_lines.content_of(self.path), "text/csv", "file", request), symbols)

    def read(self, answer: Answer, symbols: Sequence[str]) -> FactsPayload:
        """What the file says; pure. A line that cannot be read is named in `faults`; all others are handed over."""
        rows: dict[str, list[dict[str, Any]]] = {}
        faults: dict[str, str] = {}
        for line in csv_lines.read(self.path, answer.content, *COLUMNS[self.kind]):
            if line.fault is not None:
                faults[line.place] = line.fault
            elif not symbols or line.symbol in symbols:
                rows.setdefault(line.symbol, []).append(self._row(dict(line.cells)))
        facts = tuple(SymbolFacts(symbol, tuple(rows[symbol])) for symbol in sorted(rows))
        return FactsPayload(
            answer.content, answer.content_type, answer.status, answer.request, self.kind, facts, {}, faults
        )

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        if self.kind == "fundamentals":
            row = {name: value.strip() for name, value in row.items()}
            return row | ({"filed_at": filed_at(row["filed_at"])} if "filed_at" in row else {})
        if "published_at" in row:
            row["published_at"] = published_at(row["published_at"].strip())
        if "symbols" in row:
            row["symbols"] = row["symbols"].split()
        return row
