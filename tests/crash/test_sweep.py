"""I3, I4, I6, I9: a worker killed anywhere, under any fault of the broker, loses, doubles and forgets nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import SUMMARY
from tests.crash.scene import Scene
from tests.crash.sweep import (
    ENUMERATED,
    FAULTS,
    LISTED_LATE,
    Progress,
    boundaries,
    drawn,
    every_boundary,
    one_run,
    sweep,
    table,
)

#: Runs of the part that `make test` makes.
DRAWN = 24
RUNS_MIN = 1500
#: Runs of each fault that the whole sweep does not enumerate.
SHARE = 8


def test_the_scene_is_worth_killing(scenes: list[Scene]) -> None:
    """Nobody killed: four orders at the broker, three filled, one cancelled; every kind of boundary is passed."""
    run = one_run(scenes[0], "none", None)
    assert not run.findings, run.findings
    assert {row["symbol"]: row["state"] for row in scenes[0].orders()} == {
        "AAA": "FILLED",
        "BBB": "CANCELLED",
        "CCC": "FILLED",
        "DDD": "FILLED",
    }
    assert len(scenes[0].fake.journal().accepted()) == 4
    passed = " ".join(run.boundaries)
    for what in (
        "trade.claim_orders",
        "trade.record_ack",
        "POST /v2/orders",
        "DELETE /v2/orders/{id}",
        "GET /v2/positions",
    ):
        for where in ("before", "after"):
            assert f"{where} {what}" in passed


def test_i6_killed_at_every_boundary_under_every_fault(scenes: list[Scene], request: pytest.FixtureRequest) -> None:
    """0 lost, 0 doubled, 0 untracked live orders, 0 phantom."""
    every = bool(request.config.getoption("--every-boundary", default=False))
    if every:
        others = [fault for fault in FAULTS if fault not in ENUMERATED]
        chosen = every_boundary(scenes, ENUMERATED)
        chosen += drawn(every_boundary(scenes, others), SHARE * len(others), seed=3)
    else:
        faults = ["timeout after accept", "504 after accept", "404 after accept, then 200"]
        chosen = drawn(every_boundary(scenes, faults), DRAWN, seed=3)
    tallies = sweep(scenes, chosen, Progress(len(chosen)))
    report = table(tallies)
    print(report)
    SUMMARY.append("crash sweep:")
    SUMMARY.extend(report.splitlines() if every else report.splitlines()[-1:])
    assert not any(+tally.found for tally in tallies.values()), report
    assert sum(tally.killed for tally in tallies.values()) >= len(chosen) * 0.95, "workers that outlived their boundary"
    if every:
        assert len(chosen) >= RUNS_MIN


def test_without_the_look_up_the_sweep_fails(make_scene: Callable[[str], Scene]) -> None:
    """The sweep notices what it is there for.

    At a broker that takes an id twice, fills nothing yet and lists an order late, only the look-up keeps orders single:
    neither the list nor an execution gives the first one away. With it nothing is found; without it the same runs find
    doubled orders.
    """
    scene = make_scene("twice")
    scene.fake.restore("scene")
    scene.fake.do("rules", unique_ids=False, fills="manual")
    scene.fake.save("scene")
    passed = boundaries(scene, LISTED_LATE)
    work: list[tuple[str, int | None]] = [(LISTED_LATE, None)]
    work += [(LISTED_LATE, n + 1) for n, what in enumerate(passed) if what.startswith("sent POST")]
    with_it = sweep([scene], work)
    assert not any(+tally.found for tally in with_it.values()), table(with_it)
    without = sweep([scene], work, disable_lookup=True)
    assert sum(tally.found["doubled"] for tally in without.values()) >= len(work) / 2, table(without)
