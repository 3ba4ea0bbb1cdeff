"""The environment dbt reads (dbt/profiles.yml): the same for `python -m runner env` and for dbt run in-process."""

from __future__ import annotations

from pathlib import Path

from runner import db
from runner.settings import Settings

DBT = Path(__file__).resolve().parents[1] / "dbt"

#: The one role dbt connects as.
ROLE = "fund_transformer"

#: Its password. By the prefix dbt knows a secret: it blanks it out of its log, and no model can read it.
PASSWORD = "DBT_ENV_SECRET_FUND_PASSWORD"


def for_dbt(config: Settings) -> dict[str, str]:
    """Variable to value; the password is among them.

    Raises: SettingsError where the role has no password yet (before the first deploy).
    """
    target = db.parameters(ROLE, config)
    return {
        "FUND_DBT_HOST": target["host"],
        "FUND_DBT_PORT": target["port"],
        "FUND_DBT_USER": ROLE,
        PASSWORD: target["password"],
        "FUND_DBT_DATABASE": target["dbname"],
        "FUND_DBT_SSLMODE": target.get("sslmode", ""),
        "FUND_DBT_SSLROOTCERT": target.get("sslrootcert", ""),
        "DBT_PROJECT_DIR": str(DBT),
        "DBT_PROFILES_DIR": str(DBT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "RUNNER_HOME": str(config.runner_home),
    }
