"""Daily closes of twenty names and of the S&P 500 index, 1990 to 2022, from the package skfolio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.providers.base import Answer, Payload, SymbolBars
from runner.providers.packages import payload, read_bars, read_file, read_table

_NAMES = (
    "AAPL",
    "AMD",
    "BAC",
    "BBY",
    "CVX",
    "GE",
    "HD",
    "JNJ",
    "JPM",
    "KO",
    "LLY",
    "MRK",
    "MSFT",
    "PEP",
    "PFE",
    "PG",
    "RRC",
    "UNH",
    "WMT",
    "XOM",
)

#: File of the package -> our symbol -> its column. An index level has nothing to adjust.
_FILES = {
    "datasets/data/sp500_dataset.csv.gz": {name: name for name in _NAMES},
    "datasets/data/sp500_index.csv.gz": {"SPX": "SP500"},
}


class SampleSkfolio:
    """Two payloads, the package's own files. Closes only, adjusted for splits and dividends to the end of 2022."""

    name = "skfolio"
    group = "sample"
    description = "skfolio on PyPI: S&P 500 sample, daily closes adjusted for splits and dividends to 2022-12-28"
    priority = 30
    price_basis = "fully_adjusted"
    price_kind = "close"
    delay_minutes = 30

    def symbols(self) -> tuple[str, ...]:
        """Our symbols, ascending."""
        return tuple(sorted(symbol for columns in _FILES.values() for symbol in columns))

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        """One payload per file that holds any of `symbols`. Raises: DataUnusable without the package."""
        for file, columns in _FILES.items():
            wanted = [symbol for symbol in symbols if symbol in columns]
            if wanted:
                content, request = read_file("skfolio", "skfolio", file)
                yield self.read(Answer(content, "application/gzip", "package", request), wanted)

    def read(self, answer: Answer, symbols: Sequence[str]) -> Payload:
        """The rows of `symbols` in the answer, which names its file; pure."""
        columns = {symbol: _FILES[answer.request["file"]][symbol] for symbol in symbols}
        bars: list[SymbolBars] = []
        unreadable: dict[str, str] = {}
        try:
            table = read_table(answer.content)
        except ValueError as error:
            return payload(answer, (), dict.fromkeys(columns, str(error)))
        for symbol, column in columns.items():
            try:
                bars.append(SymbolBars(symbol, read_bars(table, "Date", {"close": column})))
            except ValueError as error:
                unreadable[symbol] = str(error)
        return payload(answer, bars, unreadable)
