"""`audit`: whether the audit chain is what was written, and why a symbol was or was not traded."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.verifier import Verdict

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What happened and why: verify, explain.")


@app.command(epilog="Example: python -m runner audit verify --json")
def verify(
    anchors: Path | None = typer.Option(
        None, exists=True, dir_okay=False, help="Compare with this file of anchors, a copy kept elsewhere, instead."
    ),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Recompute the whole chain from raw rows and compare it with every anchor, as fund_verifier.

    Exit 15 names the first row that does not hold and which attack it looks like; the kill switch (source audit) is
    engaged then and a CRITICAL alert queued.
    """
    from runner import verifier
    from runner.show import progress_line

    config = settings.load()
    with progress_line() as say:
        found = verifier.verify(config, say, anchor_file=anchors and anchors.absolute())
    if not found.intact:
        verifier.alarm(config, found)
    if as_json:
        show_json({**asdict(found), "intact": found.intact})
    elif found.intact:
        _show(found)
    if not found.intact:
        raise verifier.broken(found)


@app.command(epilog='Example: python -m runner audit begin --reason "restored Tuesday\'s backup after the disk failed"')
def begin(reason: str = typer.Option(..., help="What happened to chain or anchors; stored with the new file.")) -> None:
    """Set the anchor file aside and begin another, after a backup that had to be restored, or a file that is lost.

    Everything that can be checked without anchors must hold; the file before stays beside the new one, and a HIGH
    alert says what was set aside. Kill source audit stays engaged until an operator clears it.
    """
    from runner import verifier

    if not reason.strip():
        raise UsageError("anchors begin anew with a reason", 'Give --reason "…"; it is stored.')
    line = verifier.begin_anew(settings.load(), reason)
    typer.echo(f"the anchors begin anew at row {line.seq} {line.hash}")


def _show(found: Verdict) -> None:
    rate = f", {found.checked / found.seconds * 60:,.0f} a minute" if found.seconds > 1 else ""
    typer.echo(f"the audit chain of {found.database} is intact: {found.checked:,} rows in {found.seconds:.1f} s{rate}")
    typer.echo(f"head {found.head_seq} {found.head_hash}")
    typer.echo(f"{found.anchors} anchors hold, the last at row {found.anchored_seq}: {found.anchor_file}")
    for note in found.notes:
        typer.echo(f"note: {note}")


@app.command(epilog="Example: python -m runner audit explain 2013-02-27 GE")
def explain(
    cycle: str = typer.Argument(help="Its id, the beginning of one, an as-of session, or `last`."),
    symbol: str = typer.Argument(help="The instrument, as in the universe."),
    account: str = typer.Option("", help="Of this account's cycles only."),
    as_json: bool = typer.Option(False, "--json", help="For a script, with everything that is stored."),
) -> None:
    """Why a symbol was or was not traded: bar, quality, views, limits, decision, orders, fills, audit entries."""
    from runner import db

    with db.connect("fund_analyst") as connection:
        cycle_id = db.fetch_value(connection, "audit.find_cycle", cycle=cycle, account=account or None)
        found = db.fetch_value(
            connection, "audit.explain_json" if as_json else "audit.explain", cycle_id=cycle_id, symbol=symbol.upper()
        )
    if as_json:
        show_json(found)
    else:
        typer.echo(found)
