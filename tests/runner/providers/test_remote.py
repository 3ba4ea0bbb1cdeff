"""The four vendors' clients against servers that answer as they do: what comes is what was sent, and every fault ends
in its word, asked as often as it may be.
"""

from __future__ import annotations

import gzip
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from runner.providers import alpaca_data, binance, massive, stated, yahoo
from runner.providers.base import Answer, Exchange, RemoteProvider, Unreadable, Window, rows_of
from runner.providers.wire import Failed, Limits, Pace, number, without_secrets
from tests.runner.providers import vendors
from tests.runner.providers.vendors import ASKED, BARS_PATH, LIMITS, VENDORS, Market, client, market, others, serve

KEYS = {"MASSIVE_API_KEY": "key-of-massive", "ALPACA_DATA_KEY": "key-of-alpaca", "ALPACA_DATA_SECRET": "hidden"}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def ask(provider: RemoteProvider, vendor: str, made: Market) -> Exchange:
    symbol, asset_class, _ = ASKED[vendor]
    return provider.ask(symbol, asset_class, made.window)


def read(provider: RemoteProvider, vendor: str, made: Market, exchange: Exchange) -> Any:
    symbol, asset_class, _ = ASKED[vendor]
    return provider.read(symbol, asset_class, made.window, exchange.answers)


def assert_same_bars(rows: pd.DataFrame, made: Market) -> None:
    for name in ("session", "open", "high", "low", "close", "volume"):
        found, sent = rows[name].to_numpy(), made.bars[name].to_numpy()
        assert found.shape == sent.shape and (found == sent).all(), name


# -- what comes is what was sent ----


@pytest.mark.parametrize("vendor", VENDORS)
def test_bars_are_those_that_were_sent_bit_for_bit(vendor: str, httpserver: HTTPServer) -> None:
    made = market()
    serve(vendor, httpserver, made)
    provider = client(vendor, httpserver)
    exchange = ask(provider, vendor, made)
    assert (exchange.fault, exchange.reason) == (None, None)
    bars = read(provider, vendor, made, exchange)
    assert bars.symbol == ASKED[vendor][0] and bars.actions == ()
    assert_same_bars(bars.rows, made)
    sent = [response.get_data() for request, response in httpserver.log if request.path.startswith(BARS_PATH[vendor])]
    assert [a.content for a in exchange.answers if a.request["part"] in ("bars", "chart")] == sent, "byte for byte"


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_secret_is_in_what_is_kept(vendor: str, httpserver: HTTPServer) -> None:
    made = market()
    serve(vendor, httpserver, made)
    exchange = ask(client(vendor, httpserver), vendor, made)
    kept = json.dumps([dict(answer.request) for answer in exchange.answers])
    assert "http" in kept and not [s for s in (*KEYS.values(), "crumb") if s in kept]


@pytest.mark.parametrize("vendor", ["yahoo", "massive", "alpaca"])
@pytest.mark.parametrize("ratio", [(4.0, 1.0), (7.0, 1.0), (1.0, 10.0), (3.0, 2.0)])
def test_splits_and_dividends_are_stated_beside_raw_bars(
    vendor: str, ratio: tuple[float, float], httpserver: HTTPServer
) -> None:
    """Yahoo's come adjusted for the split, prices and dividend both: the raw ones come back to the cent."""
    made = market(splits={date(2024, 6, 5): ratio}, dividends={date(2024, 6, 3): 0.24})
    serve(vendor, httpserver, made)
    provider = client(vendor, httpserver)
    bars = read(provider, vendor, made, ask(provider, vendor, made))
    if ratio == (4.0, 1.0) or vendor != "yahoo":
        assert_same_bars(bars.rows, made)
    for name in ("open", "high", "low", "close"):
        assert (bars.rows[name].to_numpy() == made.bars[name].to_numpy()).all(), name
    dividend, split = bars.actions
    assert (split.ex_date, split.kind, split.factor) == (date(2024, 6, 5), "split", ratio[0] / ratio[1])
    close = float(made.bars.loc[made.bars["session"] == "2024-06-03", "close"].iloc[0])
    assert (dividend.ex_date, dividend.kind) == (date(2024, 6, 3), "dividend")
    assert dividend.amount == pytest.approx(0.24, rel=1e-12)
    assert dividend.factor == pytest.approx(1 + 0.24 / close, rel=1e-12)


