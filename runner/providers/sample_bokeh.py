"""Raw daily bars of five names from the package bokeh-sampledata; splits and dividends from its own adjusted close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.providers.actions import derive
from runner.providers.base import Answer, Payload, SymbolBars
from runner.providers.packages import payload, read_bars, read_file, read_table

_COLUMNS = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "adj_close": "Adj Close",
    "volume": "Volume",
}


class SampleBokeh:
    """One payload: the package's stocks.csv.gz, which holds all five names."""

    name = "bokeh"
    group = "sample"
    description = "bokeh-sampledata on PyPI: stocks.csv.gz, raw daily bars to 2013-03-01 with an adjusted close"
    priority = 10
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30

    def symbols(self) -> tuple[str, ...]:
        """Our symbols; the file uses the same."""
        return ("AAPL", "FB", "GOOG", "IBM", "MSFT")

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        """One payload for all symbols. Raises: DataUnusable without the package."""
        content, request = read_file("bokeh-sampledata", "bokeh_sampledata", "_data/stocks.csv.gz")
        yield self.read(Answer(content, "application/gzip", "package", request), symbols)

    def read(self, answer: Answer, symbols: Sequence[str]) -> Payload:
        """The rows of `symbols` in the answer; pure."""
        bars: list[SymbolBars] = []
        unreadable: dict[str, str] = {}
        try:
            table = read_table(answer.content)
            by_symbol = dict(tuple(table.groupby("Ticker", sort=False))) if "Ticker" in table else {}
            for symbol in symbols:
                if symbol not in by_symbol:
                    unreadable[symbol] = "the file has no rows of it"
                    continue
                rows = read_bars(by_symbol[symbol], "Date", _COLUMNS)
                ordered = rows.dropna(subset="session").drop_duplicates("session").sort_values("session")
                actions = derive(
                    ordered["session"].to_numpy(), ordered["close"].to_numpy(), ordered["adj_close"].to_numpy()
                )
                bars.append(SymbolBars(symbol, rows, actions))
        except ValueError as error:
            bars, unreadable = [], dict.fromkeys(symbols, str(error))
        return payload(answer, bars, unreadable)
