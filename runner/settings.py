"""Settings from the environment: where things are and who may reach them, never what the fund may do.

A hashed value (limits, model parameters) is not here and no variable can change one (I20). A bad value is an error that
names its variable. `RUNNER_HOME` holds everything the runner writes on disk.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from runner import credentials
from runner.errors import SettingsError, named

#: The login roles of sql/bootstrap/01_roles.sql: one per duty (ARCHITECTURE 4).
LOGIN_ROLES = (
    "fund_ingestor",
    "fund_transformer",
    "fund_decider",
    "fund_broker",
    "fund_notifier",
    "fund_operator",
    "fund_analyst",
    "fund_verifier",
    "fund_monitor",
)

#: How variables begin that may hold a secret of ours: a program started for somebody else's purpose inherits none.
SECRET_VARIABLES = (
    "FUND_", "DATABASE_URL", "POSTGRES_", "PG", "ALPACA_", "MASSIVE_", "TELEGRAM_", "SLACK_", "DISCORD_", "VAULT_",
)  # fmt: skip

#: The fund's database in the embedded cluster.
DATABASE = "fund"


def _refuse_sqlite(value: object) -> object:
    if isinstance(value, str) and value.lower() == "sqlite":
        raise ValueError(
            "sqlite is refused: limits, orders and audit are PL/pgSQL routines behind roles; SQLite has neither"
        )
    return value.lower() if isinstance(value, str) else value


def _postgres_url(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"not a URL: {error}") from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("must look like postgresql://deployer@host:5432/fund")
    if not parts.path.strip("/"):
        raise ValueError("names no database: postgresql://deployer@host:5432/fund")
    return value


def _absolute(value: Path) -> Path:
    return Path(os.path.abspath(value.expanduser()))


def _arguments(value: object) -> object:
    """A JSON list of words, program first: no shell reads it, so nothing in it is expanded."""
    if not isinstance(value, str):
        return value
    try:
        words = json.loads(value)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError('must be a JSON list of words: ["program", "argument"]')
    return tuple(words)


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class Settings(BaseSettings):
    """The environment, read once per command. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: Annotated[SecretStr, AfterValidator(_postgres_url)] | None = None
    db_engine: Annotated[Literal["embedded", "postgres"] | None, BeforeValidator(_refuse_sqlite)] = None
    runner_home: AbsolutePath = Field(default=Path(".runner"), validate_default=True)
    kill_switch_file: AbsolutePath = Field(default=Path("runtime/KILL_SWITCH"), validate_default=True)

    #: Seconds of silence after which the database counts as down while a kill file lies there (I14); a kill must reach
    #: the broker within a minute.
    kill_database_timeout: Annotated[float, Field(ge=1, le=30)] = 5.0

    #: The person at the keyboard: their login role is fund_operator_<name> (`python -m runner operator`).
    fund_operator: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,30}$")] | None = None

    #: Who asks, as www.sec.gov demands it of a program: a name and a way to be reached.
    sec_user_agent: str | None = None

    telegram_chat_id: str | None = None
    monitor_notify_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    heartbeat_interval: Annotated[int, Field(gt=0)] = 3600
    alert_dedup_window: Annotated[int, Field(ge=0)] = 600
    #: Seconds between two looks of the dashboard by itself; 0: only when somebody asks.
    dashboard_refresh: Annotated[int, Field(ge=0, le=3600)] = 30

    log_format: Literal["console", "json"] = "console"

    audit_anchors: AbsolutePath | None = None
    audit_anchor_notify: bool = False
    audit_anchor_command: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_arguments)] = ()
    audit_anchor_timeout: Annotated[float, Field(gt=0, le=600)] = 30.0

    @model_validator(mode="after")
    def _engine_and_url_agree(self) -> Self:
        if self.db_engine == "postgres" and self.database_url is None:
            raise ValueError("DB_ENGINE is postgres but DATABASE_URL is not set")
        if self.db_engine == "embedded" and self.database_url is not None:
            raise ValueError("DB_ENGINE is embedded but DATABASE_URL is set: unset one of them")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the runner starts its own PostgreSQL."""
        return self.database_url is None

    @property
    def anchors_folder(self) -> Path:
        """Where heads of the audit chain are kept outside the database."""
        return self.audit_anchors or self.runner_home / "anchors"

    @property
    def operator_role(self) -> str:
        """The login role of an operator's commands: the person's own where FUND_OPERATOR names one."""
        return f"fund_operator_{self.fund_operator}" if self.fund_operator else "fund_operator"

    def server_url(self) -> str:
        """DATABASE_URL as it is given. Raises: SettingsError on the embedded engine."""
        if self.database_url is None:
            raise SettingsError("DATABASE_URL is not set")
        return self.database_url.get_secret_value()

    def deployer_url(self) -> str:
        """DATABASE_URL, with POSTGRES_PASSWORD where the URL has no password; only `deploy` and `db` use it.

        Raises: SettingsError on the embedded engine, whose superuser is `runner.embedded`'s to know.
        """
        url = self.server_url()
        parts = urlsplit(url)
        if parts.password is None and (found := credentials.find("POSTGRES_PASSWORD")) is not None:
            user = quote(parts.username or "postgres", safe="")
            host = parts.netloc.rpartition("@")[2]
            password = quote(found.get_secret_value(), safe="")
            return parts._replace(netloc=f"{user}:{password}@{host}").geturl()
        return url

    def secrets(self) -> list[str]:
        """Every secret value of the environment, for the log to blank out."""
        password = urlsplit(self.server_url()).password if self.database_url is not None else None
        return [*credentials.in_environment(), *([password, unquote(password)] if password else [])]


def _loopback(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(
            "is for a test server on this machine only; paper or live is the account's kind, and its address follows"
        )
    return value.rstrip("/")


class TradingKey(BaseSettings):
    """The trading key and what goes with it; read by `sync` and by nothing else (I27).

    base_url: a fake broker on this machine, for tests. live_account: the account id the environment confirms for live
    trading, beside `sync --live` (I31).
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    api_key: SecretStr = Field(validation_alias="ALPACA_API_KEY")
    secret_key: SecretStr = Field(validation_alias="ALPACA_SECRET_KEY")
    base_url: Annotated[str, AfterValidator(_loopback)] | None = Field(None, validation_alias="ALPACA_BASE_URL")
    live_account: str | None = Field(None, validation_alias="LIVE_TRADING_ACCOUNT")


def password_variable(role: str) -> str:
    """The environment variable with a role's password: fund_decider -> FUND_DECIDER_PASSWORD."""
    return f"{role.upper()}_PASSWORD"


def load() -> Settings:
    """Read the environment. Raises: SettingsError naming each bad variable and why, without its value."""
    try:
        return Settings()
    except ValidationError as error:
        raise named(error) from None


def trading_key() -> TradingKey:
    """Read the trading key, and have the log blank it out.

    Raises: SettingsError naming each missing variable, SecretUnavailable where Vault does not answer.
    """
    found = {name: secret for name in credentials.TRADING if (secret := credentials.find(name)) is not None}
    try:
        return TradingKey(**found)  # type: ignore[arg-type]
    except ValidationError as error:
        raise named(error, "Give it to `sync` and to no other process.") from None
