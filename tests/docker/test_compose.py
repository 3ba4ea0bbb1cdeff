"""docker/compose.yaml against the compose schema, and the promises it makes about passwords."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

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


def test_i27_only_deploy_knows_every_password_and_the_deployers(compose: dict[str, Any]) -> None:
    every = {password_variable(role) for role in LOGIN_ROLES} | {"POSTGRES_PASSWORD"}
    held = {name: every & set(s.get("environment", {})) for name, s in compose["services"].items()}
    assert held["deploy"] == every
    assert held["db"] == {"POSTGRES_PASSWORD"}
    assert held["sync"] == {"FUND_BROKER_PASSWORD"}
    assert "POSTGRES_PASSWORD" not in held["runner"] and "FUND_BROKER_PASSWORD" not in held["runner"]


def test_i23_anchors_outlive_the_container_that_wrote_them(compose: dict[str, Any]) -> None:
    """Its next cycle finds them: the volume, the folder the settings name, and the host's name stay."""
    runner = compose["services"]["runner"]
    assert f"anchors:{runner['environment']['AUDIT_ANCHORS']}" in runner["volumes"] and "anchors" in compose["volumes"]
    assert "FUND_VERIFIER_PASSWORD" in runner["environment"] and runner["hostname"] == "runner"
    assert runner["environment"]["AUDIT_ANCHORS"] in (ROOT / "docker" / "runner.Dockerfile").read_text(encoding="utf-8")


def test_i27_only_sync_is_given_the_trading_key(compose: dict[str, Any]) -> None:
    key = {"ALPACA_API_KEY", "ALPACA_SECRET_KEY"}
    holders = {name for name, s in compose["services"].items() if key & set(s.get("environment", {}))}
    assert holders == {"sync"}
    assert {compose["services"]["sync"]["environment"][name] for name in key} == {f"${{{name}:-}}" for name in key}


def test_i27_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if name.endswith("_PASSWORD"):
                assert re.fullmatch(rf"\$\{{{name}:\?.*\}}", value)


def test_images_copy_only_what_exists(compose: dict[str, Any]) -> None:
    dockerfiles = {s["build"]["dockerfile"] for s in compose["services"].values()}
    assert dockerfiles == {"docker/database.Dockerfile", "docker/runner.Dockerfile"}
    for line in (ROOT / "docker" / "runner.Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY"):
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
