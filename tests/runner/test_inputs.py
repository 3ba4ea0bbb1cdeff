"""Digests of what a cycle read: any one change is seen, and named by the row and the column that changed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.inputs import aligned, changed, panel_content, rows_content
from runner.models import CycleInputs, Panel, SymbolInput

DAYS = np.arange("2013-01-01", "2013-01-21", dtype="datetime64[D]")
NAMES = ("AAA", "BBB", "CCC")


def panel(closes: np.ndarray | None = None) -> Panel:
    generator = np.random.default_rng(1)
    made = generator.uniform(10, 20, (len(DAYS), len(NAMES)))
    made[0, 1] = np.nan
    return Panel(NAMES, DAYS, made if closes is None else closes)


def row(symbol: str) -> SymbolInput:
    return SymbolInput(
        symbol=symbol,
        in_universe=True,
        governance_state="ACTIVE",
        governance_reasons=("A",),
        sector="Energy",
        asset_class="equity",
        shortable=True,
        data_quality_score=0.9,
        provider_confidence=0.5,
        valid_sessions=1300,
        last_session=date(2013, 1, 20),
        last_close=12.5,
        price_kind="ohlcv",
        price_basis="raw",
        features={"rsi_14": 51.25, "sd_252": 0.01},
    )


def inputs(**of_bbb: Any) -> CycleInputs:
    rows = [replace(row(name), **(of_bbb if name == "BBB" else {})) for name in NAMES]
    return CycleInputs(date(2013, 1, 20), None, tuple(rows))


@given(st.integers(0, len(DAYS) - 1), st.integers(0, len(NAMES) - 1))
def test_one_last_bit_of_a_panel_is_named_by_symbol_and_session(day: int, name: int) -> None:
    before, closes = panel(), panel().closes.copy()
    closes[day, name] = 1.0 if np.isnan(closes[day, name]) else np.nextafter(closes[day, name], np.inf)
    then, now = panel_content(before), panel_content(panel(closes))
    assert then["sha256"] != now["sha256"]
    assert changed(then["symbols"], now["symbols"]) == [NAMES[name]]
    assert changed(then["sessions"], now["sessions"]) == [str(DAYS[day])]


def test_the_same_closes_of_other_symbols_or_sessions_are_another_panel() -> None:
    then = panel()
    for now in (Panel(("AAA", "BBB", "DDD"), DAYS, then.closes), Panel(NAMES, DAYS + 1, then.closes)):
        assert panel_content(now)["sha256"] != panel_content(then)["sha256"]


def test_a_missing_close_is_one_value_whatever_its_bits() -> None:
    closes = panel().closes.copy()
    closes[0, 1] = np.frombuffer(b"\x01\x00\x00\x00\x00\x00\xf8\x7f", dtype="<f8")[0]
    assert np.isnan(closes[0, 1])
    assert panel_content(panel(closes)) == panel_content(panel())


@pytest.mark.parametrize("field", [f.name for f in fields(SymbolInput) if f.name not in ("symbol", "features")])
def test_one_field_of_a_row_is_named_by_symbol_and_field(field: str) -> None:
    old = getattr(row("BBB"), field)
    new = {bool: not old, str: "other", int: 1, float: 0.25, tuple: ("A", "B"), date: date(2013, 1, 19)}[type(old)]
    then, now = rows_content(inputs()), rows_content(inputs(**{field: new}))
    assert then["sha256"] != now["sha256"]
    assert changed(then["symbols"], now["symbols"]) == ["BBB"]
    assert changed(then["fields"], now["fields"]) == [field]


def test_one_feature_is_named_changed_or_gone() -> None:
    then = rows_content(inputs())
    for features in ({"rsi_14": np.nextafter(51.25, 52), "sd_252": 0.01}, {"sd_252": 0.01}):
        now = rows_content(inputs(features=features))
        assert changed(then["symbols"], now["symbols"]) == ["BBB"]
        assert changed(then["fields"], now["fields"]) == ["features.rsi_14"]


def test_a_name_that_only_one_side_has_is_named() -> None:
    assert changed({"AAA": "1", "BBB": "2"}, {"BBB": "2", "CCC": "3"}) == ["AAA", "CCC"]


def test_the_order_of_features_is_no_difference() -> None:
    assert rows_content(inputs(features={"sd_252": 0.01, "rsi_14": 51.25})) == rows_content(inputs())


def test_a_panel_of_a_moved_window_is_aligned_on_the_old_one() -> None:
    """A session more at the end and one fewer at the start: the old window, with NaN for what is gone."""
    whole = panel()
    content = panel_content(Panel(NAMES, DAYS[1:-1], whole.closes[1:-1]))
    assert panel_content(aligned(content, whole)) == content
    shorter = aligned(content, Panel(NAMES, DAYS[2:], whole.closes[2:]))
    assert list(shorter.sessions) == list(DAYS[1:-1])
    assert np.isnan(shorter.closes[0]).all()
    assert changed(content["sessions"], panel_content(shorter)["sessions"]) == [str(DAYS[1])]


def test_digests_are_the_same_under_every_setting() -> None:
    """Another process, hash seed, time zone and locale: the same digits."""
    script = (
        "import json; from tests.runner import test_inputs as t;"
        "print(json.dumps([t.panel_content(t.panel()), t.rows_content(t.inputs())], sort_keys=True))"
    )
    shown = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone, locale in (("0", "UTC", "C"), ("4711", "Pacific/Auckland", "C.UTF-8"))
    }
    assert len(shown) == 1
