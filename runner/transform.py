"""dbt in process: builds staging, quality and features for one as-of session, as the role fund_transformer.

`dbt build` of two kinds of node, because `dbt run` makes no seed and the models of a cycle read one. A build of nothing
succeeds, so results are counted against the models and seeds the project has. Tests are not run here: the generic ones
scan the whole history, and what a cycle relies on is checked by the gate as it copies (I18).
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runner import environment, parsed_project
from runner.errors import DatabaseUnreachable, DataUnusable
from runner.passwords import own_like
from runner.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

#: What a cycle needs; every model and seed of it carries the tag.
SELECTION = "tag:cycle"
KINDS = ("model", "seed")

#: What dbt is told wherever it writes. Nobody reads the manifest.json of a run, whose result is in memory: writing it
#: took half a second (measured).
PARSED_WITH = (
    *("--project-dir", str(environment.DBT), "--profiles-dir", str(environment.DBT)),
    *("--log-level", "none", "--log-level-file", "info", "--no-use-colors", "--no-send-anonymous-usage-stats"),
    "--no-write-json",
)


@dataclass(frozen=True)
class ModelRun:
    """One model or seed: seconds of its execution, with compilation, without dbt's start; rows written (view: None)."""

    name: str
    seconds: float
    rows: int | None


@dataclass(frozen=True)
class TransformResult:
    """One run of the cycle's models. seconds: wall time of the whole call, dbt's own start included."""

    as_of_session: date | None
    seconds: float
    models: tuple[ModelRun, ...]


#: Projects this process has parsed, by the environment they were parsed in; runner.parsed_project has the last on disk.
_manifests: dict[tuple[tuple[str, str], ...], Manifest] = {}


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """dbt's profile is read from the environment only; what was there before comes back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process of this home builds at a time: two that make the same relation collide, and one fails for nothing."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(home / "dbt.lock", "a") as handle:
        own_like(handle.fileno(), home)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _arguments(home: Path) -> list[str]:
    return [*PARSED_WITH, "--target-path", str(home / "dbt"), "--log-path", str(home / "logs")]


def _manifest(values: Mapping[str, str], home: Path) -> Manifest:
    """The project parsed in the environment `values`: by this process before, by an earlier one, or now."""
    key = tuple(sorted(values.items()))
    if key not in _manifests:
        kept_under = parsed_project.key(values, PARSED_WITH)
        found = parsed_project.read(home, kept_under) if kept_under else None
        if found is None:
            found = _parse(home)
            # A file edited meanwhile may have been read before or after: nobody can say which key this belongs to.
            if kept_under and parsed_project.key(values, PARSED_WITH) == kept_under:
                parsed_project.keep(home, kept_under, found)
        _manifests[key] = found
    # A run writes what it compiled into its manifest (the as-of session too), so each gets a copy.
    return cast("Manifest", _manifests[key].deepcopy())  # type: ignore[no-untyped-call]


def _parse(home: Path) -> Manifest:
    """Parse every file: dbt's own partial parse would mend an earlier result, ours is kept whole or not at all."""
    from dbt.cli.main import dbtRunner

    parsed = dbtRunner().invoke(["parse", "--no-partial-parse", *_arguments(home)])
    if not parsed.success or parsed.result is None:
        raise DataUnusable(
            f"the dbt project does not parse: {_first_line(parsed.exception)}",
            remedy="`dbt parse` in dbt/, with what `python -m runner env` prints, shows all of it",
        )
    return cast("Manifest", parsed.result)


def run_cycle_models(
    settings: Settings, as_of_session: date | None = None, *, full_refresh: bool = False
) -> TransformResult:
    """Run every model of a cycle with as_of_session as quality's last session (None: the last completed one).

    Raises: DataUnusable (exit 13) naming the model, also where nothing was selected or the date is no session;
    DatabaseUnreachable (exit 16).
    """
    from dbt.cli.main import dbtRunner

    started = time.perf_counter()
    values = environment.for_dbt(settings)
    home = settings.runner_home
    variables = {"as_of_session": as_of_session.isoformat() if as_of_session else None}
    with _environment(values), _alone(home):
        manifest = _manifest(values, home)
        wanted = {
            node.name
            for node in manifest.nodes.values()
            if str(node.resource_type) in KINDS and "cycle" in node.tags and node.config.materialized != "ephemeral"
        }
        kinds = [word for kind in KINDS for word in ("--resource-type", kind)]
        arguments = ["build", *kinds, "--select", SELECTION, "--vars", json.dumps(variables), *_arguments(home)]
        outcome = dbtRunner(manifest=manifest).invoke([*arguments, *(["--full-refresh"] if full_refresh else [])])
    models = _judge(outcome, wanted, home)
    if not next(model.rows for model in models if model.name == "as_of"):
        raise DataUnusable(
            f"{as_of_session or 'the last completed session'} is not a session of the calendar",
            remedy="`python -m runner ingest` loads the calendar; `python -m runner status` shows the last session",
        )
    return TransformResult(as_of_session, time.perf_counter() - started, models)


def _judge(outcome: Any, wanted: set[str], home: Path) -> tuple[ModelRun, ...]:
    """The models that ran, all of `wanted`; else the error that names the first which did not."""
    remedy = f"the statement is in {home / 'logs' / 'dbt.log'}; `dbt build` in dbt/ shows every model"
    if outcome.result is None:
        reason = _first_line(outcome.exception)
        if "connection" in reason.lower() or "database error" in reason.lower():
            raise DatabaseUnreachable(f"dbt could not connect: {reason}")
        raise DataUnusable(f"dbt did not run: {reason}", remedy=remedy)
    for result in outcome.result:
        if result.status not in ("success", "skipped"):
            raise DataUnusable(f"model {result.node.name} failed: {_first_line(result.message)}", remedy=remedy)
    models = tuple(
        ModelRun(r.node.name, r.execution_time, _rows(r.adapter_response))
        for r in outcome.result
        if r.status == "success"
    )
    missing = sorted(wanted - {model.name for model in models})
    if missing or not models:
        raise DataUnusable(f"{len(missing)} models did not run, first {missing[:1]}", remedy=remedy)
    return models


def _rows(response: Mapping[str, Any]) -> int | None:
    rows = response.get("rows_affected")
    return int(rows) if isinstance(rows, int) and rows >= 0 else None


def _first_line(message: object) -> str:
    lines = [line.strip() for line in str(message or "no message").splitlines() if line.strip()]
    return "; ".join(lines[:2])
