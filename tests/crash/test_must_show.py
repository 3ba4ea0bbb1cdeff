"""What a worker does when the world moved on without it, against the fake Alpaca's journal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runner import db, settings
from tests.conftest import ROOT, forget_anchors
from tests.crash.oracle import compare
from tests.crash.scene import ACCOUNT, Scene, run_sql

ORPHAN = {"symbol": "AAA", "side": "buy", "qty": "1", "type": "limit", "limit_price": "50", "time_in_force": "gtc"}


@pytest.fixture
def scene(scenes: list[Scene]) -> Iterator[Scene]:
    """The first lane's, restored, without a kill file."""
    kill_file = scenes[0].folder / "KILL_SWITCH"
    kill_file.unlink(missing_ok=True)
    scenes[0].restore()
    yield scenes[0]
    kill_file.unlink(missing_ok=True)


def passes(scene: Scene, count: int = 4) -> list[int]:
    """Exit codes of so many passes."""
    return [scene.work()["code"] for _ in range(count)]


def killed(scene: Scene) -> list[str]:
    """Sources of an engaged kill."""
    return [row["source"] for row in run_sql(scene.database, "select source from ops.kill_sources")]


def findings(scene: Scene) -> str:
    return str(compare(scene.fake.journal(), scene.orders(), scene.fills()))


def test_i9_620_fills_since_the_last_sync_are_all_booked(scene: Scene) -> None:
    """Seven pages of activities, one pass after they happened."""
    passes(scene, 2)
    scene.place('[{"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": "620", "revision": 1}]')
    scene.fake.fault("many_fills")
    before = len(scene.fills())
    passes(scene, 2)
    assert len(scene.fills()) - before == 620
    pages = [r for r in scene.fake.journal().requests("GET") if "activities" in r["path"]]
    assert len(pages) >= 7
    assert findings(scene) == "nothing wrong"


@pytest.fixture
def looping(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """`python -m runner sync` as a person starts it: its own process, its own loop."""
    monkeypatch.setattr(settings, "DATABASE", scene.database)
    environment = os.environ | {
        "DATABASE_URL": db.url(db.DEPLOYER),
        "PYTHONPATH": str(ROOT),
        "ALPACA_API_KEY": scene.fake.key,
        "ALPACA_SECRET_KEY": scene.fake.secret,
        "ALPACA_BASE_URL": scene.fake.url,
        "KILL_SWITCH_FILE": str(scene.folder / "KILL_SWITCH"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "sync", "--account", ACCOUNT],
        cwd=scene.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


def wait_for(true: Callable[[], Any], seconds: float) -> float:
    """Seconds until it was true. Raises: AssertionError when it was not."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.2)
    return time.monotonic() - began


def test_i11_an_order_nobody_claimed_kills_within_60_seconds(scene: Scene, looping: subprocess.Popen[str]) -> None:
    """A hand in the broker's web page while the worker loops: KILL by source orphan, an alert, and our entries end."""
    wait_for(scene.settled, 60)
    (orphan,) = scene.fake.do("place", **ORPHAN)
    took = wait_for(lambda: killed(scene), 60)
    assert killed(scene) == ["orphan"]
    alerts = run_sql(scene.database, "select message, detail from notify.alerts where level = 'CRITICAL'")
    assert any(orphan["client_order_id"] in f"{alert['message']} {alert['detail']}" for alert in alerts), alerts
    print(f"killed {took:.1f} s after the order was there")


# -- a worker paused beyond its last check ----


def test_i4_a_worker_paused_before_its_last_check_posts_nothing(scene: Scene) -> None:
    """Stopped after its claim, woken when the kill file is there: no POST."""
    before = len(scene.fake.journal().requests("POST"))
    paused = scene.work(pause_at="after trade.claim_orders")
    (scene.folder / "KILL_SWITCH").write_text("test\n", encoding="ascii")
    scene.launcher.resume(paused["paused"])
    assert len(scene.fake.journal().requests("POST")) == before
    (scene.folder / "KILL_SWITCH").unlink()
    assert {row["state"] for row in scene.orders() if row["symbol"] != "BBB"} == {"PENDING"}, "given back, unsent"


def test_i6_a_worker_paused_after_its_last_check_leaves_one_order_that_is_found(scene: Scene) -> None:
    """It posts when its lease is long over and others have taken its orders in doubt: one order, under the same id."""
    paused = scene.work(pause_at="before POST /v2/orders")
    end_leases(scene)
    assert scene.work()["code"] == 0, "the others look up what they took over, and find nothing yet"
    scene.launcher.resume(paused["paused"])
    passes(scene)
    names = [line["client_order_id"] for line in scene.fake.journal().accepted()]
    assert len(names) == len(set(names)) == 4
    assert findings(scene) == "nothing wrong"


def test_i14_under_a_kill_the_next_pass_cancels_it(scene: Scene) -> None:
    """Paused past its last check while a kill is engaged: that order leaves, none after it; found, it is cancelled."""
    scene.fake.set_prices(AAA=("119", "120"))
    scene.fake.do("rules", fills="manual")
    paused = scene.work(pause_at="before POST /v2/orders")
    run_sql(scene.database, "select ops.engage_kill_switch('test')")
    end_leases(scene)
    scene.launcher.resume(paused["paused"])
    record = scene.fake.journal()
    (late,) = [line["client_order_id"] for line in record.accepted() if line["symbol"] != "BBB"]
    codes = passes(scene, 3)
    assert set(codes) == {11}, "the kill is engaged"
    record = scene.fake.journal()
    assert record.live() == []
    assert record.statuses()[late] == "canceled"
    assert late in [line["client_order_id"] for line in record.of("cancel_requested")]
    assert [line["client_order_id"] for line in record.accepted() if line["symbol"] != "BBB"] == [late]


def end_leases(scene: Scene) -> None:
    """As if the lease's seconds were over."""
    run_sql(
        scene.database,
        """
        alter table trade.orders disable trigger user;
        update trade.orders set lease_until = clock_timestamp() where state = 'SUBMITTED';
        alter table trade.orders enable trigger user
        """,
    )


# -- yesterday's dump ----


def test_i8_yesterdays_dump_posts_nothing_before_reconciling(scene: Scene) -> None:
    """A copy of the database from before the trading: the broker has had every one of its pending orders."""
    copy(scene.database, "yesterday")
    try:
        passes(scene, 3)
        done = scene.fake.journal()
        assert len(done.accepted()) == 4
        copy("yesterday", scene.database)
        scene.privilege()
        passes(scene, 5)
    finally:
        copy(None, "yesterday")
    record = scene.fake.journal()
    later = [line for line in record.of("request") if line["seq"] > done.lines[-1]["seq"]]
    first_post = next((i for i, line in enumerate(later) if line["method"] == "POST"), len(later))
    asked = {line["path"] for line in later[:first_post]}
    assert {"/v2/orders", "/v2/positions", "/v2/account/activities/FILL"} <= asked
    assert len(record.accepted()) == 4, "nothing twice"
    assert findings(scene) == "nothing wrong"


def copy(source: str | None, target: str) -> None:
    """Replace database `target` by a copy of `source`; None: drop it."""
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        db.execute_text(connection, "copy", f"drop database if exists {target} with (force)")
        if source:
            db.execute_text(connection, "copy", f"create database {target} template {source}")
    forget_anchors(target)