def test_yahoo_learns_of_splits_after_the_window(httpserver: HTTPServer) -> None:
    """An old window is asked up to today, its raw prices are of its own time, and only its own sessions are kept."""
    made = market(sessions=20, splits={date(2024, 6, 20): (4.0, 1.0)})
    serve("yahoo", httpserver, made)
    provider = client("yahoo", httpserver)
    window = Window(date(2024, 6, 3), date(2024, 6, 7))
    bars = provider.read("BRK.B", "equity", window, provider.ask("BRK.B", "equity", window).answers)
    kept = made.bars[made.bars["session"].between("2024-06-03", "2024-06-07")].reset_index(drop=True)
    assert (bars.rows["close"].to_numpy() == kept["close"].to_numpy()).all()
    assert bars.actions == (), "the split is not of these rows"
    (request,) = vendors.asked(httpserver, "yahoo")
    assert int(request.args["period2"]) > pd.Timestamp("2024-07-01", tz="UTC").timestamp()


@pytest.mark.parametrize("vendor", ["massive", "alpaca", "binance"])
def test_every_page_is_asked_for(vendor: str, httpserver: HTTPServer) -> None:
    made = market(sessions=8) if vendor != "binance" else market(sessions=1500)
    first, rest = Market(made.bars.iloc[:5]), Market(made.bars.iloc[5:])
    if vendor == "binance":
        serve(vendor, httpserver, made)
    else:
        serve(vendor, httpserver, made)  # for the actions; the pages below come first
        page, second = vendors.body(vendor, first), vendors.body(vendor, rest)
        window = made.window
        if vendor == "massive":
            path = f"{BARS_PATH[vendor]}{window.first}/{window.last}"
            page["next_url"] = "https://elsewhere.example/v2/aggs/ticker/BRK.B/range/1/day/more?cursor=c2"
            httpserver.expect_oneshot_request(path).respond_with_json(page)
            httpserver.expect_oneshot_request(
                f"{BARS_PATH[vendor]}more", query_string={"cursor": "c2"}
            ).respond_with_json(second)
        else:
            page["next_page_token"] = "t2"
            httpserver.expect_oneshot_request(BARS_PATH[vendor]).respond_with_json(page)
            httpserver.expect_oneshot_request(BARS_PATH[vendor]).respond_with_json(second)
    provider = client(vendor, httpserver)
    exchange = ask(provider, vendor, made)
    assert exchange.fault is None
    assert_same_bars(read(provider, vendor, made, exchange).rows, made)
    assert len([a for a in exchange.answers if a.request["part"] == "bars"]) >= 2


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    closes=st.lists(st.decimals("0.0001", "99999", places=4), min_size=1, max_size=12),
    volume=st.integers(0, 10**12),
    vendor=st.sampled_from(["massive", "alpaca", "binance"]),
)
def test_any_price_comes_back(closes: list[Any], volume: int, vendor: str) -> None:
    """read of a vendor's document is what the document was made of, to the bit."""
    made = market(sessions=len(closes))
    for name in ("open", "high", "low", "close"):
        made.bars[name] = [float(value) for value in closes]
    made.bars["volume"] = float(volume)
    content = json.dumps(vendors.body(vendor, made)).encode()
    answers = [Answer(content, "application/json", "200", {"part": "bars"})]
    symbol, asset_class, _ = ASKED[vendor]
    provider = {"massive": massive.Massive, "alpaca": alpaca_data.AlpacaData, "binance": binance.Binance}[vendor]()
    assert_same_bars(provider.read(symbol, asset_class, made.window, answers).rows, made)


