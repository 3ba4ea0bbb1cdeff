"""I20: two people by their logins loosen, one tightens, on a real database, as they type it."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from runner import approvals, cli, db, deploy, lock, operators, passwords, settings
from runner import config as golden
from runner.errors import DatabaseUnreachable, IntegrityError, NotAllowed
from tests.conftest import ROOT

Run = Callable[..., tuple[int, str]]

NUMBERS = itertools.count()


def execute(text: str) -> list[dict[str, object]]:
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def desk(server: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real database of its own with the shipped configuration pinned, and the folder people edit it in."""
    name = f"desk_{next(NUMBERS)}"
    monkeypatch.setattr(settings, "DATABASE", name)
    deploy.deploy(dbname=name)
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    monkeypatch.chdir(tmp_path)
    assert cli.run(["config", "lock", "--reason", "shipped"]) == 0
    yield tmp_path / golden.CONFIG_PATH
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "drop", f"drop database {name} with (force)")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line as somebody; exit code and what it said."""

    def call(who: str, *words: str) -> tuple[int, str]:
        monkeypatch.setenv("FUND_OPERATOR", who)
        code = cli.run(list(words))
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


@pytest.fixture
def people(desk: Path, run: Run) -> None:
    for name in ("alice", "bob"):
        assert run("", "operator", "add", name, "--reason", "risk desk", "--keep")[0] == 0


def edit(path: Path, old: str, new: str) -> str:
    """Change the file; its hash."""
    text = path.read_text(encoding="ascii")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="ascii")
    return golden.load(path).sha256


def pinned() -> object:
    return execute("select govern.pinned_config() as sha256")[0]["sha256"]


@pytest.mark.usefixtures("people")
def test_i20_a_looser_file_takes_two_people(desk: Path, run: Run) -> None:
    shipped = pinned()
    sha256 = edit(desk, "name_cap: {value: 0.10,", "name_cap: {value: 0.12,")
    code, told = run("", "config", "lock", "--reason", "wider")
    assert code == 1 and "MQ420" in told and "operator add" in told, "the shared role is nobody in particular"
    code, told = run("alice", "config", "lock", "--reason", "wider")
    assert code == 12 and "needs two people" in told and "name_concentration,auction.name_cap" in told
    (change,) = json.loads(run("alice", "approve", "--json")[1])
    number = str(change["request_id"])
    assert f"approve {number}" in told
    assert (change["state"], change["author"]) == ("PROPOSED", "fund_operator_alice")
    assert golden.HASH_PATH.read_text(encoding="ascii").startswith(str(shipped)), "the hash file is still the pin's"
    code, told = run("alice", "config", "lock", "--reason", "wider")
    assert code == 12 and f"change {number} is PROPOSED" in told, "asked twice is one change"
    code, told = run("alice", "approve", number, "--reason", "I agree with myself")
    assert code == 1 and "MQ425" in told
    code, told = run("bob", "approve", number)
    assert code == 0 and "auction.name_cap" in told and "0.12" in told and str(change["content_sha256"])[:12] in told
    assert run("bob", "approve", number, "--reason", "agreed")[0] == 0
    assert pinned() == shipped, "pinned by who has the file"
    assert run("", "config", "lock", "--reason", "wider, agreed")[0] == 0
    assert pinned() == sha256 and golden.verify() == sha256
    history = execute("select proposed_by, approved_by from audit.config_history order by pin_id desc limit 1")
    assert history == [{"proposed_by": "fund_operator_alice", "approved_by": "fund_operator_bob"}]
    edit(desk, "name_cap: {value: 0.12,", "name_cap: {value: 0.10,")
    assert run("", "config", "lock", "--reason", "back")[0] == 0, "tighter: one person"
    edit(desk, "name_cap: {value: 0.10,", "name_cap: {value: 0.12,")
    assert run("alice", "config", "lock", "--reason", "again")[0] == 12, "an approval is used once"


@pytest.mark.usefixtures("people")
def test_i20_an_approval_over_other_numbers_is_withdrawn(desk: Path, run: Run) -> None:
    """The numbers changed after a second person agreed: `config lock` says what helps, and it does."""
    sha256 = edit(desk, "name_cap: {value: 0.10,", "name_cap: {value: 0.12,")
    run("alice", "config", "lock", "--reason", "wider")
    (change,) = json.loads(run("bob", "approve", "--json")[1])
    number = change["request_id"]
    assert run("bob", "approve", str(number), "--reason", "agreed")[0] == 0
    assert run("", "limits", "tighten", "var", "0.03", "--reason", "thin markets")[0] == 0
    code, told = run("alice", "config", "lock", "--reason", "wider")
    assert code == 12 and f"change {number} of this file is APPROVED, but over other numbers" in told
    assert f"approve {number} --withdraw" in told
    assert run("alice", "approve", str(number), "--withdraw", "--reason", "stale")[0] == 0
    code, told = run("alice", "config", "lock", "--reason", "wider")
    assert code == 12 and f"change {number + 1} is PROPOSED" in told
    assert run("bob", "approve", str(number + 1), "--reason", "agreed")[0] == 0
    assert run("", "config", "lock", "--reason", "wider, agreed")[0] == 0 and pinned() == sha256


@pytest.mark.usefixtures("people")
def test_i20_a_tightened_limit_is_taken_back_by_two(run: Run) -> None:
    def in_force() -> object:
        (row,) = [row for row in json.loads(run("", "limits", "list", "--json")[1]) if row["limit_name"] == "var"]
        return row["threshold"], row["version"]

    assert run("", "limits", "tighten", "var", "0.03", "--reason", "thin markets")[0] == 0
    assert in_force() == (0.03, 2)
    code, told = run("", "limits", "tighten", "var", "0.05", "--reason", "x")
    assert code == 2 and "MQ427" in told
    for word in ("nan", "inf"):
        code, told = run("", "limits", "tighten", "var", word, "--reason", "x")
        assert code == 2 and "limits list" in told and "none_if_nan" not in told
    assert run("", "limits", "propose", "var", "2", "--reason", "x")[0] == 1, "not the shared role"
    code, told = run("alice", "limits", "propose", "var", "2", "--reason", "deep again")
    assert code == 0
    number = told.split()[1]
    code, told = run("bob", "approve", number)
    assert "0.0300" in told and "0.0400" in told, "the number now, and the file's"
    assert run("bob", "approve", number, "--reason", "agreed")[0] == 0
    assert in_force() == (0.04, 1)
    assert run("bob", "limits", "list", "--history")[0] == 0


@pytest.mark.usefixtures("people")
def test_i20_a_lift_to_come_stands_beside_the_limit_it_loosens(run: Run) -> None:
    """Approved and waiting for its instant: which number, from when, whose word; until it is withdrawn."""
    for threshold in ("0.035", "0.03"):
        assert run("", "limits", "tighten", "var", threshold, "--reason", "thin markets")[0] == 0
    assert "lifts" not in run("", "limits", "list")[1]
    words = ("limits", "propose", "var", "3", "--reason", "deep again", "--from", "2090-01-02T09:30:00")
    number = run("alice", *words)[1].split()[1]
    assert "lifts" not in run("", "limits", "list")[1], "nobody has agreed to it yet"
    assert run("bob", "approve", number, "--reason", "agreed")[0] == 0
    listed = {row["limit_name"]: row for row in json.loads(run("", "limits", "list", "--json")[1])}
    assert (listed["var"]["threshold"], listed["cvar_hard"]["lifts"]) == (0.03, [])
    assert listed["var"]["lifts"] == [
        {
            "request_id": int(number),
            "version": 3,
            "effective_from": "2090-01-02 09:30:00+00:00",
            "threshold": 0.035,
            "author": "fund_operator_alice",
            "approved_by": "fund_operator_bob",
            "reason": "deep again",
        }
    ]
    told = run("", "limits", "list")[1]
    assert "approved lifts to come" in told and "deep" in told.split("approved lifts to come")[1]
    assert run("alice", "approve", number, "--withdraw", "--reason", "second thoughts")[0] == 0
    assert "lifts" not in run("", "limits", "list")[1]


@pytest.mark.usefixtures("people")
def test_i20_who_a_session_is_cannot_be_chosen(run: Run) -> None:
    """A person cannot become another, make one, or write what an approval is made of."""
    run("", "limits", "tighten", "var", "0.03", "--reason", "thin markets")
    number = run("alice", "limits", "propose", "var", "2", "--reason", "deep again")[1].split()[1]
    for statement in (
        f"set role fund_operator_bob; select govern.approve_change({number}, 'x')",
        f"set session authorization fund_operator_bob; select govern.approve_change({number}, 'x')",
        f"insert into govern.change_events (request_id, event, reason, actor, occurred_at)"
        f" values ({number}, 'approved', 'x', 'fund_operator_bob', ops.now())",
        "select govern.record_operator('fund_operator_carol', 'enrolled', 'x')",
        "create role fund_operator_carol login in role fund_operator",
        "alter role fund_operator_bob password 'mine'",
        "set role fund_owner",
    ):
        with pytest.raises(NotAllowed), db.connect("fund_operator_alice") as connection:
            db.execute_text(connection, "try", statement)
    with pytest.raises(NotAllowed) as refused, db.connect("fund_operator_alice") as connection:
        db.execute_text(connection, "try", f"reset role; select govern.approve_change({number}, 'x')")
    assert refused.value.code == "MQ425"


@pytest.mark.usefixtures("people")
def test_i13_a_person_s_session_in_the_way_of_a_kill_is_ended(run: Run) -> None:
    holder = db.open_connection("fund_operator_alice")
    try:
        db.execute_text(holder, "hold", "select ops.engage_kill_switch('uncommitted', 'orphan')")
        assert run("bob", "kill", "--reason", "why")[0] == 0
        with pytest.raises(DatabaseUnreachable):
            db.execute_text(holder, "after", "select 1")
    finally:
        holder.close()
        settings.load().kill_switch_file.unlink()
    actors = execute("select actor from ops.kill_events")
    assert actors == [{"actor": "fund_operator_bob"}], "who killed is told by name"


@pytest.mark.usefixtures("people")
def test_i20_a_parameter_alone_takes_two_people(desk: Path, run: Run) -> None:
    """No limit of SQL changes: what sizes a bet does."""
    edit(desk, "kelly_gamma: {value: 0.3,", "kelly_gamma: {value: 0.4,")
    code, told = run("alice", "config", "lock", "--reason", "larger bets")
    assert code == 12 and "needs two people" in told and "loosened=meta_brain.kelly_gamma" in told
    (change,) = json.loads(run("alice", "approve", "--json")[1])
    assert change["loosened"] == ["meta_brain.kelly_gamma"]


@pytest.mark.usefixtures("people")
def test_i20_refusing_and_withdrawing_are_two_things(run: Run) -> None:
    run("", "limits", "tighten", "var", "0.03", "--reason", "thin markets")
    number = run("alice", "limits", "propose", "var", "2", "--reason", "deep again")[1].split()[1]
    assert run("bob", "approve", number, "--refuse", "--withdraw", "--reason", "no")[0] == 2
    (change,) = json.loads(run("bob", "approve", "--json")[1])
    assert change["state"] == "PROPOSED"


@pytest.mark.usefixtures("people")
def test_i20_a_lift_to_come_is_withdrawn_by_one_person(run: Run) -> None:
    """Until its instant any one person stops it; its row keeps counting, and may be lifted anew."""
    run("", "limits", "tighten", "var", "0.03", "--reason", "thin markets")
    numbers = []
    for instant in ("2090-01-01T00:00:00", "2091-01-01T00:00:00"):
        told = run("alice", "limits", "propose", "var", "2", "--from", instant, "--reason", "deep again")[1]
        numbers.append(told.split()[1])
        assert run("bob", "approve", numbers[-1], "--reason", "agreed")[0] == 0
        (change,) = json.loads(run("alice", "approve", "--json")[1])
        assert change["state"] == "APPROVED", "it has no effect yet, and is listed"
        assert run("", "approve", numbers[-1], "--withdraw", "--reason", "no")[0] == 1, "the shared role is nobody"
        code, told = run("bob", "approve", numbers[-1], "--withdraw", "--reason", "second thoughts")
        assert code == 0 and told == f"change {numbers[-1]} is withdrawn\n"
    assert json.loads(run("bob", "approve", "--json")[1]) == []
    states = execute("select state, ended_by from audit.change_requests order by request_id")
    assert states == [{"state": "WITHDRAWN", "ended_by": "fund_operator_bob"}] * 2
    assert execute("select govern.effective_limit('var') as x") == [{"x": 0.03}]


@pytest.mark.usefixtures("people")
def test_i20_what_a_lift_leaves_in_force_is_shown(run: Run) -> None:
    """Not the file's number where another tightened row still counts, nor the row's own where another is in force."""
    for number in ("0.03", "0.02"):
        run("", "limits", "tighten", "var", number, "--reason", "thin markets")
    shown = []
    for nth, version in enumerate(("3", "2"), 1):
        run("alice", "limits", "propose", "var", version, "--reason", "deep again")
        (difference,) = json.loads(run("bob", "approve", str(nth), "--json")[1])["differences"]
        shown.append((difference["now"], difference["then"], difference["taken_back"]))
    assert shown == [(0.02, 0.03, 0.02), (0.02, 0.02, 0.03)]
    assert run("bob", "approve", "1", "--reason", "agreed")[0] == 0
    assert execute("select govern.effective_limit('var') as x") == [{"x": 0.03}], "as was shown"
    run("alice", "limits", "propose", "var", "2", "--reason", "deep again")
    (difference,) = json.loads(run("bob", "approve", "3", "--json")[1])["differences"]
    assert (difference["now"], difference["then"]) == (0.03, 0.04), "the row taken back before counts no more"


@pytest.mark.usefixtures("people")
def test_a_person_is_listed_and_retired(run: Run) -> None:
    session = db.open_connection("fund_operator_bob")
    try:
        assert run("", "operator", "retire", "bob", "--reason", "left")[0] == 0
        with pytest.raises(DatabaseUnreachable):
            db.execute_text(session, "after", "select 1")
    finally:
        session.close()
    assert "retired before" in run("", "operator", "retire", "bob", "--reason", "left")[1]
    enrolled = {row["role_name"]: row["enrolled"] for row in json.loads(run("", "operator", "list", "--json")[1])}
    assert enrolled == {"fund_operator_alice": True, "fund_operator_bob": False}
    code, told = run("bob", "limits", "list")
    assert code == 16 and "`operator add bob`" in told, "no login any more"
    code, told = run("carol", "limits", "list")
    assert code == 2 and "FUND_OPERATOR_CAROL_PASSWORD" in told and "operator add carol" in told, "never had one"
    assert run("", "operator", "add", "Bob!", "--reason", "x")[0] == 2
    assert deploy.deploy().nothing, "people come and go between two deploys"
    with db.connect(db.DEPLOYER) as connection:
        assert deploy.drift(connection) == []


@pytest.mark.usefixtures("people")
def test_a_person_back_while_retired_is_ended_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes in again between the end of their sessions and that of their login keeps no session."""
    real, back = db.execute_text, []

    def late(connection: db.Connection, source: str, text: str) -> None:
        if text.endswith("nologin"):
            back.append(db.open_connection("fund_operator_bob"))
        real(connection, source, text)

    monkeypatch.setattr(db, "execute_text", late)
    assert run("", "operator", "retire", "bob", "--reason", "left")[0] == 0
    assert len(back) == 1
    assert not execute("select pid from pg_stat_activity where usename = 'fund_operator_bob'")
    back[0].close()


