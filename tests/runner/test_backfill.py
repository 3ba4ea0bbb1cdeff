"""A backfill is whole in the end, whatever happens on the way, and asks for nothing it has."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import backfill, db, ingest
from runner.errors import DataUnusable, UsageError
from runner.providers.base import Window
from runner.universe import COLUMNS
from tests.runner.backfill_process import DAYS, SYMBOLS
from tests.runner.remote_world import Refusal, Remote, bars
from tests.runner.test_router import ingestor, query

__all__ = ["ingestor"]

ROOT = Path(__file__).resolve().parents[2]
FIRST, LAST = date(2013, 2, 12), date(2013, 2, 20)


class Clock:
    """A clock that only sleeping moves, seconds; `at` hears of each step."""

    def __init__(self, at: Callable[[float], None] = lambda _: None) -> None:
        self.now, self.at = 0.0, at

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.at(self.now)


@pytest.fixture
def universe_file(tmp_path: Path) -> Path:
    """Equities S00 to S11."""
    path = tmp_path / "universe.csv"
    lines = [f"{symbol},Test,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2013-01-02,," for symbol in SYMBOLS]
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


def good(_symbol: str, _window: Window) -> list[dict[str, object]]:
    return bars(DAYS)


def fill(connection: db.Connection, path: Path, *remotes: Remote, **options: Any) -> backfill.Report:
    ingest.prepare(connection, remotes, path)
    clock = options.pop("clock", Clock())
    symbols = options.pop("symbols", SYMBOLS)
    last = options.pop("last", LAST)
    return backfill.run(connection, remotes, "auto", symbols, FIRST, last, clock=clock, sleep=clock.sleep, **options)


def whole() -> bool:
    """Whether every session of every symbol is stored once, from one batch, and settled."""
    (bars_stored,) = query("select count(*) as n, count(distinct (symbol, session)) as d from market.provider_bars")
    (done,) = query(
        "select count(*) as n from market.backfill_items as i join market.fetches as f using (fetch_id)"
        " where i.state = 'DONE' and f.outcome = 'OK'"
    )
    (batches,) = query("select count(*) as n from market.ingest_batches")
    return bars_stored == {"n": 72, "d": 72} and done["n"] == batches["n"] == 12


def process(database: str, path: Path, log: Path, *kill: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.runner.backfill_process", database, str(path), str(log), *kill],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_kill_9_at_any_point_loses_nothing_and_repeats_nothing(
    database: str, ingestor: db.Connection, universe_file: Path, tmp_path: Path
) -> None:
    """Killed with an item's bars stored before its commit, with its asking open, and right after the first commits."""
    log = tmp_path / "asked"
    for kill in (("market.ingest_bars", "3"), ("market.open_fetch", "1"), ("ops.now", "6")):
        before = {row["symbol"] for row in query("select symbol from market.backfill_items where state = 'DONE'")}
        told = len(log.read_text().split()) if log.exists() else 0
        died = process(database, universe_file, log, *kill)
        assert died.returncode == -signal.SIGKILL, died.stderr
        asked = log.read_text().split()[told:]
        assert not before.intersection(asked), "what is DONE is not asked for again"
        stored = {row["symbol"] for row in query("select distinct symbol from market.provider_bars")}
        assert stored == {
            row["symbol"] for row in query("select symbol from market.backfill_items where state = 'DONE'")
        }
    finished = process(database, universe_file, log)
    assert finished.returncode == 0, finished.stderr
    assert whole()
    times = Counter(log.read_text().split())
    assert set(times) == set(SYMBOLS) and max(times.values()) <= 5
    assert query("select state from market.backfills") == [{"state": "DONE"}]


def test_ctrl_c_ends_at_once_and_the_same_command_goes_on_at_once(
    database: str, ingestor: db.Connection, universe_file: Path, tmp_path: Path
) -> None:
    """Four askings hang in their threads, as in a back-off: nobody waits for them, nor for the lease."""
    log = tmp_path / "asked"
    words = [sys.executable, "-m", "tests.runner.ingest_process", database, str(universe_file), str(log)]
    words += [str(FIRST), str(LAST)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*words, *SYMBOLS[8:]], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as one:
        try:
            ends = time.monotonic() + 60
            done = "select count(*) as n from market.backfill_items where state = 'DONE'"
            while query(done) != [{"n": 8}]:
                assert one.poll() is None and time.monotonic() < ends, "eight of twelve are taken in"
                time.sleep(0.1)
            one.send_signal(signal.SIGINT)
            told = one.communicate(timeout=10)[1]
        finally:
            one.kill()
    assert one.returncode == 130 and "Traceback" not in told, told
    assert "what was taken in stays; the same command goes on with the rest\n" in told
    assert query("select leased_until <= clock_timestamp() as free from market.backfills") == [{"free": True}]
    again = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert again.returncode == 0, again.stderr
    assert whole() and sorted(log.read_text().split()) == sorted([*SYMBOLS, *SYMBOLS[8:]])


def test_two_at_once_do_no_harm(ingestor: db.Connection, universe_file: Path) -> None:
    with db.connect("fund_ingestor", autocommit=True) as second:

        def meanwhile(symbol: str, _window: Window) -> list[dict[str, object]]:
            if symbol == "S00":
                with pytest.raises(DataUnusable, match="another process"):
                    fill(second, universe_file, Remote("one", 1, good))
            return bars(DAYS)

        remote = Remote("one", 1, meanwhile)
        assert fill(ingestor, universe_file, remote).items == {"DONE": 12}
    assert whole() and remote.asked == dict.fromkeys(SYMBOLS, 1)