# -- faults ----


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("status", [400, 401, 403])
def test_f8_a_refusal_is_asked_once(vendor: str, status: int, httpserver: HTTPServer) -> None:
    others(vendor, httpserver)
    made = market()
    httpserver.expect_request(_any(vendor)).respond_with_data('{"message": "no"}', status=status)
    exchange = ask(client(vendor, httpserver), vendor, made)
    assert exchange.fault == "REFUSED" and str(status) in str(exchange.reason)
    assert len(vendors.asked(httpserver, vendor)) == 1
    assert [(a.status, a.content) for a in exchange.answers] == [(str(status), b'{"message": "no"}')], "kept as well"


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("status", "fault"), [(429, "THROTTLED"), (418, "THROTTLED"), (500, "UNAVAILABLE"), (503, "UNAVAILABLE")]
)
def test_what_passes_is_asked_again(vendor: str, status: int, fault: str, httpserver: HTTPServer) -> None:
    others(vendor, httpserver)
    httpserver.expect_request(_any(vendor)).respond_with_data("later", status=status)
    exchange = ask(client(vendor, httpserver), vendor, market())
    assert exchange.fault == fault
    assert len(vendors.asked(httpserver, vendor)) == len(exchange.answers) == LIMITS.attempts


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_passing_fault_costs_nothing_but_time(vendor: str, httpserver: HTTPServer) -> None:
    """429 with the second it is over, then 502, then the bars; all three answers are kept, one is read."""
    made = market()
    serve(vendor, httpserver, made)
    httpserver.expect_oneshot_request(_any(vendor)).respond_with_data("", status=429, headers={"Retry-After": "1"})
    httpserver.expect_oneshot_request(_any(vendor)).respond_with_data("", status=502)
    provider = client(vendor, httpserver)
    started = time.monotonic()
    exchange = ask(provider, vendor, made)
    assert time.monotonic() - started >= 1.0, "as long as it was told to wait"
    statuses = [answer.status for answer in exchange.answers if answer.request["part"] in ("bars", "chart")]
    assert statuses == ["429", "502", "200"]
    assert_same_bars(read(provider, vendor, made, exchange).rows, made)


