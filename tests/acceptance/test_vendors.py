"""The vendors' own clients behind the router, against servers of this machine: which one is asked, what becomes of a
bad answer, and what is stored of it.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytest_httpserver import HTTPServer

from runner import archive, db, ingest, router
from runner.providers.base import Window
from runner.router import Outcome, Request
from runner.universe import COLUMNS
from tests.runner.providers import vendors
from tests.runner.providers.vendors import BARS_PATH, client, market, others, serve

STOCK = "BRK.B,Berkshire,Financials,equity,XNYS,USD,ohlcv,raw,true,true,false,2013-01-02,,"
COIN = "BTC/USD,Bitcoin,Unknown,crypto,24/7,USD,ohlcv,raw,false,false,false,2013-01-02,,"
STOCK_VENDORS = ("yahoo", "massive", "alpaca")


def query(text: str) -> list[dict[str, Any]]:
    """Rows of a statement run by the deployer."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def ingestor(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[db.Connection]:
    """A connection of fund_ingestor, the clock on the vendors' today, with every vendor's key set."""
    for name in ("MASSIVE_API_KEY", "ALPACA_DATA_KEY", "ALPACA_DATA_SECRET"):
        monkeypatch.setenv(name, f"key-{name}")
    query(f"select ops.advance_clock('{vendors.TODAY} 16:00Z')")
    with db.connect("fund_ingestor", autocommit=True) as connection:
        yield connection


def ask(
    connection: db.Connection, folder: Path, server: HTTPServer, names: tuple[str, ...], symbol: str, window: Window
) -> Outcome:
    """What became of one request to these vendors, all of them at `server`."""
    path = folder / "universe.csv"
    path.write_text("\n".join([",".join(COLUMNS), STOCK, COIN]) + "\n", encoding="utf-8")
    remotes = [client(name, server) for name in names]
    ingest.prepare(connection, remotes, path)
    (outcome,) = router.run(connection, [Request(symbol, window)], "ingest", remotes)
    return outcome


def refuse(server: HTTPServer, vendor: str, content: str, status: int = 200) -> None:
    """Whatever `vendor` is asked for bars, this is the answer."""
    others(vendor, server)
    server.expect_request(re.compile(re.escape(BARS_PATH[vendor]) + ".*")).respond_with_data(content, status=status)


def test_html_with_200_is_followed_by_the_next_vendor(
    ingestor: db.Connection, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """The page is kept with its reason, the bars are Massive's, and they lead back to its very bytes."""
    made = market(splits={date(2024, 6, 5): (4.0, 1.0)})
    refuse(httpserver, "yahoo", "<html>consent</html>")
    serve("massive", httpserver, made)
    outcome = ask(ingestor, tmp_path, httpserver, STOCK_VENDORS, "BRK.B", made.window)
    assert outcome.result is not None and (outcome.result.provider, outcome.result.rows_added) == ("massive", 8)
    rows = query("select provider, outcome, fault, reason, next_provider from market.fetches order by fetch_id")
    assert [tuple(row.values()) for row in rows] == [
        ("yahoo", "FAILED", "UNREADABLE", "HTML where JSON is expected", "massive"),
        ("massive", "OK", None, None, None),
    ]
    kept = query(
        "select r.payload from market.fetches as f join market.fetch_responses as a using (fetch_id)"
        " join market.provider_responses as r using (payload_id) where f.provider = 'yahoo'"
    )
    assert [gzip.decompress(row["payload"]) for row in kept] == [b"<html>consent</html>"]
    bars = query("select session, close, volume from market.price_history order by session")
    assert [row["close"] for row in bars] == made.bars["close"].tolist()
    assert query("select ex_date::text, factor from market.corporate_actions") == [
        {"ex_date": "2024-06-05", "factor": 4.0}
    ]


def test_f8_403_is_one_request_of_each_vendor(ingestor: db.Connection, tmp_path: Path, httpserver: HTTPServer) -> None:
    """All refuse: one request each, no bar, every refusal a row with its answer."""
    for vendor in STOCK_VENDORS:
        refuse(httpserver, vendor, '{"message":"forbidden"}', status=403)
    outcome = ask(ingestor, tmp_path, httpserver, STOCK_VENDORS, "BRK.B", market().window)
    assert outcome.result is None and [f.fault for f in outcome.failures] == ["REFUSED"] * 3
    assert [len(vendors.asked(httpserver, vendor)) for vendor in STOCK_VENDORS] == [1, 1, 1]
    assert query("select count(*) as n from market.fetch_responses where status = '403'") == [{"n": 3}]
    assert query("select count(*) as n from market.provider_bars") == [{"n": 0}]


def test_four_vendors_give_one_series_to_the_bit(
    ingestor: db.Connection, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """The same market, told by each in its own shape: each asked alone, the stored bars are equal, split and all."""
    made = market(splits={date(2024, 6, 5): (4.0, 1.0)}, dividends={date(2024, 6, 3): 0.25})
    for vendor in STOCK_VENDORS:
        serve(vendor, httpserver, made)
        outcome = ask(ingestor, tmp_path, httpserver, (vendor,), "BRK.B", made.window)
        assert outcome.result is not None, outcome.reason
    told = {
        row["provider"]: row["bars"]
        for row in query(
            "select provider, json_agg(json_build_array(open, high, low, close, volume) order by session) as bars"
            " from market.provider_bars group by provider"
        )
    }
    assert set(told) == set(STOCK_VENDORS) and told["yahoo"] == told["massive"] == told["alpaca"]
    factors = query("select provider, array_agg(factor order by ex_date) as f from market.corporate_actions group by 1")
    assert len({tuple(round(factor, 12) for factor in row["f"]) for row in factors}) == 1


def test_a_dividend_of_a_day_the_exchange_was_closed_counts_on_the_next_session(
    ingestor: db.Connection, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """An ex-date declared before the exchange closed for it (29 October 2012, 5 December 2018) loses no history."""
    made = market(dividends={date(2024, 6, 8): 0.5, date(2024, 6, 10): 0.25})
    serve("massive", httpserver, made)
    outcome = ask(ingestor, tmp_path, httpserver, ("massive",), "BRK.B", made.window)
    assert outcome.result is not None, outcome.reason
    close = made.bars["close"].iloc[-1]
    stored = query("select ex_date, kind, factor, amount from market.corporate_actions")
    assert [(row["ex_date"], row["kind"], row["amount"]) for row in stored] == [(date(2024, 6, 10), "dividend", 0.75)]
    assert stored[0]["factor"] == (1 + 0.5 / close) * (1 + 0.25 / close)
    read = archive.rebuild(ingestor, [client("massive", httpserver)], [])
    assert (read.unchanged, read.differences) == (1, {})


def test_a_coin_is_asked_of_binance_last_and_by_utc_dates(
    ingestor: db.Connection, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """Yahoo knows no such coin, Binance has it; every day of the week is a session."""
    made = market(sessions=9)
    made.bars["session"] = pd.date_range("2024-06-01", periods=9)
    others("yahoo", httpserver)
    httpserver.expect_request("/v8/finance/chart/BTC-USD").respond_with_data("{}", status=404)
    serve("binance", httpserver, made)
    outcome = ask(ingestor, tmp_path, httpserver, ("yahoo", "binance"), "BTC/USD", made.window)
    assert outcome.result is not None and outcome.result.provider == "binance"
    assert [f.fault for f in outcome.failures] == ["NOT_FOUND"]
    stored = query("select session::text from market.price_history order by session")
    assert [row["session"] for row in stored] == [str(day.date()) for day in made.bars["session"]]
