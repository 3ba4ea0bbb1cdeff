"""How `make test` shares the tests out to its workers (pytest-xdist), and what it prints meanwhile.

A worker is a process with a RUNNER_HOME and a server of its own. A file stays together for its module's fixtures, and
the files that read one demo for the demo's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

#: What the files that read the demo are together.
DEMO = "tests/acceptance (the demo)"
READERS = frozenset(
    f"tests/acceptance/test_{name}.py"
    for name in (
        "audit",
        "dashboard",
        "day",
        "docs_page",
        "main_job",
        "process_death",
        "rebuild_dbt",
        "replay",
        "risk",
    )
)
#: What takes longest, in this order before everything else: begun last it would keep one worker busy alone.
LONGEST = (
    DEMO,
    "tests/acceptance/test_questions.py",
    "tests/runner/test_features_incremental.py",
    "tests/seams/test_recovery.py",
)


def share(nodeid: str) -> str:
    """What a test shares its worker with: its file, or all that reads the demo."""
    file = nodeid.split("::", 1)[0]
    return DEMO if file in READERS else file


class Worker:
    """In a worker: the order, and at the end its lines for the summary."""

    def __init__(self, summary: list[str]) -> None:
        self.summary = summary

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The longest first; otherwise as collected."""
        ranks = {name: rank for rank, name in enumerate(LONGEST)}
        items.sort(key=lambda item: ranks.get(share(item.nodeid), len(ranks)))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The summary is the controller's to print."""
        session.config.workeroutput["summary"] = self.summary  # type: ignore[attr-defined]


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """A file, or all that reads the demo, to one worker; in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return share(nodeid)


class Controller:
    """Where the workers' reports come in: a line for each share when it is through, and at once for what fails."""

    def __init__(self, config: pytest.Config, home: Path, summary: list[str]) -> None:
        self.config = config
        self.home = home
        self.summary = summary
        self.left = Counter[str]()
        self.outcomes: dict[str, Counter[str]] = defaultdict(Counter)
        self.seconds = Counter[str]()

    def pytest_configure_node(self, node: Any) -> None:
        """Where a worker works; only one that is given it is one of ours."""
        node.workerinput["home"] = str(self.home / node.gateway.id)

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> ByFile:
        """In place of the one that --dist names."""
        config.option.loadscopereorder = False
        return ByFile(config, log)

    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """How many tests each share has; every worker collects the same."""
        self.left = Counter(map(share, ids))

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A test that passes is counted, not shown: of two workers' dots nobody could say whose they are."""
        return ("passed", "", "") if report.passed and report.when == "call" else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds to the test's share; says what failed, and when the share is through."""
        terminal: Any = self.config.pluginmanager.getplugin("terminalreporter")
        name = share(report.nodeid)
        self.seconds[name] += report.duration  # type: ignore[assignment]
        if report.when == "call" or not report.passed:
            self.outcomes[name][report.outcome] += 1
        if report.failed:
            terminal.write_line(f"FAILED {report.nodeid} ({report.when})", red=True)
        if report.when == "teardown":
            self.left[name] -= 1
            if not self.left[name]:
                outcomes = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes[name].items())
                terminal.write_line(f"{name}: {outcomes} in {self.seconds[name]:.0f} s")

    def pytest_testnodedown(self, node: Any) -> None:
        """A worker's lines for the summary; one that died has none."""
        self.summary += getattr(node, "workeroutput", {}).get("summary", [])