@pytest.mark.parametrize("part", ["bars", "actions"])
def test_a_page_heard_before_a_fault_counts_once(part: str, httpserver: HTTPServer) -> None:
    """alpaca-py turns the pages inside one call: a 429 on the second has the first asked, and kept, again."""
    made = market(dividends={date(2024, 6, 3): 0.24})
    path = BARS_PATH["alpaca"] if part == "bars" else "/v1/corporate-actions"
    serve("alpaca", httpserver, made)
    page = vendors.body("alpaca", made) if part == "bars" else vendors.actions(made, "BRK.B")
    rest = vendors.body("alpaca", Market(made.bars.iloc[:0])) if part == "bars" else vendors.actions(market(), "BRK.B")
    page["next_page_token"] = "t2"
    for answer in (page, None, page, rest):
        if answer is None:
            httpserver.expect_oneshot_request(path).respond_with_data("", status=429)
        else:
            httpserver.expect_oneshot_request(path).respond_with_json(answer)
    provider = client("alpaca", httpserver)
    exchange = ask(provider, "alpaca", made)
    assert [a.status for a in exchange.answers if a.request["part"] == part] == ["200", "429", "200", "200"]
    bars = read(provider, "alpaca", made, exchange)
    assert_same_bars(bars.rows, made)
    assert [action.amount for action in bars.actions] == [0.24]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html><body>Please log in</body></html>", "HTML"),
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"chart": {"result": [{"meta": ', "no JSON|cannot read"),
        (b"[1, 2", "no JSON|cannot read"),
        (b"null", "."),
        (b'"text"', "."),
        (b"{}", "."),
    ],
)
def test_an_answer_that_is_none_is_unreadable(vendor: str, content: bytes, reason: str, httpserver: HTTPServer) -> None:
    """With status 200. Where its own client looks first it is a fault, else `read` says so."""
    others(vendor, httpserver)
    httpserver.expect_request(_any(vendor)).respond_with_data(content)
    httpserver.expect_request("/v3/reference/splits").respond_with_json({"status": "OK", "results": []})
    httpserver.expect_request("/v3/reference/dividends").respond_with_json({"status": "OK", "results": []})
    httpserver.expect_request("/v1/corporate-actions").respond_with_json(
        {"corporate_actions": {}, "next_page_token": None}
    )
    provider, made = client(vendor, httpserver), market()
    exchange = ask(provider, vendor, made)
    if exchange.fault is None:
        with pytest.raises(Unreadable, match=reason):
            read(provider, vendor, made, exchange)
    else:
        assert exchange.fault == "UNREADABLE" and exchange.answers[0].content == content


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_body_that_never_ends_is_cut_off(vendor: str, httpserver: HTTPServer) -> None:
    others(vendor, httpserver)
    httpserver.expect_request(_any(vendor)).respond_with_data(b"x" * (LIMITS.bytes_max + 1))
    exchange = ask(client(vendor, httpserver), vendor, market())
    (answer,) = exchange.answers
    assert exchange.fault == "TOO_LARGE" and answer.content == b"" and "more than" in str(answer.request["not_kept"])


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_packed_answer_is_unpacked_and_a_damaged_one_kept_as_it_came(vendor: str, httpserver: HTTPServer) -> None:
    """Bytes that are no packed body, one that ends too early, a bomb; curl hands out nothing of these (Yahoo),
    or what there is: a document that ends too early, which is unreadable.
    """
    made = market()
    cut_off, bomb = gzip.compress(b"x" * 999)[:-9], gzip.compress(b"x" * (LIMITS.bytes_max + 1))
    packed = {"Content-Encoding": "gzip"}
    for content, fault in ((b"<html>", "UNAVAILABLE"), (cut_off, "UNAVAILABLE"), (bomb, "TOO_LARGE")):
        httpserver.clear()
        others(vendor, httpserver)
        httpserver.expect_request(_any(vendor)).respond_with_data(content, headers=packed)
        exchange = ask(client(vendor, httpserver), vendor, made)
        if vendor == "yahoo" and content == cut_off:
            assert exchange.answers[0].content == b"x" * 999
            continue
        assert exchange.fault == fault
        if vendor == "yahoo":
            assert all(answer.content == b"" and answer.request["not_kept"] for answer in exchange.answers)
        else:
            kept = [(answer.status, answer.content, answer.request["packed"]) for answer in exchange.answers]
            assert set(kept) == {("200", content, "gzip")}
    httpserver.clear()
    serve(vendor, httpserver, made)
    body = json.dumps(vendors.body(vendor, made)).encode()
    httpserver.expect_oneshot_request(_any(vendor)).respond_with_data(gzip.compress(body), headers=packed)
    answer = ask(client(vendor, httpserver), vendor, made).answers[0]
    assert answer.content == body and "packed" not in answer.request


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_redirect_is_followed_nowhere(vendor: str, httpserver: HTTPServer) -> None:
    others(vendor, httpserver)
    httpserver.expect_request(_any(vendor)).respond_with_data("", status=302, headers={"Location": "/elsewhere"})
    exchange = ask(client(vendor, httpserver), vendor, market())
    assert exchange.fault == "UNREADABLE" and "redirect" in str(exchange.reason)
    assert [request.path for request, _ in httpserver.log if request.path == "/elsewhere"] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_silence_ends(vendor: str, httpserver: HTTPServer) -> None:
    """Before a byte and in the middle of the body."""
    others(vendor, httpserver)
    done = threading.Event()

    def silent(_: Request) -> Response:
        done.wait(5)
        return Response("{}")

    def stops(_: Request) -> Response:
        def parts() -> Iterator[bytes]:
            yield b"{"
            done.wait(5)

        return Response(parts(), content_type="application/json")

    try:
        for handler in (silent, stops):
            httpserver.clear()
            others(vendor, httpserver)
            httpserver.expect_request(_any(vendor)).respond_with_handler(handler)
            limits = Limits(**{**vars(LIMITS), "attempts": 1})
            exchange = ask(client(vendor, httpserver, limits), vendor, market())
            assert exchange.fault == "UNAVAILABLE", handler
    finally:
        done.set()


@pytest.mark.parametrize("vendor", VENDORS)
def test_nobody_there_is_unavailable(vendor: str, httpserver: HTTPServer) -> None:
    provider = client(vendor, httpserver)
    for name in ("base_url",):
        setattr(provider, name, "http://127.0.0.1:9")
    exchange = ask(provider, vendor, market())
    assert exchange.fault == "UNAVAILABLE" and exchange.answers == ()


@pytest.mark.parametrize("vendor", ["yahoo", "massive", "alpaca"])
def test_bars_of_another_symbol_are_refused(vendor: str, httpserver: HTTPServer) -> None:
    made = market()
    serve(vendor, httpserver, made)
    httpserver.expect_oneshot_request(_any(vendor)).respond_with_json(vendors.body(vendor, made, "OTHER"))
    provider = client(vendor, httpserver)
    with pytest.raises(Unreadable, match="not BRK"):
        read(provider, vendor, made, ask(provider, vendor, made))


@pytest.mark.parametrize("vendor", ["yahoo", "massive"])
def test_a_dividend_in_another_currency_is_unreadable(vendor: str, httpserver: HTTPServer) -> None:
    """Its amount would be taken for dollars: the next source is asked. One outside the window says nothing here."""
    made = market(dividends={date(2024, 6, 3): 0.24})
    provider = client(vendor, httpserver)
    document = vendors.body(vendor, made)
    rows = {"ticker": "BRK.B", "ex_dividend_date": "2024-06-03", "cash_amount": 0.24, "currency": "CAD"}
    if vendor == "yahoo":
        (event,) = document["chart"]["result"][0]["events"]["dividends"].values()
        event["currency"] = "CAD"
    else:
        others(vendor, httpserver)
        path = "/v3/reference/dividends"
        httpserver.expect_oneshot_request(path).respond_with_json({"status": "OK", "results": [rows]})
    serve(vendor, httpserver, made)
    httpserver.expect_oneshot_request(_any(vendor)).respond_with_json(document)
    with pytest.raises(Unreadable, match="a dividend on 2024-06-03 in 'CAD', not USD"):
        read(provider, vendor, made, ask(provider, vendor, made))
    if vendor == "yahoo":
        later = Window(date(2024, 6, 4), made.window.last)
        httpserver.expect_oneshot_request(_any(vendor)).respond_with_json(document)
        answers = provider.ask("BRK.B", "equity", later).answers
        assert len(provider.read("BRK.B", "equity", later, answers).rows) == 5


def test_prices_in_pence_are_unreadable(httpserver: HTTPServer) -> None:
    """A hundred times the price in pounds, and no dollars either."""
    made = market()
    document = vendors.body("yahoo", made)
    document["chart"]["result"][0]["meta"]["currency"] = "GBp"
    others("yahoo", httpserver)
    httpserver.expect_request(_any("yahoo")).respond_with_json(document)
    provider = client("yahoo", httpserver)
    with pytest.raises(Unreadable, match="prices in 'GBp', not USD"):
        read(provider, "yahoo", made, ask(provider, "yahoo", made))


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_no_symbol_reaches_no_address(vendor: str, httpserver: HTTPServer) -> None:
    for word in ("A'; DROP TABLE x;--", "aapl", "../../etc/passwd", "", "A" * 200, "AAPL?x=1"):
        exchange = client(vendor, httpserver).ask(word, ASKED[vendor][1], market().window)
        assert (exchange.fault, exchange.answers) == ("NOT_FOUND", ())
    assert httpserver.log == []


def test_binance_says_what_it_does_not_trade(httpserver: HTTPServer) -> None:
    refusal = '{"code":-1121,"msg":"Invalid symbol."}'
    httpserver.expect_request(BARS_PATH["binance"]).respond_with_data(refusal, status=400)
    assert ask(client("binance", httpserver), "binance", market()).fault == "NOT_FOUND"


@pytest.mark.parametrize("vendor", ["massive", "alpaca"])
def test_without_a_key_nothing_is_asked(vendor: str, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name)
    exchange = ask(client(vendor, httpserver), vendor, market())
    assert exchange.fault == "NO_KEY" and "is not set" in str(exchange.reason)
    assert httpserver.log == []


@pytest.mark.parametrize(("vendor", "package"), [("yahoo", "yfinance"), ("massive", "massive"), ("binance", "ccxt")])
def test_without_the_package_the_remedy_is_named(
    vendor: str, package: str, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    exchange = ask(client(vendor, httpserver), vendor, market())
    assert exchange.fault == "NOT_INSTALLED" and "pip install 'mini-quant-fund[data]'" in str(exchange.reason)


# -- what a document can say ----


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d["meta"].update(dataGranularity="1wk"), "not of a day"),
        (lambda d: d["indicators"]["quote"][0]["close"].pop(), "different lengths"),
        (lambda d: d["indicators"].pop("quote"), "no bars"),
        (lambda d: d["indicators"]["quote"][0]["close"].__setitem__(0, "many"), "a number is expected"),
        (lambda d: d["indicators"]["quote"][0]["close"].__setitem__(0, True), "a number is expected"),
        (lambda d: d["meta"].update(exchangeTimezoneName="Mars/Olympus"), "no bars"),
        (lambda d: d["events"].update(splits={"1": {"date": 1, "numerator": 0, "denominator": 1}}), "a split on"),
        (lambda d: d["events"].update(dividends={"1": {"date": "x", "amount": 1}}), "dividends that cannot"),
        (lambda d: d["events"].update(dividends={"1": {"date": 1717421400, "amount": -1.0}}), "a dividend on"),
        (lambda d: d["indicators"]["quote"][0].update(open=5), "different lengths"),
        (lambda d: d["indicators"]["quote"][0].update(volume=True), "different lengths"),
        (lambda d: d["meta"].update(dataGranularity="1\x00\ud800"), r"bars of 1\\u0000\\ud800"),
    ],
)
def test_a_chart_that_contradicts_itself_is_unreadable(change: Callable[[Any], Any], reason: str) -> None:
    made = market()
    document = vendors.body("yahoo", made)
    change(document["chart"]["result"][0])
    answers = [Answer(json.dumps(document).encode(), "application/json", "200", {"part": "chart"})]
    with pytest.raises(Unreadable, match=reason):
        yahoo.Yahoo().read("BRK.B", "equity", made.window, answers)


