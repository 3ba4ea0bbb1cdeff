"""I3, I4: six workers and a thousand orders at once: a thousand POSTs, each intent once."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import SUMMARY
from tests.crash.crowd import add_names, launchers, place_one_each, work_together
from tests.crash.oracle import compare
from tests.crash.scene import Scene

ORDERS = 1000
WORKERS = 6
#: Rounds in which everything has left; one that is not over by then has something wrong.
ROUNDS = 10


def test_i4_six_workers_send_a_thousand_orders_once_each(make_scene: Callable[[str], Scene]) -> None:
    """Claims skip what another holds: nobody waits, nobody sends twice, nothing is left."""
    scene = make_scene("crowd")
    scene.restore()
    assert scene.work()["code"] == 0, "the scene's own orders leave first"
    before = len(scene.fake.journal().requests("POST", "/v2/orders"))
    place_one_each(scene, add_names(scene, ORDERS))
    with launchers(WORKERS) as forks:
        for _ in range(ROUNDS):
            answers = work_together(scene, forks)
            assert all("signal" not in answer for answer in answers), answers
            if scene.settled():
                break
    for _ in range(3):
        scene.work()
    record = scene.fake.journal()
    posts = record.requests("POST", "/v2/orders")[before:]
    names = [line["client_order_id"] for line in record.accepted()]
    assert (len(posts), len(names), len(set(names))) == (ORDERS, ORDERS + before, ORDERS + before)
    findings = compare(record, scene.orders(), scene.fills())
    assert not findings, findings
    SUMMARY.append(f"race: {WORKERS} workers, {ORDERS} orders: {len(posts)} POSTs, {findings}")
