"""`daemon`: ingest and cycle by themselves, session after session."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from runner.commands import show_json
from runner.errors import ExitCode, FundError, UsageError, most_severe

if TYPE_CHECKING:
    from runner.daemon import Look

EXAMPLE = (
    'python -m runner daemon · python -m runner daemon --cron "*/10 16-23 * * mon-fri" · python -m runner daemon --once'
)


def command(
    account: list[str] = typer.Option(
        ["paper"], help="Account, as the golden configuration names it; may be repeated."
    ),
    cron: str = typer.Option(
        "*/5 * * * *", help="When to look, five fields in the exchange's time, days by name. Looking costs little."
    ),
    settle: int = typer.Option(
        300, min=0, max=7200, help="Seconds from when a session's bars can be known until its cycle: sync marks first."
    ),
    ingest: bool = typer.Option(True, help="Load the last sessions from the network before a cycle."),
    once: bool = typer.Option(False, "--once", help="Look once, then exit: for a scheduler of your own."),
    as_json: bool = typer.Option(False, "--json", help="For a script; one document per look that did something."),
) -> None:
    """Start what is due: after each session `ingest --live`, then a cycle of each account; until SIGINT or SIGTERM.

    What is due stands in the database, so this can be stopped, killed and started anywhere. A cycle that ended for want
    of data (13), for a break in the books (14), away from its database (16) or by a crash (1) is tried again after 10,
    20, 40, then every 60 minutes until the next session opens; one the kill switch refused (11) once trading was
    resumed. Other refusals wait for a person: `python -m runner cycle`. Run `sync` and `notify` beside it. Real
    databases only. Exit codes of --once: the most severe of its cycles'; 2 a simulated database, 12 not deployed, 13
    no calendar, 16 database away.
    """
    from runner import config as golden
    from runner import daemon

    if len(set(account)) != len(account):
        raise UsageError("an account is named twice", "Name each once.")
    config = golden.load_verified()
    plan = daemon.Plan(tuple(account), ingest, settle)

    def tell(done: Look) -> None:
        if as_json and (once or done.cycles or done.watched):
            show_json(asdict(done))
        elif not as_json:
            _show(done, always=once)

    if not once:
        if not as_json:
            typer.echo(f"{', '.join(account)}: looking by the cron expression {cron} until SIGTERM")
        daemon.run_forever(config, plan, cron, tell)
        return
    daemon.trigger(cron, daemon.ready(config, plan))
    done = daemon.look_once(config, plan)
    tell(done)
    failed = [one for one in done.cycles if one.ended.code != ExitCode.DONE]
    if failed:
        told = "; ".join(f"{one.account} as of {one.as_of_session}: exit {one.ended.code}" for one in failed)
        known = [ExitCode(one.ended.code) for one in failed if one.ended.code in list(ExitCode)]
        worst = most_severe(known) if known else ExitCode.UNEXPECTED
        raise FundError(told, "Its own lines are above; `python -m runner status` shows the layers.", worst)


def _show(done: Look, *, always: bool) -> None:
    """A line for each thing that was done; nothing where nothing was, but with --once."""
    at = f"{done.at:%Y-%m-%d %H:%M} UTC"
    if done.watched:
        typer.echo(f"{at}: {done.watched} cycles failed or did not run: audit.alerts says which")
    if done.ingest is not None:
        typer.echo(f"{at}: ingest --live: exit {done.ingest.code} in {done.ingest.seconds:.0f} s")
    for one in done.cycles:
        ended = f"exit {one.ended.code} in {one.ended.seconds:.0f} s"
        typer.echo(f"{at}: cycle of {one.account} as of {one.as_of_session}: {ended}")
    if always and not done.cycles and not done.watched:
        typer.echo(f"{at}: nothing is due")
