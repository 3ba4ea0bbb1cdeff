"""Known holes of the locked packages: pip-audit against the lock of everything (requirements-all.txt).

    make audit         exit 1 where a pin has a known hole that HOLES_ACCEPTED does not name

pip-audit says "no known vulnerabilities" of packages it could not ask about, too. Here such a package is counted, and
an audit in which no package was answered for is *skipped*, never passed. Before it asks for all, it asks for one: a
machine without an advisory service is told within seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-all.txt"

#: Seconds for everything; a service that is slower is one that was not reached.
SECONDS_MAX = 300

#: Holes known and lived with: id, or an alias of it, to the reason. One that no pin has any more is an error.
HOLES_ACCEPTED: dict[str, str] = {}


@dataclass(frozen=True)
class Outcome:
    """What an audit found. asked: packages the service answered for; holes: one line each."""

    asked: int
    unanswered: tuple[str, ...]
    holes: tuple[str, ...]
    unneeded: tuple[str, ...]

    def line(self) -> str:
        """The summary, which counts a skipped audit."""
        if not self.asked:
            return "audit of known holes: skipped, no advisory service reached (audits skipped: 1)"
        rest = f", {len(self.unanswered)} not answered for" if self.unanswered else ""
        return f"audit of known holes: {len(self.holes)} in {self.asked} packages{rest} (audits skipped: 0)"

    @property
    def exit_code(self) -> int:
        """1 for a hole, or for an exception nobody needs."""
        return int(bool(self.holes) or bool(self.asked and self.unneeded))


def judge(report: dict[str, Any] | None) -> Outcome:
    """What pip-audit's JSON report says; None where it gave none."""
    packages = (report or {}).get("dependencies", [])
    answered = [p for p in packages if "skip_reason" not in p]
    met, holes = set(), []
    for package in answered:
        for hole in package.get("vulns", []):
            names = {hole["id"], *hole.get("aliases", [])}
            if accepted := names & HOLES_ACCEPTED.keys():
                met |= accepted
                continue
            mended = ", ".join(hole.get("fix_versions", [])) or "no version yet"
            holes.append(f"{package['name']} {package['version']}: {hole['id']}, mended in {mended}")
    unanswered = tuple(sorted(p["name"] for p in packages if "skip_reason" in p))
    return Outcome(len(answered), unanswered, tuple(holes), tuple(sorted(HOLES_ACCEPTED.keys() - met)))


def ask(lock: Path, seconds: int) -> dict[str, Any] | None:
    """pip-audit's report on a lock, or None where there was none to be had."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip",
        "--format", "json", "--progress-spinner", "off", "--timeout", "10",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        return dict(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        return None


def first_pin(lock: Path) -> str:
    """The lock's first pin with its hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line[:1].isalnum())
    stop = next(i for i in range(start + 1, len(lines)) if not lines[i].strip().startswith("--hash"))
    return "\n".join(lines[start:stop]) + "\n"


def main() -> int:
    """Ask, or read what was asked before; print each hole and the summary."""
    parser = argparse.ArgumentParser(description="Known holes of the locked packages.")
    parser.add_argument("--report", type=Path, help="a report of pip-audit (--format json) to judge instead of asking")
    report_file = parser.parse_args().report
    if report_file is not None:
        outcome = judge(json.loads(report_file.read_text(encoding="utf-8")))
    else:
        with tempfile.TemporaryDirectory() as folder:
            one = Path(folder) / "one.txt"
            one.write_text(first_pin(LOCK), encoding="utf-8")
            reached = judge(ask(one, 60)).asked
        outcome = judge(ask(LOCK, SECONDS_MAX) if reached else None)
    for hole in outcome.holes:
        sys.stdout.write(f"{hole}\n")
    if outcome.asked:
        for name in outcome.unneeded:
            sys.stdout.write(f"HOLES_ACCEPTED names {name}, which no pin has\n")
    sys.stdout.write(f"{outcome.line()}\n")
    return outcome.exit_code


if __name__ == "__main__":
    sys.exit(main())
