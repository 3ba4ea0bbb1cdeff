"""docker/compose.yaml against the compose schema, and the promises it makes about passwords."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from runner.credentials import ALERTS, TRADING
from runner.settings import LOGIN_ROLES, password_variable

ROOT = Path(__file__).resolve().parents[2]
#: Of the compose specification (Apache-2.0), unchanged: schema/compose-spec.json at commit 170098ba07d9.
SCHEMA = Path(__file__).parent / "compose-spec.json"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8")))


def test_compose_file_meets_the_schema(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(compose)] == []


def test_the_schema_refuses_what_is_wrong(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    broken = {**compose, "services": {**compose["services"], "db": {"image": 5, "no_such_key": True}}}
    assert not jsonschema.Draft7Validator(schema).is_valid(broken)


def files_of(service: dict[str, Any]) -> dict[str, str]:
    """Each secret a service is told to read, and the name of the file it is told to read it from."""
    return {
        name.removesuffix("_FILE"): path.removeprefix("/run/secrets/")
        for name, path in service.get("environment", {}).items()
        if name.endswith("_FILE")
    }


def test_i27_only_deploy_knows_every_password_and_the_deployers(compose: dict[str, Any]) -> None:
    every = {password_variable(role) for role in LOGIN_ROLES} | {"POSTGRES_PASSWORD"}
    held = {name: every & set(files_of(s)) for name, s in compose["services"].items()}
    assert held["deploy"] == every
    assert held["db"] == {"POSTGRES_PASSWORD"}
    assert held["sync"] == {"FUND_BROKER_PASSWORD"}
    assert held["notify"] == {"FUND_NOTIFIER_PASSWORD"}
    assert held["dashboard"] == {"FUND_ANALYST_PASSWORD"}
    assert "POSTGRES_PASSWORD" not in held["runner"] and "FUND_BROKER_PASSWORD" not in held["runner"]
    assert held["daemon"] == held["runner"]


def test_i23_anchors_outlive_the_container_that_wrote_them(compose: dict[str, Any]) -> None:
    """Its next cycle finds them: the volume, the folder the settings name, and the host's name stay."""
    runner = compose["services"]["runner"]
    assert f"anchors:{runner['environment']['AUDIT_ANCHORS']}" in runner["volumes"] and "anchors" in compose["volumes"]
    assert "FUND_VERIFIER_PASSWORD_FILE" in runner["environment"] and runner["hostname"] == "runner"
    daemon = compose["services"]["daemon"]  # one file of anchors is one host's
    assert {name: daemon[name] for name in ("hostname", "volumes")} == {
        name: runner[name] for name in ("hostname", "volumes")
    }
    assert runner["environment"]["AUDIT_ANCHORS"] in (ROOT / "docker" / "runner.Dockerfile").read_text(encoding="utf-8")


def test_i14_the_next_sync_clears_the_kill_file_of_the_one_before(compose: dict[str, Any]) -> None:
    """A source is its host's, and a container without a name of its own is another host each time."""
    assert compose["services"]["sync"]["hostname"] == "sync"
    assert compose["services"]["sync"]["hostname"] != compose["services"]["runner"]["hostname"]


def test_i27_only_sync_is_given_the_trading_key(compose: dict[str, Any]) -> None:
    holders = {name for name, s in compose["services"].items() if set(TRADING) & set(files_of(s))}
    assert holders == {"sync"}


def test_i27_only_the_sender_is_given_the_channels(compose: dict[str, Any]) -> None:
    holders = {name for name, s in compose["services"].items() if set(ALERTS) & set(files_of(s))}
    assert holders == {"notify"}


def test_the_dashboard_which_has_no_login_is_this_machine_s_alone(compose: dict[str, Any]) -> None:
    """Nothing else is reachable from outside at all; and its image has what it needs."""
    published = {name: s["ports"] for name, s in compose["services"].items() if "ports" in s}
    assert published == {"dashboard": ["127.0.0.1:${DASHBOARD_PORT:-8501}:8501"]}
    lock = ROOT / compose["services"]["dashboard"]["build"]["args"]["LOCK"]
    assert re.search(r"^streamlit==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    assert f"COPY requirements.txt {lock.name} ./" in (ROOT / "docker" / "runner.Dockerfile").read_text(
        encoding="utf-8"
    )


def test_i27_secrets_are_files_of_their_own_service(compose: dict[str, Any]) -> None:
    """None is a variable, which `docker inspect` shows; a service mounts what it reads and nothing else."""
    secret = re.compile(r"PASSWORD|KEY$|TOKEN|SECRET|WEBHOOK")
    used = set()
    for name, service in compose["services"].items():
        assert not [v for v in service.get("environment", {}) if secret.search(v) and not v.endswith("_FILE")], name
        mounted = service.get("secrets", [])
        assert sorted(files_of(service).values()) == sorted(mounted), name
        assert all(variable.lower() == file for variable, file in files_of(service).items())
        used |= set(mounted)
    assert used == set(compose["secrets"])
    assert {s["file"] for s in compose["secrets"].values()} == {f"${{SECRETS_DIR:-./secrets}}/{name}" for name in used}
    assert "secrets" in (ROOT / ".gitignore").read_text(encoding="utf-8")
    assert "docker/secrets" in (ROOT / ".dockerignore").read_text(encoding="utf-8")


def test_every_container_is_somebody_without_rights_on_a_root_it_cannot_write(compose: dict[str, Any]) -> None:
    assert compose["services"]["db"]["user"] == "postgres"
    runner = (ROOT / "docker" / "runner.Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^USER (.*)$", runner, re.MULTILINE)[-1] not in ("root", "0")
    for name, service in compose["services"].items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"] and not service.get("privileged"), name
        assert "user" in service or service["build"]["dockerfile"] == "docker/runner.Dockerfile", name


def test_i27_no_secret_is_baked_into_an_image() -> None:
    for path in (ROOT / "docker").glob("*.Dockerfile"):
        words = re.findall(r"^(?:ARG|ENV|RUN)\b.*", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert not [word for word in words if re.search(r"PASSWORD|SECRET|TOKEN|API_KEY", word)], path.name


def test_the_database_is_asked_as_the_compose_file_says(compose: dict[str, Any]) -> None:
    """Without TLS, said out loud, on a network that leads nowhere else."""
    urls = {
        s["environment"]["DATABASE_URL"] for s in compose["services"].values() if "DATABASE_URL" in s["environment"]
    }
    assert all(url.endswith("@db:5432/fund?sslmode=disable") or "//db:" in url for url in urls)
    assert all("sslmode=disable" in url for url in urls) and compose["networks"]["database"] == {"internal": True}
    assert compose["services"]["db"]["networks"] == ["database"]


def test_images_copy_only_what_exists(compose: dict[str, Any]) -> None:
    dockerfiles = {s["build"]["dockerfile"] for s in compose["services"].values()}
    assert dockerfiles == {"docker/database.Dockerfile", "docker/runner.Dockerfile"}
    for line in (ROOT / "docker" / "runner.Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY"):
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines(), source