def test_an_empty_row_goes_on_as_received() -> None:
    """A null is NaN, which the database sets aside with its reason; no row is dropped on the way."""
    made = market()
    document = vendors.body("yahoo", made)
    for column in document["chart"]["result"][0]["indicators"]["quote"][0].values():
        column[3] = None
    answers = [Answer(json.dumps(document).encode(), "application/json", "200", {"part": "chart"})]
    rows = yahoo.Yahoo().read("BRK.B", "equity", made.window, answers).rows
    assert len(rows) == len(made.bars) and np.isnan(rows.loc[3, "close"]) and rows["close"].notna().sum() == 7


def test_the_day_at_hand_comes_twice_and_counts_as_it_stands_now() -> None:
    """Yahoo repeats the last day after its close, a little later: the second row is the day's."""
    made = market()
    document = vendors.body("yahoo", made)
    chart = document["chart"]["result"][0]
    chart["timestamp"].append(chart["timestamp"][-1] + 23400)
    chart["indicators"]["adjclose"][0]["adjclose"] = list(chart["indicators"]["adjclose"][0]["adjclose"])
    for column in (*chart["indicators"]["quote"][0].values(), chart["indicators"]["adjclose"][0]["adjclose"]):
        column.append(column[-1] + 1)
    answers = [Answer(json.dumps(document).encode(), "application/json", "200", {"part": "chart"})]
    rows = yahoo.Yahoo().read("BRK.B", "equity", made.window, answers).rows
    assert len(rows) == len(made.bars) and rows["close"].iloc[-1] == made.bars["close"].iloc[-1] + 1


