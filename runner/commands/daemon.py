"""`daemon`: ingest and cycle by themselves, session after session."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from runner.commands import show_json
from runner.errors import ExitCode, FundError, UsageError, most_severe

if TYPE_CHECKING:
    from runner.daemon import Poll

EXAMPLE = (
    'python -m runner daemon · python -m runner daemon --cron "*/10 16-23 * * mon-fri" · python -m runner daemon --once'
)


def command(
    account: list[str] = typer.Option(
        ["paper"], help="Account, as the golden configuration names it; may be repeated."
    ),
    cron: str = typer.Option(
        "*/5 * * * *", help="When to poll: five fields in the time zone of the calendar, days of the week by name."
    ),
    settle: int = typer.Option(
        300, min=0, max=7200, help="Seconds from when a session's bars can be known until its cycle: sync marks first."
    ),
    ingest: bool = typer.Option(True, help="Load the last sessions from the network before a cycle."),
    once: bool = typer.Option(False, "--once", help="Poll once, then exit: for a scheduler of your own."),
    as_json: bool = typer.Option(False, "--json", help="For a script; one document per poll that did something."),
) -> None:
    """Start what is due: after each session `ingest --live`, then a cycle of each account; until SIGINT or SIGTERM.

    What is due stands in the database, so this can be stopped, killed and started anywhere. A cycle is due once: from
    --settle after the session's bars can be known until the next session opens. One that could not start, or ended
    with 1, 13, 14 or 16, is retried after 10, 20, 40, then every 60 minutes; one the kill switch refused (11) once
    trading is resumed; any other refusal waits for a person (`python -m runner cycle`). Run `sync` and `notify` beside
    it. Real databases only. Exit codes of --once: the most severe of its cycles'; 2 a simulated database, 12 another
    schema or configuration, 13 no calendar, 16 database away.
    """
    from runner import config as golden
    from runner import daemon

    if len(set(account)) != len(account):
        raise UsageError("an account is named twice", "Name each once.")
    config = golden.load_verified()
    plan = daemon.Plan(tuple(account), ingest, settle)

    def tell(done: Poll) -> None:
        if as_json and (once or done.cycles or done.failed):
            show_json({**asdict(done), "at": done.at.isoformat()})
        elif not as_json:
            _show(done, always=once)

    zone = daemon.ready(config, plan)
    if not once:
        firings = daemon.trigger(cron, zone)
        if not as_json:
            typer.echo(f"{', '.join(account)}: polling by {cron} ({zone}) until SIGTERM")
        daemon.run_forever(config, plan, firings, tell)
        return
    done = daemon.poll_once(config, plan)
    tell(done)
    failed = [one for one in done.cycles if one.ended.code != ExitCode.DONE]
    if failed:
        told = "; ".join(f"{one.account} as of {one.as_of_session}: {_code(one.ended.code)}" for one in failed)
        known = [ExitCode(one.ended.code) for one in failed if one.ended.code in list(ExitCode)]
        worst = most_severe(known) if known else ExitCode.UNEXPECTED
        raise FundError(told, "Its own lines are above; `python -m runner status` shows the layers.", worst)


def _show(done: Poll, *, always: bool) -> None:
    """A line for each thing that was done; what waits, and that nothing is due, only with --once."""
    at = f"{done.at:%Y-%m-%d %H:%M} UTC"
    if done.failed:
        typer.echo(f"{at}: {done.failed} cycles failed or did not run: audit.alerts says which")
    if done.ingest is not None:
        typer.echo(f"{at}: ingest --live: {_code(done.ingest.code)} in {done.ingest.seconds:.0f} s")
    for one in done.cycles:
        ended = f"{_code(one.ended.code)} in {one.ended.seconds:.0f} s"
        typer.echo(f"{at}: cycle of {one.account} as of {one.as_of_session}: {ended}")
    if not always:
        return
    for waits in done.waiting:
        how = f"{waits.state}, exit {waits.exit_code}" if waits.exit_code is not None else waits.state or "not started"
        when = f"due at {waits.due_at:%Y-%m-%d %H:%M} UTC" if waits.due_at else "waits for a person, or for `resume`"
        typer.echo(f"{at}: cycle of {waits.account} as of {waits.as_of_session}: {how}; {when}")
    if not done.cycles and not done.waiting and not done.failed:
        typer.echo(f"{at}: nothing is due")


def _code(code: int) -> str:
    return f"exit {code}" if code >= 0 else f"killed by signal {-code}"
