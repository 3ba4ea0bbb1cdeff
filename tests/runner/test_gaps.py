"""Gaps heal: asked for again, each time of the next source, until the bar is there or a person says there is none."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from runner import cli, db, gaps, ingest, operators, router
from runner.errors import ExitCode
from runner.gaps import turn
from runner.providers.base import Window
from runner.router import Request
from tests.runner import test_ingest
from tests.runner.remote_world import Refusal, Remote, bars
from tests.runner.test_ingest import query

ingestor, universe_file = test_ingest.ingestor, test_ingest.universe_file

#: The five sessions up to the clock of `ingestor`, 2013-02-18 being a holiday.
SESSIONS = [date(2013, 2, day) for day in (13, 14, 15, 19, 20)]


class Source(Remote):
    """A source that has bars of `sessions`, or answers with `fault`; `windows`: what it was asked for."""

    def __init__(self, name: str, priority: int, *sessions: date) -> None:
        super().__init__(name, priority, self.tell)
        self.sessions = list(sessions)
        self.windows: list[tuple[date, date]] = []
        self.fault: Refusal | None = None

    def tell(self, _symbol: str, window: Window) -> list[dict[str, object]] | Refusal:
        self.windows.append((window.first, window.last))
        return self.fault or bars([day for day in self.sessions if window.first <= day <= window.last])


def begin(connection: db.Connection, path: Path, *sources: Source, first: date = SESSIONS[0]) -> None:
    """The sources loaded, and the first one asked for all it has from `first` on."""
    ingest.prepare(connection, sources, path)
    router.run(connection, [Request("TST", Window(first, SESSIONS[-1]))], "ingest", sources[:1])
    sources[0].windows.clear()


def missing() -> list[date]:
    return [row["session"] for row in query("select session from market.open_gaps order by session")]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [(0, ("a", "b", "c")), (1, ("b", "c", "a")), (2, ("c", "a", "b")), (7, ("b", "c", "a"))],
)
def test_each_time_it_is_the_next_ones_turn(attempts: int, expected: tuple[str, ...]) -> None:
    sources = [Source("c", 3), Source("a", 1), Source("fx", 4), Source("b", 2)]
    sources[2].capabilities = {"fx": 5000}
    assert turn(sources, "equity", "raw", "ohlcv", attempts) == expected
    assert turn(sources, "crypto", "raw", "ohlcv", attempts) == ()
    assert turn(sources, "equity", "fully_adjusted", "ohlcv", attempts) == (), "its bar would never be elected"


def test_a_gap_is_asked_for_of_the_next_source_until_it_is_found(ingestor: db.Connection, universe_file: Path) -> None:
    a, b, c = Source("a", 1, SESSIONS[0], SESSIONS[4]), Source("b", 2, SESSIONS[1]), Source("c", 3, *SESSIONS[2:4])
    sources = (a, b, c)
    begin(ingestor, universe_file, *sources)
    assert missing() == SESSIONS[1:4]
    c.fault = Refusal("UNAVAILABLE", "no connection")

    (healed,) = gaps.heal(ingestor, sources)
    assert healed.attempts == (("a", "EMPTY"), ("b", None)), "nothing in an answer: the router goes on"
    assert healed.reason == "2 of 3 still missing (a: EMPTY, b: has no bar)" and missing() == SESSIONS[2:4]
    (healed,) = gaps.heal(ingestor, sources)
    assert healed.attempts == (("c", "UNAVAILABLE"), ("a", "EMPTY"), ("b", "EMPTY")) and healed.missing == 2
    c.fault = None
    (healed,) = gaps.heal(ingestor, sources)
    assert (healed.attempts, healed.missing, healed.reason) == ((("c", None),), 0, None)
    assert missing() == [] and gaps.heal(ingestor, sources) == [], "nothing is asked for that is not missing"

    whole, rest = (SESSIONS[1], SESSIONS[3]), (SESSIONS[2], SESSIONS[3])
    assert [source.windows for source in sources] == [[whole, rest], [whole, rest], [rest, rest]]
    stored = query("select session, count(*) as n from market.gap_attempts group by session order by session")
    assert [(row["session"], row["n"]) for row in stored] == [(SESSIONS[1], 2), (SESSIONS[2], 6), (SESSIONS[3], 6)]
    purposes = query("select purpose, count(*) as n from market.fetches group by purpose order by purpose")
    assert [tuple(row.values()) for row in purposes] == [("heal", 6), ("ingest", 1)]


def test_what_lies_near_is_one_request_and_what_lies_far_another(ingestor: db.Connection, universe_file: Path) -> None:
    holes = pd.to_datetime(["2013-01-08", "2013-01-10", "2013-02-12"])
    days = pd.bdate_range("2013-01-02", "2013-02-20").difference(pd.to_datetime(["2013-01-21", "2013-02-18"]))
    a = Source("a", 1, *(day.date() for day in days.difference(holes)))
    begin(ingestor, universe_file, a, first=date(2013, 1, 2))
    assert [healed.missing for healed in gaps.heal(ingestor, [a])] == [2, 1]
    assert sorted(a.windows) == [(date(2013, 1, 8), date(2013, 1, 10)), (date(2013, 2, 12), date(2013, 2, 12))]
    assert gaps.heal(ingestor, [a], ["BRK.B"]) == [], "only what was asked for"


def test_where_no_source_has_its_class_the_reason_says_so(ingestor: db.Connection, universe_file: Path) -> None:
    a = Source("a", 1, SESSIONS[0], SESSIONS[4])
    begin(ingestor, universe_file, a)
    a.capabilities = {"crypto": 1000}
    (healed,) = gaps.heal(ingestor, [a])
    assert healed.reason == "3 of 3 still missing (no source has its class and basis)" and a.windows == []


def test_the_command_says_what_is_still_missing_and_exits_13(
    ingestor: db.Connection, universe_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = Source("a", 1, SESSIONS[0], *SESSIONS[2:]), Source("b", 2)
    begin(ingestor, universe_file, a, b)
    monkeypatch.setattr("runner.providers.REMOTE", (a, b))
    arguments = ["ingest", "--heal", "--universe", str(universe_file)]
    assert cli.run([*arguments, "--json"]) == ExitCode.DATA
    told = capsys.readouterr()
    assert json.loads(told.out)[0]["asked"] == "a (EMPTY), b (EMPTY)" and "TST 2013-02-14: 1 of 1 still" in told.err
    alerts = query("select level, message, detail from notify.alerts where code = 'GAPS_OPEN'")
    assert [tuple(row.values()) for row in alerts] == [
        ("MEDIUM", "1 sessions of 1 symbols are still missing: gaps list", {"symbols": ["TST"]})
    ]
    b.sessions = [SESSIONS[1]]
    assert cli.run(arguments) == ExitCode.DONE, "the third turn is a's again, and b has it after a has not"
    assert "b" in capsys.readouterr().out and missing() == []
    assert cli.run([*arguments, "--symbols", "A'; DROP TABLE x;--"]) == ExitCode.USAGE


def test_a_person_declares_an_absence_and_nobody_asks_again(
    ingestor: db.Connection, universe_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a = Source("a", 1, SESSIONS[0], SESSIONS[2], SESSIONS[4])
    begin(ingestor, universe_file, a)
    assert cli.run(["gaps", "list", "--symbol", "TST", "--json"]) == 0
    assert [row["session"] for row in json.loads(capsys.readouterr().out)] == ["2013-02-14", "2013-02-19"]
    assert cli.run(["gaps", "list", "--symbol", "NOPE"]) == int(ExitCode.USAGE)
    told = capsys.readouterr()
    assert "NOPE is no instrument here" in told.err and "none" not in told.out
    declare = ["gaps", "absent", "TST", "2013-02-14", "2013-02-19", "--reason", "halted"]
    assert cli.run(declare) == int(ExitCode.UNEXPECTED)
    assert "operator add NAME" in capsys.readouterr().err
    operators.add("erin", "test", keep=True)
    monkeypatch.setenv("FUND_OPERATOR", "erin")
    assert cli.run(declare) == 0
    assert "TST: 2 sessions declared absent" in capsys.readouterr().out
    assert cli.run(declare) == int(ExitCode.USAGE)
    assert "gaps list" in capsys.readouterr().err
    assert missing() == [] and gaps.heal(ingestor, [a]) == []
    assert cli.run(["gaps", "list"]) == 0
    assert "open gaps: none" in capsys.readouterr().out
