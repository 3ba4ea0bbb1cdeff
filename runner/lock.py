"""Pinning the golden configuration in the database, with the limits made from it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from runner import db, settings
from runner.config import GoldenConfig, sql_limits
from runner.errors import IntegrityError


def pin(config: GoldenConfig, reason: str) -> bool:
    """Pin `config`; whether the pin changed. Role fund_operator, or the person's own.

    Raises: IntegrityError MQ232 where it loosens something on a real database and two people have not agreed to it.
    """
    with db.connect(settings.load().operator_role) as connection:
        before = db.fetch_value(connection, "govern.pinned_config")
        db.fetch_value(connection, "govern.pin_config", **_content(config), reason=reason)
    return bool(before != config.sha256)


def propose(config: GoldenConfig, reason: str, effective_from: datetime | None, hours: int) -> tuple[int, str]:
    """Propose `config` to a second person; number and state of the change that waits, this one or an earlier one.

    Raises: NotAllowed MQ420 where the session is no person's own.
    """
    with db.connect(settings.load().operator_role) as connection:
        for row in db.fetch_all(connection, "govern.change_requests", every=False):
            if row["content"].get("config_sha256") == config.sha256:
                return row["request_id"], row["state"]
        number: int = db.fetch_value(
            connection,
            "govern.propose_config",
            **_content(config),
            reason=reason,
            effective_from=effective_from,
            hours=hours,
        )
        return number, "PROPOSED"


def _content(config: GoldenConfig) -> dict[str, Any]:
    return {
        "sha256": config.sha256,
        "body": config.body,
        "parsed": db.as_json(config.parsed),
        "limits": db.as_json([asdict(row) for row in sql_limits(config)]),
    }


def require_pinned(connection: db.Connection, sha256: str) -> None:
    """Raises: IntegrityError (exit 12) where the database's pin is another hash, or none."""
    pinned = db.fetch_value(connection, "govern.pinned_config")
    if pinned != sha256:
        raise IntegrityError(
            f"the database has {pinned or 'no configuration'} pinned, the file is {sha256}",
            "Restore the file, or pin it with `python -m runner config lock`.",
        )
