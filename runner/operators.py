"""People: a login role each, so that the database can tell two of them apart (I20).

A person's role, fund_operator_<name>, is a member of fund_operator and of nothing else, and what a session came in with
(session_user) is who it is: neither `set role` nor a setting changes it. The deployer makes the role, as it makes
the others. Its password is shown once and kept by the person; `keep` also writes it to RUNNER_HOME/passwords, for a
trial on one machine, where one pair of eyes plays both people anyway.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from runner import db, passwords, settings
from runner.deploy import SQL
from runner.errors import Conflict, UsageError

_NAME = re.compile(r"[a-z][a-z0-9]{0,30}")

#: A session that was let in just before its login fell is listed only once its start is over.
_STARTING_SECONDS = 1.0
_ENDING_SECONDS = 10.0


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
    """Take a person's login away; whether it was enrolled. Its sessions end.

    The login goes first and by itself: a session ended while it stands would be back before it falls.
    Raises: UsageError, Conflict where a session does not end.
    """
    role = role_of(name)
    with db.connect(db.DEPLOYER) as connection:
        db.execute(connection, "deploy.become_owner")
        statements = db.fetch_all(connection, "operators.lock_role_statements", role=role, reason=reason)
        if statements:  # a transaction of theirs that changes their own role would keep it from us
            db.execute(connection, "operators.end_sessions", role=role)
        db.execute(connection, "deploy.become_deployer")
        for row in statements:
            db.execute_text(connection, f"role {role}", row["statement"])
    ended = not statements or _no_session_left(role)
    with db.connect(db.DEPLOYER) as connection:
        db.execute(connection, "deploy.become_owner")
        retired: bool = db.fetch_value(connection, "operators.record", role=role, event="retired", reason=reason)
    if not ended:
        raise Conflict(
            f"{role} is retired and cannot log in, but a session of it does not end",
            "Retire it again; pg_stat_activity has what the session does.",
        )
    return retired


def _no_session_left(role: str) -> bool:
    """End the sessions of a role that can make no new one, and look until none is seen; whether that came about."""
    began = time.monotonic()
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        while (waited := time.monotonic() - began) < _ENDING_SECONDS:
            with connection.transaction():
                db.execute(connection, "deploy.become_owner")
                seen = db.execute(connection, "operators.end_sessions", role=role)
            if not seen and waited >= _STARTING_SECONDS:
                return True
            time.sleep(0.1)
    return False


def known() -> list[dict[str, Any]]:
    """Everybody who was ever enrolled here."""
    with db.connect(settings.load().operator_role) as connection:
        return db.fetch_all(connection, "operators.known")
