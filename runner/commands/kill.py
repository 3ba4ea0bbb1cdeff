"""`kill`: stop trading now."""

from __future__ import annotations

from pathlib import Path

import typer

from runner import settings
from runner.errors import DatabaseUnreachable, FundError, UsageError

#: What a session hears that another kill has ended, because it stood in its way.
ENDED = "57P01"

EXAMPLE = 'python -m runner kill --reason "prices look wrong"'


def command(reason: str = typer.Option(..., help="Why; stored with the event and in the file.")) -> None:
    """Write the kill file first, then the row: no order is placed or released until an operator has resumed.

    It needs no trading key, and without a database the file is enough: the running `sync` sees it within a second and
    kills at the broker; without a running `sync`, `sync --kill` does. Each half is tried whatever the other did. Exit
    code 16 says that the database was not reached, 1 that the row is there and the file could not be written.
    """
    if not reason.strip():
        raise UsageError("a kill has a reason", 'Give --reason "…"; without one: touch the kill file.')
    # Words typed in another encoding come as surrogates, which neither half can store: no kill is lost to its reason.
    reason = reason.encode("utf-8", "backslashreplace").decode("utf-8")
    config = settings.load()
    path = config.kill_switch_file
    unwritten = _write(path, reason)
    typer.echo(
        f"{path} written" if unwritten is None else f"{path} not written: {unwritten}", err=unwritten is not None
    )
    try:
        new = _engage(config.operator_role, reason)
    except DatabaseUnreachable as error:
        file, remedy = (
            ("the kill file is written", "A running sync kills at the broker; without one: ")
            if unwritten is None
            else (f"NO kill is recorded: the kill file could not be written ({unwritten})", "Kill at the broker: ")
        )
        raise DatabaseUnreachable(
            f"{file}, the database was not reached: {error.message}",
            f"{remedy}`sync --kill --account NAME`, with its key.",
            code=error.code,
        ) from error
    typer.echo(f"kill switch {'engaged' if new else 'was engaged already'} in the database")
    if unwritten is not None:
        raise FundError(
            f"the kill is in the database alone: the kill file could not be written ({unwritten})",
            f"`touch {path}` as a user who may, lest an absent database release it; KILL_SWITCH_FILE names another.",
        )


def _engage(role: str, reason: str, attempts: int = 5) -> bool:
    """Engage the row; whether it was not engaged before. A session that another kill ended has engaged nothing yet."""
    from runner import db

    try:
        with db.connect(role) as connection:
            return bool(db.fetch_value(connection, "ops.engage_kill_switch", reason=reason))
    except DatabaseUnreachable as error:
        if error.code != ENDED or attempts <= 1:
            raise
    return _engage(role, reason, attempts - 1)


def _write(path: Path, reason: str) -> OSError | None:
    """Write the file; what kept it from being written. The row is to be tried all the same."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{reason}\n", encoding="utf-8")
    except OSError as error:
        return error
    return None
