"""A file of bars: every line read on its own, an empty cell is NULL, a basis is a source."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from runner import cli, db, ingest
from runner.errors import DataUnusable, ExitCode
from runner.providers.base import NAMED_MAX, Payload
from runner.providers.file_bars import BASES, FileBars
from tests.runner import test_ingest
from tests.runner.test_ingest import query

ingestor, universe_file = test_ingest.ingestor, test_ingest.universe_file

HEADER = "symbol,session,open,high,low,close,volume"
GOOD = "TST,2013-02-12,10,11,9,10.5,1000"


def read(tmp_path: Path, *lines: str, header: str = HEADER) -> Payload:
    """The payload of a file with these lines below the header."""
    path = tmp_path / "bars.csv"
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    source = FileBars(path, "raw")
    (payload,) = source.fetch(source.symbols())
    return payload


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("TST,02/12/2013,10,11,9,10,1", "session '02/12/2013' is not a date YYYY-MM-DD"),
        ("TST,20130212,10,11,9,10,1", "session '20130212' is not a date YYYY-MM-DD"),
        ("TST,2013-02-12T00:00:00Z,10,11,9,10,1", "session '2013-02-12T00:00:00Z' is not a date YYYY-MM-DD"),
        ("TST,2013-02-30,10,11,9,10,1", "session '2013-02-30' is no day of a calendar"),
        ("TST,0000-01-01,10,11,9,10,1", "session '0000-01-01' is no day of a calendar"),
        ("TST,,10,11,9,10,1", "session '' is not a date YYYY-MM-DD"),
        ('TST,2013-02-12,"1,000.5",11,9,10,1', "open '1,000.5' is not a number"),
        ("TST,2013-02-12,10,11,9,1_0,1", "close '1_0' is not a number"),
        ("TST,2013-02-12,10,0x1p3,9,10,1", "high '0x1p3' is not a number"),
        ("TST,2013-02-12,10,11,\u0669,10,1", "low '\u0669' is not a number"),
        ("TST,2013-02-12,10,11,9,$10,1", "close '$10' is not a number"),
        ("TST,2013-02-12,10,11,9,10,1.2.3", "volume '1.2.3' is not a number"),
        ("TST,2013-02-12,10,11,9,1\x000,1", "close '1\ufffd0' is not a number"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_next_one_is_read(tmp_path: Path, line: str, fault: str) -> None:
    payload = read(tmp_path, line, GOOD)
    assert payload.faults == {"line 2": fault} and payload.unreadable == {"TST": f"line 2: {fault}"}
    (bars,) = payload.bars
    assert len(bars.rows) == 1 and bars.rows["session"][0].date() == date(2013, 2, 12)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("A'; DROP TABLE x;--,2013-02-12,10,11,9,10,1", '"A\'; DROP TABLE x;--" is not a symbol'),
        ("tst,2013-02-12,10,11,9,10,1", "'tst' is not a symbol"),
        (",2013-02-12,10,11,9,10,1", "'' is not a symbol"),
        (HEADER, "'symbol' is not a symbol"),
        ("TST,2013-02-12,10,11,9", "5 cells where the header has 7"),
        ("TST;2013-02-12;10;11;9;10;1", "1 cells where the header has 7"),
        ('TST,2013-02-12,"10,11,9,10,1', "unexpected end of data"),
    ],
)
def test_a_line_of_no_symbol_is_named_by_its_number(tmp_path: Path, line: str, fault: str) -> None:
    payload = read(tmp_path, GOOD, line)
    assert payload.faults == {"line 3": fault} and payload.unreadable == {}
    assert [bars.symbol for bars in payload.bars] == ["TST"]


def test_many_bad_lines_are_one_reason_of_bounded_length(tmp_path: Path) -> None:
    payload = read(tmp_path, *["TST,soon,10,11,9,10,1"] * (NAMED_MAX + 5))
    assert payload.bars == () and len(payload.faults) == NAMED_MAX + 5
    assert payload.unreadable["TST"].endswith(
        f"line {NAMED_MAX + 1}: session 'soon' is not a date YYYY-MM-DD; and 5 more"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<html><body>rate limited</body></html>", "no column symbol"),
        (b"symbol;session;open;high;low;close;volume\n", "no column symbol"),
        (b"symbol,open,high,low,close,volume\n", "no column session"),
        (b"symbol,date,session,open,high,low,close,volume\n", "column 'session' twice"),
        (b"symbol,date,open,high,low,close,close,volume\n", "column 'close' twice"),
        (b"symbol,date,open,high,low,close,volume,vwap\n", "unknown column 'vwap'"),
        (HEADER.encode("utf-16"), "no column symbol"),
        (gzip.compress(HEADER.encode(), mtime=0)[:-6], "end-of-stream"),
    ],
)
def test_a_file_that_is_none_is_one_fault_with_the_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(content)
    source = FileBars(path, "raw")
    (payload,) = source.fetch(source.symbols())
    assert (source.symbols(), payload.bars, payload.content, list(payload.faults)) == ((), (), content, ["file"])
    assert message in payload.faults["file"] and payload.faults["file"].endswith(".")


def test_no_file_is_no_payload(tmp_path: Path) -> None:
    with pytest.raises(DataUnusable, match="No such file"):
        FileBars(tmp_path / "bars.csv", "raw").symbols()


def test_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.providers.csv_lines.BYTES_MAX", 1000)
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 2000))
    (payload,) = FileBars(path, "raw").fetch(())
    assert "more than 1,000 bytes" in payload.faults["file"]


def test_an_empty_cell_is_null_and_a_nan_is_received_as_one(
    ingestor: db.Connection,
    universe_file: Path,
    tmp_path: Path,
) -> None:
    path = tmp_path / "bars.csv.gz"
    lines = [
        "\ufeffsymbol,date,open,high,low,close,volume,adj_close\r",
        "TST,2013-02-12,10,11,9,10.5,,5.25\r",
        "TST,2013-02-13,10,11,9,,1000,\r",
        "TST,2013-02-14,10,11,9,nan,1000,\r",
        "TST,2013-02-15,10,1e400,9,10,1000,\r",
        "",
    ]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    report = ingest.run(ingestor, [FileBars(path, "raw")], None, universe_file)
    assert (report.failures, report.exit_code) == ({}, ExitCode.DONE)
    assert query("select close, volume, adj_close, provider from market.price_history") == [
        {"close": 10.5, "volume": None, "adj_close": 5.25, "provider": "file_raw"}
    ]
    rows = query("select reason, received ->> 'close' as close from market.quarantined_bars order by row_number")
    assert [tuple(row.values()) for row in rows] == [("NULL_PRICE", None), ("NON_FINITE", "NaN"), ("NON_FINITE", "10")]


def test_each_basis_is_a_source_of_its_own(ingestor: db.Connection, universe_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    for basis in BASES:
        report = ingest.run(ingestor, [FileBars(path, basis)], None, universe_file)
        assert [(r.provider, r.rows_added) for r in report.results] == [(f"file_{basis}", 1)]
        opinion = None if basis == "raw" else f"second opinion: {basis} ohlcv, not raw ohlcv"
        assert [r.reason for r in report.results] == [opinion], "what is stored and can be no series says so"
        assert report.exit_code == ExitCode.DONE
    assert query("select provider, price_basis from market.price_history") == [
        {"provider": "file_raw", "price_basis": "raw"}
    ]
    kept = query("select provider, price_basis from ref.providers where provider like 'file%' order by priority")
    assert [(row["provider"], row["price_basis"]) for row in kept] == [(f"file_{basis}", basis) for basis in BASES]


def test_the_command_names_every_bad_line_and_takes_in_the_rest(
    ingestor: db.Connection,
    universe_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "bars.csv"
    bad = ["TST,2013-02-13,ten,11,9,10,1", "tst,2013-02-13,10,11,9,10,1", "ZZZ,2013-02-12,10,11,9,10,1"]
    path.write_text("\n".join([HEADER, GOOD, *bad]), encoding="utf-8")
    arguments = ["ingest", "--file", str(path), "--universe", str(universe_file)]
    assert cli.run([*arguments, "--basis", "raw"]) == ExitCode.DATA
    told = capsys.readouterr().err
    for fault in ("file_raw line 3: open 'ten' is not a number", "file_raw line 4: 'tst'", "ZZZ: not in the universe"):
        assert fault in told
    assert query("select count(*) as n from market.price_history") == [{"n": 1}]
    assert query("select symbol, reason from market.ingest_batches where state = 'REFUSED'") == [
        {"symbol": "TST", "reason": "line 3: open 'ten' is not a number"}
    ]
    faults = query("select symbol, purpose, outcome, fault, reason from market.fetches order by fetch_id")
    assert [tuple(row.values()) for row in faults] == [
        (None, "file", "FAILED", "UNREADABLE", "line 4: 'tst' is not a symbol; line 3: open 'ten' is not a number"),
        ("TST", "file", "OK", None, None),
        ("TST", "file", "FAILED", "UNREADABLE", "line 3: open 'ten' is not a number"),
    ]
    for wrong in (arguments, [*arguments, "--basis", "adjusted"], ["ingest", "--basis", "raw"]):
        assert cli.run(wrong) == ExitCode.USAGE
        assert "--basis raw | split_adjusted | fully_adjusted" in capsys.readouterr().err
    assert cli.run([*arguments, "--basis", "raw", "--news", str(path)]) == ExitCode.USAGE
    assert "two ingests" in capsys.readouterr().err
