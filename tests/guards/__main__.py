"""`python -m tests.guards`: takes each guard out of a copy of the tree, runs its tests there, and prints who noticed.

A guard is *caught* where a test fails that passes with the guard in place, or where deploy itself refuses by an
invariant (MQ005). A copy that cannot be deployed or collected for another reason proves nothing: an error of the list.
Where two guards refuse the same, neither is missed alone: the list names the one behind, both are taken out, and the
test that notices must pass with either of them in place. Exit 1 where a guard was not caught.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree

from runner import embedded
from tests.guards.guards import ROOT, Guard, Tap, guards, tap
from tests.guards.server import INVARIANT, REFUSED, Server

#: Asked last, where a guard's own tests noticed nothing.
FALLBACK = (tap(""),)
LANES = 2
SECONDS_MAX = 900
REPORT = "report.xml"
#: Where the tests find a demo that ran before; whatever the caller's shell has of it is another tree's.
DEMO = "DEMO_MACHINE"


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


def run(tests: str, tree: Path, *options: str, **more: str) -> tuple[int | None, str]:
    """One run of pytest in a tree: exit status, None where it took too long, and what it said. Leaves REPORT there.

    more: environment variables.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={tree / REPORT}", *options]
    with subprocess.Popen(
        [*command, *shlex.split(tests)],
        cwd=tree,
        env={k: v for k, v in os.environ.items() if k != DEMO}
        | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
        | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # pytest stops its server then
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=60)
            process.kill()
            return None, f"longer than {SECONDS_MAX} s: {tests}"
    return process.returncode, said[-300:]


def cases(tree: Path) -> Iterator[tuple[str, ElementTree.Element]]:
    """Every test of the last run in a tree, by name."""
    for case in ElementTree.parse(tree / REPORT).iter("testcase"):
        yield f"{case.get('classname', '').removeprefix('tests.')}.{case.get('name')}", case


def first_failure(tests: str, tree: Path, **more: str) -> tuple[str | None, str]:
    """The verdict of one run of pytest in a tree, None where everything passed, and the test that failed."""
    status, said = run(tests, tree, "-x", **more)
    if status == 0:
        return None, ""
    for name, case in cases(tree) if status == 1 else ():
        broken = case.find("error")
        if case.find("failure") is not None:
            return "caught", name
        if broken is not None:
            text = broken.text or ""
            return ("caught", INVARIANT) if "MQ005" in text else ("ERROR", text[-300:])
    return "ERROR", said


def demo_of(tree: Path) -> Path:
    """Where a lane keeps the machine on which `demo` has run."""
    return tree.with_name(f"demo-{tree.name}")


@contextmanager
def without(tree: Path, *taken: Guard) -> Iterator[None]:
    """The tree with these guards taken out, as it was afterwards. Raises: ValueError where a patch does not fit."""
    originals = {tree / guard.file: (tree / guard.file).read_text(encoding="utf-8") for guard in taken}
    try:
        for guard in taken:
            (tree / guard.file).write_text(patched(guard, tree), encoding="utf-8")
        yield
    finally:
        for path, text in originals.items():
            path.write_text(text, encoding="utf-8")


