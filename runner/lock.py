"""Pinning the golden configuration in the database, with the limits made from it."""

from __future__ import annotations

from dataclasses import asdict

from runner import db, settings
from runner.config import GoldenConfig, sql_limits
from runner.errors import IntegrityError


def pin(config: GoldenConfig, reason: str) -> bool:
    """Pin `config`; whether the pin changed. Role fund_operator.

    Raises: IntegrityError where the database refuses the change (a looser limit on a real database needs two people).
    """
    with db.connect(settings.load().operator_role) as connection:
        before = db.fetch_value(connection, "govern.pinned_config")
        db.fetch_value(
            connection,
            "govern.pin_config",
            sha256=config.sha256,
            body=config.body,
            parsed=db.as_json(config.parsed),
            limits=db.as_json([asdict(row) for row in sql_limits(config)]),
            reason=reason,
        )
    return bool(before != config.sha256)


def require_pinned(connection: db.Connection, sha256: str) -> None:
    """Raises: IntegrityError (exit 12) where the database's pin is another hash, or none."""
    pinned = db.fetch_value(connection, "govern.pinned_config")
    if pinned != sha256:
        raise IntegrityError(
            f"the database has {pinned or 'no configuration'} pinned, the file is {sha256}",
            "Restore the file, or pin it with `python -m runner config lock`.",
        )
