"""Attacks on the audit chain by the owner, who may do anything in the database (I21-I23).

Each attack is one row of `ATTACKS`: eighteen that the fund promises to see, and their stronger forms. Every one is seen
by the anchored verifier, which is code and files outside the database; audit.verify_chain, inside it, sees what was not
made consistent and what took less than everything along. The table of who saw what is printed (`-s`).
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from runner import anchors, cli, db, deploy, embedded, settings, verifier
from runner.errors import AuditChainBroken, FundError, IntegrityError
from tests.conftest import ROOT

ROWS = 30
#: The head is anchored behind each of these rows; the last is the end of the chain.
ANCHORED = (10, 20, 30)

OFF = "alter table audit.audit_log disable trigger append_only; alter table audit.anchors disable trigger append_only;"
ON = (
    "alter table audit.audit_log enable always trigger append_only;"
    "alter table audit.anchors enable always trigger append_only;"
)

#: What an attacker who knows the chain brings along: rows hashed anew, the head set, the anchors cut.
TOOLS = """
create function pg_temp.rehash(p_from bigint) returns void language plpgsql as $$
declare
    v_prev bytea := coalesce(
        (select hash from audit.audit_log where seq = p_from - 1), decode(repeat('00', 32), 'hex')
    );
    v_seq bigint;
begin
    for v_seq in select seq from audit.audit_log where seq >= p_from order by seq loop
        update audit.audit_log set prev_hash = v_prev, hash = sha256(v_prev || payload) where seq = v_seq
        returning hash into v_prev;
    end loop;
end $$;
create function pg_temp.set_head() returns void language sql as $$
    update audit.heads set (seq, hash) = (
        select coalesce(max(l.seq), 0), coalesce(
            (select hash from audit.audit_log order by seq desc limit 1), decode(repeat('00', 32), 'hex')
        ) from audit.audit_log as l
    )
$$;
create function pg_temp.say(p_seq bigint, p_from text, p_to text) returns void language sql as $$
    update audit.audit_log
    set payload = convert_to(replace(convert_from(payload, 'UTF8'), p_from, p_to), 'UTF8') where seq = p_seq
$$;
create function pg_temp.rewind(p_to bigint) returns void language sql as $$
    delete from audit.audit_log where seq > p_to;
    delete from audit.anchors where seq > p_to;
    select pg_temp.set_head();