@dataclass
class Lane:
    """A copy of the tree. sound: tests that pass with every guard; server: asked about the database's."""

    tree: Path
    sound: set[str]
    server: Server

    def removed(self, guard: Guard) -> Found:
        """Take a guard out, see who notices, put it back."""
        began = time.monotonic()
        try:
            verdict, by = self._alone(guard) if guard.behind is None else self._with_the_one_behind(guard, guard.behind)
        except ValueError as error:
            verdict, by = "ERROR", str(error)
        return Found(guard.name, verdict or "NOT CAUGHT", by, round(time.monotonic() - began, 1))

    def _alone(self, guard: Guard) -> tuple[str | None, str]:
        with without(self.tree, guard):
            if guard.catalog:
                verdict, by = self.server.listed(self.tree)
                if verdict is not None:
                    return verdict, by
            verdict, by, tests = self._asked((*guard.tests, *FALLBACK), guard)
        return self._sound(verdict, by, tests, guard)

    def _with_the_one_behind(self, guard: Guard, name: str) -> tuple[str | None, str]:
        """Both out is noticed by a test that either of them satisfies: each would do, and one must be there."""
        behind = next(other for other in guards() if other.name == name)
        with without(self.tree, guard, behind):
            verdict, by, tests = self._asked((*guard.tests, *behind.tests), guard)
        for one, other in ((guard, behind), (behind, guard)) if verdict == "caught" else ():
            with without(self.tree, one):
                if self._answer(tests, one)[0] is not None:
                    return "ERROR", f"{other.name} alone does not satisfy {by}"
        verdict, by = self._sound(verdict, by, tests, guard)
        return verdict, f"{by}, with {name} out as well"

    def _asked(self, questions: tuple[Tap | str, ...], guard: Guard) -> tuple[str | None, str, Tap | str]:
        for tests in questions:
            verdict, by = self._answer(tests, guard)
            if verdict is not None:
                return verdict, by, tests
        return None, "", ""

    def _answer(self, tests: Tap | str, guard: Guard) -> tuple[str | None, str]:
        if isinstance(tests, Tap) and guard.cloned:
            return self.server.tapped(self.tree, tests.words)
        return first_failure(str(tests), self.tree, **self._demo(guard))

    def _demo(self, guard: Guard) -> dict[str, str]:
        """A demo that ran before, for what only reads one."""
        return {DEMO: str(demo_of(self.tree))} if guard.reads else {}

    def _sound(self, verdict: str | None, by: str, tests: Tap | str, guard: Guard) -> tuple[str | None, str]:
        """What fails with every guard in place as well has noticed nothing."""
        if verdict != "caught" or by in self.sound or by in REFUSED.values():
            return verdict, by
        if isinstance(tests, Tap):
            still = self.server.tapped(self.tree, tests.words)[0] is not None
        else:
            run(tests, self.tree, **self._demo(guard))
            ended_otherwise = ("failure", "error", "skipped")
            self.sound |= {
                name for name, case in cases(self.tree) if all(case.find(x) is None for x in ended_otherwise)
            }
            still = by not in self.sound
        if still:
            return "ERROR", f"fails with the guard in place as well: {by}"
        self.sound.add(by)
        return verdict, by


def work(lane: Lane, todo: queue.Queue[Guard], keep: Callable[[Found], None]) -> None:
    """Guards until none is left."""
    while True:
        try:
            guard = todo.get_nowait()
        except queue.Empty:
            return
        keep(lane.removed(guard))


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
    parser.add_argument("--lanes", type=int, default=LANES, help="copies of the tree at work at the same time")
    parser.add_argument("--json", type=Path, help="write the findings to this file as well, as they come")
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
    one_at_a_time = threading.Lock()

    def keep(one: Found) -> None:
        with one_at_a_time:
            found[one.guard] = one
            print(f"{one.verdict:<10} {one.seconds:6.1f} s  {one.guard}: {one.by[:110]}", flush=True)
            if options.json:
                options.json.write_text(json.dumps([asdict(row) for row in found.values()], indent=1), encoding="utf-8")

    with tempfile.TemporaryDirectory(prefix="mqf-guards-") as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(folder) / "server")
        sound: set[str] = set()
        trees = [copy(Path(folder) / str(number)) for number in range(min(options.lanes, len(chosen)))]
        try:
            lanes = [
                threading.Thread(target=work, args=(Lane(tree, sound, server), todo, keep), daemon=True)
                for tree in trees
            ]
            for lane in lanes:
                lane.start()
            for lane in lanes:
                lane.join()
        finally:
            server.close()
            for tree in trees:
                embedded.Cluster(demo_of(tree) / ".runner").down()
    rows = [found[guard.name] for guard in chosen if guard.name in found]
    print("\n" + table(rows))
    caught = sum(row.verdict == "caught" for row in rows)
    print(f"\n{caught} of {len(chosen)} removals were noticed")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
