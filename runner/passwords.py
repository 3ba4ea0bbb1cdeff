"""Passwords of the login roles: FUND_<ROLE>_PASSWORD as runner/credentials.py finds it, else RUNNER_HOME/passwords.

The file (0600) is written here only, and nothing that came from elsewhere is ever written to it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runner import credentials, log
from runner.errors import SettingsError
from runner.settings import password_variable


def own_like(path: Path | int, model: Path) -> None:
    """Root working in another user's home leaves what it makes there to that user."""
    owner = model.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise SettingsError(
            f"{path} belongs to another user", "Run as that user, or set RUNNER_HOME to a folder of your own."
        ) from None
    return dict(line.split("=", 1) for line in lines if "=" in line)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    with open(home / "passwords.lock", "a") as lock:
        own_like(lock.fileno(), home)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _given(role: str) -> str | None:
    found = credentials.find(password_variable(role))
    return found.get_secret_value() if found else None


def find(home: Path, role: str) -> str | None:
    """A role's password, or None where no source has one."""
    found = _given(role) or _read(home / "passwords").get(role)
    log.hide(found)
    return found


def absent(role: str) -> SettingsError:
    """The error for a role without a password here: deploy gives the duties theirs, `operator add` a person theirs."""
    person = role.removeprefix("fund_operator_")
    source = "`python -m runner deploy`" if person == role else f"`python -m runner operator add {person}`"
    return SettingsError(
        f"{role} has no password here",
        f"{source} makes one in its own RUNNER_HOME; one that is kept elsewhere is given as {password_variable(role)}.",
    )


def ensure(home: Path, roles: Iterable[str]) -> dict[str, str]:
    """Passwords for all `roles`, made (256 bits) and stored where missing. Safe from several processes."""
    home.mkdir(parents=True, exist_ok=True)
    roles = list(roles)
    path = home / "passwords"
    given = {role: value for role in roles if (value := _given(role))}
    with _locked(home):
        stored = _read(path)
        missing = [r for r in roles if r not in stored and r not in given]
        if missing:
            stored |= {role: secrets.token_urlsafe(32) for role in missing}
            fresh = home / "passwords.new"
            fresh.unlink(missing_ok=True)
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
                out.writelines(f"{role}={stored[role]}\n" for role in sorted(stored))
                out.flush()
                os.fsync(out.fileno())
            own_like(fresh, home)
            fresh.rename(path)
        log.hide(*(stored.get(role) for role in roles))
        return {role: given.get(role) or stored[role] for role in roles}
