"""`kill`: stop trading now."""

from __future__ import annotations

import typer

from runner import settings
from runner.errors import DatabaseUnreachable, UsageError

EXAMPLE = 'python -m runner kill --reason "prices look wrong"'


def command(reason: str = typer.Option(..., help="Why; stored with the event and in the file.")) -> None:
    """Write the kill file first, then the row: no order is placed or released until an operator has resumed.

    It needs no trading key, and without a database the file is enough: the running `sync` sees it within a second and
    kills at the broker; without a running `sync`, `sync --kill` does. Exit code 16 says that only the file is there.
    """
    from runner import db

    if not reason.strip():
        raise UsageError("a kill has a reason", 'Give --reason "…"; without one: touch the kill file.')
    config = settings.load()
    config.kill_switch_file.parent.mkdir(parents=True, exist_ok=True)
    config.kill_switch_file.write_text(f"{reason}\n", encoding="utf-8")
    typer.echo(f"{config.kill_switch_file} written")
    try:
        with db.connect(config.operator_role) as connection:
            new = db.fetch_value(connection, "ops.engage_kill_switch", reason=reason)
    except DatabaseUnreachable as error:
        raise DatabaseUnreachable(
            f"the kill file is written, the database was not reached: {error.message}",
            "A running sync kills at the broker; without one: `sync --kill --account NAME`, with its key.",
            code=error.code,
        ) from error
    typer.echo(f"kill switch {'engaged' if new else 'was engaged already'} in the database")
