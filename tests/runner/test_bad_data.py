"""The corpus of bad data, and frames nobody wrote by hand: nothing bad is stored, and every refusal has its reason.

tests/bad_data/NAME.csv (or .csv.gz) is a file as somebody sent it, NAME.json what must become of it:
fault (in words); stored: sessions elected; quarantined: reason -> rows; duplicates: rows that repeat an equal one;
refused: reason of the refused batch; failures: what the report names; error: why the file as a whole is none; vetoes:
checks of quality that veto the series, and spikes: whether one is found; symbols: what was asked for.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from runner import calendar, db, environment, ingest, settings, transform
from runner.errors import ExitCode
from runner.providers import Payload, SymbolBars
from runner.providers.base import listed
from runner.providers.file_bars import FileBars
from runner.universe import COLUMNS
from tests.conftest import ROOT, SUMMARY
from tests.runner.test_ingest import Fake

CORPUS = ROOT / "tests" / "bad_data"
CASES = sorted(path.stem for path in CORPUS.glob("*.json"))
SERIES = [name for name in CASES if name.startswith("series_")]
NOW = "2013-02-21 12:00Z"
AS_OF = "2013-02-20"
CALENDAR = cache(calendar.build)

#: Bars that must never be: not finite, not positive, absurd, inconsistent, of no session, not over; or elected, never
#: received.
BAD = """
    with bars as (
        select symbol, session, open, high, low, close, volume from market.price_history
        union all
        select symbol, session, open, high, low, close, volume from market.provider_bars
    )
    select b.* from bars as b left join ref.sessions as s on s.calendar = 'XNYS' and s.session = b.session
    where (
        s.closes_at <= greatest(ops.now(), clock_timestamp()) and b.open > 0 and b.low >= 1e-12 and b.low <= b.open
        and b.low <= b.close and b.open <= b.high and b.close <= b.high and b.high < 1e12
        and coalesce(b.volume, 0) >= 0 and coalesce(b.volume, 0) <= 1e18
    ) is not true
    union all
    select h.symbol, h.session, h.open, h.high, h.low, h.close, h.volume from market.price_history as h
    where not exists (
        select 1 from market.provider_bars as b
        where (b.symbol, b.session, b.provider, b.revision) = (h.symbol, h.session, h.provider, h.revision)
            and (b.open, b.high, b.low, b.close, b.volume)
            is not distinct from (h.open, h.high, h.low, h.close, h.volume)
    )
    """


def file_of(name: str) -> Path:
    """The data file of a case."""
    (found,) = [path for path in CORPUS.glob(f"{name}.csv*") if path.name.removeprefix(name) in (".csv", ".csv.gz")]
    return found


def expected(name: str) -> dict[str, Any]:
    """What must become of a case."""
    return json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def universe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TST, BRK.B and a symbol for each series."""
    path = tmp_path_factory.mktemp("bad_data") / "universe.csv"
    lines = [
        f"{symbol},{symbol},Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2012-09-04,,"
        for symbol in ("TST", "BRK.B", *(f"S{number:02d}" for number in range(len(SERIES))))
    ]
    path.write_text("\n".join([",".join(COLUMNS), *lines, ""]), encoding="utf-8")
    return path


@contextmanager
def made(name: str, universe_file: Path) -> Iterator[str]:
    """Database `name` with calendar and universe, its clock at NOW, as what settings name; calendars are built once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        patch.setattr(calendar, "build", CALENDAR)
        with db.connect(db.DEPLOYER, autocommit=True) as connection:
            db.execute_text(connection, "clock", f"select ops.advance_clock('{NOW}')")
        with db.connect("fund_ingestor", autocommit=True) as connection:
            ingest.prepare(connection, [], universe_file)
        yield name


@pytest.fixture(scope="module")
def market(fresh: Callable[[], str], universe_file: Path) -> str:
    """A database that nothing is committed to."""
    with made(fresh(), universe_file) as name:
        return name


@pytest.fixture
def door(market: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[db.Connection]:
    """The ingestor's rights, in a transaction that is rolled back."""
    monkeypatch.setattr(settings, "DATABASE", market)
    monkeypatch.setattr(calendar, "build", CALENDAR)
    with db.connect(db.DEPLOYER) as connection:
        db.execute_text(connection, "role", "set local role fund_ingestor")
        yield connection
        connection.rollback()


def look(connection: db.Connection, text: str) -> list[dict[str, Any]]:
    """Rows of a query with the owner's rights."""
    db.execute_text(connection, "role", "reset role")
    return db.fetch_text(connection, "test", text)


def test_the_corpus_has_a_file_for_every_fault() -> None:
    assert len(CASES) >= 60
    assert {path.name for path in CORPUS.iterdir()} == {
        name for case in CASES for name in (f"{case}.json", file_of(case).name)
    }


