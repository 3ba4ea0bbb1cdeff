"""Benchmark of the audit chain: appends a second beside the disk's own rate, and the verification of a million rows.

    python -m pytest tests/bench/bench_audit.py --benchmarks -s

One event a transaction waits for the disk once each; a batch waits once for all of its events. The disk's rate is
measured before and after, 8 KiB written and flushed where the database has its files; the server keeps its promises
(fsync and synchronous_commit on). Verified is by both readers: `audit verify` outside, audit.verify_chain inside.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner import db, deploy, embedded, settings, verifier
from tests.bench.bench_sync import flushes_a_second

SINGLE_SECONDS = 3.0
BATCHES = {100: 5_000, 1_000: 20_000}  # events a call: events in all
ROWS = 1_000_000
#: What I23 asks of the verifier, in rows a second.
VERIFIED_A_SECOND_MIN = ROWS / 60

#: An event like those of an order.
EVENT = """
select audit.append(jsonb_agg(jsonb_build_object(
    'event', 'order.released', 'account', 'paper', 'cycle_id', repeat('c', 64),
    'body', jsonb_build_object('client_order_id', 'paper-' || g, 'symbol', 'AAPL', 'side', 'BUY', 'quantity', 12.5)
))) from generate_series(1, {events}) as g
"""


@pytest.fixture
def cluster() -> Iterator[embedded.Cluster]:
    """A server of its own that waits for the disk, under a RUNNER_HOME of its own.

    Not in pytest's folder, which any other pytest of this user closes to the server's user.
    """
    home = Path(tempfile.mkdtemp(prefix="mqf-bench-"))
    home.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNNER_HOME", str(home / "runner"))
        made = embedded.Cluster(home / "runner")
        made.up()
        yield made
        made.down()
    shutil.rmtree(home, ignore_errors=True)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_bench_audit(cluster: embedded.Cluster) -> None:
    """Prints the table; fails where a million rows are not verified in a minute."""
    deploy.deploy(simulated=True)
    folder = settings.load().runner_home
    flushes = flushes_a_second(folder)
    print(f"\nthe disk flushes 8 KiB {flushes:,.0f} times a second")
    with db.connect(db.DEPLOYER, autocommit=True) as connection:

        def append(events: int) -> None:
            db.execute_text(connection, "bench", EVENT.format(events=events))

        append(1)
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < SINGLE_SECONDS:
            append(1)
            count += 1
        single = count / (time.perf_counter() - began)
        print(f"{'one event a transaction':>32}: {single:>9,.0f} rows/s, {single / flushes:.2f} a flush")
        for events, total in BATCHES.items():
            rate = total / timed(lambda events=events, total=total: [append(events) for _ in range(total // events)])
            print(f"{f'{events:,} events a transaction':>32}: {rate:>9,.0f} rows/s, {rate / single:.1f} x single")
        again = flushes_a_second(folder)
        print(f"the disk flushes 8 KiB {again:,.0f} times a second afterwards")
        (row,) = db.fetch_text(connection, "bench", "select seq from audit.heads")
        for first in range(row["seq"], ROWS, 10_000):
            append(min(10_000, ROWS - first))
        db.execute_text(connection, "bench", "vacuum analyze audit.audit_log")
        copied = timed(lambda: sum(1 for _ in db.copy_out(connection, "audit.raw_log", first=1)))
        inside = timed(lambda: db.fetch_text(connection, "bench", "select intact from audit.verify_chain()"))
    made: list[object] = []
    first_anchor = timed(lambda: made.append(verifier.anchor(settings.load(), "bench")))
    cpu = time.process_time()
    outside = verifier.verify(settings.load())
    cpu = time.process_time() - cpu
    since = timed(lambda: verifier.watch(settings.load()))
    assert outside.intact and outside.checked == ROWS and outside.anchored_seq == ROWS
    wall = ROWS / outside.seconds * 60
    print(f"{'COPY of the same rows alone':>32}: {copied:>9.1f} s for {ROWS:,} rows")
    print(
        f"{'audit verify':>32}: {outside.seconds:>9.1f} s, {outside.seconds / copied:.1f} x, {wall:,.0f} rows a minute"
    )
    print(f"{'of which computing':>32}: {cpu:>9.1f} s, {ROWS / cpu * 60:,.0f} rows a minute and core")
    print(f"{'audit.verify_chain':>32}: {inside:>9.1f} s, {inside / copied:.1f} x")
    print(f"{'first anchor':>32}: {first_anchor:>9.1f} s; what came since, at a cycle's start: {since * 1000:.0f} ms")
    # By the processor's clock: others on the machine slow the wall's.
    assert ROWS / cpu >= VERIFIED_A_SECOND_MIN