@pytest.mark.parametrize(
    ("vendor", "document"),
    [
        ("massive", {"status": "OK", "adjusted": False, "ticker": ["BRK.B"], "results": []}),
        ("massive", {"status": "OK", "adjusted": False, "results": [{"t": {}}]}),
        ("alpaca", {"bars": {"BRK.B": [{"t": "0001-01-01T00:00:00Z"}]}}),
        ("binance", [[0.5, 1, 1, 1, 1, 1, 1]]),
    ],
)
def test_a_shape_nobody_has_seen_is_unreadable(vendor: str, document: Any, httpserver: HTTPServer) -> None:
    symbol, asset_class, _ = ASKED[vendor]
    answers = [Answer(json.dumps(document).encode(), "application/json", "200", {"part": "bars"})]
    with pytest.raises(Unreadable):
        client(vendor, httpserver).read(symbol, asset_class, market().window, answers)


def test_what_a_reader_did_not_expect_is_unreadable_too() -> None:
    class Odd:
        def read(self, *_: Any) -> Any:
            raise KeyError("t")

    with pytest.raises(Unreadable, match=r"unknown shape \(KeyError\)"):
        rows_of(Odd(), "AAPL", "equity", market().window, [])  # type: ignore[arg-type]


def test_a_dividend_without_its_close_takes_the_next_one() -> None:
    """F9: the action takes effect on the first session there is; one after the last session multiplies nothing."""
    days = pd.to_datetime(["2024-06-03", "2024-06-04", "2024-06-05"])
    rows = pd.DataFrame({"session": days, "close": [np.nan, 50.0, np.nan]})
    (action,) = stated.actions(rows, [], [(date(2024, 6, 3), 0.5), (date(2024, 6, 5), 0.5)])
    assert (action.ex_date, action.factor) == (date(2024, 6, 3), 1.01)


