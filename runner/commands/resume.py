"""`resume`: trade again after a kill, once everything the protocol asks is true."""

from __future__ import annotations

import socket
from typing import Any

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import KillSwitchEngaged, UsageError

EXAMPLE = 'rm runtime/KILL_SWITCH && python -m runner resume --clear row --reason "prices corrected"'


def command(
    reason: str = typer.Option("", help="Why it is safe; stored with each clearing and with the resumption."),
    clear: list[str] = typer.Option([], help="Clear this source first: row, loss, cvar, audit, orphan; repeatable."),
    check: bool = typer.Option(False, "--check", help="Only show what is still missing."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Clear what was named, then resume if nothing is missing; exit 11 with everything that is, and what to do next.

    Asked in this order: an operator, a reason, every source clear (a file: on its host, by removing it), books that
    agree with the broker's, no account with the loss that kills, the cooldown over, an audit chain that verifies.
    Clearing a source clears that one and resumes nothing. That loss is never re-based: until capital is added, or two
    people loosen breakers.kill_loss, it kills again. Trading begins again on the recovery ramp.
    """
    from runner import db, verifier
    from runner.show import progress_line

    config = settings.load()
    if (clear or not check) and not reason.strip():
        raise UsageError("clearing and resuming have a reason", 'Give --reason "…", or only look with --check.')
    if not check:
        # What the database says of its chain its owner can have it say: the anchors outside are asked first (I23).
        with progress_line() as say:
            verifier.require_intact(config, say)
    with db.connect(config.operator_role, autocommit=True) as connection:
        db.fetch_value(
            connection, "ops.report_kill_file", host=socket.gethostname(), present=config.kill_switch_file.exists()
        )
        for source in clear:
            cleared = db.fetch_value(connection, "ops.clear_kill_source", source=source, host="", reason=reason)
            typer.echo(f"{source} {'cleared' if cleared else 'was not engaged'}", err=as_json)
        name = "ops.resume_checklist" if check else "ops.resume"
        items = db.fetch_all(connection, name, **({} if check else {"reason": reason}))
    if not check:
        verifier.anchor(config, "resume")
    if as_json:
        show_json(items)
    _tell(items, shown=not as_json)


def _tell(items: list[dict[str, Any]], *, shown: bool) -> None:
    """Show the checklist. Raises: KillSwitchEngaged where something of it is missing."""
    from runner.show import table

    missing = [row for row in items if not row["is_clear"] and row["item"] != "resumed"]
    if not missing:
        if shown:
            resumed = any(row["item"] == "resumed" and row["is_clear"] for row in items)
            stopped = any(row["item"] == "audit chain" for row in items)
            typer.echo(
                "trading is resumed" if resumed else "nothing is missing" if stopped else "trading is not stopped"
            )
        return
    if shown:
        table(
            [
                {
                    "item": row["item"],
                    "": "ok" if row["is_clear"] else "missing",
                    "what": row["missing"],
                    "next": row["next_command"],
                }
                for row in items
                if row["item"] != "resumed"
            ],
            "what a resumption asks",
        )
    names = ", ".join(row["item"] for row in missing)
    raise KillSwitchEngaged(f"trading stays stopped; still missing: {names}", f"Next: {missing[0]['next_command']}")
