"""Rows a second of the whole ingest against the server's own COPY of the same rows, in one run.

    python -m pytest tests/bench/bench_ingest.py --benchmarks -s

The whole path is what `ingest` does once the bytes are there: archive, encode, COPY into the landing table, judge, store,
elect, count, commit, symbol by symbol; then the same payload again, all of it unchanged. Compared with are two COPYs of the
rows of market.price_history from a stream of COPY's own bytes: into a plain table, and into one with its keys and checks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
import pytest

from runner import db, ingest, universe
from runner.providers import Payload, SymbolBars
from tests.bench.synthetic import closes

SYMBOLS = 100
SESSIONS = 1512  # six years
GOAL = 0.25


class Synthetic:
    """Seeded bars of SYMBOLS names, one payload."""

    name = "synthetic"
    group = "synthetic"
    description = "seeded walks, for this benchmark"
    priority = 1
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30

    def __init__(self, days: pd.DatetimeIndex) -> None:
        prices = closes(SYMBOLS, len(days))
        self.frames = {
            symbol: pd.DataFrame(
                {
                    "session": days,
                    "open": prices[:, i],
                    "high": prices[:, i] * 1.01,
                    "low": prices[:, i] * 0.99,
                    "close": prices[:, i],
                    "adj_close": prices[:, i],
                    "volume": np.full(len(days), 1e6),
                }
            )
            for i, symbol in enumerate(self.symbols())
        }

    def symbols(self) -> tuple[str, ...]:
        return tuple(f"S{i:03d}" for i in range(SYMBOLS))

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        bars = tuple(SymbolBars(symbol, self.frames[symbol]) for symbol in symbols)
        yield Payload(b"".join(f["close"].to_numpy().tobytes() for f in self.frames.values()), "x", "x", {}, bars)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def copy(connection: db.Connection, definition: str, data: bytes) -> float:
    """Seconds of COPY into a table made with `definition` and filled in the same transaction, as ingest's is not."""
    db.fetch_text(connection, "bench", f"drop table if exists market.copied; create table market.copied {definition}")
    with connection.transaction():
        return timed(lambda: db.copy_text(connection, "copy market.copied from stdin (format binary)", data))


def test_ingest_against_copy(database: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    lines = [f"S{i:03d},x,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2000-01-03,," for i in range(SYMBOLS)]
    path = tmp_path / "universe.csv"
    path.write_text("\n".join([",".join(universe.COLUMNS), *lines]) + "\n", encoding="utf-8")
    with db.connect(db.DEPLOYER, autocommit=True) as admin, db.connect("fund_ingestor", autocommit=True) as connection:
        db.fetch_text(
            admin,
            "bench",
            "insert into ops.simulated_clocks (instant) values (now()) on conflict (singleton) do nothing",
        )
        ingest.prepare(connection, [], path)
        days = [row["session"] for row in db.fetch_text(admin, "bench", f"select session from ref.sessions limit {SESSIONS}")]
        source = Synthetic(pd.DatetimeIndex(days))
        rows = SYMBOLS * len(days)
        first = timed(lambda: ingest.run(connection, [source], None, path))
        again = timed(lambda: ingest.run(connection, [source], None, path))
        data = db.copy_out(admin, "copy market.price_history to stdout (format binary)")
        keyed = copy(admin, "(like market.price_history including all)", data)
        plain = copy(admin, "(like market.price_history)", data)
    for name, seconds in (("COPY, no index", plain), ("COPY, keys and checks", keyed), ("ingest", first), ("again", again)):
        print(f"{name:>22}: {rows / seconds:>10,.0f} rows/s, {plain / seconds:.3f} of plain, {keyed / seconds:.3f} of keyed")
    assert keyed / first >= GOAL