$$;
"""

UPDATE = "select pg_temp.say(5, '\"n\": 5', '\"n\": 55');"
REHASH_ONE = "update audit.audit_log set hash = sha256(prev_hash || payload) where seq = 5;"
BLIND = """
create or replace function audit.verify_chain()
returns table (intact boolean, entries bigint, head_seq bigint, head_hash bytea, broken_seq bigint, problem text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select true, h.seq, h.seq, h.hash, null::bigint, null::text from audit.heads as h $$;
"""


def edit_line(path: Path, number: int, **changes: Any) -> None:
    """Change fields of a line and give it the digest that fits."""
    lines = path.read_text(encoding="utf-8").splitlines()
    content = json.loads(lines[number - 1]) | changes
    lines[number - 1] = anchors._sealed(anchors.Anchor(**content)).text
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def reseal(path: Path) -> None:
    """Write the whole file anew, consistent in itself, with another cause in its first line."""
    old = anchors.read(path)
    path.unlink()
    last = None
    for line in old:
        head = anchors.Head(line.seq, line.hash)
        last = anchors.follow(
            last, head=head, database=line.database, system_identifier=line.system_identifier, cause="another",
            anchored_at=line.anchored_at,
        )  # fmt: skip
        anchors.append(path, last)


def cut_last(path: Path) -> None:
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")


@dataclass(frozen=True)
class Attack:
    """Statements of the owner, or a change of the anchor file; the problem the anchored verifier names, and where."""

    name: str
    statements: str = ""
    file: Callable[[Path], None] | None = None
    problem: str = ""
    seq: int | None = None
    in_database: bool = True


ATTACKS = (
    Attack("update", OFF + UPDATE + ON, problem="HASH", seq=5),
    Attack("update, hash recomputed", OFF + UPDATE + REHASH_ONE + ON, problem="LINK", seq=6),
    Attack(
        "full rewrite",
        OFF + "select pg_temp.say(1, '\"n\": 1', '\"n\": 11'), pg_temp.rehash(1), pg_temp.set_head();"
        "update audit.anchors as a set hash = (select hash from audit.audit_log as l where l.seq = a.seq);" + ON,
        problem="ANCHOR", seq=1, in_database=False,
    ),
    Attack("delete at the head", OFF + "delete from audit.audit_log where seq <= 3;" + ON, problem="GAP", seq=1),
    Attack("delete in the middle", OFF + "delete from audit.audit_log where seq = 15;" + ON, problem="GAP", seq=15),
    Attack(
        "delete at the tail",
        OFF + "delete from audit.audit_log where seq > 27; select pg_temp.set_head();" + ON,
        problem="ANCHOR", seq=28,
    ),
    Attack(
        "truncate", OFF + "truncate audit.audit_log; select pg_temp.set_head();" + ON, problem="ANCHOR", seq=1,
    ),
    Attack(
        "insert",
        OFF + "update audit.audit_log set seq = seq + 1000 where seq > 8;"
        "update audit.audit_log set seq = seq - 999 where seq > 1000;"
        "update audit.audit_log set prev_hash = sha256('') where seq = 10;"
        "insert into audit.audit_log select 9, hash, sha256(hash || payload), payload, 'forged', account, cycle_id,"
        "actor, occurred_at, recorded_at from audit.audit_log where seq = 8;"
        "update audit.audit_log set prev_hash = (select hash from audit.audit_log where seq = 9) where seq = 10;"
        "select pg_temp.set_head();" + ON,
        problem="COLUMNS", seq=9,
    ),
    Attack(
        "reorder",
        OFF + "update audit.audit_log set seq = 100 where seq = 5; update audit.audit_log set seq = 5 where seq = 6;"
        "update audit.audit_log set seq = 6 where seq = 100;" + ON,
        problem="LINK", seq=5,
    ),
    Attack(
        "swap",
        OFF + "update audit.audit_log as l set payload = o.payload from audit.audit_log as o"
        " where (l.seq, o.seq) in ((5, 12), (12, 5));" + ON,
        problem="HASH", seq=5,
    ),
    Attack(
        "duplicate",
        OFF + "alter table audit.audit_log drop constraint audit_log_prev_hash_key, drop constraint audit_log_hash_key;"
        "insert into audit.audit_log select 31, prev_hash, hash, payload, event, account, cycle_id, actor, occurred_at,"
        " recorded_at from audit.audit_log where seq = 7; select pg_temp.set_head();" + ON,
        problem="LINK", seq=31,
    ),
    Attack(
        "back-date",
        OFF + "update audit.audit_log set occurred_at = occurred_at - interval '1 day' where seq = 5;"
        "update audit.audit_log as l set payload = convert_to(replace(convert_from(l.payload, 'UTF8'),"
        " ops.utc_text(l.occurred_at + interval '1 day'), ops.utc_text(l.occurred_at)), 'UTF8') where seq = 5;"
        + REHASH_ONE + ON,
        problem="LINK", seq=6,
    ),
    Attack("old backup", OFF + "select pg_temp.rewind(20);" + ON, problem="ANCHOR", seq=21, in_database=False),
    Attack(
        "replication role",
        "alter table audit.audit_log enable trigger append_only; set session_replication_role = replica;"
        "update audit.audit_log set account = 'other' where seq = 9; set session_replication_role = origin;" + ON,
        problem="COLUMNS", seq=9,
    ),
    Attack(
        "trigger off and on", OFF + "update audit.audit_log set actor = 'x' where seq = 9;" + ON,
        problem="COLUMNS", seq=9,
    ),
    Attack("verifier replaced", OFF + UPDATE + ON + BLIND, problem="HASH", seq=5, in_database=False),
    Attack(
        "fork",
        OFF + "select pg_temp.rewind(14); select audit.append(jsonb_build_array(jsonb_build_object("
        "'event', 'test.other', 'body', jsonb_build_object('n', g)))) from generate_series(15, 40) as g;" + ON,
        problem="ANCHOR", seq=11, in_database=False,
    ),
    Attack(
        "anchor altered", file=lambda path: edit_line(path, 2, hash="ab" * 32), problem="ANCHOR_FILE", seq=20,
        in_database=False,
    ),
)  # fmt: skip

#: Stronger forms, and what else can be done to the things the verdict rests on.
STRONGER = (
    Attack(
        "column back-dated", OFF + "update audit.audit_log set occurred_at = 'infinity' where seq = 5;" + ON,
        problem="COLUMNS", seq=5,
    ),
    Attack(
        "tail, with the database's anchors", OFF + "select pg_temp.rewind(27);" + ON,
        problem="ANCHOR", seq=28, in_database=False,
    ),
    Attack(
        "truncate everything", OFF + "select pg_temp.rewind(0);" + ON, problem="ANCHOR", seq=1, in_database=False,
    ),
    Attack(
        "tail rewritten",
        OFF + "select pg_temp.say(25, '\"n\": 25', '\"n\": 0'), pg_temp.rehash(25), pg_temp.set_head();"
        "delete from audit.anchors where seq > 24;" + ON,
        problem="ANCHOR", seq=21, in_database=False,
    ),
    Attack(
        "payload that is no event",
        OFF + "update audit.audit_log set payload = '\\xff' where seq = 30;"
        "select pg_temp.rehash(30), pg_temp.set_head();" + ON,
        problem="PAYLOAD", seq=30,
    ),
    Attack(
        "payload of brackets without an end",
        OFF + "update audit.audit_log set payload = convert_to(repeat('[', 100000), 'UTF8') where seq = 30;"
        "select pg_temp.rehash(30), pg_temp.set_head();" + ON,
        problem="PAYLOAD", seq=30,
    ),
    Attack(
        "head set back",
        "update audit.heads as h set seq = l.seq, hash = l.hash from audit.audit_log as l where l.seq = 29;",
        problem="HEAD", seq=30,
    ),
    Attack("head deleted", "delete from audit.heads;", problem="NO_HEAD"),
    Attack("head of another hash", "update audit.heads set hash = sha256('');", problem="HEAD", seq=30),
    Attack(
        "tail, the head left", OFF + "delete from audit.audit_log where seq > 27;" + ON, problem="HEAD", seq=28,
    ),
    Attack(
        "row twice",
        OFF + "alter table audit.audit_log drop constraint audit_log_pkey, drop constraint audit_log_prev_hash_key,"
        " drop constraint audit_log_hash_key;"
        "insert into audit.audit_log select * from audit.audit_log where seq = 7;" + ON,
        problem="DUPLICATE", seq=7,
    ),
    Attack(
        "payload of another place",
        OFF + "select pg_temp.say(30, '\"seq\": 30', '\"seq\": 99'), pg_temp.rehash(30), pg_temp.set_head();" + ON,
        problem="COLUMNS", seq=30,
    ),
    Attack(
        "row behind the head",
        OFF + "insert into audit.audit_log select 31, hash, sha256(hash), payload, event, account, cycle_id, actor,"
        "occurred_at, recorded_at from audit.audit_log where seq = 30;" + ON,
        problem="HASH", seq=31,
    ),
    Attack(
        "trigger left off", "alter table audit.audit_log disable trigger append_only;",
        problem="TRIGGER", in_database=False,
    ),
    Attack("trigger dropped", "drop trigger append_only on audit.audit_log;", problem="TRIGGER", in_database=False),
    Attack(
        "trigger on never",
        "drop trigger append_only on audit.audit_log;"
        "create trigger append_only before update or delete or truncate on audit.audit_log"
        " for each statement when (false) execute function audit.refuse_change();" + ON,
        problem="TRIGGER", in_database=False,
    ),
    Attack(
        "trigger on updates alone",
        "drop trigger append_only on audit.audit_log;"
        "create trigger append_only before update on audit.audit_log"
        " for each statement execute function audit.refuse_change();" + ON,
        problem="TRIGGER", in_database=False,
    ),
    Attack(
        "trigger's function replaced",
        "create or replace function audit.refuse_change() returns trigger language plpgsql"
        " as $$ begin return null; end $$;",
        problem="ROUTINE", in_database=False,
    ),
    Attack("verifier replaced, nothing else", BLIND, problem="ROUTINE", in_database=False),
    Attack(
        "rows hidden by a policy",
        "alter table audit.audit_log enable row level security;"
        "create policy hidden on audit.audit_log using (seq <> 15);",
        problem="GAP", seq=15, in_database=False,
    ),
    Attack("table renamed", "alter table audit.audit_log rename to audit_log_old;", problem="UNREADABLE"),
    Attack("anchor file deleted", file=Path.unlink, problem="ANCHOR_FILE", seq=30, in_database=False),
    Attack("anchor file cut", file=cut_last, problem="ANCHOR_FILE", seq=30, in_database=False),
    Attack(
        "last anchor altered", file=lambda path: edit_line(path, 3, hash="ab" * 32),
        problem="ANCHOR_FILE", seq=30, in_database=False,
    ),
    Attack("anchor file rewritten", file=reseal, problem="ANCHOR_FILE", seq=30, in_database=False),
)  # fmt: skip

KEEP = """
create schema keep;
create table keep.audit_log as table audit.audit_log;
create table keep.heads as table audit.heads;
create table keep.anchors as table audit.anchors;
"""

#: Everything as `chain` left it, whatever an attack did.
RESTORE = f"""
alter table if exists audit.audit_log_old rename to audit_log;
alter table audit.audit_log disable row level security;
drop policy if exists hidden on audit.audit_log;
drop trigger if exists append_only on audit.audit_log;
alter table audit.anchors disable trigger append_only;
truncate audit.audit_log, audit.anchors, audit.heads, ops.kill_sources;
delete from notify.alerts;
insert into audit.audit_log table keep.audit_log;
insert into audit.heads table keep.heads;
insert into audit.anchors overriding system value table keep.anchors;
alter table audit.audit_log
    drop constraint if exists audit_log_pkey, add constraint audit_log_pkey primary key (seq),
    drop constraint if exists audit_log_prev_hash_key, drop constraint if exists audit_log_hash_key,
    add constraint audit_log_prev_hash_key unique (prev_hash), add constraint audit_log_hash_key unique (hash);
{(ROOT / "sql/routines/audit.refuse_change.sql").read_text(encoding="utf-8")}
{(ROOT / "sql/routines/audit.verify_chain.sql").read_text(encoding="utf-8")}
{ON}
"""


def run_sql(statements: str) -> list[dict[str, Any]]:
    """As the superuser, in one transaction."""
    with db.connect(db.DEPLOYER, dbname=settings.DATABASE) as connection:
        return db.fetch_text(connection, "attack", statements)


def append(first: int, last: int, prefix: str = "") -> None:
    run_sql(
        f"{prefix} select audit.append(jsonb_agg(jsonb_build_object('event', 'test.event', 'account',"
        "case g % 2 when 0 then 'ü' end, 'body', jsonb_build_object('n', g, 'x', 1.10, 'text', 'é\"\\n')) order by g))"
        f"from generate_series({first}, {last}) as g"
    )


@pytest.fixture(scope="module")
def chain(fresh: Callable[[], str]) -> Iterator[Path]:
    """A database whose chain was anchored three times; the anchor file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", fresh())
        first = 1
        for last in ANCHORED:
            append(first, last)
            made = verifier.anchor(settings.load(), "test")
            assert made is not None and made.seq == last
            first = last + 1
        run_sql(KEEP)
        yield anchors.place(settings.load())


@pytest.fixture
def restored(chain: Path) -> Iterator[Path]:
    """The chain as it was, and again afterwards."""
    kept = chain.read_bytes()
    yield chain
    chain.write_bytes(kept)
    run_sql(RESTORE)
    settings.load().kill_switch_file.unlink(missing_ok=True)


def in_database() -> bool:
    """Whether audit.verify_chain, asked by the verifier's role, says that something is wrong, or has no log to read."""
    try:
        with db.connect("fund_verifier") as connection:
            return not db.fetch_text(connection, "verify", "select intact from audit.verify_chain()")[0]["intact"]
    except FundError as error:
        if error.code == "42P01":
            return True
        raise


SEEN: dict[str, tuple[bool, bool, str]] = {}


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print who saw what."""
    yield
    print(f"\n{'attack':34}  inside  anchored  it is told as")
    for name, (inside, outside, told) in SEEN.items():
        print(f"{name:34}  {'yes' if inside else '-':6}  {'yes' if outside else '-':8}  {told}")


def commit_attack(attack: Attack, path: Path) -> None:
    if attack.statements:
        run_sql(TOOLS + attack.statements)
    if attack.file is not None:
        attack.file(path)


@pytest.mark.parametrize("attack", (*ATTACKS, *STRONGER), ids=lambda a: a.name)
def test_i23_an_attack_is_seen(attack: Attack, restored: Path) -> None:
    assert verifier.verify(settings.load()).findings == ()
    assert not in_database()
    commit_attack(attack, restored)
    inside, found = in_database(), verifier.verify(settings.load())
    told = "; ".join(f"{f.problem} {f.seq or ''} {f.looks_like}" for f in found.findings)
    SEEN[attack.name] = (inside, not found.intact, told)
    assert not found.intact
    assert attack.problem in {f.problem for f in found.findings}, told
    assert next(f for f in found.findings if f.problem == attack.problem).seq == attack.seq, told
    assert inside == attack.in_database


@pytest.mark.parametrize("column", ["event", "account", "cycle_id", "actor", "occurred_at", "recorded_at"])
def test_i23_every_column_beside_the_payload_is_compared(column: str, restored: Path) -> None:
    other = f"{column} + interval '1 microsecond'" if column.endswith("_at") else "'x'"
    run_sql(OFF + f"update audit.audit_log set {column} = {other} where seq = 5;" + ON)
    (found,) = verifier.verify(settings.load()).findings
    assert (found.problem, found.seq, found.detail.split()[0]) == ("COLUMNS", 5, column)
    assert in_database()


def test_i23_what_the_database_knows_of_its_anchors_is_compared_without_the_file(restored: Path) -> None:
    commit_attack(next(attack for attack in ATTACKS if attack.name == "delete at the tail"), restored)
    restored.unlink()
    assert [f.problem for f in verifier.verify(settings.load()).findings] == ["ANCHOR", "ANCHOR_FILE"]


def test_i23_a_rewritten_file_with_a_line_more_is_seen_by_a_cycle(restored: Path) -> None:
    """A cycle reads the last line alone, which the database does not know; the first says that it is another file."""
    reseal(restored)
    last = anchors.read(restored)[-1]
    head = anchors.Head(last.seq, last.hash)
    more = anchors.follow(
        last, head=head, database=last.database, system_identifier=last.system_identifier, cause="more",
        anchored_at=last.anchored_at,
    )  # fmt: skip
    anchors.append(restored, more)
    assert verifier.watch(settings.load()).first.problem == "ANCHOR_FILE"


def test_i23_twelve_of_the_eighteen_are_seen_inside() -> None:
    assert len(ATTACKS) == 18
    assert sum(attack.in_database for attack in ATTACKS) >= 12


def test_i22_a_replicas_session_is_refused_while_the_trigger_is_as_deployed(restored: Path) -> None:
    for statement in ("delete from audit.audit_log", "update audit.anchors set line = 9", "truncate audit.anchors"):
        with pytest.raises(FundError, match="MQ211"):
            run_sql(f"set session_replication_role = replica; {statement}")
    assert verifier.verify(settings.load()).intact


# -- what a break does ----


def test_i14_a_break_kills_and_alerts_and_exits_15(restored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["audit", "verify"]) == 0
    assert "3 anchors hold, the last at row 30" in capsys.readouterr().out
    commit_attack(ATTACKS[0], restored)
    assert cli.run(["audit", "verify", "--json"]) == 15
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (told["intact"], told["checked"], told["findings"][0]["seq"]) == (False, 30, 5)
    assert "seq 5: HASH" in err and "a payload changed in place" in err
    (source,) = run_sql("select source, engaged_by from ops.kill_sources")
    assert source == {"source": "audit", "engaged_by": "fund_verifier"}
    (alert,) = run_sql("select level, raised_by from notify.alerts where code = 'AUDIT_CHAIN_BROKEN'")
    assert alert == {"level": "CRITICAL", "raised_by": "fund_verifier"}
    with pytest.raises(AuditChainBroken):
        verifier.require_intact(settings.load())


@pytest.mark.parametrize("name", ["head deleted", "head set back"])
def test_i14_where_the_chain_takes_no_kill_the_file_kills(name: str, restored: Path) -> None:
    """Engaging appends; a chain that cannot be appended to must not keep the fund trading."""
    commit_attack(next(attack for attack in STRONGER if attack.name == name), restored)
    with pytest.raises(AuditChainBroken):
        verifier.require_intact(settings.load())
    assert run_sql("select source from ops.kill_sources") == []
    assert "audit chain is broken" in settings.load().kill_switch_file.read_text(encoding="utf-8")
    assert run_sql("select 1 from notify.alerts where code = 'AUDIT_CHAIN_BROKEN' and message like '%HEAD%'")


def test_i14_a_kill_that_nothing_takes_is_an_error(restored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain that takes no row, and no folder for the file: a cycle that only watched would trade."""
    commit_attack(next(attack for attack in STRONGER if attack.name == "head deleted"), restored)
    monkeypatch.setenv("KILL_SWITCH_FILE", "/proc/nowhere/KILL_SWITCH")
    with pytest.raises(AuditChainBroken, match="NO_HEAD"):
        verifier.watch(settings.load())


def test_i32_the_chain_of_another_deploy_is_not_judged(restored: Path) -> None:
    """What this code takes for a break may be how another version keeps it: exit 12, and nothing is killed."""
    ledger = "update ops.deploy_ledger set sha256 = {} where path = 'routines/audit.append.sql' returning sha256"
    (here,) = run_sql("select sha256 from ops.deploy_ledger where path = 'routines/audit.append.sql'")
    commit_attack(ATTACKS[0], restored)
    run_sql(ledger.format("repeat('0', 64)"))
    try:
        with pytest.raises(IntegrityError, match="not as deployed"):
            verifier.watch(settings.load())
    finally:
        run_sql(ledger.format(f"'{here['sha256']}'"))
    assert run_sql("select source from ops.kill_sources") == []


@pytest.mark.parametrize(
    "attack", [a for a in (*ATTACKS, *STRONGER) if a.name in ("old backup", "full rewrite", "fork", "anchor file cut")],
    ids=lambda a: a.name,
)  # fmt: skip
def test_i23_a_broken_chain_is_not_anchored(attack: Attack, restored: Path) -> None:
    """What a cycle looks at, the rows since the last anchor, is enough for these; nothing is written behind them."""
    commit_attack(attack, restored)
    lines = restored.read_bytes()
    with pytest.raises(AuditChainBroken):
        verifier.anchor(settings.load(), "test")
    assert restored.read_bytes() == lines
    assert [row["source"] for row in run_sql("select source from ops.kill_sources")] == ["audit"]


def test_i15_resume_asks_the_anchors_first(restored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An old backup satisfies the check inside the database; the command line does not clear the source for it."""
    commit_attack(next(attack for attack in ATTACKS if attack.name == "old backup"), restored)
    assert cli.run(["audit", "verify"]) == 15
    assert not in_database()
    cleared = "select count(*) from ops.kill_events where action = 'clear'"
    before = run_sql(cleared)
    assert cli.run(["resume", "--clear", "audit", "--reason", "looks fine in SQL"]) == 15
    assert "an old backup" in capsys.readouterr().err
    assert run_sql(cleared) == before, "not cleared and engaged again: nobody could release in between"
    assert [row["source"] for row in run_sql("select source from ops.kill_sources")] == ["audit"]


def test_i23_a_person_begins_the_anchors_anew_after_a_restored_backup(restored: Path) -> None:
    """Only where the chain itself holds; the file before is kept, a HIGH alert says what was set aside."""
    commit_attack(next(attack for attack in ATTACKS if attack.name == "old backup"), restored)
    assert not verifier.verify(settings.load()).intact
    assert cli.run(["audit", "begin", "--reason", " "]) == 2
    assert cli.run(["audit", "begin", "--reason", "the disk failed"]) == 0
    found = verifier.verify(settings.load())
    assert (found.findings, found.anchors, found.anchored_seq) == ((), 1, 20)
    (closed,) = restored.parent.glob("*.closed")
    assert len(closed.read_bytes().splitlines()) == 3
    assert run_sql("select level from notify.alerts where code = 'ANCHORS_BEGUN_ANEW' and message like '%disk failed'")
    run_sql(TOOLS + OFF + UPDATE + ON)
    with pytest.raises(AuditChainBroken, match="HASH"):
        verifier.begin_anew(settings.load(), "no")


# -- no false alarm ----


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
@pytest.mark.parametrize("style", ["ISO, MDY", "German, DMY"])
def test_i22_no_false_alarm_under_time_zones_and_date_styles(zone: str, style: str, restored: Path) -> None:
    for role in ("fund_verifier", "postgres"):
        run_sql(f"alter role {role} in database {settings.DATABASE} set timezone = '{zone}'")
        run_sql(f"alter role {role} in database {settings.DATABASE} set datestyle = '{style}'")
    try:
        append(31, 33, f"set timezone = '{zone}'; set datestyle = '{style}'; set extra_float_digits = 0;")
        assert not in_database()
        found = verifier.verify(settings.load())
        assert (found.findings, found.checked) == ((), 33)
        made = verifier.anchor(settings.load(), "test")
        assert made is not None and made.seq == 33
        assert verifier.verify(settings.load()).anchored_seq == 33
    finally:
        for role in ("fund_verifier", "postgres"):
            run_sql(f"alter role {role} in database {settings.DATABASE} reset timezone")
            run_sql(f"alter role {role} in database {settings.DATABASE} reset datestyle")


def test_i23_no_false_alarm_after_dump_and_restore(
    restored: Path, fresh: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dump restored goes on with the same anchors; one of an older state does not."""
    programs = embedded.binaries()
    source, dump = settings.DATABASE, tmp_path / "dump"

    def program(name: str, *arguments: str) -> None:
        subprocess.run([programs[name], *arguments], check=True, capture_output=True, text=True)

    program("pg_dump", "--format=custom", f"--file={dump}", "--exclude-schema=keep", db.conninfo(db.DEPLOYER))
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "restore", "create database restored template template0")
    try:
        program("pg_restore", "--exit-on-error", f"--dbname={db.conninfo(db.DEPLOYER, 'restored')}", str(dump))
        deploy.deploy(dbname="restored")
        monkeypatch.setattr(settings, "DATABASE", "restored")
        found = verifier.verify(settings.load(), anchor_file=restored)
        assert (found.findings, found.checked, found.anchors) == ((), ROWS, 3)
        assert not in_database()
        monkeypatch.setattr(settings, "DATABASE", source)
        append(31, 32)
        assert verifier.anchor(settings.load(), "test") is not None
        monkeypatch.setattr(settings, "DATABASE", "restored")
        late = verifier.verify(settings.load(), anchor_file=restored)
        assert [(f.problem, f.seq) for f in late.findings] == [("ANCHOR", 31)]
        assert "old backup" in late.first.looks_like
    finally:
        with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
            db.execute_text(connection, "restore", "drop database restored with (force)")


def test_i23_appends_while_it_reads_are_no_break(restored: Path) -> None:
    """One snapshot: what commits meanwhile is seen wholly or not at all."""
    with db.connect(db.DEPLOYER, dbname=settings.DATABASE) as busy:
        db.execute_text(busy, "append", 'select audit.append(\'[{"event": "test.open"}]\')')
        assert verifier.verify(settings.load()).checked == ROWS
    assert verifier.verify(settings.load()).checked == ROWS + 1


def test_i23_what_commits_between_two_reads_is_not_seen(restored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Head, anchors and rows are read one after the other, as of one instant."""
    real = db.copy_out

    def late(connection: db.Connection, name: str, **params: Any) -> Iterator[tuple[bytes | None, ...]]:
        append(31, 33)
        return real(connection, name, **params)

    monkeypatch.setattr(db, "copy_out", late)
    found = verifier.verify(settings.load())
    assert (found.findings, found.checked) == ((), ROWS)


def test_i23_what_is_anchored_while_it_reads_is_no_break(restored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read under its lock, of the snapshot's instant: a line of a later row would look like a cut tail."""
    real = verifier._file
    others: list[threading.Thread] = []

    def while_another_anchors(path: Path, *, whole: bool) -> Any:
        if not others:
            others.append(threading.Thread(target=verifier.anchor, args=(settings.load(), "another process")))
            append(31, 33)
            others[0].start()
            others[0].join(0.5)
        return real(path, whole=whole)

    monkeypatch.setattr(verifier, "_file", while_another_anchors)
    found = verifier.verify(settings.load())
    others[0].join()
    assert found.findings == ()
    assert anchors.read(restored)[-1].seq == 33
