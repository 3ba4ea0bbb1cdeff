"""Secrets by name, read by the process that needs them when it needs them, and kept nowhere (I27).

A secret comes from the environment, else from the file that NAME_FILE names (a container's secret), else from Vault
(runner/vault.py). A role's password may stand in RUNNER_HOME/passwords last (runner/passwords.py). Whoever finds one
has the log blank it out.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import SecretStr

from runner import log, vault
from runner.errors import SettingsError

#: The trading key: `sync` reads it and nothing else does.
TRADING = ("ALPACA_API_KEY", "ALPACA_SECRET_KEY")

#: Vendors of data; `ingest` reads them. Alpaca's is no trading key: data needs no right to trade (I27).
DATA = ("ALPACA_DATA_KEY", "ALPACA_DATA_SECRET", "MASSIVE_API_KEY")

#: Where alerts go: the address of each is a secret too.
ALERTS = ("TELEGRAM_BOT_TOKEN", "SLACK_WEBHOOK_URL", "DISCORD_WEBHOOK_URL")


def find(name: str) -> SecretStr | None:
    """The secret of this name, or None where no source has it.

    Raises: SettingsError for a file that cannot be read, SecretUnavailable where Vault is set up and does not answer.
    """
    value = os.environ.get(name) or _from_file(name) or vault.read(name)
    if not value:
        return None
    log.hide(value)
    return SecretStr(value)


def source(name: str) -> str | None:
    """Where `find` would take it from, in words; nothing is read, so Vault is named without being asked."""
    if os.environ.get(name):
        return "environment"
    if path := os.environ.get(f"{name}_FILE"):
        if Path(path).is_file() and Path(path).stat().st_size == 0 and vault.configured():
            return vault.place(name)
        return f"file {path}"
    return vault.place(name) if vault.configured() else None


def in_environment() -> list[str]:
    """Every value of the environment that is a secret by its name: what no process may print, needed by it or not."""
    names = {*TRADING, *DATA, *ALERTS, *vault.CREDENTIALS}
    return [
        value
        for name, value in os.environ.items()
        if value and (name in names or name.endswith("_PASSWORD") or name.startswith("DBT_ENV_SECRET"))
    ]


def _from_file(name: str) -> str | None:
    """Content of the file NAME_FILE names, without the line end an editor leaves; None where it is empty."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return None
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{name}_FILE: {path} cannot be read ({type(error).__name__})",
            "Let the file be readable by this user, or unset the variable.",
        ) from None
    return text.rstrip("\r\n") or None
