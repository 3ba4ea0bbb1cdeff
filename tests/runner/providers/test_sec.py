"""EDGAR's company facts against a local server: its real shapes, and every way it has of not answering."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from runner import universe
from runner.errors import DataUnusable
from runner.providers.base import Answer
from runner.providers.facts import FactsPayload
from runner.providers.sec import CIK_PATH, Sec
from runner.providers.wire import Limits

AGENT = "Example Fund ops@example.com"
PATH = "/api/xbrl/companyfacts/CIK0000320193.json"


def fact(value: Any, end: str, start: str | None = None, **changes: Any) -> dict[str, Any]:
    """One number of a filing, as EDGAR gives it."""
    base = {"end": end, "val": value, "accn": "0001193125-13-416534", "fy": 2013, "fp": "FY", "form": "10-K"}
    return base | {"filed": "2013-10-30"} | ({"start": start} if start else {}) | changes


YEAR = {"end": "2013-09-28", "start": "2012-09-30"}
DOCUMENT: dict[str, Any] = {
    "cik": 320193,
    "entityName": "Apple Inc.",
    "facts": {
        "dei": {"EntityCommonStockSharesOutstanding": {"units": {"shares": [fact(899738000, "2013-10-18")]}}},
        "us-gaap": {
            "SalesRevenueNet": {
                "label": "Revenue, Net",
                "units": {
                    "USD": [
                        fact(170910000000, **YEAR),
                        fact(37472000000, "2013-09-28", "2013-06-30"),
                        fact(1, "2013-09-28", "2011-09-25"),
                        fact(171000000000, **YEAR, accn="0001193125-14-383437", filed="2014-10-27", fy=2014),
                    ]
                },
            },
            "EarningsPerShareDiluted": {
                "units": {"USD/shares": [fact(39.75, **YEAR)], "EUR/shares": [fact(1, **YEAR)]}
            },
            "Revenues": {"units": {"USD": []}},
            "Assets": {"units": {"USD": [fact(207000000000, "2013-09-28")]}},
            "PaymentsOfDividends": {"units": {"USD": [fact(10564000000, **YEAR)]}},
            "PaymentsOfDividendsCommonStock": {"units": {"USD": [fact(10500000000, **YEAR)]}},
            "SomethingElse": {"units": {"USD": [fact(5, "2013-09-28")]}},
        },
    },
}


@pytest.fixture
def sec(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sec:
    """A client of the local server that knows one company and waits for nothing."""
    monkeypatch.setenv("SEC_USER_AGENT", AGENT)
    path = tmp_path / "cik.csv"
    path.write_text("symbol,cik\nAAPL,320193\n", encoding="utf-8")
    return Sec(httpserver.url_for(""), path, Limits(attempts=3, wait_seconds=0.01))


def answer(sec: Sec) -> FactsPayload:
    (payload,) = sec.fetch(sec.symbols())
    return payload


def test_one_row_per_filing_and_period_balance_sheets_apart(sec: Sec, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH, headers={"User-Agent": AGENT}).respond_with_json(DOCUMENT)
    payload = answer(sec)
    (facts,) = payload.facts
    filing = {"form": "10-K", "accession": "0001193125-13-416534", "filed_at": "2013-10-30T22:00:00-04:00"}
    assert list(facts.rows) == [
        {"period_end": "2013-09-28", "period_months": "0", "total_assets": "207000000000"} | filing,
        {"period_end": "2013-09-28", "period_months": "3", "revenue": "37472000000"} | filing,
        {
            "period_end": "2013-09-28",
            "period_months": "12",
            "revenue": "170910000000",
            "eps_diluted": "39.75",
            "dividends_paid": "10500000000",
        }
        | filing,
        {"period_end": "2013-10-18", "period_months": "0", "shares_outstanding": "899738000"} | filing,
        {
            "period_end": "2013-09-28",
            "period_months": "12",
            "revenue": "171000000000",
            "form": "10-K",
            "accession": "0001193125-14-383437",
            "filed_at": "2014-10-27T22:00:00-04:00",
        },
    ]
    assert json.loads(payload.content) == DOCUMENT and payload.status == "200" and not payload.unreadable
    assert AGENT not in json.dumps(dict(payload.request)), "who asks is no part of what was asked"


@pytest.mark.parametrize("missing", ["accn", "filed", "form", "end"])
def test_a_fact_that_lacks_its_filing_goes_on_to_be_set_aside(sec: Sec, missing: str) -> None:
    one = fact(5, "2013-09-28")
    del one[missing]
    document = {"cik": 320193, "facts": {"us-gaap": {"Assets": {"units": {"USD": [one]}}}}}
    payload = sec.read(Answer(json.dumps(document).encode(), "", "200", {"url": "x/CIK0000320193.json"}), ["AAPL"])
    ((row,),) = (facts.rows for facts in payload.facts)
    assert row["total_assets"] == "5" and len(row) == 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a document"),
        (b"<html>Undeclared Automated Tool</html>", "not a document"),
        (b'{"cik": 320193, "facts": {"us-gaap": {"Assets"', "not a document"),
        (b"[]", "not a document"),
        (b"null", "not a document"),
        (b'{"cik": 320193}', "not a document"),
        (b'{"cik": 320193, "facts": []}', "not a document"),
        (b'{"cik": 320193, "facts": {"us-gaap": {"Assets": 5}}}', "not a document"),
        (b"[" * 100_000, "not a document"),
        (b"\xff\xfe\x00", "not a document"),
        (b'{"cik": 1652044, "facts": {}}', "of CIK 1652044, not 320193"),
    ],
)
def test_what_is_no_companys_facts_is_kept_and_refused(
    sec: Sec, httpserver: HTTPServer, content: bytes, reason: str
) -> None:
    httpserver.expect_request(PATH).respond_with_data(content)
    payload = answer(sec)
    assert payload.content == content and payload.facts == ()
    assert reason in payload.unreadable["AAPL"]


@pytest.mark.parametrize("units", [None, [], {"USD": None}, {"USD": {}}, {"USD": [None, 5, "x", []]}, {"USD": [{}]}])
def test_odd_units_state_nothing(sec: Sec, units: Any) -> None:
    document = {"cik": 320193, "facts": {"us-gaap": {"NetIncomeLoss": {"units": units}}}}
    payload = sec.read(Answer(json.dumps(document).encode(), "", "200", {"url": "x/CIK0000320193.json"}), ["AAPL"])
    assert [facts.rows for facts in payload.facts] == [()]


def test_an_unknown_company_is_refused_and_the_rest_goes_on(sec: Sec, httpserver: HTTPServer) -> None:
    sec.cik_path.write_text("symbol,cik\nAAPL,320193\nZZZ,999\n", encoding="utf-8")
    httpserver.expect_request(PATH).respond_with_json(DOCUMENT)
    httpserver.expect_request("/api/xbrl/companyfacts/CIK0000000999.json").respond_with_data("<xml/>", status=404)
    payloads = {payload.facts[0].symbol if payload.facts else "": payload for payload in sec.fetch(["ZZZ", "AAPL"])}
    assert payloads[""].unreadable == {"ZZZ": "EDGAR has no facts of this CIK"}
    assert payloads["AAPL"].facts[0].rows


def refused(sec: Sec, match: str) -> list[FactsPayload]:
    """What came before EDGAR was asked for nothing more, and that it says so with a remedy."""
    heard: list[FactsPayload] = []
    with pytest.raises(DataUnusable, match=match) as caught:
        for payload in sec.fetch(sec.symbols()):
            heard.append(payload)
    assert caught.value.remedy
    return heard


def test_403_is_asked_once_and_kept(sec: Sec, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data("Request Rate Threshold Exceeded", status=403)
    (payload,) = refused(sec, "refuses us .403.")
    assert len(httpserver.log) == 1
    assert (payload.content, payload.status, payload.fault) == (b"Request Rate Threshold Exceeded", "403", "REFUSED")
    assert payload.unreadable == {"AAPL": "it answered 403"} and not payload.facts


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_asked_again(sec: Sec, httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_ordered_request(PATH).respond_with_data("busy", status=status)
    httpserver.expect_ordered_request(PATH).respond_with_json(DOCUMENT)
    payload = answer(sec)
    assert payload.facts and payload.status == "200"
    assert [(one.status, one.content) for one in payload.earlier] == [(str(status), b"busy")]
    assert len(httpserver.log) == 2


@pytest.mark.parametrize(("status", "asked"), [(400, 1), (429, 3), (503, 3)])
def test_what_does_not_pass_is_said_and_every_answer_kept(
    sec: Sec, httpserver: HTTPServer, status: int, asked: int
) -> None:
    httpserver.expect_request(PATH).respond_with_data("no", status=status)
    (payload,) = refused(sec, str(status))
    assert len(httpserver.log) == asked
    assert [one.status for one in (*payload.earlier, payload)] == [str(status)] * asked


def test_a_packed_answer_that_is_damaged_is_kept_as_it_came(sec: Sec, httpserver: HTTPServer) -> None:
    damaged = gzip.compress(json.dumps(DOCUMENT).encode())[:-20]
    httpserver.expect_request(PATH).respond_with_data(damaged, headers={"Content-Encoding": "gzip"})
    (payload,) = refused(sec, "packed answer that is")
    assert payload.content == damaged and payload.request["packed"] == "gzip" and payload.fault == "UNAVAILABLE"


def test_a_packed_answer_is_read_unpacked(sec: Sec, httpserver: HTTPServer) -> None:
    packed = gzip.compress(json.dumps(DOCUMENT).encode())
    httpserver.expect_request(PATH).respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    payload = answer(sec)
    assert payload.facts and json.loads(payload.content) == DOCUMENT
    assert httpserver.log[0][0].headers["Accept-Encoding"] == "gzip"


def test_a_redirect_is_not_followed(sec: Sec, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data("", status=302, headers={"Location": httpserver.url_for("/else")})
    httpserver.expect_request("/else").respond_with_json(DOCUMENT)
    refused(sec, "a redirect")
    assert {request.path for request, _ in httpserver.log} == {PATH}


def test_nobody_there_is_said(sec: Sec) -> None:
    sec.base_url = "http://127.0.0.1:9"
    assert refused(sec, "no answer") == []


@pytest.mark.parametrize("packed", [False, True])
def test_a_body_has_a_bound_unpacked(sec: Sec, httpserver: HTTPServer, packed: bool) -> None:
    sec.limits = replace(sec.limits, bytes_max=10_000)
    body = b" " * 20_000

    def handler(_: Request) -> Response:
        return Response(gzip.compress(body), headers={"Content-Encoding": "gzip"}) if packed else Response(body)

    httpserver.expect_request(PATH).respond_with_handler(handler)
    refused(sec, "more than 10,000 bytes")
    assert len(httpserver.log) == 1


def test_an_answer_has_a_total_time(sec: Sec, httpserver: HTTPServer) -> None:
    sec.limits = replace(sec.limits, answer_seconds=0.0)
    httpserver.expect_request(PATH).respond_with_json(DOCUMENT)
    refused(sec, "took more than 0 s")


@pytest.mark.parametrize("agent", [None, "", "curl/8"])
def test_without_who_asks_nobody_is_asked(
    sec: Sec, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, agent: str | None
) -> None:
    monkeypatch.delenv("SEC_USER_AGENT")
    if agent is not None:
        monkeypatch.setenv("SEC_USER_AGENT", agent)
    with pytest.raises(DataUnusable, match="SEC_USER_AGENT"):
        answer(sec)
    assert httpserver.log == []


@pytest.mark.parametrize("line", ["AAPL", "AAPL,x", "aapl,1", "AAPL,320193\nAAPL,1", "AAPL,1,2", ""])
def test_a_line_of_the_map_that_is_none_is_named(sec: Sec, line: str) -> None:
    sec.cik_path.write_text(f"symbol,cik\n{line}\n\n", encoding="utf-8")
    with pytest.raises(DataUnusable, match=r"line [23] is not"):
        sec.ciks()


def test_the_map_that_ships_is_of_the_universe() -> None:
    known = {one.symbol for one in universe.read(universe.DEFAULT_PATH).instruments}
    assert Sec().cik_path == CIK_PATH
    assert set(Sec().symbols()) <= known and Sec().ciks()["AAPL"] == 320193
