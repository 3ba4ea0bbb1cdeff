"""What a terminal shows: a person's or a broker's words as they are, and which run a line is of."""

from __future__ import annotations

from typing import Any

import pytest

from runner import show

#: A closing tag of markup that no opening one stands before: Rich raises for it, and swallows a known one.
WORDS = "no [/x] in [bold] here"


def status(**changed: Any) -> dict[str, Any]:
    """A status as `ops.status` tells it."""
    cycle = {
        "account": "paper", "cycle_id": "c" * 64, "run": 1, "as_of_session": "2020-01-06", "mode": "paper",
        "strategy": "contrarian", "state": "DONE", "layer": None, "reason": "DONE", "verdicts": [],
    }  # fmt: skip
    found: dict[str, Any] = {
        "kind": "simulated", "now": "2020-01-06T21:30:00+00:00", "kill_engaged": False, "kill_sources": [],
        "config": None, "cycles": [cycle | changed], "orders": [], "positions": [], "nav": [], "alerts": [],
        "audit_head": {"seq": 1, "hash": "a" * 64}, "processes": [], "channels": [],
        "unsent": {"alerts": 0, "since": None},
    }  # fmt: skip
    return found


def test_words_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show.table([{"reason": WORDS}], "reasons")
    assert WORDS in capsys.readouterr().out
    found = status(state="FAILED", reason=WORDS) | {
        "kill_engaged": True,
        "kill_sources": [{"source": "row", "host": "", "reason": f"kill: {WORDS}"}],
        "config": {"config_sha256": "b" * 64, "pinned_by": "alice", "reason": f"pinned: {WORDS}"},
        "channels": [
            {"channel": "slack", "sent": 1, "skipped": 0, "waiting": 2, "waiting_since": "2020-01-06T21:30:00+00:00",
             "last_sent_at": None, "last_error": f"said: {WORDS}"},
        ],
    }  # fmt: skip
    show.show_status(found)
    said = " ".join(capsys.readouterr().out.split())
    assert f"kill: {WORDS}" in said
    assert f"pinned: {WORDS}" in said
    assert f"FAILED: {WORDS}" in said and f"said: {WORDS}" in said


def test_a_status_names_the_strategy_and_why_a_cycle_ended_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a line is folded is the terminal's matter."""
    show.show_status(status())
    said = " ".join(capsys.readouterr().out.split())
    assert "as of 2020-01-06, paper, strategy contrarian: DONE" in said and "DONE:" not in said
    show.show_status(status(state="HALTED", layer=2, reason="BOOKS_HALTED"))
    said = " ".join(capsys.readouterr().out.split())
    assert "strategy contrarian: HALTED: layer 2 BOOKS_HALTED" in said
