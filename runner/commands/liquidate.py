"""`liquidate`: close every position of an account."""

from __future__ import annotations

from typing import Any

import typer

from runner import settings
from runner.commands import show_json
from runner.errors import GovernanceRefused, UsageError

EXAMPLE = 'python -m runner liquidate --account paper --reason "the strategy is retired"'


def command(
    account: str = typer.Option("paper", help="Account whose positions are closed."),
    reason: str = typer.Option("", help="Why; stored with the approval. Without it, only --check."),
    hours: int = typer.Option(24, min=1, max=168, help="How long it may take: what has not filled is placed again."),
    check: bool = typer.Option(False, "--check", help="Only show what would be ordered."),
    as_json: bool = typer.Option(False, "--json", help="For a script."),
) -> None:
    """Approve the liquidation of an account and place an order against each of its positions.

    It needs no cycle, and works under a kill: the orders only reduce, resting stops make way for them, and the running
    `sync` carries them (beside a kill file, which stops everything that is sent, once it is gone). While the approval
    lasts the account's state is LIQUIDATE: the committee orders nothing. Orders that open are cancelled by `sync`; a
    position whose other order still lives is ordered by it afterwards. Exit code 10 where a position cannot be closed,
    with what is in the way.
    """
    from runner import db
    from runner.brokers.desk import find_account
    from runner.show import table

    if not check and not reason.strip():
        raise UsageError("a liquidation has a reason", 'Give --reason "…", or only look with --check.')
    with db.connect(settings.load().operator_role, autocommit=True) as connection:
        find_account(connection, account)
        if check:
            rows = db.fetch_all(connection, "trade.liquidations_due", account=account)
        else:
            until = db.fetch_value(
                connection, "govern.approve_liquidation", account=account, reason=reason, hours=hours
            )
            typer.echo(f"approved until {until:%Y-%m-%d %H:%M} UTC", err=as_json)
            rows = db.fetch_all(connection, "trade.liquidate_positions", account=account)
    if as_json:
        show_json(rows)
    else:
        table(rows, f"positions of {account}")
    _refuse(rows)


def _refuse(rows: list[dict[str, Any]]) -> None:
    """Raises: GovernanceRefused where a position cannot be closed; one that waits for another order is no fault."""
    faults = [f"{row['symbol']} {row['fault']}" for row in rows if row["fault"] not in (None, "BUSY")]
    if faults:
        raise GovernanceRefused(
            f"{len(faults)} of {len(rows)} positions cannot be closed: {', '.join(faults)}",
            "NO_DECISION: run a cycle first; STATE_HALT: `python -m runner breaks list`; else the order's event says "
            "what refused it: `python -m runner status`. While the approval lasts `sync` tries again.",
        )
