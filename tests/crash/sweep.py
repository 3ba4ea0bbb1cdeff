"""Boundaries x faults, enumerated: every run kills one worker at one boundary, lets others recover, and is judged.

For each fault a first run without a kill lists the boundaries a worker passes under it. Then one run per boundary:
restore, set the fault, start a worker that dies there, wait until the broker is quiet, start workers until nothing
changes any more, compare. Lanes run beside one another, each with its own fake, launcher and database.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.crash.oracle import Findings, compare
from tests.crash.scene import Scene

POST, LOOKUP, CANCEL = "POST /v2/orders", "GET /v2/orders:by_client_order_id", "DELETE /v2/orders/{id}"
LIST, FILLS, POSITIONS = "GET /v2/orders", "GET /v2/account/activities/FILL", "GET /v2/positions"

#: Name -> the script a run is under. A look-up's fault comes with one that makes a look-up necessary.
FAULTS: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "timeout before accept": [{"fault": "timeout_before", "op": POST, "nth": 2}],
    "timeout after accept": [{"fault": "timeout_after", "op": POST, "nth": 2}],
    "timeout mid-body": [{"fault": "timeout_mid_body", "op": POST, "nth": 2}],
    "reset before accept": [{"fault": "reset_before", "op": POST, "nth": 1}],
    "reset after accept": [{"fault": "reset_after", "op": POST, "nth": 1}],
    "504 after accept": [{"fault": "status_after", "op": POST, "nth": 1}],
    "503 not accepted": [{"fault": "status_before", "op": POST, "nth": 2}],
    "429": [{"fault": "rate_limited_bare", "op": POST, "nth": 2}],
    "HTML with 200": [{"fault": "html", "op": POST, "nth": 3}],
    "empty 200": [{"fault": "empty", "op": POST, "nth": 1}],
    "truncated JSON": [{"fault": "truncated", "op": POST, "nth": 2}],
    "422 duplicate": [{"fault": "duplicate_id", "op": POST, "nth": 1}],
    "404 after accept, then 200": [
        {"fault": "reset_after", "op": POST},
        {"fault": "hide_order", "op": POST, "lists": 2},
    ],
    "look-up 503": [{"fault": "reset_after", "op": POST}, {"fault": "status_before", "op": LOOKUP, "count": 2}],
    "accepted, then rejected": [{"fault": "reject_later", "op": POST, "nth": 2}],
    "partial, then cancelled": [{"fault": "partial_then_cancelled", "op": POST, "nth": 1}],
    "share by share": [{"fault": "many_fills", "op": POST, "nth": 1}],
    "stuck": [{"fault": "stuck", "op": POST, "nth": 1}],
    "cancel lost": [{"fault": "reset_after", "op": CANCEL}],
    "cancel 503": [{"fault": "status_before", "op": CANCEL}],
    "list misses an order": [{"fault": "stale_list", "op": LIST, "count": 2}],
    "fills truncated": [{"fault": "truncated", "op": FILLS}],
    "positions reset": [{"fault": "reset_before", "op": POSITIONS}],
}

#: Those under which the whole sweep dies at every boundary: each way an answer is lost or lies, at each call.
#: Of the others it takes a seeded share: their boundaries are the same, and their answers no harder.
ENUMERATED = (
    "none", "timeout after accept", "timeout mid-body", "reset before accept", "504 after accept", "429", "empty 200",
    "404 after accept, then 200", "accepted, then rejected", "partial, then cancelled", "cancel lost",
    "list misses an order",
)  # fmt: skip

#: Of the test that disables the look-up: a POST is lost, its order found by look-ups and, for a while, by no list.
LISTED_LATE = "listed late"
UNDER = FAULTS | {
    LISTED_LATE: [
        {"fault": "reset_after", "op": POST},
        {"fault": "hide_order", "op": POST, "lookups": 0, "lists": 24},
    ]
}

#: Recovering workers at most; one that is not quiet by then has something wrong, which the comparison names.
PASSES = 25


@dataclass(frozen=True)
class Run:
    """One run: where the worker died (None: nowhere), exit codes of it and its successors, and what was left."""

    fault: str
    kill_at: int | None
    died: str | None
    codes: tuple[int, ...]
    findings: Findings
    boundaries: tuple[str, ...] = ()


@dataclass
class Tally:
    """Runs of one fault, summed."""

    fault: str
    runs: int = 0
    killed: int = 0
    found: Counter[str] = field(default_factory=Counter)
    bad: list[Run] = field(default_factory=list)

    def add(self, run: Run) -> None:
        """One more."""
        self.runs += 1
        self.killed += run.died is not None
        self.found += run.findings.counts()
        if run.findings:
            self.bad.append(run)


def one_run(scene: Scene, fault: str, kill_at: int | None, **patches: Any) -> Run:
    """Restore, kill, recover, compare."""
    scene.restore()
    scene.fake.script(UNDER[fault])
    first = scene.work(kill_at=kill_at, **patches)
    scene.fake.quiet()
    codes = [first.get("code", -first.get("signal", 0))]
    for _ in range(PASSES):
        before = scene.digest()
        answer = scene.work(**patches)
        codes.append(answer.get("code", -answer.get("signal", 0)))
        if codes[-1] < 0:
            raise AssertionError(f"a recovering worker died under {fault} at {kill_at}: {answer}")
        if codes[-1] == 0 and scene.digest() == before and scene.settled():
            break
    record = scene.fake.journal()
    findings = compare(record, scene.orders(), scene.fills())
    died = first.get("killed_at") if "signal" in first else None
    return Run(fault, kill_at, died, tuple(codes), findings, tuple(first.get("boundaries", ())))


def boundaries(scene: Scene, fault: str) -> tuple[str, ...]:
    """What a worker passes under a fault; the run itself must leave nothing wrong."""
    run = one_run(scene, fault, None)
    if run.findings:
        raise AssertionError(f"{fault}, nobody killed: {run.findings} (exit codes {run.codes})")
    return run.boundaries


def sweep(
    scenes: Sequence[Scene],
    work: Iterable[tuple[str, int | None]],
    told: Callable[[Run], None] = lambda _: None,
    **patches: Any,
) -> dict[str, Tally]:
    """Every (fault, boundary) of `work`, shared out among the lanes; tallies by fault in their order."""
    tallies = {fault: Tally(fault) for fault in UNDER}
    waiting: queue.SimpleQueue[tuple[str, int | None]] = queue.SimpleQueue()
    for item in work:
        waiting.put(item)
    lock, errors = threading.Lock(), list[BaseException]()

    def lane(scene: Scene) -> None:
        while not errors:
            try:
                fault, kill_at = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                run = one_run(scene, fault, kill_at, **patches)
            except BaseException as error:
                errors.append(error)
                return
            with lock:
                tallies[fault].add(run)
                told(run)

    threads = [threading.Thread(target=lane, args=(scene,)) for scene in scenes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return {fault: tally for fault, tally in tallies.items() if tally.runs}


def every_boundary(scenes: Sequence[Scene], faults: Iterable[str] = FAULTS) -> list[tuple[str, int]]:
    """All of the work: each boundary of each fault."""
    return [(fault, n + 1) for fault in faults for n in range(len(boundaries(scenes[0], fault)))]


def drawn(work: Sequence[tuple[str, int]], count: int, seed: int) -> list[tuple[str, int]]:
    """`count` of the work, the same for the same seed, spread over the faults."""
    draw = random.Random(seed)
    by_fault: dict[str, list[tuple[str, int]]] = {}
    for item in work:
        by_fault.setdefault(item[0], []).append(item)
    for items in by_fault.values():
        draw.shuffle(items)
    ranked = [
        items[i] for i in range(max(map(len, by_fault.values()))) for items in by_fault.values() if i < len(items)
    ]
    return ranked[:count]


def table(tallies: dict[str, Tally]) -> str:
    """The report: per fault and in all, runs and the four numbers."""
    head = f"{'fault':30} {'runs':>5} {'killed':>6} {'lost':>5} {'doubled':>7} {'untracked':>9} {'phantom':>7}"
    total = Tally("all")
    lines = []
    for tally in tallies.values():
        lines.append(_line(tally))
        total.runs, total.killed, total.found = (
            total.runs + tally.runs, total.killed + tally.killed, total.found + tally.found,
        )  # fmt: skip
    return "\n".join([head, *lines, "-" * len(head), _line(total)])


def _line(tally: Tally) -> str:
    found = tally.found
    return (
        f"{tally.fault:30} {tally.runs:5} {tally.killed:6} {found['lost']:5} {found['doubled']:7} "
        f"{found['untracked']:9} {found['phantom']:7}"
    )


class Progress:
    """Tells every ten seconds how far it is."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._bad = total, 0, 0
        self._began = self._last = time.monotonic()

    def __call__(self, run: Run) -> None:
        """One run is over."""
        self._done += 1
        self._bad += bool(run.findings)
        if run.findings:
            print(f"  {run.fault}, killed at {run.died}: {run.findings} (exit codes {run.codes})", flush=True)
        now = time.monotonic()
        if now - self._last >= 10 or self._done == self._total:
            self._last = now
            rate = self._done / (now - self._began)
            left = (self._total - self._done) / rate
            print(f"  {self._done} of {self._total} runs, {self._bad} with findings, {left:.0f} s to go", flush=True)