@pytest.mark.usefixtures("people")
def test_a_session_that_does_not_end_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "_ENDING_SECONDS", 0.0)
    code, told = run("", "operator", "retire", "bob", "--reason", "left")
    assert code == 1 and "does not end" in told
    assert not execute("select reason from govern.operators where role_name = 'fund_operator_bob' and enrolled")
    assert run("bob", "limits", "list")[0] == 16, "no login any more"


def test_who_cannot_be_retired_keeps_the_login(desk: Path, run: Run) -> None:
    """The login goes before the record: what the record would refuse must not cost it."""
    assert "MQ421" in run("", "operator", "retire", "nobody", "--reason", "left")[1]
    assert run("", "operator", "add", "carl", "--reason", "risk desk", "--keep")[0] == 0
    assert "MQ421" in run("", "operator", "retire", "carl", "--reason", "")[1]
    assert run("carl", "limits", "list")[0] == 0


def test_a_password_is_shown_once_and_kept_nowhere(desk: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run("", "operator", "add", "dora", "--reason", "risk desk")[1]
    (password,) = [line.split(": ")[1] for line in told.splitlines() if "shown this once" in line]
    assert passwords.find(settings.load().runner_home, "fund_operator_dora") is None
    monkeypatch.setenv("FUND_OPERATOR_DORA_PASSWORD", password)
    assert run("dora", "limits", "list")[0] == 0
    assert password in settings.load().secrets(), "the log blanks it out"


@pytest.mark.usefixtures("people")
def test_i20_what_the_second_person_reads_is_the_file(desk: Path, run: Run) -> None:
    """The author's program says what a file holds; the second person's reads the bytes itself."""
    edit(desk, "name_cap: {value: 0.10,", "name_cap: {value: 0.15,")
    run("alice", "config", "lock", "--reason", "wider")
    with db.connect("fund_operator_bob") as connection:
        (change,) = db.fetch_all(connection, "govern.change_requests", every=False)
        approvals.require_true_content(connection, change)
        change["content"]["parsed"]["auction"]["name_cap"] = 0.11
        with pytest.raises(IntegrityError, match="other values or limits than its file"):
            approvals.require_true_content(connection, change)


@pytest.mark.usefixtures("people")
def test_i20_nobody_agrees_to_what_the_file_does_not_hold(
    desk: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that tells the database smaller numbers than the file has is found out before the word counts."""
    edit(desk, "name_cap: {value: 0.10,", "name_cap: {value: 0.15,")
    wide = golden.load(desk)
    edit(desk, "name_cap: {value: 0.15,", "name_cap: {value: 0.11,")
    told = golden.load(desk).model_copy(update={"sha256": wide.sha256, "body": wide.body})
    monkeypatch.setenv("FUND_OPERATOR", "alice")
    number, _ = lock.propose(told, "a little wider", None, 72)
    code, said = run("bob", "approve", str(number), "--reason", "agreed")
    assert code == 12 and "other values or limits than its file" in said and "auction.name_cap" in said
    (change,) = json.loads(run("bob", "approve", "--json")[1])
    assert change["state"] == "PROPOSED"
    desk.write_bytes(wide.body)
    code, said = run("alice", "config", "lock", "--reason", "what it says")
    assert code == 12 and f"change {number} of this file is PROPOSED, but not what the file says" in said
    assert run("bob", "approve", str(number), "--refuse", "--reason", "false")[0] == 0
    code, said = run("alice", "config", "lock", "--reason", "what it says")
    assert code == 12 and f"change {number + 1} is PROPOSED" in said, "the file can be proposed as it is"
    assert run("bob", "approve", str(number + 1), "--reason", "agreed")[0] == 0
    assert run("", "config", "lock", "--reason", "agreed")[0] == 0
    assert run("", "config", "verify")[0] == 0


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("part", ["values", "limits"])
def test_i20_a_pin_of_other_numbers_than_the_file_s_is_not_in_force(desk: Path, run: Run, part: str) -> None:
    """One person tells the database the old numbers with a looser file's bytes: nobody runs under that pin."""
    shipped = golden.load(desk)
    edit(desk, "name_cap: {value: 0.10,", "name_cap: {value: 0.15,")
    if part == "values":  # one that no limit of SQL is made from
        desk.write_bytes(shipped.body)
        edit(desk, "kelly_gamma: {value: 0.3,", "kelly_gamma: {value: 0.4,")
    wide = golden.load(desk)
    assert lock.pin(shipped.model_copy(update={"sha256": wide.sha256, "body": wide.body}), "as before")
    golden.write_hash()
    assert pinned() == wide.sha256
    for role in ("fund_operator", "fund_decider", "fund_broker"):
        with db.connect(role) as connection, pytest.raises(IntegrityError, match="other values or limits"):
            lock.require_pinned(connection, wide)
    code, told = run("", "config", "verify")
    assert code == 12 and ("meta_brain.kelly_gamma" if part == "values" else "limit name_concentration") in told
    code, told = run("alice", "config", "lock", "--reason", "as it is")
    assert code == 12 and "MQ231" in told and "change a comment" in told
    desk.write_bytes(wide.body + b"# anew\n")
    code, told = run("alice", "config", "lock", "--reason", "anew")
    assert code == 12 and "needs two people" in told
    desk.write_bytes(shipped.body)
    assert run("", "config", "lock", "--reason", "back")[0] == 0 and run("", "config", "verify")[0] == 0


def test_i20_limits_alone_told_otherwise_are_found(desk: Path, run: Run) -> None:
    """The values are the file's; one of the limits made from them is not."""
    config = golden.load(desk)
    rows = [asdict(row) for row in golden.sql_limits(config)]
    rows[0]["threshold"] /= 2
    content = {"sha256": config.sha256, "body": config.body, "parsed": db.as_json(config.parsed)}
    with db.connect("fund_operator") as connection:
        assert db.fetch_value(connection, "govern.pin_config", **content, limits=db.as_json(rows), reason="x")
    code, told = run("", "config", "verify")
    assert code == 12 and f"limit {rows[0]['limit_name']}" in told and "parsed" not in told


def test_i20_a_file_that_nobody_pinned_is_not_in_force(desk: Path, run: Run) -> None:
    """Its own hash beside it proves nothing: the database's pin is asked."""
    assert run("", "config", "verify")[0] == 0
    edit(desk, "name_cap: {value: 0.10,", "name_cap: {value: 0.09,")
    golden.write_hash()
    code, told = run("", "config", "verify")
    assert code == 12 and "pinned, the file is" in told


def test_every_limit_of_sql_has_its_direction(database: str) -> None:
    """govern.parameter_directions says of each limit's parameter what runner/config.py says of the limit."""
    rows = execute("select path, stricter from govern.parameter_directions")
    directions = {row["path"]: row["stricter"] for row in rows}
    config = golden.load(ROOT / golden.CONFIG_PATH)
    paths = {path for path, _, _ in config.parameters()}
    assert set(directions) <= paths, "a direction of a parameter that is not there"
    for name, path, bound, *_ in golden.SQL_LIMITS:
        assert directions.get(path) == {"upper": "lower", "lower": "higher"}[bound], name
