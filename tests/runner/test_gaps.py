"""Gaps heal: asked for again, each time of the next source, until the bar is there or a person says there is none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from runner import cli, db, gaps, ingest, operators
from runner.errors import ExitCode
from runner.gaps import Asked, Wanted, turn
from tests.runner import test_ingest
from tests.runner.test_ingest import Fake, query

ingestor, universe_file = test_ingest.ingestor, test_ingest.universe_file

#: The five sessions up to the clock of `ingestor`, 2013-02-18 being a holiday.
SESSIONS = [date(2013, 2, day) for day in (13, 14, 15, 19, 20)]


@dataclass
class Remote:
    """A source as `turn` sees it, and the sessions it has bars of; `fault`: it does not answer."""

    name: str
    priority: int
    sessions: tuple[date, ...] = ()
    fault: str | None = None
    capabilities: dict[str, int] = field(default_factory=lambda: {"equity": 1000})
    asked: list[tuple[date, date]] = field(default_factory=list)

    def source(self) -> Fake:
        """The same as a source of ingest.run."""
        days = pd.to_datetime(list(self.sessions))
        fake = Fake(
            pd.DataFrame({"session": days, "open": 10.0, "high": 11.0, "low": 9.0, "close": 10.0, "volume": 1.0}),
            content=self.name.encode(),
        )
        fake.name, fake.priority = self.name, self.priority
        return fake


class Desk:
    """Asks Remotes as the router does: in order, on to the next where one fails, and takes in what one gives."""

    def __init__(self, connection: db.Connection, path: Path, *remotes: Remote) -> None:
        self.connection, self.path = connection, path
        self.remotes = {remote.name: remote for remote in remotes}

    def ask(self, wanted: Sequence[Wanted]) -> Iterable[Asked]:
        for one in wanted:
            attempts: list[tuple[str, str | None]] = []
            for name in one.providers:
                remote = self.remotes[name]
                remote.asked.append((one.window.first, one.window.last))
                attempts.append((name, remote.fault))
                if remote.fault is None:
                    ingest.run(self.connection, [remote.source()], ["TST"], self.path)
                    break
            yield Asked(one, tuple(attempts))

    def heal(self) -> list[gaps.Healed]:
        return gaps.heal(self.connection, list(self.remotes.values()), self.ask)


def missing() -> list[date]:
    return [row["session"] for row in query("select session from market.open_gaps order by session")]


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [(0, ("a", "b", "c")), (1, ("b", "c", "a")), (2, ("c", "a", "b")), (7, ("b", "c", "a"))],
)
def test_each_time_it_is_the_next_ones_turn(attempts: int, expected: tuple[str, ...]) -> None:
    remotes = [Remote("c", 3), Remote("a", 1), Remote("b", 2)]
    assert turn(remotes, "equity", date(2013, 2, 13), date(2013, 2, 21), attempts) == expected


def test_only_sources_that_have_the_class_and_reach_back_are_asked() -> None:
    remotes = [Remote("a", 1, capabilities={"fx": 9999}), Remote("b", 2, capabilities={"equity": 8}), Remote("c", 3)]
    assert turn(remotes, "equity", date(2013, 2, 13), date(2013, 2, 21), 0) == ("b", "c")
    assert turn(remotes, "equity", date(2013, 2, 12), date(2013, 2, 21), 1) == ("c",)
    assert turn(remotes, "crypto", date(2013, 2, 13), date(2013, 2, 21), 0) == ()


def test_a_gap_is_asked_for_of_the_next_source_until_it_is_found(ingestor: db.Connection, universe_file: Path) -> None:
    first, last = SESSIONS[0], SESSIONS[-1]
    a, b = Remote("a", 1001, (first, last)), Remote("b", 1002, (SESSIONS[1],))
    c = Remote("c", 1003, tuple(SESSIONS[2:4]), fault="UNAVAILABLE")
    desk = Desk(ingestor, universe_file, a, b, c)
    ingest.prepare(ingestor, [b.source(), c.source()], universe_file)
    ingest.run(ingestor, [a.source()], ["TST"], universe_file)
    assert missing() == SESSIONS[1:4]

    (healed,) = desk.heal()
    assert healed.missing == 3 and healed.reason == "3 sessions still missing (a: has no bar)"
    (healed,) = desk.heal()
    assert healed.missing == 2 and missing() == SESSIONS[2:4], "b has one of them: it closed by itself"
    (healed,) = desk.heal()
    assert healed.asked.attempts == (("c", "UNAVAILABLE"), ("a", None)) and healed.missing == 2
    c.fault = None
    (healed,) = desk.heal()
    assert healed.asked.attempts == (("b", None),)
    (healed,) = desk.heal()
    assert (healed.missing, healed.reason, missing()) == (0, None, [])
    assert desk.heal() == [], "nothing is asked for that is not missing"
    assert [remote.asked for remote in (a, b, c)] == [
        [(SESSIONS[1], SESSIONS[3]), (SESSIONS[2], SESSIONS[3])],
        [(SESSIONS[1], SESSIONS[3]), (SESSIONS[2], SESSIONS[3])],
        [(SESSIONS[2], SESSIONS[3]), (SESSIONS[2], SESSIONS[3])],
    ]
    stored = query("select session, count(*) as n from market.gap_attempts group by session order by session")
    assert [(row["session"], row["n"]) for row in stored] == [(SESSIONS[1], 2), (SESSIONS[2], 6), (SESSIONS[3], 6)]


def test_what_lies_near_is_one_request_and_what_lies_far_another(ingestor: db.Connection, universe_file: Path) -> None:
    sessions = pd.bdate_range("2013-01-02", "2013-02-20")
    holes = pd.to_datetime(["2013-01-08", "2013-01-10", "2013-02-12"])
    a = Remote("a", 1001, tuple(day.date() for day in sessions.difference(holes)))
    desk = Desk(ingestor, universe_file, a)
    ingest.run(ingestor, [a.source()], ["TST"], universe_file)
    assert [healed.missing for healed in desk.heal()] == [2, 1]
    assert a.asked == [(date(2013, 1, 8), date(2013, 1, 10)), (date(2013, 2, 12), date(2013, 2, 12))]


def test_where_no_source_reaches_it_the_reason_says_so(ingestor: db.Connection, universe_file: Path) -> None:
    a = Remote("a", 1001, (SESSIONS[0], SESSIONS[-1]), capabilities={"crypto": 1000})
    ingest.run(ingestor, [a.source()], ["TST"], universe_file)
    (healed,) = Desk(ingestor, universe_file, a).heal()
    assert healed.reason == "3 sessions still missing (no source reaches them)" and a.asked == []


def test_a_person_declares_an_absence_and_nobody_asks_again(
    ingestor: db.Connection, universe_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a = Remote("a", 1001, (SESSIONS[0], SESSIONS[2], SESSIONS[-1]))
    ingest.run(ingestor, [a.source()], ["TST"], universe_file)
    assert cli.run(["gaps", "list", "--symbol", "TST", "--json"]) == 0
    assert [row["session"] for row in json.loads(capsys.readouterr().out)] == ["2013-02-14", "2013-02-19"]
    declare = ["gaps", "absent", "TST", "2013-02-14", "2013-02-19", "--reason", "halted"]
    assert cli.run(declare) == int(ExitCode.UNEXPECTED)
    assert "operator add NAME" in capsys.readouterr().err
    operators.add("ann", "test", keep=True)
    monkeypatch.setenv("FUND_OPERATOR", "ann")
    assert cli.run(declare) == 0
    assert "TST: 2 sessions declared absent" in capsys.readouterr().out
    assert cli.run(declare) == int(ExitCode.USAGE)
    assert "gaps list" in capsys.readouterr().err
    assert missing() == [] and Desk(ingestor, universe_file, a).heal() == []
    assert cli.run(["gaps", "list"]) == 0
    assert "open gaps: none" in capsys.readouterr().out