@pytest.mark.parametrize(
    "second",
    [
        {"open": np.nan},
        {"high": 39.0},
        {"low": 41.0},
        {"close": 45.0},
        {"open": -1.0},
        {"high": np.inf},
        {"volume": -1.0},
        {"volume": np.inf},
        {"volume": np.nan},
        {"volume": 1.1e18},
        {"high": 1e12},
        {"low": 1e-13},
        {"session": pd.Timestamp("2024-06-03"), "close": 20.0, "low": 20.0},
    ],
)
def test_a_dividend_takes_no_close_of_a_row_that_is_set_aside(second: dict[str, Any]) -> None:
    """F9: the ex-date's row is no bar (market.judge_landing), so its close is no price of that day."""
    good = {"open": 40.0, "high": 41.0, "low": 39.0, "close": 40.0, "volume": 5.0}
    days = [{"session": pd.Timestamp(2024, 6, day), **good} for day in (3, 4, 5)]
    days[2] |= {"close": 50.0, "high": 50.0}
    odd = {**days[1], **second}
    rows = pd.DataFrame([days[0], odd, days[2]])
    ex_date = rows["session"].iloc[1].date()
    (action,) = stated.actions(rows, [], [(ex_date, 0.5)])
    assert (action.ex_date, action.factor) == (ex_date, 1.01)


def test_a_row_that_comes_twice_and_equal_is_one_bar() -> None:
    bar = {"session": pd.Timestamp("2024-06-03"), "open": 40.0, "high": 41.0, "low": 39.0, "close": 40.0, "volume": 5.0}
    (action,) = stated.actions(pd.DataFrame([bar, bar]), [], [(date(2024, 6, 3), 0.4)])
    assert action.factor == 1.01


