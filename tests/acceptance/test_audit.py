"""The audit chain of a fund that ran: anchored at each cycle's end, watched at each start (I14, I23)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from runner import anchors
from tests.acceptance.conftest import Machine

LAST = "2013-02-27"


def lines(machine: Machine) -> list[anchors.Anchor]:
    return anchors.read(machine.home / "anchors" / "embedded-fund.jsonl")


def test_i23_every_cycle_of_the_demo_is_anchored(demo: Machine) -> None:
    """One line behind each DONE cycle, of a row at or behind the cycle's last; the database keeps the same lines."""
    closed = demo.rows(
        "select c.cycle_id, (select max(seq) from audit.audit_log as l where l.cycle_id = c.cycle_id) as seq"
        " from audit.cycles as c where c.state = 'DONE' order by c.as_of_session"
    )
    anchored = {line.cause.split()[1]: line for line in lines(demo) if line.cause.endswith(" DONE")}
    assert len(closed) == 5 and set(anchored) == {row["cycle_id"] for row in closed}
    for row in closed:
        hash_ = demo.psql(
            f"select encode(hash, 'hex') from audit.audit_log where seq = {anchored[row['cycle_id']].seq}"
        )
        assert anchored[row["cycle_id"]].hash == hash_
    settled = [line for line in lines(demo) if line.seq > anchored[closed[-1]["cycle_id"]].seq]
    assert settled and settled[0].cause == "sync paper", "what the last orders became, which no cycle anchors"
    known = demo.rows("select line, digest, seq from audit.anchors order by line")
    assert known == [{"line": line.line, "digest": line.digest, "seq": line.seq} for line in lines(demo)]


def test_i23_the_demo_verifies(demo: Machine) -> None:
    done = demo.run("audit", "verify", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["intact"] and told["findings"] == [] and told["notes"] == []
    assert told["checked"] == int(demo.psql("select count(*) from audit.audit_log")) > 100
    assert told["anchors"] == len(lines(demo))


PAYLOAD = "select encode(payload, 'hex') from audit.audit_log order by seq desc limit 1"


@pytest.fixture
def tampered(elsewhere: Machine) -> Iterator[Machine]:
    """The last row's payload changed by the owner, and put back afterwards."""
    seq, payload = elsewhere.psql("select max(seq) from audit.audit_log"), elsewhere.psql(PAYLOAD)

    def write(value: str) -> None:
        elsewhere.psql(
            "alter table audit.audit_log disable trigger append_only;"
            f"update audit.audit_log set payload = {value} where seq = {seq};"
            "alter table audit.audit_log enable always trigger append_only"
        )

    write("payload || ' '::bytea")
    yield elsewhere
    write(f"decode('{payload}', 'hex')")
    # The machine is shared: what other tests run on it trades.
    elsewhere.psql("select ops.advance_clock(ops.now() + interval '15 minutes')")
    resumed = elsewhere.run("resume", "--clear", "audit", "--reason", "test")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr


def test_i14_a_cycle_on_a_broken_chain_kills_and_halts(tampered: Machine) -> None:
    """What came since the last anchor is looked at before the gate opens; layer 1 refuses, nothing is anchored."""
    before = lines(tampered)
    done = tampered.run("cycle", "--as-of", LAST, "--mode", "shadow", "--json")
    assert done.returncode == 11, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert (told["state"], told["layer"]) == ("HALTED", 1)
    assert tampered.rows("select source, engaged_by from ops.kill_sources") == [
        {"source": "audit", "engaged_by": "fund_verifier"}
    ]
    assert lines(tampered) == before
    verified = tampered.run("audit", "verify")
    assert verified.returncode == 15
    assert "HASH" in verified.stderr


def test_i23_what_a_sync_wrote_is_anchored(elsewhere: Machine) -> None:
    """The orders of the last cycle end with their session, and the chain's head is outside the database again."""
    before = lines(elsewhere)
    elsewhere.to_session("2013-03-04")
    after = lines(elsewhere)
    assert after[: len(before)] == before
    assert [line.cause.split()[:2] for line in after[len(before) :]] == [["sync", "paper"]]
    assert after[-1].seq == int(elsewhere.psql("select seq from audit.heads"))
