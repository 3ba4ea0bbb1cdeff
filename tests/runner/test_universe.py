"""configs/universe.csv: what it says, and that every fault in such a file is named by its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from runner import universe
from runner.errors import ExitCode
from runner.universe import COLUMNS, UniverseError, read

HEADER = ",".join(COLUMNS)
GOOD = "XYZ,Xyz Inc,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2000-01-03,,"


def write(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "universe.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def active(day: date) -> set[str]:
    spells = read().spells
    return {s.symbol for s in spells if s.valid_from <= day and (s.valid_to is None or day < s.valid_to)}


def test_the_demos_universe_is_what_had_data_then() -> None:
    names = active(date(2013, 2, 27))
    assert len(names) == 25
    assert {"AAPL", "FB", "GOOG", "AMZN", "NVDA", "XOM"} <= names
    assert not {"NFLX", "TSLA", "SPX"} & names
    assert "FB" not in active(date(2012, 5, 17))
    assert {"NFLX", "TSLA"} <= active(date(2022, 2, 4))


def test_a2_sectors_are_those_of_their_time() -> None:
    spells = [s for s in read().spells if s.symbol == "GOOG"]
    assert [(s.sector, s.valid_from, s.valid_to) for s in spells] == [
        ("Information Technology", date(2004, 8, 19), date(2018, 9, 24)),
        ("Communication Services", date(2018, 9, 24), None),
    ]


def test_the_benchmark_is_outside_the_universe() -> None:
    found = [i for i in read().instruments if i.is_benchmark]
    assert [(i.symbol, i.tradable, i.price_kind) for i in found] == [("SPX", False, "close")]
    assert "SPX" not in {s.symbol for s in read().spells}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("USD", "EUR"), "line 2: currency is 'EUR': only instruments quoted in USD"),
        (GOOD.replace("XNYS", "XLON"), "line 2: calendar is 'XLON', not one of XNYS"),
        (GOOD.replace("equity", "crypto"), "line 2: calendar is 'XNYS': crypto has 24/7"),
        (GOOD.replace("XNYS", "24/7"), "line 2: calendar is '24/7': equity has its exchange"),
        (
            GOOD.replace("equity,XNYS", "fx,24/5"),
            "line 2: tradable is 'true': no broker of ours trades currencies (F8)",
        ),
        (
            GOOD.replace("equity,XNYS", "crypto,24/7"),
            "line 2: tradable is 'true': a cycle decides at the exchange's close, when the session of 24/7",
        ),
        (GOOD.replace("XYZ,", "A'; DROP TABLE x;--,"), 'line 2: symbol "A\'; DROP TABLE x;--"'),
        (GOOD.replace("XYZ,", "xyz,"), "line 2: symbol 'xyz'"),
        (GOOD.replace("XYZ,", ","), "line 2: symbol ''"),
        (GOOD.replace("Energy", "Oil"), "line 2: sector is 'Oil', not one of"),
        (GOOD.replace("equity", "stock"), "line 2: asset_class is 'stock'"),
        (GOOD.replace("ohlcv", "ticks"), "line 2: price_kind is 'ticks'"),
        (GOOD.replace("raw", "adjusted"), "line 2: price_basis is 'adjusted'"),
        (GOOD.replace("true,true,false", "yes,true,false"), "line 2: tradable is 'yes', not one of true, false"),
        (GOOD.replace("2000-01-03", "03.01.2000"), "line 2: valid_from is '03.01.2000', not a date"),
        (GOOD.replace("2000-01-03", "20000103"), "line 2: valid_from is '20000103', not a date"),
        (GOOD.replace("2000-01-03,", "2000-01-03,2000-01-03"), "line 2: valid_to 2000-01-03 is not after"),
        (GOOD.replace("2000-01-03", "").replace("Energy", ""), "line 2: a tradable instrument needs a valid_from"),
        (GOOD.replace("2000-01-03", ""), "line 2: an instrument outside the universe"),
        (GOOD.replace(",Xyz Inc", ","), "line 2: name is empty"),
        (GOOD + ",more", "line 2: 15 values where 14 are expected"),
        (GOOD.replace("Xyz Inc", '"Xyz'), "line 2: unexpected end of data"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(UniverseError) as caught:
        read(write(tmp_path, line))
    assert message in str(caught.value)
    assert caught.value.exit_code == ExitCode.DATA


def test_every_fault_of_a_file_is_shown_at_once(tmp_path: Path) -> None:
    with pytest.raises(UniverseError) as caught:
        read(write(tmp_path, GOOD.replace("USD", "EUR"), GOOD.replace("XYZ", "ABC"), GOOD.replace("raw", "odd")))
    assert "line 2: currency" in str(caught.value) and "line 4: price_basis" in str(caught.value)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (GOOD, "line 3: the spell of XYZ begins on the same date as the one on line 2"),
        (GOOD.replace("2000-01-03", "2005-01-03"), "line 3: the spell of XYZ overlaps the one on line 2"),
        (GOOD.replace("Xyz Inc", "Other").replace("2000-01-03", "2005-01-03"), "line 3: XYZ differs from line 2"),
    ],
)
def test_two_lines_of_a_symbol_must_agree(tmp_path: Path, second: str, message: str) -> None:
    with pytest.raises(UniverseError) as caught:
        read(write(tmp_path, GOOD, second))
    assert message in str(caught.value)


def test_two_benchmarks_of_a_calendar_are_refused(tmp_path: Path) -> None:
    index = ",Index,,index,XNYS,USD,close,raw,false,false,true,,,"
    with pytest.raises(UniverseError, match="line 3: XNYS has its benchmark on line 2 already"):
        read(write(tmp_path, "SPX" + index, "NDX" + index))


def test_a_class_after_a_point_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace("XYZ,", "BRK.B,"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [i.symbol for i in read(path).instruments] == ["BRK.B"]


@pytest.mark.parametrize("content", [b"", b"symbol,sector\nXYZ,Energy\n", b"\xff\xfe\x00"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "universe.csv"
    path.write_bytes(content)
    with pytest.raises(UniverseError):
        read(path)
    with pytest.raises(UniverseError, match="No such file"):
        read(tmp_path / "none.csv")


def test_the_file_of_the_repository_loads_and_twice_is_once(database: str) -> None:
    from runner import calendar, db

    with db.connect("fund_ingestor", autocommit=True) as connection:
        calendar.load(connection, calendar.build("XNYS", date(2013, 3, 1), first=date(2013, 1, 2)))
        wanted = read()
        assert universe.load(connection, wanted) == (len(wanted.instruments), len(wanted.spells))
        assert universe.load(connection, wanted) == (0, 0)


def test_c7_the_benchmark_of_a_cycle_is_of_the_calendar_it_decides_by(database: str, tmp_path: Path) -> None:
    """One of crypto, first by name, would measure the fund's volatility; one whose line is gone would stay beside."""
    from runner import calendar, db

    def load(*lines: str) -> None:
        wanted = read(write(tmp_path, *lines))
        with db.connect("fund_ingestor", autocommit=True) as connection:
            for code in sorted({instrument.calendar for instrument in wanted.instruments}):
                calendar.load(connection, calendar.build(code, date(2013, 3, 1), first=date(2013, 1, 2)))
            universe.load(connection, wanted)

    def benchmarks() -> list[str]:
        with db.connect("fund_decider") as connection:
            return [row["symbol"] for row in db.fetch_all(connection, "ref.benchmarks", calendar="XNYS")]

    crypto = "AAA/USD,Coin,,crypto,24/7,USD,ohlcv,raw,false,false,true,,,"
    index = ",Index,,index,XNYS,USD,close,raw,false,false,true,,,"
    load(crypto, "SPX" + index)
    assert benchmarks() == ["SPX"]
    load(crypto, "NDX" + index)
    assert benchmarks() == ["NDX"]


def test_a_symbol_whose_lines_are_gone_is_named_until_its_spell_ends(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would go on being traded, and nobody would be told."""
    from runner import calendar, db, log

    log.configure()
    other = GOOD.replace("XYZ,", "OTH,")
    with db.connect("fund_ingestor", autocommit=True) as connection:
        calendar.load(connection, calendar.build("XNYS", date(2013, 3, 1), first=date(2013, 1, 2)))

        def said(*lines: str) -> str:
            universe.load(connection, read(write(tmp_path, *lines)))
            return capsys.readouterr().err

        assert "still_in_the_universe" not in said(GOOD, other)
        told = said(other)
        assert "still_in_the_universe" in told and "XYZ" in told and "OTH" not in told and "valid_to" in told
        assert "still_in_the_universe" not in said(GOOD.replace("2000-01-03,", "2000-01-03,2010-01-04"), other)
        assert "still_in_the_universe" not in said(other)