def test_alpaca_is_asked_for_actions_by_the_days_they_are_processed(httpserver: HTTPServer) -> None:
    made = market()
    serve("alpaca", httpserver, made)
    ask(client("alpaca", httpserver), "alpaca", made)
    (request,) = [r for r, _ in httpserver.log if r.path == "/v1/corporate-actions"]
    assert request.args["start"] < str(made.window.first) and request.args["end"] > str(made.window.last)


def test_a_day_that_is_not_the_calendars_is_refused() -> None:
    """Alpaca's crypto days have begun at 05:00 UTC: such a bar is of no UTC date."""
    document = {"bars": {"BTC/USD": [{"t": "2024-06-03T05:00:00Z", "o": 1, "h": 1, "l": 1, "c": 1, "v": 1}]}}
    answers = [Answer(json.dumps(document).encode(), "application/json", "200", {"part": "bars"})]
    with pytest.raises(Unreadable, match="begins at 05:00"):
        alpaca_data.AlpacaData().read("BTC/USD", "crypto", market().window, answers)


def test_adjusted_aggregates_are_refused() -> None:
    document = vendors.body("massive", market()) | {"adjusted": True}
    answers = [Answer(json.dumps(document).encode(), "application/json", "200", {"part": "bars"})]
    with pytest.raises(Unreadable, match="unadjusted"):
        massive.Massive().read("BRK.B", "equity", market().window, answers)


@pytest.mark.parametrize(
    ("module", "symbol", "asset_class", "word"),
    [
        (yahoo, "AAPL", "equity", "AAPL"),
        (yahoo, "BRK.B", "equity", "BRK-B"),
        (yahoo, "EUR/USD", "fx", "EURUSD=X"),
        (yahoo, "BTC/USD", "crypto", "BTC-USD"),
        (massive, "BRK.B", "equity", "BRK.B"),
        (massive, "EUR/USD", "fx", "C:EURUSD"),
        (massive, "BTC/USD", "crypto", "X:BTCUSD"),
        (alpaca_data, "BRK.B", "etf", "BRK.B"),
        (alpaca_data, "BTC/USD", "crypto", "BTC/USD"),
        (alpaca_data, "EUR/USD", "fx", None),
        (binance, "BTC/USD", "crypto", "BTCUSDT"),
        (binance, "BTC/EUR", "crypto", None),
        (binance, "AAPL", "equity", None),
    ],
)
def test_words_for_a_symbol(module: Any, symbol: str, asset_class: str, word: str | None) -> None:
    if word is None:
        with pytest.raises(Failed):
            module.wire_symbol(symbol, asset_class)
    else:
        assert module.wire_symbol(symbol, asset_class) == word


# -- the wire's own ----


def test_requests_are_paced_over_all_threads() -> None:
    pace = Pace(per_minute=1200)  # one in 50 ms
    turns: list[float] = []

    def request() -> None:
        pace.wait()
        turns.append(time.monotonic())

    threads = [threading.Thread(target=request) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.diff(sorted(turns)).min() > 0.03


def test_a_long_wait_is_not_waited() -> None:
    from runner.providers.wire import wait_asked

    assert wait_asked({"retry-after": "3600"}) == 60.0
    assert wait_asked({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert wait_asked({"retry-after": "soon"}) is None
    assert wait_asked({"x-ratelimit-reset": str(int(time.time()) + 7)}) == pytest.approx(7, abs=1.5)
    assert wait_asked({}) is None


def test_numbers_as_they_come() -> None:
    assert number("12.5") == 12.5 and number(3) == 3.0 and np.isnan(number(None)) and number("1e400") == float("inf")
    for value in ("", "12,5", [], {}, False):
        with pytest.raises(Unreadable):
            number(value)


def test_an_address_is_kept_without_its_secrets() -> None:
    url = "https://user:word@host.example/p?apiKey=s1&x=1&crumb=s2"
    assert without_secrets(url) == "https://host.example/p?x=1"


def _any(vendor: str) -> Any:
    """Matches the address of the bars, whatever follows."""
    import re

    return re.compile(re.escape(BARS_PATH[vendor]) + ".*")
