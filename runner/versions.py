"""What ran: the version of this code and of everything its numbers depend on (I32)."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: Distributions whose version can change a stored number.
_NUMERIC = ("numpy", "scipy", "pandas", "dbt-core", "dbt-postgres", "psycopg", "exchange_calendars", "pydantic")

_ROOT = Path(__file__).resolve().parent.parent


@cache
def code_version() -> str:
    """Package version and commit: "0.1.0+1a2b3c4…", as `commit` says."""
    try:
        package = version("mini-quant-fund")
    except PackageNotFoundError:
        package = "source"
    found = commit()
    return f"{package}+{found}" if found else package


@cache
def commit() -> str | None:
    """Commit of the checkout, "-dirty" behind it where tracked files differ; None outside one."""
    return _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


@cache
def libraries() -> dict[str, str]:
    """Name to version of Python, the platform and the libraries that compute."""
    found = {"python": platform.python_version(), "platform": f"{platform.system()}-{platform.machine()}"}
    return found | {name: version(name) for name in _NUMERIC}


def _git(*arguments: str) -> str | None:
    """Output of git in this checkout; None where there is no git or no checkout."""
    if not (_ROOT / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "-c", f"safe.directory={_ROOT}", "-C", str(_ROOT), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