def test_one_that_lost_its_lease_stores_nothing(ingestor: db.Connection, universe_file: Path) -> None:
    def taken_over(symbol: str, _window: Window) -> list[dict[str, object]]:
        query("update market.backfills set worker = 'another'")
        return bars(DAYS)

    with pytest.raises(DataUnusable, match="taken this backfill over") as lost:
        fill(ingestor, universe_file, Remote("one", 1, taken_over))
    assert lost.value.code == "MQ524"
    assert query("select count(*) as n from market.provider_bars") == [{"n": 0}]
    assert query("select count(*) as n from market.fetches") == [{"n": 0}]


def test_twenty_minutes_of_flapping_network_and_complete_afterwards(
    ingestor: db.Connection, universe_file: Path
) -> None:
    """The network is there every third minute and for one symbol of two, for twenty minutes; then it stays."""
    clock = Clock()

    def said(symbol: str, _window: Window) -> Any:
        clock.now += 5.0
        minute = int(clock.now // 60)
        there = clock.now > 1200 or (minute % 3 == 0 and int(symbol[1:]) % 2 == 0 and clock.now > 30)
        return bars(DAYS) if there else Refusal("UNAVAILABLE", "no connection")

    report = fill(ingestor, universe_file, Remote("one", 1, said), clock=clock)
    assert report.items == {"DONE": 12} and whole()
    assert clock.now > 1200
    assert query("select count(*) > 0 as some from audit.failovers where fault = 'UNAVAILABLE'") == [{"some": True}]
    assert query("select count(*) as n from notify.alerts") == [{"n": 0}]


def test_after_an_hour_without_an_answer_the_rest_has_failed_and_one_alert_says_so(
    ingestor: db.Connection, universe_file: Path
) -> None:
    remote = Remote("one", 1, lambda s, w: good(s, w) if s < "S05" else Refusal("UNAVAILABLE", "no connection"))
    clock = Clock()
    report = fill(ingestor, universe_file, remote, clock=clock)
    assert report.items == {"DONE": 5, "FAILED": 7} and clock.now > backfill.PATIENCE_SECONDS
    (raised,) = query("select level, code, message from notify.alerts")
    assert raised["code"] == "NO_SOURCE" and "7 symbols: one UNAVAILABLE" in raised["message"]
    again = fill(ingestor, universe_file, Remote("one", 1, good), clock=clock)
    assert again.items == {"DONE": 12} and len(again.outcomes) == 7 and whole()


def test_what_no_source_has_fails_at_once(ingestor: db.Connection, universe_file: Path) -> None:
    remote = Remote("one", 1, lambda s, w: Refusal("NOT_FOUND", "no such symbol", "404") if s == "S03" else good(s, w))
    report = fill(ingestor, universe_file, remote)
    assert report.items == {"DONE": 11, "FAILED": 1} and remote.asked["S03"] == 1
    assert query("select symbol, reason from market.backfill_items where state = 'FAILED'") == [
        {"symbol": "S03", "reason": "one: no such symbol"}
    ]
    assert query("select state from market.backfills") == [{"state": "OPEN"}]


def test_the_open_one_goes_on_and_restart_begins_anew(ingestor: db.Connection, universe_file: Path) -> None:
    flaky = Remote("one", 1, lambda s, w: Refusal("NOT_FOUND", "no", "404") if s == "S03" else good(s, w))
    first = fill(ingestor, universe_file, flaky, symbols=SYMBOLS[:4])
    more = fill(ingestor, universe_file, flaky)
    assert more.backfill_id == first.backfill_id and more.window.last == LAST
    assert flaky.asked == dict.fromkeys(SYMBOLS, 1) | {"S03": 2}
    # All was asked for: the same words mean the day that came since, whatever no source has.
    later = fill(ingestor, universe_file, flaky, last=None)
    assert later.backfill_id != first.backfill_id and later.window.last == date(2013, 2, 21)
    assert flaky.asked["S00"] == 2
    anew = fill(ingestor, universe_file, flaky, last=None, restart=True)
    assert anew.backfill_id != later.backfill_id and flaky.asked["S00"] == 3
    states = [row["state"] for row in query("select state from market.backfills order by backfill_id")]
    assert states == ["ABANDONED", "ABANDONED", "OPEN"]


def test_only_the_symbols_named_are_asked_for(ingestor: db.Connection, universe_file: Path) -> None:
    """Of an open backfill, too: what others wait for is theirs."""
    gone = Remote("one", 1, lambda s, w: Refusal("NOT_FOUND", "no", "404"))
    fill(ingestor, universe_file, gone)
    found = Remote("one", 1, good)
    report = fill(ingestor, universe_file, found, symbols=SYMBOLS[:1])
    assert found.asked == {SYMBOLS[0]: 1} and report.items["DONE"] == 1


def test_a_window_that_is_none_is_refused(ingestor: db.Connection, universe_file: Path) -> None:
    with pytest.raises(UsageError, match="needs symbols") as refused:
        fill(ingestor, universe_file, Remote("one", 1, good), last=date(2013, 2, 11))
    assert refused.value.code == "MQ523"
