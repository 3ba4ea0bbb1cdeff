"""`python -m tests.guards`: takes each guard out of a copy of the tree, runs its tests there, and prints who noticed.

A guard is *caught* where a test fails that passes with the guard in place, or where deploy itself refuses by an
invariant (MQ005). A copy that cannot be deployed or collected for another reason proves nothing: an error of the list.
Exit 1 where a guard was not caught.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.guards.guards import CONTROL, PGTAP, ROOT, Guard, guards

#: Asked last, where a guard's own tests noticed nothing.
FALLBACK = (f"{PGTAP} {CONTROL}", "tests/seams")
LANES = 2
SECONDS_MAX = 900


@dataclass(frozen=True)
class Found:
    """What became of a guard: verdict caught, NOT CAUGHT or ERROR; by: the test, or what went wrong."""

    guard: str
    verdict: str
    by: str
    seconds: float


def patched(guard: Guard, tree: Path) -> str:
    """The file's text without the guard. Raises: ValueError where the patch does not fit."""
    text = (tree / guard.file).read_text(encoding="utf-8")
    if not guard.old:
        return text + guard.new
    if text.count(guard.old) != 1:
        raise ValueError(f"its text stands {text.count(guard.old)} times in {guard.file}")
    return text.replace(guard.old, guard.new)


def copy(folder: Path) -> Path:
    """The tracked and new files of the tree, and links to what is installed beside them."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        source, target = ROOT / name, folder / name
        if source.is_file() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    modules = Path("tests") / "timescale" / "node_modules"
    if (ROOT / modules).exists():
        (folder / modules).symlink_to(ROOT / modules)
    for command in (["init", "-q"], ["add", "."]):  # what asks git for the tree's files finds them
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def first_failure(tests: str, tree: Path) -> tuple[str | None, str]:
    """The verdict of one run of pytest in a tree, None where everything passed, and the test that failed."""
    report = tree / "report.xml"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
            *shlex.split(tests),
        ],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    if done.returncode == 0:
        return None, ""
    if done.returncode == 1:
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname', '').removeprefix('tests.')}.{case.get('name')}"
            failed, broken = case.find("failure"), case.find("error")
            if failed is not None:
                return "caught", name
            if broken is not None:
                text = broken.text or ""
                return ("caught", "deploy: an invariant (MQ005)") if "MQ005" in text else ("ERROR", text[-300:])
    return "ERROR", (done.stdout + done.stderr)[-300:]


def removed(guard: Guard, tree: Path, sound: set[str]) -> Found:
    """Take a guard out of a tree, see who notices, put it back. sound: tests that pass with every guard."""
    began = time.monotonic()
    path = tree / guard.file
    original = path.read_text(encoding="utf-8")
    verdict: str | None = None
    by = ""
    try:
        path.write_text(patched(guard, tree), encoding="utf-8")
        for tests in (*guard.tests, *FALLBACK):
            verdict, by = first_failure(tests, tree)
            if verdict is not None:
                break
        path.write_text(original, encoding="utf-8")
        if verdict == "caught" and tests not in sound:
            if first_failure(tests, tree)[0] is not None:
                verdict, by = "ERROR", f"fails with the guard in place as well: {by}"
            else:
                sound.add(tests)
    except (ValueError, subprocess.TimeoutExpired) as error:
        verdict, by = "ERROR", str(error)
    finally:
        path.write_text(original, encoding="utf-8")
    return Found(guard.name, verdict or "NOT CAUGHT", by, round(time.monotonic() - began, 1))


def work(todo: queue.Queue[Guard], found: dict[str, Found], sound: set[str], folder: Path) -> None:
    """One lane: guards until none is left."""
    tree = copy(folder)
    while True:
        try:
            guard = todo.get_nowait()
        except queue.Empty:
            return
        found[guard.name] = one = removed(guard, tree, sound)
        print(f"{one.verdict:<10} {one.seconds:6.1f} s  {one.guard}: {one.by[:110]}", flush=True)


def table(rows: list[Found]) -> str:
    """The findings in Markdown."""
    lines = [f"| {row.guard} | {row.verdict} | {row.by.replace('|', '/')} | {row.seconds:.0f} s |" for row in rows]
    return "\n".join(["| guard removed | verdict | noticed by | time |", "|---|---|---|---|", *lines])


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="guards whose name contains this; may be repeated")
    parser.add_argument("--list", action="store_true", help="names, nothing is run")
    parser.add_argument("--draw", type=int, help="this many of them, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the findings to this file as well")
    options = parser.parse_args()
    chosen = [g for g in guards() if not options.only or any(word in g.name for word in options.only)]
    if options.draw:
        chosen = random.Random(options.seed).sample(chosen, min(options.draw, len(chosen)))
    if options.list:
        print("\n".join(guard.name for guard in chosen))
        return 0
    todo: queue.Queue[Guard] = queue.Queue()
    for guard in chosen:
        todo.put(guard)
    found: dict[str, Found] = {}
    sound: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="mqf-guards-") as folder:
        Path(folder).chmod(0o755)
        lanes = [
            threading.Thread(target=work, args=(todo, found, sound, Path(folder) / str(number)))
            for number in range(min(LANES, len(chosen)))
        ]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
    rows = [found[guard.name] for guard in chosen if guard.name in found]
    print("\n" + table(rows))
    caught = sum(row.verdict == "caught" for row in rows)
    print(f"\n{caught} of {len(chosen)} removals were noticed")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
