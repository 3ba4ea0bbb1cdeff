"""Secrets from Vault: what is asked of it, in which order the sources come, and each failure as one line (I27).

The Vault is an HTTP server on this machine that answers as Vault's API does; hvac talks to it.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from runner import credentials, db, log, passwords, settings, vault
from runner.errors import ExitCode, FundError, SecretUnavailable, SettingsError

TOKEN = "hvs.token-of-a-test-that-nobody-may-see"
KEYS = {"ALPACA_API_KEY": "PK-from-vault", "ALPACA_SECRET_KEY": "secret-from-vault"}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("VAULT_ADDR", "VAULT_TOKEN", "POSTGRES_PASSWORD", *KEYS, *credentials.ALERTS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RUNNER_HOME", str(tmp_path))
    vault._read.clear()
    yield
    vault._read.clear()
    log._hidden.clear()


@pytest.fixture
def fake(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    monkeypatch.setenv("VAULT_ADDR", httpserver.url_for("").rstrip("/"))
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    return httpserver


def kv2(values: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"data": values, "metadata": {"version": 3, "deletion_time": "", "destroyed": False}}}


def asked(fake: HTTPServer) -> list[str]:
    return [request.path for request, _ in fake.log]


# -- what is asked ----


def test_kv_version_2_by_the_specifications_mapping(fake: HTTPServer) -> None:
    fake.expect_request("/v1/secret/data/quant-fund/api-keys", headers={"X-Vault-Token": TOKEN}).respond_with_json(
        kv2(KEYS)
    )
    fake.expect_request("/v1/secret/data/quant-fund/database").respond_with_json(kv2({"POSTGRES_PASSWORD": "of-all"}))
    key = settings.trading_key()
    assert (key.api_key.get_secret_value(), key.secret_key.get_secret_value()) == tuple(KEYS.values())
    assert vault.read("POSTGRES_PASSWORD") == "of-all"
    assert asked(fake) == ["/v1/secret/data/quant-fund/api-keys", "/v1/secret/data/quant-fund/database"]
    assert log.redact(f"{key.secret_key.get_secret_value()} {TOKEN}") == f"{log.BLANK} {log.BLANK}"


def test_kv_version_1_in_a_mount_and_namespace_of_its_own(fake: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"KV_VERSION": "1", "KV_MOUNT": "fund", "NAMESPACE": "desk/one"}.items():
        monkeypatch.setenv(f"VAULT_{name}", value)
    fake.expect_request(
        "/v1/fund/quant-fund/roles/fund_broker", headers={"X-Vault-Namespace": "desk/one"}
    ).respond_with_json({"data": {"FUND_BROKER_PASSWORD": "of-the-broker"}})
    assert passwords.find(Path("/nowhere"), "fund_broker") == "of-the-broker"


def test_approle(fake: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    monkeypatch.setenv("VAULT_ROLE_ID", "role-id-of-sync")
    monkeypatch.setenv("VAULT_SECRET_ID", "secret-id-of-sync")
    fake.expect_request(
        "/v1/auth/approle/login", method="POST", json={"role_id": "role-id-of-sync", "secret_id": "secret-id-of-sync"}
    ).respond_with_json({"auth": {"client_token": "a-token-for-an-hour"}})
    fake.expect_request(
        "/v1/secret/data/quant-fund/api-keys", headers={"X-Vault-Token": "a-token-for-an-hour"}
    ).respond_with_json(kv2(KEYS))
    assert settings.trading_key().secret_key.get_secret_value() == "secret-from-vault"
    assert log.redact("a-token-for-an-hour secret-id-of-sync") == f"{log.BLANK} {log.BLANK}"


def test_every_name_has_its_place_and_a_role_a_path_of_its_own() -> None:
    names = ["POSTGRES_PASSWORD", *credentials.TRADING, *credentials.ALERTS]
    assert {vault.path_of(n) for n in names} == {"quant-fund/api-keys", "quant-fund/database", "quant-fund/alerts"}
    roles = {vault.path_of(settings.password_variable(role)) for role in settings.LOGIN_ROLES}
    assert roles == {f"quant-fund/roles/{role}" for role in settings.LOGIN_ROLES}
    assert vault.path_of("PATH") is None and vault.read("PATH") is None


# -- which source ----


def test_environment_then_file_then_vault_then_passwords(
    fake: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there: list[dict[str, str]] = []

    def database(_: Request) -> Response:
        body = kv2(there[0]) if there else {"errors": []}
        return Response(json.dumps(body), 200 if there else 404, content_type="application/json")

    fake.expect_request("/v1/secret/data/quant-fund/database").respond_with_handler(database)
    stored = passwords.ensure(tmp_path, ["postgres"])
    assert "postgres=" in (tmp_path / "passwords").read_text() and asked(fake) == [
        "/v1/secret/data/quant-fund/database"
    ]
    assert passwords.find(tmp_path, "postgres") == stored["postgres"]
    vault.forget("POSTGRES_PASSWORD")
    there.append({"POSTGRES_PASSWORD": "vaults"})
    assert passwords.find(tmp_path, "postgres") == "vaults"
    before = len(fake.log)
    (tmp_path / "of-a-file").write_text("files\n")
    monkeypatch.setenv("POSTGRES_PASSWORD_FILE", str(tmp_path / "of-a-file"))
    assert passwords.find(tmp_path, "postgres") == "files"
    monkeypatch.setenv("POSTGRES_PASSWORD", "environments")
    assert passwords.find(tmp_path, "postgres") == "environments"
    assert len(fake.log) == before, "Vault is asked only where nothing nearer has it"
    assert "vaults" not in (tmp_path / "passwords").read_text()


def test_read_once_and_kept_on_no_disk(fake: HTTPServer, tmp_path: Path) -> None:
    fake.expect_request("/v1/secret/data/quant-fund/roles/fund_broker").respond_with_json(
        kv2({"FUND_BROKER_PASSWORD": "kept-in-memory"})
    )
    assert passwords.ensure(tmp_path, ["fund_broker"]) == {"fund_broker": "kept-in-memory"}
    assert passwords.find(tmp_path, "fund_broker") == "kept-in-memory" and len(fake.log) == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"kept-in" in path.read_bytes()]


def test_a_password_changed_in_vault_is_read_again(
    fake: HTTPServer, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    """A worker outlives a rotation: the database refuses the old one, and Vault is asked for the new one, once."""
    monkeypatch.undo()
    monkeypatch.setenv("VAULT_ADDR", fake.url_for("").rstrip("/"))
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    right = passwords._read(settings.load().runner_home / "passwords")["fund_monitor"]
    given = iter(["the-old-one", right, right])
    fake.expect_request("/v1/secret/data/quant-fund/roles/fund_monitor").respond_with_handler(
        lambda _: Response(json.dumps(kv2({"FUND_MONITOR_PASSWORD": next(given)})), content_type="application/json")
    )
    assert passwords.find(Path("/nowhere"), "fund_monitor") == "the-old-one"
    with db.connect("fund_monitor", dbname=template) as connection:
        assert db.fetch_text(connection, "who", "select current_user")[0]["current_user"] == "fund_monitor"
    assert len(fake.log) == 2


def test_a_role_does_not_ask_for_the_deployers_password(fake: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://deployer@db.example/fund")
    fake.expect_request("/v1/secret/data/quant-fund/roles/fund_broker").respond_with_json(
        kv2({"FUND_BROKER_PASSWORD": "of-the-broker"})
    )
    assert db.parameters("fund_broker")["password"] == "of-the-broker"
    assert asked(fake) == ["/v1/secret/data/quant-fund/roles/fund_broker"]


# -- what goes wrong ----


def slow(_: Request) -> Response:
    time.sleep(0.6)
    return Response("{}")


FAILURES: dict[str, tuple[Any, str, str]] = {
    "permission denied": (
        Response('{"errors":["1 error occurred: permission denied"]}', 403, content_type="application/json"),
        "does not permit secret/quant-fund/api-keys", "policy",
    ),
    "sealed": (
        Response('{"errors":["Vault is sealed"]}', 503, content_type="application/json"),
        "is sealed or down", "vault operator unseal",
    ),
    "not initialised": (Response('{"errors":[]}', 501, content_type="application/json"), "not initialised", "init"),
    "no such engine": (
        Response('{"errors":["no handler for route"]}', 404, content_type="application/json"),
        "knows no engine", "VAULT_KV_MOUNT",
    ),
    "bad request": (Response('{"errors":["x"]}', 400, content_type="application/json"), "as invalid", "VAULT_ROLE_ID"),
    "too many requests": (Response('{"errors":[]}', 429, content_type="application/json"), "RateLimit", "vault status"),
    "its own error": (Response("oops", 500), "InternalServerError", "vault status"),
    "elsewhere": (Response("", 307, headers={"Location": "http://127.0.0.1:1/"}), "something else", "VAULT_ADDR"),
    "a page": (Response("<html>portal</html>"), "something else", "VAULT_ADDR"),
    "another shape": (
        Response('{"data": {"A": "b"}}', content_type="application/json"), "something else", "VAULT_KV_VERSION",
    ),
    "endless": (Response(b"x" * (vault.ANSWER_BYTES_MAX + 1)), "ContentDecodingError", "vault status"),
    "slow": (slow, "did not answer within 0.3 s", "VAULT_CLIENT_TIMEOUT"),
}  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_one_line_with_its_remedy(failure: str, fake: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, words, remedy = FAILURES[failure]
    monkeypatch.setenv("VAULT_CLIENT_TIMEOUT", "0.3s")
    expected = fake.expect_request("/v1/secret/data/quant-fund/api-keys")
    if callable(answer) and not isinstance(answer, Response):
        expected.respond_with_handler(answer)
    else:
        expected.respond_with_response(answer)
    with pytest.raises(SecretUnavailable) as refused:
        settings.trading_key()
    assert words in refused.value.message and remedy in refused.value.remedy
    assert refused.value.exit_code == ExitCode.BROKER and "\n" not in str(refused.value)
    assert TOKEN not in str(refused.value) and refused.value.__cause__ is None


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_the_certificate_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "ca.pem"],
        cwd=tmp_path, capture_output=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    with HTTPServer(ssl_context=context) as fake:
        fake.expect_request("/v1/secret/data/quant-fund/database").respond_with_json(kv2({"POSTGRES_PASSWORD": "tls"}))
        monkeypatch.setenv("VAULT_ADDR", f"https://localhost:{fake.port}")
        with pytest.raises(SecretUnavailable, match="nobody here vouches for") as refused:
            vault.read("POSTGRES_PASSWORD")
        assert "VAULT_CACERT" in refused.value.remedy and fake.log == []
        monkeypatch.setenv("VAULT_CACERT", str(tmp_path / "ca.pem"))
        assert vault.read("POSTGRES_PASSWORD") == "tls"


def test_nobody_there(fake: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:9")
    with pytest.raises(SecretUnavailable, match="cannot be reached") as refused:
        passwords.find(Path("/nowhere"), "fund_broker")
    assert refused.value.exit_code == ExitCode.DATABASE


def test_a_key_that_is_not_there_is_named(fake: HTTPServer) -> None:
    fake.expect_request("/v1/secret/data/quant-fund/api-keys").respond_with_json(kv2({"ALPACA_API_KEY": "PK-alone"}))
    with pytest.raises(SettingsError, match="ALPACA_SECRET_KEY: is not set"):
        settings.trading_key()
    fake.expect_request("/v1/secret/data/quant-fund/database").respond_with_json(kv2({"POSTGRES_PASSWORD": 5}))
    with pytest.raises(SettingsError, match="is no text"):
        vault.read("POSTGRES_PASSWORD")


def test_hvac_is_an_extra(fake: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(SettingsError, match="hvac is not installed") as refused:
        settings.trading_key()
    assert "[vault]" in refused.value.remedy
    monkeypatch.delenv("VAULT_ADDR")
    assert credentials.find("ALPACA_API_KEY") is None, "without VAULT_ADDR nobody needs it"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"VAULT_ADDR": "vault.example"}, r"^VAULT_ADDR: must look like"),
        ({"VAULT_ADDR": "http://vault.example:8200"}, r"^VAULT_ADDR: must be https"),
        ({"VAULT_ADDR": f"https://x:{TOKEN}@vault.example"}, r"^VAULT_ADDR: must look like"),
        ({"VAULT_SKIP_VERIFY": "true"}, "VAULT_SKIP_VERIFY is refused"),
        ({"VAULT_TOKEN": ""}, "neither VAULT_TOKEN nor VAULT_ROLE_ID with VAULT_SECRET_ID"),
        ({"VAULT_TOKEN": "", "VAULT_ROLE_ID": "alone"}, "neither VAULT_TOKEN nor"),
        ({"VAULT_CACERT": "/nowhere/ca.pem"}, r"^VAULT_CACERT: .*cannot be read"),
        ({"VAULT_KV_VERSION": "3"}, "^VAULT_KV_VERSION: "),
        ({"VAULT_CLIENT_TIMEOUT": "0"}, "^VAULT_CLIENT_TIMEOUT: "),
    ],
)
def test_a_wrong_set_up_names_its_variable(
    change: dict[str, str], words: str, fake: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words) as refused:
        vault.read("ALPACA_API_KEY")
    assert TOKEN not in str(refused.value) and fake.log == []


def test_health_needs_no_secret(fake: HTTPServer) -> None:
    fake.expect_ordered_request("/v1/sys/health").respond_with_json({"initialized": True, "sealed": False})
    fake.expect_ordered_request("/v1/sys/health").respond_with_json({"standby": True}, status=429)
    fake.expect_ordered_request("/v1/sys/health").respond_with_json({"sealed": True}, status=503)
    assert vault.health().startswith("unsealed at") and vault.health().startswith("unsealed (standby)")
    with pytest.raises(FundError, match="sealed"):
        vault.health()


def test_doctor_says_where_and_reads_no_secret(fake: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given neither the trading key nor a password, and asks Vault for its health only."""
    fake.expect_request("/v1/sys/health").respond_with_json({"initialized": True, "sealed": False})
    monkeypatch.setenv("FUND_ANALYST_PASSWORD", "canary-of-the-analyst")
    done = subprocess.run(
        [sys.executable, "-m", "runner", "doctor", "--json"], cwd=ROOT, capture_output=True, text=True
    )
    found = {item["name"]: item["found"] for item in json.loads(done.stdout) if item["name"].startswith("secret")}
    assert found["secret FUND_ANALYST_PASSWORD"] == "environment"
    assert found["secret ALPACA_SECRET_KEY"].endswith("secret/quant-fund/api-keys, key ALPACA_SECRET_KEY")
    assert {f"secret {settings.password_variable(role)}" for role in settings.LOGIN_ROLES} <= found.keys()
    assert found["secrets"].startswith("Vault unsealed at")
    assert asked(fake) == ["/v1/sys/health"] and "canary" not in done.stdout + done.stderr
