"""I14, I15: `kill` and `resume` as a person types them: the file first, everything missing at once, then trading."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner import anchors, cli, db, settings
from tests.conftest import ROOT

Run = Callable[..., tuple[int, str]]


def execute(text: str) -> list[dict[str, object]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str]]]:
    """Runs a command line with a kill file of its own; exit code and what it said."""
    monkeypatch.setenv("KILL_SWITCH_FILE", str(tmp_path / "runtime" / "KILL_SWITCH"))

    def call(*words: str) -> tuple[int, str]:
        code = cli.run(list(words))
        told = capsys.readouterr()
        return code, told.out + told.err

    yield call


@pytest.fixture
def desk(database: str) -> str:
    for file in ("01_fund.sql", "02_desk.sql"):
        execute((ROOT / "tests" / "sql" / "fixtures" / file).read_text(encoding="utf-8"))
    execute("select fixtures.desk()")
    return database


def test_i14_without_a_database_the_file_is_written_and_that_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://fund@127.0.0.1:1/fund")
    monkeypatch.setenv("FUND_OPERATOR_PASSWORD", "none")
    code, told = run("kill", "--reason", "prices look wrong")
    assert code == 16
    assert settings.load().kill_switch_file.read_text(encoding="utf-8") == "prices look wrong\n"
    assert "the kill file is written, the database was not reached" in told and "sync --kill" in told


def test_i14_a_kill_that_the_database_refuses_has_left_its_file(run: Run, desk: str) -> None:
    """The file comes first: whatever happens after it, it is there."""
    execute("revoke execute on function ops.engage_kill_switch(text, text, text) from fund_operator")
    code, _ = run("kill", "--reason", "why")
    assert code == 1 and settings.load().kill_switch_file.exists()


def test_i14_a_reason_in_another_encoding_keeps_neither_half_of_a_kill_away(run: Run, desk: str) -> None:
    """What a terminal in latin-1 sends comes as surrogates, which no file in UTF-8 and no database takes."""
    assert run("kill", "--reason", "caf\udce9")[0] == 0
    assert settings.load().kill_switch_file.read_text(encoding="utf-8") == "caf\\udce9\n"
    assert execute("select source, reason from ops.kill_sources") == [{"source": "row", "reason": "caf\\udce9"}]


def test_i14_a_kill_whose_session_another_kill_ended_is_tried_again(run: Run, desk: str) -> None:
    """A kill that is held up for half a second ends whoever is in its way, a kill that waits beside it included."""
    waiting = (
        "select pg_terminate_backend(k.pid, 5000) as ended from pg_locks as k"
        " where k.relation = 'ops.kill_sources'::regclass and k.pid <> pg_backend_pid()"
    )
    with db.connect(db.DEPLOYER) as holder:
        db.execute_text(holder, "hold", "select 1 from ops.locks where lock_name = 'kill' for update")
        told: list[tuple[int, str]] = []
        typed = threading.Thread(target=lambda: told.append(run("kill", "--reason", "why")))
        typed.start()
        while typed.is_alive() and not execute(waiting):
            time.sleep(0.01)
    typed.join()
    assert told[0][0] == 0 and "kill switch engaged in the database" in told[0][1]
    assert execute("select source, reason from ops.kill_sources") == [{"source": "row", "reason": "why"}]


@pytest.fixture
def nowhere(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill file that cannot be written, as in another's folder or on a full disk."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("KILL_SWITCH_FILE", str(tmp_path / "file" / "KILL_SWITCH"))


def test_i14_a_kill_whose_file_cannot_be_written_is_the_row(run: Run, desk: str, nowhere: None) -> None:
    """The row is tried all the same, and that the file is missing is said."""
    code, told = run("kill", "--reason", "why")
    assert code == 1 and "kill switch engaged in the database" in told
    assert "the kill is in the database alone" in told and "`touch " in told
    assert execute("select source from ops.kill_sources") == [{"source": "row"}]


def test_i14_a_kill_of_which_neither_half_is_there_says_so(
    run: Run, nowhere: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://fund@127.0.0.1:1/fund")
    monkeypatch.setenv("FUND_OPERATOR_PASSWORD", "none")
    code, told = run("kill", "--reason", "why")
    assert code == 16 and "NO kill is recorded" in told and "sync --kill" in told


def test_i15_killed_and_resumed(run: Run, desk: str) -> None:
    assert run("resume", "--reason", "nothing to do") == (0, "trading is not stopped\n")
    code, told = run("kill", "--reason", "prices look wrong")
    assert (code, told.splitlines()[-1]) == (0, "kill switch engaged in the database")
    code, told = run("resume", "--reason", "prices corrected")
    assert code == 11
    for item in ("source row", "source file on", "cooldown after file, row"):
        assert item in told, "everything that is missing, at once"
    assert run("resume", "--clear", "row")[0] == 2, "a clearing has a reason"
    for source in ("rows", "file"):
        assert run("resume", "--clear", source, "--reason", "x")[0] == 2, "and a source that people clear"
    settings.load().kill_switch_file.unlink()
    code, told = run("resume", "--clear", "row", "--reason", "prices corrected")
    assert code == 11 and "row cleared" in told and "still missing: cooldown after file, row." in told
    assert execute("select ops.kill_engaged(false) as killed") == [{"killed": True}], "every source is clear"
    code, told = run("resume", "--check", "--json")
    items = json.loads(told.partition("\nerror:")[0])
    assert code == 11 and [row["item"] for row in items if not row["is_clear"]] == ["cooldown after file, row"]
    execute("select ops.advance_clock(ops.now() + interval '15 minutes')")
    assert run("resume", "--check") == (0, "nothing is missing\n")
    assert execute("select ops.kill_engaged(false) as killed") == [{"killed": True}], "a look resumes nothing"
    assert run("resume", "--reason", "prices corrected") == (0, "trading is resumed\n")
    assert execute("select ops.kill_engaged(false) as killed") == [{"killed": False}]
    (head,) = execute("select seq from audit.heads")
    assert anchors.read(anchors.place(settings.load()))[-1].seq == head["seq"], "who resumed is anchored"


def test_i14_a_kill_has_a_reason(run: Run, desk: str) -> None:
    assert run("kill", "--reason", " ")[0] == 2
    assert not settings.load().kill_switch_file.exists()
    assert execute("select ops.kill_engaged(false) as killed") == [{"killed": False}]


def test_i15_a_kill_meanwhile_ends_the_resumption(run: Run, desk: str) -> None:
    """Between the checklist and the row stands the kill row: a kill that commits first is seen."""
    execute("select ops.engage_kill_switch('first'), ops.release_kill_source('row', '', 'test')")
    execute("select ops.advance_clock(ops.now() + interval '15 minutes')")
    with db.connect("fund_operator") as resuming, db.connect("fund_monitor", autocommit=True) as killing:
        told = db.fetch_text(resuming, "resume", "select * from ops.resume('why')")
        assert told[-1]["is_clear"] is True, "not committed yet"
        db.execute_text(killing, "kill", "select ops.engage_kill_switch('second')")
        resuming.close()
    assert execute("select ops.kill_engaged(false) as killed, (select count(*) from ops.resumptions) as resumed") == [
        {"killed": True, "resumed": 0}
    ]


def test_i15_a_kill_between_the_checklist_and_the_lock_is_seen(run: Run, desk: str) -> None:
    """The checklist is asked again once the kill row is held: what was engaged while it waited for that stops it."""
    execute("select ops.engage_kill_switch('first'), ops.release_kill_source('row', '', 'test')")
    execute("select ops.advance_clock(ops.now() + interval '15 minutes')")
    told: list[dict[str, object]] = []

    def resume() -> None:
        with db.connect("fund_operator") as connection:
            told.extend(db.fetch_text(connection, "resume", "select * from ops.resume('why')"))

    # A superuser's session is the one that a resumption waits for instead of ending it.
    with db.connect(db.DEPLOYER) as holder:
        db.execute_text(holder, "hold", "select 1 from ops.locks where lock_name = 'kill' for update")
        resuming = threading.Thread(target=resume)
        resuming.start()
        while resuming.is_alive() and not execute(
            "select 1 from pg_locks where relation = 'ops.locks'::regclass and mode = 'RowExclusiveLock'"
        ):
            time.sleep(0.01)
        db.execute_text(holder, "kill", "select ops.engage_kill_switch('second', 'cvar')")
    resuming.join()
    assert [row["item"] for row in told if not row["is_clear"]] == [
        "source cvar",
        "cooldown after cvar",
        "resumed",
    ]
    assert execute("select count(*) as resumed from ops.resumptions") == [{"resumed": 0}]


@pytest.mark.parametrize(
    "asked", ["select * from ops.resume('looks fine')", "select ops.clear_kill_source('row', '', 'fixed')"]
)
def test_i15_what_clears_or_resumes_ends_no_kill_that_is_under_way(desk: str, asked: str) -> None:
    """It waits, however long the kill takes within its second, and finds the source the kill engaged."""
    execute("select ops.engage_kill_switch('first')")
    if "resume" in asked:
        execute("select ops.clear_kill_source('row', '', 'fixed')")
        execute("select ops.advance_clock(ops.now() + interval '16 minutes')")
    ended = threading.Event()

    def ask() -> None:
        with db.connect("fund_operator", autocommit=True) as operator:
            db.fetch_text(operator, "test", asked)
        ended.set()

    with db.connect("fund_broker") as kill:
        db.fetch_text(kill, "test", "select ops.engage_kill_switch('nobody placed it', 'orphan')")
        asking = threading.Thread(target=ask)
        asking.start()
        assert not ended.wait(1.0), "it waits, past the half second after which a kill ends another"
        kill.commit()
    asking.join(timeout=30)
    assert ended.is_set()
    assert execute("select source from ops.kill_sources") == [{"source": "orphan"}]
    assert execute("select count(*) as n from ops.resumptions") == [{"n": 0}]
