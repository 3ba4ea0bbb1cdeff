"""`cycle`: one cycle, or a range of sessions on a simulated database."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from runner.cycle import Report
    from runner.sessions import SessionReport

EXAMPLE = (
    "python -m runner cycle · python -m runner cycle --as-of 2013-02-27 --dry-run · "
    "python -m runner cycle --from 2013-02-21 --to 2013-02-27 · "
    "python -m runner cycle --mode shadow --strategy contrarian"
)


class Mode(StrEnum):
    """How far a cycle's orders go."""

    paper = "paper"
    live = "live"
    shadow = "shadow"


def command(
    as_of: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="Last session it may see; default: the last completed one."
    ),
    first: datetime | None = typer.Option(
        None, "--from", formats=["%Y-%m-%d"], help="First session of a range (simulated databases)."
    ),
    last: datetime | None = typer.Option(None, "--to", formats=["%Y-%m-%d"], help="Last session of the range."),
    account: str = typer.Option("paper", help="Account, as the golden configuration names it."),
    mode: Mode = typer.Option(Mode.paper, help="shadow decides without placing orders."),
    strategy: str | None = typer.Option(
        None, help="A strategy of the golden configuration; default: the account's. Another one is another cycle."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Compute and print, then roll back."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Run a cycle through its six phases; the exit code says which layer refused (11, 12, 13, 14, 15, 10).

    A range ends at the session that is not decided, so that it can be mended before the clock has left it behind. It
    goes on past one only time can mend: no agent had a view, or the kill switch stops it and its cooldown of sessions
    is not over. The last line counts the halted sessions, and the exit code is the most severe of theirs.
    """
    from runner import config as golden
    from runner.cycle import Request, refusal, run_cycle
    from runner.sessions import refusal_of, run_sessions
    from runner.show import progress_line, show_report, show_session

    if (first is None) != (last is None):
        raise UsageError("--from and --to go together")
    if first is not None and as_of is not None:
        raise UsageError("--as-of names one session, --from and --to a range: give one of them")
    if first is not None and dry_run:
        raise UsageError("a range cannot be a dry run: each session stands on the fills of the one before")
    config, environment = golden.load_verified(), settings.load()
    names = [one.name for one in config.strategies.defined]
    if strategy is not None and strategy not in names:
        raise UsageError(f"no strategy is called {strategy}", f"Use one of: {', '.join(names)}.")
    request = Request(
        account=account,
        mode=mode.value,
        strategy=strategy,
        as_of_session=as_of.date() if as_of else None,
        dry_run=dry_run,
    )
    done: list[SessionReport] = []
    with progress_line() as say:
        if first is None or last is None:
            reports = [run_cycle(environment, request, config=config, progress=say)]
        else:
            done = run_sessions(
                environment,
                config,
                request,
                first.date(),
                last.date(),
                progress=lambda session, step: say(f"{session} {step}"),
                on_session=(lambda _: None) if as_json else show_session,
                past_halts=True,
            )
            reports = [session.cycle for session in done]
    if as_json:
        shown = [_plain(report) for report in reports]
        show_json(shown[0] if first is None else shown)
    elif first is None and (dry_run or reports[0].exit_code == ExitCode.DONE):
        show_report(reports[0])
    error = refusal_of(done) if done else refusal(reports[0]) if reports[0].exit_code != ExitCode.DONE else None
    if error is not None:
        raise error


def _plain(report: Report) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(report), "exit_code": int(report.exit_code)}
