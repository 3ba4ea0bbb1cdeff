"""Benchmark of broker-sync: claims and acknowledgements per second with 1, 2 and 4 workers, commit to POST.

    python -m pytest tests/bench/bench_sync.py --benchmarks -s

Each worker is a process that runs `sync --once` against the fake Alpaca on this machine; orders are placed before the
clock starts, and it stops when each has been acknowledged. Latency: from the instant the release was recorded, in the
transaction that committed it, to the instant the fake received the POST; the orders of one claim follow one another, so
it grows with a claim's size. Beside both the disk's own rate: 8 KiB written and flushed, one after the other, where the
database has its files. The server keeps its promises here (fsync and synchronous_commit on).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from runner import db, deploy, embedded, settings
from tests.crash.crowd import add_names, launchers, place_one_each, work_together
from tests.crash.scene import Launcher, Scene, run_sql, write_configuration
from tests.fake_alpaca import FakeAlpaca

ORDERS = 400
WORKERS = (1, 2, 4)
#: A worker that sends fewer orders a second has something wrong, not slow.
ORDERS_A_SECOND_MIN = 5.0


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Cluster]:
    """A server of its own that waits for the disk, under a RUNNER_HOME of its own."""
    home = Path(tmp_path_factory.mktemp("durable"))
    home.chmod(0o755)
    for folder in home.parents:
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNNER_HOME", str(home / "runner"))
        made = embedded.Cluster(home / "runner", {"max_connections": "60"})
        made.up()
        yield made
        made.down()


def flushes_a_second(folder: Path, seconds: float = 1.0) -> float:
    """8 KiB, flushed, again and again."""
    path, count, began = folder / "flushed", 0, time.perf_counter()
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while time.perf_counter() - began < seconds:
            os.pwrite(file, b"x" * 8192, 0)
            os.fdatasync(file)
            count += 1
    finally:
        os.close(file)
        path.unlink()
    return count / (time.perf_counter() - began)


def make_scene(stack: ExitStack, folder: Path) -> Scene:
    """A scene on that server, its own orders done, with names to trade."""
    write_configuration(folder)
    deploy.deploy(simulated=True, dbname="bench_template")
    fake = stack.enter_context(FakeAlpaca(folder / "journal.jsonl"))
    launcher = Launcher()
    stack.callback(launcher.stop)
    scene = Scene("bench_template", "bench_sync", folder, fake, launcher)
    scene.write()
    return scene


def latencies(scene: Scene, names: list[str]) -> np.ndarray:
    """(orders,) seconds from release to POST."""
    rows = run_sql(
        scene.database,
        "select e.client_order_id, e.recorded_at from trade.order_events as e join trade.orders as o "
        "on o.client_order_id = e.client_order_id where e.event = 'released' and o.symbol like 'N%'",
    )
    released: dict[str, datetime] = {row["client_order_id"]: row["recorded_at"] for row in rows}
    taken = {line["client_order_id"]: line["wall"] for line in scene.fake.journal().accepted()}
    assert len(released) == len(names)
    return np.array([taken[name] - at.timestamp() for name, at in released.items()])


def test_bench_sync(cluster: embedded.Cluster, tmp_path: Path) -> None:
    """Prints the table; fails where orders do not leave at all."""
    with ExitStack() as stack:
        scene = make_scene(stack, tmp_path)
        flushes = flushes_a_second(settings.load().runner_home)
        print(f"\n{ORDERS} orders; the disk flushes 8 KiB {flushes:.0f} times a second")
        print("workers  orders/s  per flush   p50 ms   p99 ms")
        for count in WORKERS:
            scene.restore()
            scene.work()
            names = add_names(scene, ORDERS)
            place_one_each(scene, names)
            with db.connect(db.DEPLOYER, autocommit=True, dbname=scene.database) as connection:
                db.execute_text(connection, "bench", "vacuum analyze trade.orders")
            with launchers(count) as forks:
                began = time.perf_counter()
                while not scene.settled():
                    work_together(scene, forks)
                rate = ORDERS / (time.perf_counter() - began)
            p50, p99 = np.percentile(latencies(scene, names), [50, 99]) * 1000
            print(f"{count:7d} {rate:9.1f} {rate / flushes:10.3f} {p50:8.1f} {p99:8.1f}")
            assert rate > ORDERS_A_SECOND_MIN
