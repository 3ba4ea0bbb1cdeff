"""What a backfill costs: by new rows and not by the table, and a universe that has not changed against reading it.

    python -m pytest tests/bench/bench_backfill.py --benchmarks -s

A made-up source in this process answers JSON for 500 symbols x 1512 sessions. Growth: the seconds of each further 100
symbols against the rows stored before them; the exponent of a power law fitted through them is printed, 0 where the
table's size is nothing to it. Then all 500 again, unchanged, against the time of reading: asking, packing for the
archive and parsing the same answers, with as many threads and without a database.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np

from runner import backfill, db, ingest, router, universe
from runner.providers.base import Window
from tests.bench.synthetic import closes
from tests.runner.remote_world import Remote

SYMBOLS = 500
STEP = 100
SESSIONS = 1512  # six years
GOAL = 2.0
CEILING = 3.0
#: An exponent above this would mean that the table's size is felt.
EXPONENT_MAX = 0.5


def test_growth_and_an_unchanged_universe(database: str, tmp_path: Path) -> None:
    names = [f"S{number:03d}" for number in range(SYMBOLS)]
    lines = [f"{name},x,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2000-01-03,," for name in names]
    path = tmp_path / "universe.csv"
    path.write_text("\n".join([",".join(universe.COLUMNS), *lines]) + "\n", encoding="utf-8")
    with db.connect(db.DEPLOYER, autocommit=True) as admin, db.connect("fund_ingestor", autocommit=True) as connection:
        db.fetch_text(admin, "bench", "select ops.advance_clock(clock_timestamp())")
        ingest.prepare(connection, [], path)
        rows = db.fetch_text(admin, "bench", f"select session from ref.sessions order by session limit {SESSIONS}")
        days: list[date] = [row["session"] for row in rows]
        prices = closes(SYMBOLS, SESSIONS)

        def said(symbol: str, _window: Window) -> list[dict[str, object]]:
            return [
                {
                    "session": str(day),
                    "open": close,
                    "high": close * 1.01,
                    "low": close * 0.99,
                    "close": close,
                    "volume": 1e6,
                }
                for day, close in zip(days, prices[:, int(symbol[1:])].tolist(), strict=True)
            ]

        remote = Remote("made", 1, said, {"equity": 20_000}, connections=4)
        ingest.prepare(connection, [remote], path)
        window = Window(days[0], days[-1])
        seconds = []
        for number in range(0, SYMBOLS, STEP):
            started = time.perf_counter()
            part = names[number : number + STEP]
            report = backfill.run(connection, [remote], f"part {number}", part, window.first, window.last)
            seconds.append(time.perf_counter() - started)
            assert report.items == {"DONE": STEP}
        stored = np.arange(1, len(seconds)) * STEP * SESSIONS
        exponent = float(np.polyfit(np.log(stored), np.log(seconds[1:]), 1)[0])
        requests = [router.Request(name, window) for name in names]
        started = time.perf_counter()
        outcomes = router.run(connection, requests, "backfill", [remote])
        again = time.perf_counter() - started
        assert sum(outcome.result.rows_unchanged for outcome in outcomes if outcome.result) == SYMBOLS * SESSIONS
        started = time.perf_counter()
        with ThreadPoolExecutor(remote.connections) as pool:
            read = sum(len(bars) for bars in pool.map(lambda name: answer_read(remote, name, window), names))
        reading = time.perf_counter() - started
    assert read == SYMBOLS * SESSIONS
    for number, took in enumerate(seconds):
        print(f"{number * STEP * SESSIONS:>9,} rows stored: {STEP * SESSIONS / took:>9,.0f} rows/s")
    print(f"exponent of growth {exponent:+.3f}")
    print(
        f"{SYMBOLS} symbols unchanged {again:.1f} s, reading them {reading:.1f} s: {again / reading:.2f}, goal {GOAL}"
    )
    assert exponent < EXPONENT_MAX
    assert again / reading <= CEILING


def answer_read(remote: Remote, symbol: str, window: Window) -> object:
    """What a thread of the router does: ask, pack, read."""
    exchange = remote.ask(symbol, "equity", window)
    for answer in exchange.answers:
        ingest.pack(answer)
    return remote.read(symbol, "equity", window, exchange.answers).rows