@pytest.mark.parametrize("name", CASES)
def test_no_bad_bar_is_stored_and_every_refusal_has_its_reason(
    door: db.Connection, universe_file: Path, tmp_path: Path, name: str
) -> None:
    """Through the door of `ingest --file`."""
    wanted, path = expected(name), file_of(name)
    content = path.read_bytes()
    if b"<next>" in content:
        (row,) = db.fetch_text(
            door, "next", "select next_session from ref.last_sessions where next_closes_at > clock_timestamp()"
        ) or db.fetch_text(
            door, "next", "select min(session) as next_session from ref.sessions where closes_at > clock_timestamp()"
        )
        path = tmp_path / path.name
        path.write_bytes(content.replace(b"<next>", str(row["next_session"]).encode()))
    report = ingest.run(door, [FileBars(path, "raw")], wanted.get("symbols"), universe_file)
    if "error" in wanted:
        assert list(report.failures) == ["file_raw file"] and wanted["error"] in report.failures["file_raw file"]
    else:
        assert report.failures == wanted.get("failures", {})
    unread = {place.removeprefix("file_raw "): why for place, why in report.failures.items() if " " in place}
    told = look(door, "select reason from market.fetches where fault = 'UNREADABLE' and symbol is null")
    assert [row["reason"] for row in told] == ([listed(unread)] if unread else []), "what nobody could read is a row"
    assert look(door, "select count(*) as n from market.provider_responses") == [{"n": 1}], "the file is kept"
    assert report.exit_code == (ExitCode.DATA if report.failures else ExitCode.DONE)
    assert report.quarantined == wanted.get("quarantined", {})
    reasons = look(door, "select reason from market.ingest_batches where state = 'REFUSED'")
    assert [row["reason"] for row in reasons] == ([wanted["refused"]] if "refused" in wanted else [])
    assert look(door, BAD) == []
    assert look(door, "select count(*) as n from market.price_history") == [{"n": wanted["stored"]}]
    received = sum(result.rows_received for result in report.results)
    kept = sum(result.rows_added for result in report.results)
    assert received == kept + sum(report.quarantined.values()) + wanted.get("duplicates", 0), (
        "every row is accounted for"
    )


@pytest.fixture(scope="module")
def judged(fresh: Callable[[], str], universe_file: Path) -> dict[str, dict[str, Any]]:
    """Symbol -> its row of quality.data_quality, every series taken in and dbt's quality built on it."""
    from dbt.cli.main import dbtRunner

    with made(fresh(), universe_file):
        with db.connect("fund_ingestor", autocommit=True) as connection:
            for name in SERIES:
                ingest.run(connection, [FileBars(file_of(name), "raw")], None, universe_file)
        config = settings.load()
        values = environment.for_dbt(config)
        with transform._environment(values):
            variables = json.dumps({"as_of_session": AS_OF})
            arguments = ["--select", "+data_quality", "--vars", variables, *transform._arguments(config.runner_home)]
            manifest = transform._manifest(values, config.runner_home)
            outcome = dbtRunner(manifest=manifest).invoke(["run", *arguments])
        assert outcome.success, outcome.exception or [r.message for r in outcome.result if r.status != "success"]
        with db.connect(db.DEPLOYER) as connection:
            rows = db.fetch_text(connection, "quality", "select symbol, vetoes, has_spike from quality.data_quality")
    return {row["symbol"]: row for row in rows}


@pytest.mark.parametrize("name", SERIES)
def test_a_fault_of_a_series_vetoes_it(judged: dict[str, dict[str, Any]], name: str) -> None:
    (symbol,) = FileBars(file_of(name), "raw").symbols()
    wanted, row = expected(name), judged[symbol]
    assert row["vetoes"] == wanted["vetoes"]
    assert row["has_spike"] == wanted.get("spikes", "split_jump" in wanted["vetoes"])


# ---- frames nobody wrote by hand ----

FRAMES, SHARE, AT_ONCE = 20_000, 1_000, 500
PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Row:
    """One row of a frame as a source sends it; None: it says nothing."""

    session: date | None
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: float | None

    def values(self) -> tuple[float | None, ...]:
        return (self.open, self.high, self.low, self.close, self.volume)


def defect(row: Row, closes: dict[date, datetime], latest: datetime) -> str | None:
    """Why a row by itself is no bar (I17, F1, F5): written from the rulings, not from the SQL."""
    if row.session is not None and (row.session > latest.date() or closes.get(row.session, latest) > latest):
        return "FUTURE_SESSION"
    if row.session not in closes:
        return "NON_SESSION"
    if row.open is None or row.high is None or row.low is None or row.close is None:
        return "NULL_PRICE"
    if not all(math.isfinite(price) for price in (row.open, row.high, row.low, row.close)):
        return "NON_FINITE"
    if min(row.open, row.high, row.low, row.close) <= 0:
        return "NON_POSITIVE"
    if min(row.open, row.high, row.low, row.close) < 1e-12 or max(row.open, row.high, row.low, row.close) >= 1e12:
        return "ABSURD_PRICE"
    if row.high < row.low:
        return "HIGH_BELOW_LOW"
    if not (row.low <= row.open <= row.high and row.low <= row.close <= row.high):
        return "OUTSIDE_RANGE"
    if row.volume is not None and row.volume < 0:
        return "NEGATIVE_VOLUME"
    if row.volume is not None and not math.isfinite(row.volume):
        return "NON_FINITE_VOLUME"
    if row.volume is not None and row.volume > 1e18:
        return "ABSURD_VOLUME"
    return None


