"""What ran: the version of this code and of everything its numbers depend on (I32)."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from threadpoolctl import threadpool_info

from runner import db, parsed_project

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
    """Name to version of Python, the platform and the libraries that compute, BLAS and what it runs on included."""
    # The copies of BLAS that numpy and scipy bring are seen once they are loaded.
    import numpy as np
    import scipy.linalg

    assert scipy.linalg
    blas = sorted(
        (library for library in threadpool_info() if library["user_api"] == "blas"),
        key=lambda library: (str(library["version"]), os.path.basename(library["filepath"])),
    )
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    found = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()}-{platform.machine()}",
        "libc": " ".join(platform.libc_ver()) or "unknown",
        "simd": " ".join([*simd.get("baseline", ()), *simd.get("found", ())]),
        "blas": ", ".join(f"{b['internal_api']} {b['version']} {b.get('architecture', '')}".strip() for b in blas),
        "blas_threads": ", ".join(str(library["num_threads"]) for library in blas),
    }
    return found | {name: version(name) for name in _NUMERIC}


def everything(connection: db.Connection) -> dict[str, str]:
    """`libraries`, and of the other side: the server, what is deployed of sql/, the project of dbt/ (I32)."""
    ledger = db.fetch_all(connection, "deploy.ledger")
    schema = hashlib.sha256("".join(f"{row['path']} {row['sha256']}\n" for row in ledger).encode()).hexdigest()
    return libraries() | {
        "postgresql": db.fetch_value(connection, "deploy.server_version"),
        "schema": schema,
        "dbt_project": parsed_project.sources_sha256() or "unreadable",
    }


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
