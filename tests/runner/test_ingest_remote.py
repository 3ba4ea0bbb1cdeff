"""`ingest` over the network, from the command line, with sources in this process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runner import cli, db, providers
from runner.errors import ExitCode
from tests.runner.remote_world import Refusal, Remote, bars
from tests.runner.test_router import DAYS, SYMBOLS, good, ingestor, query, universe_file

__all__ = ["ingestor", "universe_file"]


@pytest.fixture
def remotes(monkeypatch: pytest.MonkeyPatch) -> tuple[Remote, Remote]:
    """`one` has all but DDD, `two` nothing."""
    first = Remote("one", 1, lambda s, w: Refusal("NOT_FOUND", "no such symbol", "404") if s == "DDD" else good(s, w))
    second = Remote("two", 2, lambda _s, _w: [])
    monkeypatch.setattr(providers, "REMOTE", (first, second))
    return first, second


def test_from_a_date_on_and_again(
    ingestor: db.Connection,
    universe_file: Path,
    remotes: tuple[Remote, Remote],
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["ingest", "--provider", "auto", "--from", "2013-02-12", "--universe", str(universe_file)]
    assert cli.run([*words, "--to", "2013-02-20", "--json"]) == int(ExitCode.DATA)
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert [(row["symbol"], row["rows_added"]) for row in found["results"]] == [(s, 6) for s in SYMBOLS[:3]]
    assert found["failures"] == {"DDD": "one: no such symbol; two: no row from 2013-02-12 to 2013-02-20"}
    assert found["failovers"] == [
        {"provider": "one", "fault": "NOT_FOUND", "symbols": 1},
        {"provider": "two", "fault": "EMPTY", "symbols": 1},
    ]
    assert "no bars of 1 symbols: DDD" in told.err
    (alert,) = query("select level, category, message from notify.alerts")
    assert alert["level"] == "HIGH" and "no source gave bars of 1 symbols" in alert["message"]
    remotes[0].said = good
    assert cli.run([*words, "--to", "2013-02-20"]) == 0
    assert "1 symbols, 6 rows" in capsys.readouterr().out
    assert remotes[0].asked == {"AAA": 1, "BBB": 1, "CCC": 1, "DDD": 2}
    assert cli.run(["ingest", "--from-archive"]) == 0
    assert "4 askings unchanged, 0 taken in again" in capsys.readouterr().out
    with db.connect(db.DEPLOYER, autocommit=True) as admin:
        db.fetch_text(admin, "test", "update market.price_history set close = 10.5 where symbol = 'AAA'")
    assert cli.run(["ingest", "--from-archive", "--json"]) == int(ExitCode.DATA)
    assert "what is stored is not what was received: elected AAA" in capsys.readouterr().err


def test_f7_live_is_five_sessions_and_today(
    ingestor: db.Connection,
    universe_file: Path,
    remotes: tuple[Remote, Remote],
    capsys: pytest.CaptureFixture[str],
) -> None:
    remotes[0].said = lambda _s, window: bars([day for day in DAYS if day >= str(window.first)])
    assert cli.run(["ingest", "--live", "--symbols", "AAA,ZZZ", "--universe", str(universe_file)]) == int(ExitCode.DATA)
    assert "ZZZ: not in the universe file" in capsys.readouterr().err
    rows = query("select purpose, first_session::text as f, last_session::text as l from market.fetches")
    assert rows == [{"purpose": "live", "f": "2013-02-13", "l": "2013-02-21"}]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--provider", "auto"], "Give --from DATE, or --live"),
        (["--provider", "one", "--from", "yesterday"], "'yesterday' is not a date"),
        (["--provider", "sample", "--from", "2013-02-12"], "Choose one of: auto, one, two"),
        (["--live", "--from", "2013-02-12"], "exclude one another"),
        (["--from-archive", "--news", "x.csv"], "exclude one another"),
        (["--from-archive", "--symbols", "AAPL"], "compares all that is stored"),
        (["--live", "--provider", "sec"], "sec is not asked over the network"),
        (["--provider", "auto", "--from", "2013-02-12", "--symbols", "A'; DROP TABLE x;--"], "is not a symbol"),
        (["--provider", "auto", "--from", "2013-02-12", "--to", "2013-02-11", "--symbols", "AAA"], "needs symbols"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_remedy(
    ingestor: db.Connection,
    universe_file: Path,
    remotes: tuple[Remote, Remote],
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    assert cli.run(["ingest", *words, "--universe", str(universe_file)]) == int(ExitCode.USAGE)
    assert message in capsys.readouterr().err
    assert not remotes[0].asked and query("select count(*) as n from market.fetches") == [{"n": 0}]
