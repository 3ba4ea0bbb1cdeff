"""Statements or headlines from a CSV file, plain or gzip: the way in for a vendor's export.

Columns of `--fundamentals`: symbol, period_end, period_months (0, 3, 6, 9, 12), form, filed_at, and any of accession
and the numbers of market.fundamentals in USD. Columns of `--news`: symbol, published_at, source, headline, and any of
story (the source's own number) and symbols (all the story names, separated by spaces). An instant is ISO 8601 with an
offset; a date alone is the end of that day, see runner/providers/facts.py. An empty cell says nothing. One line is one
row, read on its own: an open quote spoils its line and no other, and no cell can hold a line break.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runner.errors import DataUnusable
from runner.providers.base import Answer
from runner.providers.facts import NUMBERS, FactsPayload, Kind, SymbolFacts, cell, filed_at, published_at
from runner.universe import SYMBOL

#: Required columns and optional ones, by kind.
COLUMNS: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fundamentals": (("symbol", "period_end", "period_months", "form", "filed_at"), ("accession", *NUMBERS)),
    "news": (("symbol", "published_at", "source", "headline"), ("story", "symbols")),
}
#: What a file may unpack to: a gzip bomb is refused, not read.
BYTES_MAX = 256 * 2**20


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
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise DataUnusable(f"{self.path}: {error.strerror}", "Name a CSV file that can be read.") from None
        yield self.read(Answer(content, "text/csv", "file", {"file": self.path.name, "kind": self.kind}), symbols)

    def read(self, answer: Answer, symbols: Sequence[str]) -> FactsPayload:
        """What the file says; pure. A line that cannot be read is named in `faults`; all others are handed over."""
        required, optional = COLUMNS[self.kind]
        rows: dict[str, list[dict[str, Any]]] = {}
        faults: dict[str, str] = {}
        header: list[str] | None = None
        for number, text in enumerate(self._text(answer.content).split("\n"), 1):
            place = f"line {number}"
            try:
                line = next(csv.reader([text.removesuffix("\r")], strict=True), [])
            except csv.Error as error:
                faults[place] = str(error)
                continue
            if not any(line):
                continue
            if header is None:
                header = self._header(line, required, optional)
                continue
            if len(line) != len(header):
                faults[place] = f"{len(line)} cells where the header has {len(header)}"
                continue
            row = {name: cell(value) for name, value in zip(header, line, strict=True) if value.strip()}
            symbol = row.pop("symbol", "").strip()
            if not SYMBOL.fullmatch(symbol):
                faults[place] = f"{symbol[:40]!r} is not a symbol"
            elif not symbols or symbol in symbols:
                rows.setdefault(symbol, []).append(self._row(row))
        if header is None:
            raise DataUnusable(f"{self.path} is empty", f"Its first line names columns: {', '.join(required)}.")
        facts = tuple(SymbolFacts(symbol, tuple(rows[symbol])) for symbol in sorted(rows))
        return FactsPayload(
            answer.content, answer.content_type, answer.status, answer.request, self.kind, facts, {}, faults
        )

    def _text(self, content: bytes) -> str:
        plain = content
        if content[:2] == b"\x1f\x8b":
            try:
                with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
                    plain = stream.read(BYTES_MAX + 1)
            except (OSError, EOFError, zlib.error) as error:
                raise DataUnusable(f"{self.path}: {error}", "The gzip file is damaged; fetch it again.") from None
        if len(plain) > BYTES_MAX:
            raise DataUnusable(f"{self.path} has more than {BYTES_MAX:,} bytes", "Split it by date.")
        return plain.decode("utf-8-sig", "replace")

    def _header(self, line: list[str], required: tuple[str, ...], optional: tuple[str, ...]) -> list[str]:
        names = [name.strip() for name in line]
        faults = [f"no column {name}" for name in required if name not in names]
        faults += [f"unknown column {name!r}" for name in names if name not in (*required, *optional)]
        faults += [f"column {name} twice" for name in sorted(set(names)) if names.count(name) > 1]
        if faults:
            raise DataUnusable(
                f"{self.path}: {'; '.join(faults[:10])}",
                f"Columns: {', '.join(required)}; optional: {', '.join(optional)}.",
            )
        return names

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        if self.kind == "fundamentals":
            row = {name: value.strip() for name, value in row.items()}
            return row | ({"filed_at": filed_at(row["filed_at"])} if "filed_at" in row else {})
        if "published_at" in row:
            row["published_at"] = published_at(row["published_at"].strip())
        if "symbols" in row:
            row["symbols"] = row["symbols"].split()
        return row
