"""Logging: one set-up, cycle_id bound, and no secret in any line (I27)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from runner import log


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    log._hidden.clear()
    log.unbind("cycle_id")
    log.configure()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_cycle_id_is_bound_to_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True)
    log.bind(cycle_id="abc")
    log.get_logger("cycle").info("opened", account="paper")
    (line,) = lines(capsys)
    assert (line["cycle_id"], line["component"], line["event"], line["account"]) == ("abc", "cycle", "opened", "paper")


def test_i27_secrets_are_blanked(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True, secrets=["hunter2hunter2"])
    logger = log.get_logger("test")
    logger.info("connect", dsn="postgresql://u:pw-in-url@host/fund", note="postgresql://u:pw-in-url@host/fund")
    logger.warning("the key is hunter2hunter2", headers={"Authorization": "Bearer abc", "accept": "json"})
    logger.info("nested", request=["https://user:pw-in-url@host/x", {"api_key": "zzz"}], alpaca_secret_key="yyy")
    try:
        raise ValueError("postgresql://u:pw-in-url@host refused hunter2hunter2")
    except ValueError:
        logger.exception("failed")
    text = json.dumps(lines(capsys))
    for secret in ("pw-in-url", "hunter2hunter2", "Bearer abc", "zzz", "yyy"):
        assert secret not in text
    assert "ValueError" in text and '"json"' in text


def test_debug_lines_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True)
    log.get_logger("test").debug("quiet")
    log.configure(json=True, debug=True)
    log.get_logger("test").debug("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_hidden_values_may_come_later(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(json=True)
    log.hide("learnt-at-run-time", None, "x")
    log.get_logger("test").info("learnt-at-run-time x")
    assert lines(capsys)[0]["event"] == f"{log.BLANK} x"
