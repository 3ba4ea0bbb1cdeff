"""Filings and headlines end to end: what an as-of shows is a function of what was filed by then, of nothing else."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from runner import archive, cli, db, facts
from runner.errors import DataUnusable, ExitCode
from runner.providers.facts import FactsPayload, Kind, SymbolFacts
from runner.providers.file_facts import FileFacts
from runner.providers.sec import Sec
from runner.providers.wire import Limits
from runner.universe import COLUMNS

HEADER = "symbol,period_end,period_months,form,filed_at,accession,revenue,net_income"
#: What the view says of a period: all but where and when this database stored it.
VIEW = (
    "select period_end, period_months, accession, filed_at, known_at, revenue, net_income, book_value"
    " from market.fundamentals_as_of('{known}', 'infinity') order by 1, 2"
)


class Told:
    """A source whose statements a test writes; every call of `fetch` is another answer."""

    name = "told"
    description = "a source of tests"
    priority = 1000
    price_basis = "raw"
    price_kind = "close"
    delay_minutes = 0

    def __init__(self, kind: Kind, rows: Sequence[dict[str, Any]]) -> None:
        self.kind: Kind = kind
        self.rows = rows

    def symbols(self) -> None: ...

    def fetch(self, symbols: Sequence[str]) -> Iterator[FactsPayload]:
        content = json.dumps(self.rows).encode()
        yield FactsPayload(content, "application/json", "200", {}, self.kind, (SymbolFacts("TST", tuple(self.rows)),))


@pytest.fixture
def universe_file(tmp_path: Path) -> Path:
    path = tmp_path / "universe.csv"
    lines = [
        f"{name},{name},Energy,equity,XNYS,USD,close,raw,true,true,false,2003-01-02,," for name in ("TST", "BRK.B")
    ]
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def ingestor(database: str, universe_file: Path) -> Iterator[db.Connection]:
    """fund_ingestor on a database whose clock stands at 2020-06-01, reference data loaded."""
    query(
        "insert into ops.simulated_clocks (instant) values ('2020-06-01 12:00Z')"
        " on conflict (singleton) do update set instant = excluded.instant"
    )
    with db.connect("fund_ingestor", autocommit=True) as connection:
        facts.run(connection, [Told("news", [])], None, universe_file)
        yield connection


def query(text: str) -> list[dict[str, Any]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


def statement(**changes: Any) -> dict[str, Any]:
    base = {"period_end": "2018-12-31", "period_months": "12", "form": "10-K", "accession": "a-1"}
    return base | {"filed_at": "2019-02-01T22:00:00-05:00", "revenue": "100"} | changes


def ingest(connection: db.Connection, rows: Sequence[dict[str, Any]]) -> tuple[int, int, int, int, int]:
    """(added, revised, unchanged, duplicate, quarantined) of one answer about TST, without reference data."""
    told = Told("fundamentals", rows)
    (payload,) = told.fetch(())
    with connection.transaction():
        archived = [facts.archive(connection, told.name, facts.pack(payload))]
    (result,) = facts._take_in(connection, told, payload, archived, {"TST"}, "ingest")
    return (
        result.rows_added,
        result.rows_revised,
        result.rows_unchanged,
        result.rows_duplicate,
        result.rows_quarantined,
    )


# ---- what an as-of sees ----


def test_a_filing_a_day_past_the_as_of_changes_nothing(ingestor: db.Connection) -> None:
    """Issue 6: move the filing one day past the as-of and the view must not change."""
    as_of = datetime.fromisoformat("2019-03-15T20:30:00+00:00")
    ingest(ingestor, [statement()])
    before = query(VIEW.format(known=as_of))
    assert [row["revenue"] for row in before] == [100]
    late = (as_of + timedelta(days=1)).isoformat()
    later = statement(accession="a-2", filed_at=late, revenue="55")
    ingest(ingestor, [later, later | {"period_months": "3", "revenue": "100"}])
    assert query(VIEW.format(known=as_of)) == before
    assert [row["revenue"] for row in query(VIEW.format(known=late))] == [100, 55]
    by_then = (as_of - timedelta(microseconds=1)).isoformat()
    ingest(ingestor, [statement(accession="a-3", filed_at=by_then, revenue="54")])
    assert [row["revenue"] for row in query(VIEW.format(known=as_of))] == [54]


def test_a_number_said_again_after_another_stands_whatever_came_first(ingestor: db.Connection) -> None:
    """1, 2, 1 filed in three years, received first, third, second: the third is not taken for a repetition.

    The filings' numbers fall with time: each begins with its agent's own, so they say nothing of the order.
    """
    numbers = {17: "1", 18: "2", 19: "1"}
    for year in (17, 19, 18):
        filed = {"accession": f"a-{99 - year}", "filed_at": f"20{year}-02-01T22:00:00-05:00"}
        ingest(ingestor, [statement(period_end="2016-12-31", revenue=numbers[year], **filed)])
    visible = [query(VIEW.format(known=f"20{y}-06-01Z"))[0]["revenue"] for y in (17, 18, 19)]
    assert visible == [1, 2, 1]


FILINGS = st.lists(
    st.fixed_dictionaries(
        {
            "period_end": st.sampled_from(["2016-12-31", "2017-12-31"]),
            "period_months": st.sampled_from(["0", "12"]),
            "accession": st.sampled_from([None, "a-1", "a-2", "a-3"]),
            "form": st.sampled_from(["10-K", "10-K/A"]),
            "filed_at": st.sampled_from([f"20{y}-0{m}-01T22:00:00-05:00" for y in (18, 19) for m in (2, 3, 4)]),
            "book_value": st.sampled_from([None, "1", "2", "3"]),
            "revenue": st.sampled_from([None, "1", "2"]),
        }
    ),
    min_size=1,
    max_size=7,
)


@pytest.mark.slow
@given(drawn=FILINGS, data=st.data())
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_visible_does_not_depend_on_the_order_of_arrival(
    ingestor: db.Connection, drawn: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Any filings, one answer each or all in one, in any order: every as-of between them shows the same."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in drawn:
        said = {name: value for name, value in row.items() if value is not None}
        if row["period_months"] == "0":
            said.pop("revenue", None)
        if "accession" in said:
            said["filed_at"], said["form"] = f"2018-0{said['accession'][-1]}-05T22:00:00-05:00", "10-K"
        filing = said.get("accession") or (said["form"], said["filed_at"])
        if "revenue" in said or "book_value" in said:
            rows.setdefault((said["period_end"], said["period_months"], filing), said)
    given_rows = list(rows.values())
    shuffled = data.draw(st.permutations(given_rows))
    instants = sorted({row["filed_at"] for row in given_rows})
    seen = []
    for answers in ([given_rows], [[row] for row in shuffled], [[row] for row in reversed(shuffled)]):
        with db.connect(db.DEPLOYER) as fresh, fresh.transaction(force_rollback=True):
            db.execute_text(fresh, "test", "set role fund_ingestor")
            for answer in answers:
                ingest(fresh, answer)
            db.execute_text(fresh, "test", "reset role")
            seen.append([db.fetch_text(fresh, "test", VIEW.format(known=known)) for known in instants])
            again = [ingest(fresh, answer) for answer in answers]
            assert all(added == revised == 0 for added, revised, *_ in again), "a second ingest adds nothing"
    assert seen[0] == seen[1] == seen[2]


# ---- bad rows ----


def test_bad_rows_are_set_aside_with_a_reason_and_the_good_ones_are_in(ingestor: db.Connection) -> None:
    """Whatever a JSON value can be, in every place of a row: never an exception, and every row is counted once."""
    odd: list[Any] = [None, "", "x" * 5000, "\ufffd", "NaN", "-Infinity", "1e999", True, [], {"a": [1]}, -1, 0, 1e300]
    odd += ["A'; DROP TABLE market.news;--", "9999-12-31", "2020-02-30T00:00:00Z", "now", "infinity"]
    names = [*statement(), "eps_diluted", "shares_outstanding", "market_cap", "capital_expenditure"]
    rows = [
        statement(accession=f"b-{i}-{j}") | {name: value} for i, name in enumerate(names) for j, value in enumerate(odd)
    ]
    good = statement(accession="good")
    counts = ingest(ingestor, [*rows, good])
    assert sum(counts) == len(rows) + 1
    assert counts[4] > len(rows) / 2
    stored = query("select count(*) as n, count(*) filter (where accession = 'good') as good from market.fundamentals")
    assert stored == [{"n": counts[0] + counts[1], "good": 1}]
    kept = query("select count(*) as n, count(distinct reason) as reasons from market.quarantined_facts")
    assert kept[0]["n"] == counts[4] and kept[0]["reasons"] >= 10


# ---- files ----


def test_each_bad_line_of_a_file_is_named_and_nothing_else_is_lost(
    ingestor: db.Connection, universe_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "filings.csv.gz"
    lines = [
        "TST,2018-12-31,12,10-K,2019-02-01,a-1,1e9,1.5e8",
        'TST,"2018-12-31,12,10-K,2019-02-01,a-1,1e9,1.5e8',
        "TST,2018-12-31,12,10-K,2019-02-01,a-1",
        "tst,2018-12-31,12,10-K,2019-02-01,a-1,1e9,1.5e8",
        "ZZZ,2018-12-31,12,10-K,2019-02-01,a-1,1e9,1.5e8",
        "",
        "TST,2019-12-31,12,10-K,2020-02-01T16:30:00-05:00,a-2,NaN,1.5e8",
        "BRK.B,2019-12-31,12,10-K,2020-02-01T16:30:00-05:00,a-2,,1.5e8\r",
    ]
    path.write_bytes(gzip.compress("\n".join(["\ufeff" + HEADER, *lines]).encode()))
    report = facts.run(ingestor, [FileFacts("fundamentals", path)], None, universe_file)
    assert report.failures == {
        "file line 3": "unexpected end of data",
        "file line 4": "6 cells where the header has 8",
        "file line 5": "'tst' is not a symbol",
        "ZZZ": "not in the universe file",
    }
    assert report.quarantined == {"NON_FINITE": 1}
    assert report.exit_code == ExitCode.DATA
    (told,) = query("select reason from market.fetches where symbol is null and fault = 'UNREADABLE'")
    assert told["reason"].startswith("line 3: unexpected end of data; line 4: 6 cells"), "every line has its reason"
    stored = query(
        "select symbol, filed_at, revenue, net_income, known_at from market.fundamentals order by symbol desc"
    )
    assert [(row["symbol"], row["revenue"], row["net_income"]) for row in stored] == [
        ("TST", 1e9, 1.5e8),
        ("BRK.B", None, 1.5e8),
    ]
    assert stored[0]["filed_at"] == datetime.fromisoformat("2019-02-01T22:00:00-05:00"), "a date alone is its evening"
    again = facts.run(ingestor, [FileFacts("fundamentals", path)], None, universe_file)
    assert [row.rows_unchanged for row in again.results if row.batch_id] == [1, 1] and again.payloads_known == 1
    payload = query(
        "select r.payload_bytes from market.fundamentals as f join market.ingest_batches as b using (batch_id)"
        " join market.provider_responses as r on r.payload_id = b.payload_id where f.symbol = 'TST'"
    )
    assert len(payload) == 1, "a stored filing leads back to its bytes"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"symbol,headline\n", "no column published_at"),
        (b"symbol,published_at,source,headline,tone\n", "unknown column 'tone'"),
        (b"symbol,symbol,published_at,source,headline\n", "column 'symbol' twice"),
        (b"\x1f\x8b damaged", "Not a gzipped file|Unknown compression|CRC|Error|end-of-stream"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_remedy(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "news.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataUnusable, match=message) as refused:
        list(FileFacts("news", path).fetch([]))
    assert refused.value.remedy


def test_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.providers.csv_lines.BYTES_MAX", 1000)
    path = tmp_path / "news.csv.gz"
    path.write_bytes(gzip.compress(b"x" * 2000))
    with pytest.raises(DataUnusable, match="more than 1,000 bytes"):
        list(FileFacts("news", path).fetch([]))


def test_headlines_of_a_file(ingestor: db.Connection, universe_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    lines = [
        "symbol,published_at,source,headline,symbols",
        "TST,2020-01-03,Wire,  Test beats \u2013 shares up ,TST BRK.B",
        "TST,2020-01-03 08:00:00-05:00,Wire,Test\x00misses,",
        "TST,2020-01-03 08:00:00,Wire,No zone,",
        'TST,2020-01-03T08:00:00-05:00,Wire,"Quoted, ""so""",',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    report = facts.run(ingestor, [FileFacts("news", path)], ["TST"], universe_file)
    assert report.quarantined == {"CONTROL_CHARACTER": 1, "UNREADABLE_INSTANT": 1} and report.failures == {}
    stored = query("select headline, symbols, published_at from market.news order by published_at")
    assert [row["headline"] for row in stored] == ['Quoted, "so"', "Test beats \u2013 shares up"]
    assert [row["symbols"] for row in stored] == [["TST"], ["BRK.B", "TST"]]
    assert stored[1]["published_at"] == datetime.fromisoformat("2020-01-03T23:59:59-05:00")


