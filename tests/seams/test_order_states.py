"""The state machine of orders: no role makes an illegal move, no sequence of events breaks the sum of fills (I3, I9).

The sequences run inside the database (order_sequences.sql), a batch per transaction; the seed is the batch's number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner import db, settings
from runner.errors import FundError
from tests.conftest import ROOT, SUMMARY

STATES = ("PENDING", "SUBMITTED", "ACKNOWLEDGED", "PARTIAL", "FILLED", "CANCELLED", "REJECTED", "EXPIRED")
LOGIN_ROLES = (
    "fund_analyst",
    "fund_broker",
    "fund_decider",
    "fund_ingestor",
    "fund_monitor",
    "fund_notifier",
    "fund_operator",
    "fund_transformer",
    "fund_verifier",
)

#: Sequences of one batch, an account and a transaction of its own.
BATCH = 500

#: Batches of a default run and with --every-sequence: 5,000 and 100,000 sequences.
SHARE, EVERY = 10, 200


@pytest.fixture(scope="module")
def arena(fresh: Callable[[], str]) -> Iterator[str]:
    """A database with the desk of tests/sql/fixtures and the generator."""
    name = fresh()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", name)
        with db.connect(db.DEPLOYER, dbname=name, autocommit=True) as connection:
            for path in (
                *sorted((ROOT / "tests" / "sql" / "fixtures").glob("0[12]_*.sql")),
                Path(__file__).with_name("order_sequences.sql"),
            ):
                db.execute_text(connection, path.name, path.read_text(encoding="utf-8"))
            db.execute_text(connection, "desk", "select fixtures.desk()")
        yield name


@pytest.mark.parametrize("role", [*LOGIN_ROLES, "fund_owner"])
def test_i3_every_illegal_move_is_refused_for_every_role(arena: str, role: str) -> None:
    """Of the 56 pairs of different states a login role makes none itself, the owner the 19 of the table."""
    legal = illegal = 0
    with db.connect(db.DEPLOYER, dbname=arena, autocommit=True) as connection:
        transitions = {
            (row["from_state"], row["to_state"])
            for row in db.fetch_text(connection, "table", "select from_state, to_state from trade.order_transitions")
        }
        for before in STATES:
            for after in STATES:
                if before == after:
                    continue
                code = _moved(connection, role, before, after)
                if role == "fund_owner" and (before, after) in transitions:
                    assert code is None, (before, after)
                    legal += 1
                else:
                    assert code == ("MQ307" if role == "fund_owner" else "42501"), (role, before, after)
                    illegal += 1
    assert (legal, illegal) == ((len(transitions), 56 - len(transitions)) if role == "fund_owner" else (0, 56))


def _moved(connection: db.Connection, role: str, before: str, after: str) -> str | None:
    """The code that refuses `role` to move an order standing in `before` to `after`, None where it may; undone."""
    stand = f"""
        begin;
        select sequences.open('moved');
        select sequences.place('moved', 1, 10);
        alter table trade.orders disable trigger orders_move_by_rule;
        update trade.orders set state = '{before}', post_attempt = 1 where account = 'moved';
        alter table trade.orders enable always trigger orders_move_by_rule;
        set local role {role};
    """
    try:
        db.execute_text(connection, "stand", stand)
        db.execute_text(connection, "move", f"update trade.orders set state = '{after}' where account = 'moved'")
    except FundError as error:
        return error.code
    finally:
        db.execute_text(connection, "undo", "rollback")
    return None


def test_i9_no_sequence_of_events_breaks_the_sum_of_the_fills(arena: str, request: pytest.FixtureRequest) -> None:
    """Filled never falls and is the sum of the fills, no terminal state is left, a position is the sum of its fills."""
    batches = EVERY if request.config.getoption("--every-sequence") else SHARE
    events = refused = 0
    began = time.monotonic()
    with db.connect(db.DEPLOYER, dbname=arena, autocommit=True) as connection:
        for number in range(1, batches + 1):
            statement = f"select events, refused from sequences.run('s{number:04d}', {number / 1000}, {BATCH})"
            (told,) = db.fetch_text(connection, f"batch {number}", statement)
            events, refused = events + told["events"], refused + told["refused"]
        seconds = time.monotonic() - began
        assert db.fetch_text(connection, "violations", "select * from sequences.violations()") == []
        ends = db.fetch_text(connection, "ends", "select distinct state from trade.orders where account like 's0%'")
        moves = db.fetch_text(connection, "moves", "select distinct from_state, to_state from trade.order_events")
    assert {row["state"] for row in ends} == set(STATES), "the sequences do not reach every state"
    assert len([m for m in moves if m["from_state"] not in (None, m["to_state"])]) >= 17, "too few kinds of moves"
    SUMMARY.append(
        f"order states: {batches * BATCH} sequences, {events} events ({refused} refused by name) in {seconds:.0f} s"
    )
