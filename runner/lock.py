"""Pinning the golden configuration in the database, with the limits made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

    Raises: NotAllowed MQ420 where the session is no person's own, IntegrityError where one of this file is open that
    cannot take effect any more.
    """
    with db.connect(settings.load().operator_role) as connection:
        base = db.fetch_value(connection, "govern.limits_sha256")
        stale = None
        for row in db.fetch_all(connection, "govern.change_requests", every=False):
            if row["content"].get("config_sha256") != config.sha256:
                continue
            if row["base_sha256"] == base and not misstated(config, row["content"]["parsed"], row["content"]["limits"]):
                return row["request_id"], row["state"]
            stale = row
        if stale is not None:
            other = (
                "over other numbers than those in force" if stale["base_sha256"] != base else "not what the file says"
            )
            raise IntegrityError(
                f"change {stale['request_id']} of this file is {stale['state']}, but {other}: it can pin nothing",
                f'`python -m runner approve {stale["request_id"]} --withdraw --reason "…"`, then '
                "`python -m runner config lock` proposes the file anew.",
            )
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


def require_pinned(connection: db.Connection, config: GoldenConfig) -> None:
    """The database has this file pinned, and holds of it what it says: the hash tells nothing of values and limits.

    Raises: IntegrityError (exit 12) where the pin is another hash or none, or what was told with it is not in the file.
    """
    pinned = db.fetch_value(connection, "govern.pinned_config")
    if pinned != config.sha256:
        raise IntegrityError(
            f"the database has {pinned or 'no configuration'} pinned, the file is {config.sha256}",
            "Restore the file, or pin it with `python -m runner config lock`.",
        )
    values = db.fetch_value(connection, "govern.pinned_values")
    wrong = misstated(config, values, db.fetch_all(connection, "govern.pinned_limits"))
    if wrong:
        raise IntegrityError(
            f"the database was told other values or limits of {config.sha256} than its file says: {listed(wrong)}",
            "Change a comment of the file, which gives it a hash of its own, and pin it anew with "
            "`python -m runner config lock`; what loosens takes two people.",
        )


def misstated(config: GoldenConfig, values: Mapping[str, Any], limits: Iterable[Mapping[str, Any]]) -> list[str]:
    """Parameters and limits of which the database was told something else than the file says; names of both."""
    told = _by_path(values) | {f"limit {row['limit_name']}": dict(row) for row in limits}
    own = _by_path(config.parsed) | {f"limit {row.limit_name}": asdict(row) for row in sql_limits(config)}
    missing = object()
    return sorted(name for name in told.keys() | own if told.get(name, missing) != own.get(name, missing))


def listed(names: list[str]) -> str:
    """The first few of them, and how many more."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _by_path(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by `section.key`; what is no section of keys, by its name."""
    flat: dict[str, Any] = {}
    for section, content in values.items():
        flat |= (
            {f"{section}.{key}": value for key, value in content.items()}
            if isinstance(content, dict)
            else {section: content}
        )
    return flat
