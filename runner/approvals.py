"""What a second person needs to see of a change before agreeing to it (I20)."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner import config as golden
from runner import db, lock
from runner.errors import IntegrityError, UsageError

#: Columns of a list of changes.
LISTED = ("request_id", "kind", "state", "loosened", "author", "reason", "effective_from", "expires_at", "approved_by")


def utc(instant: datetime | None) -> datetime | None:
    """An instant typed without a zone is UTC."""
    return instant if instant is None or instant.tzinfo else instant.replace(tzinfo=UTC)


def next_step(request_id: int) -> str:
    """One line for the author of a proposal."""
    return (
        f"change {request_id} is proposed and changes nothing yet; another operator: "
        f'FUND_OPERATOR=NAME python -m runner approve {request_id} --reason "…"'
    )


def differences(connection: db.Connection, request_id: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A change request and what it would change: name, number now, number then.

    Raises: UsageError where there is no such request.
    """
    found = [
        row for row in db.fetch_all(connection, "govern.change_requests", every=True) if row["request_id"] == request_id
    ]
    if not found:
        raise UsageError(f"there is no change request {request_id}", "`python -m runner approve --all` lists them.")
    change = found[0]
    name = "govern.config_differences" if change["kind"] == "config" else "govern.lift_differences"
    return change, db.fetch_all(connection, name, request_id=request_id)


def lifts_to_come(connection: db.Connection) -> list[dict[str, Any]]:
    """Approved lifts that wait for their instant, the next first: the limit, its number from then on, whose word."""
    told = []
    for change in db.fetch_all(connection, "govern.change_requests", every=False):
        if (change["kind"], change["state"]) != ("lift", "APPROVED"):
            continue
        (row,) = db.fetch_all(connection, "govern.lift_differences", request_id=change["request_id"])
        told.append(
            {
                "request_id": change["request_id"],
                "limit_name": row["parameter"],
                "version": change["content"]["version"],
                "effective_from": change["effective_from"],
                "threshold": row["then"],
                "author": change["author"],
                "approved_by": change["approved_by"],
                "reason": change["reason"],
            }
        )
    return sorted(told, key=lambda lift: (lift["effective_from"], lift["request_id"]))


def require_true_content(connection: db.Connection, change: dict[str, Any]) -> None:
    """Read the proposed file's bytes anew: what was proposed as its values and limits must be what it says.

    Raises: IntegrityError where the author's program told the database something else.
    """
    if change["kind"] != "config":
        return
    body = db.fetch_value(connection, "govern.config_body", request_id=change["request_id"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / golden.CONFIG_PATH.name
        path.write_bytes(body)
        config = golden.load(path)
    wrong = lock.misstated(config, change["content"]["parsed"], change["content"]["limits"])
    if wrong:
        raise IntegrityError(
            f"change {change['request_id']} says other values or limits than its file: {lock.listed(wrong)}",
            f'Refuse it: `python -m runner approve {change["request_id"]} --refuse --reason "…"`.',
        )
