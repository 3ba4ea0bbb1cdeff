"""Rows a second of the whole ingest against the server's own COPY of the same rows, in one run.

    python -m pytest tests/bench/bench_ingest.py --benchmarks -s

The whole path is what `ingest` does once the bytes are there: archive, encode, COPY into the landing table, judge,
store, elect, count, commit, symbol by symbol; then the same payload again, all of it unchanged. Compared with are two
COPYs of the rows of market.price_history from a stream of COPY's own bytes: into a plain table, and into one with its
keys and checks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from runner import db, ingest, universe
from runner.providers import Payload, SymbolBars
from tests.bench.synthetic import closes

SYMBOLS = 500
ROUNDS = 2  # of new symbols each; the best counts, so that another process's slice of the machine does not
SESSIONS = 1512  # six years
GOAL = 0.25
FLOOR = 0.2


class Synthetic:
    """Seeded bars, one payload for all that is asked for at once."""

    name = "synthetic"
    group = "synthetic"
    description = "seeded walks, for this benchmark"
    priority = 1
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30

    def __init__(self, days: pd.DatetimeIndex, names: Sequence[str]) -> None:
        prices = closes(len(names), len(days))
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
            for i, symbol in enumerate(names)
        }

    def symbols(self) -> tuple[str, ...]:
        return tuple(self.frames)

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        bars = tuple(SymbolBars(symbol, self.frames[symbol]) for symbol in symbols)
        content = b"".join(self.frames[symbol]["close"].to_numpy().tobytes() for symbol in symbols)
        yield Payload(content, "application/octet-stream", "made", {"symbols": len(symbols)}, bars)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def copied_out(connection: db.Connection, statement: str) -> bytes:
    """What a `copy … to stdout` gives."""
    with connection.cursor().copy(statement) as stream:
        return b"".join(bytes(block) for block in stream)


def copied_in(connection: db.Connection, definition: str, data: bytes) -> float:
    """Seconds of a COPY, its commit included, into a new table made with `definition`."""
    db.execute_text(connection, "bench", f"drop table if exists market.copied; create table market.copied {definition}")

    def work() -> None:
        with connection.cursor().copy("copy market.copied from stdin (format binary)") as stream:
            stream.write(data)

    return timed(work)


def test_ingest_against_copy(database: str, tmp_path: Path) -> None:
    names = [f"S{i:03d}" for i in range(SYMBOLS * ROUNDS)]
    lines = [f"{name},x,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2000-01-03,," for name in names]
    path = tmp_path / "universe.csv"
    path.write_text("\n".join([",".join(universe.COLUMNS), *lines]) + "\n", encoding="utf-8")
    best: dict[str, float] = {}

    def measured(what: str, seconds: float) -> None:
        best[what] = min(seconds, best.get(what, seconds))

    with db.connect(db.DEPLOYER, autocommit=True) as admin, db.connect("fund_ingestor", autocommit=True) as connection:
        clock = "insert into ops.simulated_clocks (instant) values (now()) on conflict (singleton) do nothing"
        db.execute_text(admin, "bench", clock)
        ingest.prepare(connection, [], path)
        known = db.fetch_text(admin, "bench", f"select session from ref.sessions order by session limit {SESSIONS}")
        source = Synthetic(pd.DatetimeIndex([row["session"] for row in known]), names)
        for number in range(ROUNDS):
            part = names[number * SYMBOLS : (number + 1) * SYMBOLS]
            measured("ingest", timed(lambda part=part: ingest.run(connection, [source], part, path)))
            measured("the same again", timed(lambda part=part: ingest.run(connection, [source], part, path)))
            rows = f"(select * from market.price_history where symbol between '{part[0]}' and '{part[-1]}')"
            data = copied_out(admin, f"copy {rows} to stdout (format binary)")
            measured("COPY, keys and checks", copied_in(admin, "(like market.price_history including all)", data))
            measured("COPY, no index", copied_in(admin, "(like market.price_history)", data))
    plain, keyed = best["COPY, no index"], best["COPY, keys and checks"]
    for what, seconds in best.items():
        ratios = f"{plain / seconds:.3f} of plain COPY, {keyed / seconds:.3f} of keyed"
        print(f"{what:>22}: {SYMBOLS * len(known) / seconds:>10,.0f} rows/s, {ratios}")
    print(f"{'goal':>22}: {GOAL} of keyed COPY; below {FLOOR} this fails")
    assert keyed / best["ingest"] >= FLOOR
