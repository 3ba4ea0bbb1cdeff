"""Counterfactual configurations: what may be asked, what a plot needs, what a page shows."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from runner import whatif
from runner.errors import UsageError
from tests.runner import world


def test_words_become_parameters() -> None:
    assert whatif.parse(["risk.cvar_hard=0.05", "auction.allow_short = false"]) == {
        "risk.cvar_hard": "0.05",
        "auction.allow_short": "false",
    }


@pytest.mark.parametrize("words", [["risk.cvar_hard"], ["=0.05"], ["cvar_hard=1"], ["a.b="], ["a.b=1", "a.b=2"]])
def test_other_words_are_refused(words: list[str]) -> None:
    with pytest.raises(UsageError):
        whatif.parse(words)


def test_a_changed_configuration_is_the_file_but_for_what_was_asked() -> None:
    base = world.config()
    changed = whatif.changed_config(base, {"risk.cvar_hard": "0.07", "families.defined.0.agents.0.ic": "1"})
    assert changed.risk.cvar_hard == 0.07
    assert changed.families.named("trend").agents[0].ic == 1.0
    assert isinstance(changed.families.defined[0].agents[0].ic, float)
    assert changed.sha256 == base.sha256
    back = whatif.changed_config(changed, {"risk.cvar_hard": "0.06", "families.defined.0.agents.0.ic": "0.1"})
    assert back.parsed == base.parsed
    assert base.risk.cvar_hard == 0.06


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("risk.cvar_hrad", "0.05"),
        ("risks.cvar_hard", "0.05"),
        ("risk.cvar_hard", "NaN"),
        ("risk.cvar_hard", "-0.05"),
        ("risk.cvar_hard", "0.04"),  # below the decision limit
        ("risk.history_sessions_min", "250.5"),
        ("auction.allow_short", "no"),
        ("strategies.default", "unknown"),
        ("strategies.defined.9.name", "x"),
        ("strategies.defined.0.families", "1"),
        ("risk.cvar_hard.deeper", "1"),
    ],
)
def test_what_the_file_could_not_hold_is_refused(path: str, value: str) -> None:
    with pytest.raises(UsageError, match="--what-if"):
        whatif.changed_config(world.config(), {path: value})


def test_parameters_of_sql_are_said_to_change_nothing() -> None:
    assert whatif.unread({"oms.order_value": "1", "paper_broker.fee_min": "1", "breakers.freeze_sessions": "9"}) == [
        "paper_broker.fee_min"
    ]


def side(gross: float | None, outcome: str, weight: float) -> whatif.Side:
    return whatif.Side("DONE", gross, gross, 0.01, 0.2, 1, {"KO": outcome}, {"KO": weight})


def test_a_symbol_is_changed_by_outcome_or_weight() -> None:
    was = side(0.5, "HOLD", 0.1)
    for would, changed in (
        (side(0.5, "HOLD", 0.1), ()),
        (side(0.5, "REJECT", 0.1), ("KO",)),
        (side(0.5, "HOLD", 0.2), ("KO",)),
    ):
        assert whatif.Session("c", 1, "paper", date(2013, 2, 27), was, would).changed == changed


def test_a_page_stands_alone(tmp_path: Path) -> None:
    """One file that needs no network, with every panel; a session that was halted leaves a gap."""
    pytest.importorskip("plotly")
    sessions = [
        whatif.Session(
            "c", 1, "paper", date(2013, 2, 1) + timedelta(days=n), side(gross, "HOLD", 0.1), side(0.2, "HOLD", 0.2)
        )
        for n, gross in enumerate((0.1, None, 0.3))
    ]
    page = tmp_path / "page.html"
    whatif.check_plot(page)
    whatif.plot(page, sessions, {"risk.cvar_hard": "0.05"})
    text = page.read_text()
    assert "what if risk.cvar_hard = 0.05" in text
    assert all(title in text for title in ("gross", "CVaR 95 % after trading", "turnover", "decisions changed"))
    assert '<script src="http' not in text


@pytest.mark.parametrize("name", ["page.pdf", "missing/page.html"])
def test_a_plot_that_cannot_be_written_is_refused_before_the_work(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        whatif.check_plot(tmp_path / name)