def test_the_command_names_what_failed_and_exits_13(
    ingestor: db.Connection, universe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "filings.csv"
    path.write_text(f"{HEADER}\nTST,2018-12-31,12,10-K,2019-02-01,a-1,1e9,1.5e8\nTST\n", encoding="utf-8")
    code = cli.run(["ingest", "--fundamentals", str(path), "--universe", str(universe_file), "--json"])
    out = capsys.readouterr()
    assert code == ExitCode.DATA
    assert json.loads(out.out)["failures"] == {"file line 3": "1 cells where the header has 8"}
    assert "market.quarantined_facts" in out.err
    assert cli.run(["ingest", "--help"]) == 0
    assert "--fundamentals filings.csv.gz" in capsys.readouterr().out


# ---- second opinions ----


def test_without_the_package_there_is_no_opinion(ingestor: db.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "vaderSentiment.vaderSentiment", None)
    assert facts.second_opinions(ingestor) is None


def test_vader_judges_each_headline_once_under_its_version(ingestor: db.Connection, universe_file: Path) -> None:
    pytest.importorskip("vaderSentiment")
    words = ["Test misses earnings, shares plunge", "Great profit, strong growth", "Great profit, strong growth"]
    rows = [
        {"published_at": f"2020-01-0{i + 2}T13:00:00Z", "source": "Wire", "headline": w} for i, w in enumerate(words)
    ]
    facts.run(ingestor, [Told("news", rows)], ["TST"], universe_file)
    assert (facts.second_opinions(ingestor), facts.second_opinions(ingestor)) == (2, 0)
    stored = query("select o.scorer, o.scorer_version, o.score, n.headline from market.headline_opinions as o"
                   " join market.news as n using (headline_sha256) order by o.score desc limit 1")  # fmt: skip
    assert (stored[0]["scorer"], stored[0]["headline"]) == ("vaderSentiment", words[1])
    assert 0.5 < stored[0]["score"] <= 1 and stored[0]["scorer_version"] == "3.3.2"


# ---- EDGAR ----


@pytest.fixture
def companies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The map of two companies to their numbers at EDGAR, which is told who asks."""
    monkeypatch.setenv("SEC_USER_AGENT", "Example Fund ops@example.com")
    path = tmp_path / "cik.csv"
    path.write_text("symbol,cik\nBRK.B,1067983\nTST,7\n", encoding="utf-8")
    return path


def test_edgars_document_comes_in_and_an_unknown_company_is_a_refused_batch(
    ingestor: db.Connection,
    universe_file: Path,
    companies: Path,
    httpserver: HTTPServer,
) -> None:
    filing = {"end": "2018-12-31", "accn": "a-1", "form": "10-K", "filed": "2019-02-23"}
    units = {"USD": [{"val": 5, **filing}, {"val": "x", **filing, "accn": "a-2"}]}
    document = {"cik": 1067983, "facts": {"us-gaap": {"Assets": {"units": units}}}}
    httpserver.expect_request("/api/xbrl/companyfacts/CIK0001067983.json").respond_with_json(document)
    httpserver.expect_request("/api/xbrl/companyfacts/CIK0000000007.json").respond_with_data("", status=404)
    source = Sec(httpserver.url_for(""), companies)
    report = facts.run(ingestor, [source], None, universe_file)
    assert [(row.symbol, row.state, row.rows_added) for row in report.results] == [
        ("BRK.B", "DONE", 1),
        ("TST", "REFUSED", 0),
    ]
    assert report.failures == {"TST": "EDGAR has no facts of this CIK"} and report.quarantined == {
        "UNREADABLE_NUMBER": 1
    }
    kinds = query("select kind from market.ingest_batches where provider = 'sec'")
    assert [row["kind"] for row in kinds] == ["fundamentals"] * 2, "what was refused is a filing too, no bars"
    stored = query("select provider, total_assets, known_at from market.fundamentals")
    assert [(row["provider"], row["total_assets"]) for row in stored] == [("sec", 5)]
    assert stored[0]["known_at"] == datetime.fromisoformat("2019-02-23T22:00:00-05:00")
    again = facts.run(ingestor, [source], None, universe_file)
    assert [row.rows_unchanged for row in again.results] == [1, 0]


def test_a_symbol_asked_for_that_no_source_has_is_a_failure(
    ingestor: db.Connection, universe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the universe, and without a line in the map of companies: nothing came, and the exit code was 0."""
    monkeypatch.setenv("SEC_USER_AGENT", "Example Fund ops@example.com")
    (tmp_path / "cik.csv").write_text("symbol,cik\nBRK.B,1067983\n", encoding="utf-8")
    report = facts.run(ingestor, [Sec("http://127.0.0.1:9", tmp_path / "cik.csv")], ["TST"], universe_file)
    assert report.failures == {"TST": "no source asked has facts of it"} and report.exit_code == ExitCode.DATA


def test_what_edgar_refuses_is_archived_with_every_attempt_and_read_back(
    ingestor: db.Connection,
    universe_file: Path,
    companies: Path,
    httpserver: HTTPServer,
) -> None:
    fact = {"val": 5, "end": "2018-12-31", "accn": "a-1", "form": "10-K", "filed": "2019-02-23"}
    document = {"cik": 1067983, "facts": {"us-gaap": {"Assets": {"units": {"USD": [fact]}}}}}
    path = "/api/xbrl/companyfacts/CIK0001067983.json"
    httpserver.expect_ordered_request(path).respond_with_data("busy", status=503)
    httpserver.expect_ordered_request(path).respond_with_json(document)
    httpserver.expect_ordered_request(re.compile(".*")).respond_with_data("go away", status=403)
    source = Sec(httpserver.url_for(""), companies, Limits(wait_seconds=0.01))
    report = facts.run(ingestor, [source], None, universe_file)
    assert "refuses us (403)" in report.failures["sec"] and report.failures["TST"] == "it answered 403"
    kept = query(
        "select f.symbol, f.outcome, f.fault, a.status, r.payload from market.fetches as f"
        " join market.fetch_responses as a using (fetch_id) join market.provider_responses as r using (payload_id)"
        " where f.provider = 'sec' order by f.fetch_id, a.part"
    )
    assert [(*list(row.values())[:4], gzip.decompress(row["payload"])) for row in kept] == [
        ("BRK.B", "OK", None, "503", b"busy"),
        ("BRK.B", "OK", None, "200", httpserver.log[1][1].get_data()),
        ("TST", "FAILED", "REFUSED", "403", b"go away"),
    ]
    read = archive.rebuild(ingestor, [], [])
    assert not any(" sec " in place for place in read.differences) and read.unchanged == 1