def judge(rows: Sequence[Row], closes: dict[date, datetime], latest: datetime) -> list[str | None]:
    """The reason each row of a frame is set aside for; None: it is a bar, or repeats an equal one."""
    reasons = [defect(row, closes, latest) for row in rows]
    said: dict[date | None, set[tuple[float | None, ...]]] = {}
    for row, reason in zip(rows, reasons, strict=True):
        if reason is None:
            said.setdefault(row.session, set()).add(row.values())
    return [
        "DUPLICATE_CONFLICT" if reason is None and len(said[row.session]) > 1 else reason
        for row, reason in zip(rows, reasons, strict=True)
    ]


def make(generator: random.Random, sessions: Sequence[date], future: Sequence[date]) -> list[Row]:
    """A frame of one to eight rows, most of them good, each fault possible in each place."""
    bad = (math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 200.0, 1e12, 1e300, 5e-324, None)
    rows: list[Row] = []
    for _ in range(generator.randint(1, 8)):
        if rows and generator.random() < 0.25:
            rows.append(generator.choice(rows))
            continue
        low, high = sorted((generator.uniform(1, 100), generator.uniform(1, 100)))
        cells: dict[str, float | None] = {
            "open": generator.uniform(low, high),
            "high": high,
            "low": low,
            "close": generator.choice((low, high, generator.uniform(low, high))),
            "volume": generator.choice((0.0, 1e6, None)),
        }
        for name in cells:
            if generator.random() < 0.04:
                cells[name] = generator.choice(bad)
        if generator.random() < 0.04:
            cells["high"], cells["low"] = cells["low"], cells["high"]
        day: date | None = generator.choice(sessions)
        chance = generator.random()
        if chance < 0.03:
            day = generator.choice(future)
        elif chance < 0.08:
            day = generator.choice((None, date(2013, 2, 16), date(2013, 2, 18), date(1970, 1, 1), date(9999, 12, 31)))
        rows.append(Row(day, **cells))
    return rows


def as_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows as a source hands them over."""
    columns: dict[str, Any] = {"session": np.array([row.session or "NaT" for row in rows], "datetime64[s]")}
    for name in (*PRICES, "volume"):
        values = [getattr(row, name) for row in rows]
        numbers = np.array([math.nan if value is None else value for value in values])
        columns[name] = pd.arrays.FloatingArray(numbers, np.array([value is None for value in values]))
    return pd.DataFrame(columns)


class Frames(Fake):
    """Many frames of one symbol in one payload."""

    def __init__(self, frames: Sequence[Sequence[Row]]) -> None:
        super().__init__(None)
        self.frames = frames

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        bars = tuple(SymbolBars("TST", as_frame(rows)) for rows in self.frames)
        yield Payload(repr(self.frames).encode(), "text/csv", "200", {}, bars)


def test_database_and_judge_agree_row_by_row(
    door: db.Connection, universe_file: Path, request: pytest.FixtureRequest
) -> None:
    """Accepted or set aside, and why; what stands in the end is what the last good bar of each session said."""
    count = FRAMES if request.config.getoption("--every-frame") else SHARE
    rows = look(door, "select session, closes_at, clock_timestamp() as now from ref.sessions order by session")
    latest = rows[0]["now"].astimezone(UTC)
    closes = {row["session"]: row["closes_at"] for row in rows}
    past = [s for s in closes if date(2011, 1, 1) <= s <= date(2012, 12, 31)]
    future = [s for s in closes if s > latest.date() + timedelta(days=2)]
    generator = random.Random(20130227)
    told: Counter[str | None] = Counter()
    for _ in range(0, count, AT_ONCE):
        frames = [make(generator, past, future) for _ in range(AT_ONCE)]
        db.execute_text(door, "role", "set local role fund_ingestor")
        report = ingest.run(door, [Frames(frames)], ["TST"], universe_file)
        found = look(door, "select batch_id, row_number, reason from market.quarantined_bars")
        reasons = {(row["batch_id"], row["row_number"]): row["reason"] for row in found}
        assert len(report.results) == len(frames)
        standing: dict[date | None, tuple[float | None, ...]] = {}
        for frame, result in zip(frames, report.results, strict=True):
            verdict = judge(frame, closes, latest)
            assert [reasons.get((result.batch_id, i)) for i in range(1, len(frame) + 1)] == verdict, frame
            good = {row.session: row.values() for row, why in zip(frame, verdict, strict=True) if why is None}
            assert result.rows_added + result.rows_revised + result.rows_unchanged == len(good), frame
            standing |= good
            told.update(verdict)
        assert look(door, BAD) == []
        elected = look(door, "select session, open, high, low, close, volume from market.price_history")
        assert {row["session"]: tuple(row.values())[1:] for row in elected} == standing
        door.rollback()
    assert len(told) == 13, f"every reason was met: {told}"
    SUMMARY.append(
        f"bad data: {count:,} frames, {sum(told.values()):,} rows, {told[None]:,} good; database and judge agree"
    )
