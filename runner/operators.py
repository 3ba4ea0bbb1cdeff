"""People: a login role each, so that the database can tell two of them apart (I20).

A person's role, fund_operator_<name>, is a member of fund_operator and of nothing else, and what a session came in with
(session_user) is who it is: neither `set role` nor a setting changes it. The deployer makes the role, as it makes
the others. Its password is shown once and kept by the person; `keep` also writes it to RUNNER_HOME/passwords, for a
trial on one machine, where one pair of eyes plays both people anyway.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from runner import db, passwords, settings
from runner.deploy import SQL
from runner.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]{0,30}")


def role_of(name: str) -> str:
    """The login role of a person. Raises: UsageError for a name that makes none."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no operator's name", "Use lower-case letters and digits, beginning with a letter."
        )
    return f"fund_operator_{name}"


def add(name: str, reason: str, *, keep: bool = False) -> str:
    """Make, or make anew, a person's login and enrol it; its new password, which is stored nowhere unless `keep`.

    Raises: UsageError, NotAllowed where the deployer may not make roles.
    """
    role = role_of(name)
    config = settings.load()
    password = passwords.ensure(config.runner_home, [role])[role] if keep else secrets.token_urlsafe(32)
    with db.connect(db.DEPLOYER) as connection:
        verifier = db.scram_verifier(connection, role, password)
        for row in db.fetch_all(connection, "operators.make_role_statements", role=role, verifier=verifier):
            db.execute_text(connection, f"role {role}", row["statement"])
        settings_file = SQL / "bootstrap" / "04_settings.sql"
        db.execute_text(connection, settings_file.name, settings_file.read_text(encoding="utf-8"))
        db.execute(connection, "deploy.become_owner")
        db.fetch_value(connection, "operators.record", role=role, event="enrolled", reason=reason)
        db.execute(connection, "deploy.become_deployer")
    return password


def retire(name: str, reason: str) -> bool:
    """Take a person's login away; whether it was enrolled. Its sessions end. Raises: UsageError."""
    role = role_of(name)
    with db.connect(db.DEPLOYER) as connection:
        db.execute(connection, "deploy.become_owner")
        retired: bool = db.fetch_value(connection, "operators.record", role=role, event="retired", reason=reason)
        db.execute(connection, "operators.end_sessions", role=role)
        db.execute(connection, "deploy.become_deployer")
        row = db.fetch_one(connection, "operators.lock_role_statement", role=role)
        db.execute_text(connection, f"role {role}", row["statement"])
    return retired


def known() -> list[dict[str, Any]]:
    """Everybody who was ever enrolled here."""
    with db.connect(settings.load().operator_role) as connection:
        return db.fetch_all(connection, "operators.known")
