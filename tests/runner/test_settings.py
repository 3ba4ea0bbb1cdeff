"""Settings: each bad value is one clear error that names its variable and keeps its secret."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from runner import log, settings
from runner.errors import ExitCode, SettingsError

ROOT = Path(__file__).resolve().parents[2]
TRADING = ("ALPACA_API_KEY", "ALPACA_SECRET_KEY", "ALPACA_BASE_URL", "LIVE_TRADING_ACCOUNT")
URL = "postgresql://deployer:top-secret@db.example:5432/fund"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RUNNER_HOME", "KILL_SWITCH_FILE", "DATABASE_URL", "DB_ENGINE", "POSTGRES_PASSWORD", *TRADING):
        monkeypatch.delenv(name, raising=False)


def test_defaults(tmp_path: Path) -> None:
    found = settings.load()
    assert found.embedded
    assert found.runner_home == tmp_path / ".runner"
    assert found.kill_switch_file == tmp_path / "runtime" / "KILL_SWITCH"
    assert (found.monitor_notify_level, found.heartbeat_interval, found.alert_dedup_window) == ("INFO", 3600, 600)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_ENGINE", "sqlite"),
        ("DB_ENGINE", "oracle"),
        ("DATABASE_URL", "mysql://host/fund"),
        ("DATABASE_URL", "postgresql://host:notaport/fund"),
        ("DATABASE_URL", "postgresql://host"),
        ("MONITOR_NOTIFY_LEVEL", "LOUD"),
        ("HEARTBEAT_INTERVAL", "0"),
        ("HEARTBEAT_INTERVAL", "nan"),
        ("ALERT_DEDUP_WINDOW", "-1"),
        ("KILL_DATABASE_TIMEOUT", "0.5"),
        ("KILL_DATABASE_TIMEOUT", "31"),
        ("KILL_DATABASE_TIMEOUT", "nan"),
    ],
)
def test_a_bad_value_is_an_error_naming_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name}: ") as refused:
        settings.load()
    assert refused.value.exit_code == ExitCode.USAGE


def test_sqlite_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_ENGINE", "SQLite")
    with pytest.raises(SettingsError, match=r"sqlite is refused: .*PL/pgSQL"):
        settings.load()


def test_engine_and_url_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_ENGINE", "postgres")
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        settings.load()
    monkeypatch.setenv("DATABASE_URL", URL)
    assert not settings.load().embedded
    monkeypatch.setenv("DB_ENGINE", "embedded")
    with pytest.raises(SettingsError, match="unset one of them"):
        settings.load()


def test_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("HEARTBEAT_INTERVAL", "")
    assert settings.load().heartbeat_interval == 3600


def test_no_secret_in_an_error_or_in_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:top-secret@host:notaport/fund")
    with pytest.raises(SettingsError) as refused:
        settings.load()
    assert "top-secret" not in str(refused.value)
    monkeypatch.setenv("DATABASE_URL", URL)
    assert "top-secret" not in repr(settings.load())
    assert "top-secret" in settings.load().secrets()


def test_postgres_password_completes_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://deployer@db.example:5432/fund")
    monkeypatch.setenv("POSTGRES_PASSWORD", "p@ss/word")
    assert settings.load().deployer_url() == "postgresql://deployer:p%40ss%2Fword@db.example:5432/fund"
    monkeypatch.setenv("DATABASE_URL", URL)
    assert settings.load().deployer_url() == URL


def test_password_variables() -> None:
    assert settings.password_variable("fund_decider") == "FUND_DECIDER_PASSWORD"


def test_the_trading_key_is_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="ALPACA_API_KEY: is not set; ALPACA_SECRET_KEY: is not set"):
        settings.trading_key()
    monkeypatch.setenv("ALPACA_API_KEY", "key-of-a-test")
    monkeypatch.setenv("ALPACA_SECRET_KEY", "")
    with pytest.raises(SettingsError, match=r"^ALPACA_SECRET_KEY: is not set"):
        settings.trading_key()
    monkeypatch.setenv("ALPACA_SECRET_KEY", "secret-of-a-test")
    key = settings.trading_key()
    assert (key.base_url, key.live_account) == (None, None)
    assert "of-a-test" not in repr(key)
    assert log.redact("GET with key-of-a-test and secret-of-a-test") == "GET with *** and ***"


@pytest.mark.parametrize(
    "url", ["https://api.alpaca.markets", "https://paper-api.alpaca.markets", "http://10.0.0.1:80", "127.0.0.1:80"]
)
def test_i31_no_variable_chooses_the_brokers_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A live address in paper mode cannot be said: the account's kind chooses it, a test server is on this machine."""
    monkeypatch.setenv("ALPACA_API_KEY", "key-of-a-test")
    monkeypatch.setenv("ALPACA_SECRET_KEY", "secret-of-a-test")
    monkeypatch.setenv("ALPACA_BASE_URL", url)
    with pytest.raises(SettingsError, match="ALPACA_BASE_URL: is for a test server on this machine"):
        settings.trading_key()


def test_i27_only_sync_reads_the_trading_key() -> None:
    """Nothing but sync calls settings.trading_key, and nobody reads the variables beside it."""
    readers, mentions = set(), set()
    for path in sorted((ROOT / "runner").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Attribute, ast.Name)) and "trading_key" in (
                getattr(node, "attr", ""),
                getattr(node, "id", ""),
            ):
                readers.add(name)
            # ALPACA_DATA_… is a key without the right to trade, which ingest reads.
            word = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if word.startswith("ALPACA_") and not word.startswith("ALPACA_DATA_"):
                mentions.add(name)
    assert readers <= {"runner/brokers/sync.py", "runner/brokers/desk.py"}
    # The adapter names them where one cannot be a key; it is given their values by sync.
    # The registry of secrets names them too, and where they stand in Vault.
    where = {"runner/credentials.py", "runner/vault.py"}
    assert mentions == {"runner/settings.py", "runner/brokers/alpaca.py", *where}
    for path in sorted((ROOT / "runner" / "brokers").glob("*.py")):
        assert not re.search(r"\bos\.environ|\bgetenv", path.read_text(encoding="utf-8")), path.name
    assert not {"api_key", "secret_key"} & set(settings.Settings.model_fields)
