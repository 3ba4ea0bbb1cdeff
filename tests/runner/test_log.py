"""Logging: one set-up, cycle_id bound, and no secret in any line (I27)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

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


SHAPES = {
    "postgresql://u:SECRET@host/fund": "a URL's password",
    "postgresql://u:SEC/RE@T@host/fund": "one that was not quoted",
    "connection failed: host=h user=u password=SECRET dbname=fund": "a connection string",
    "{'password': 'SECRET', 'user': 'u'}": "a dictionary",
    '{"secret_key": "SECRET"}': "JSON",
    "GET /x?api_key=SECRET&symbol=KO": "a URL's query",
    "APCA-API-SECRET-KEY: SECRET": "a header",
    "{'X-Vault-Token': b'SECRET'}": "headers as bytes",
    "Authorization: Basic SECRETSECRET": "basic authorization",
    "authorization: bearer SECRETSECRET": "a bearer",
    "https://hooks.slack.com/services/T0/B0/SECRET": "a Slack address",
    "https://discord.com/api/webhooks/1/SECRET": "a Discord address",
    "https://api.telegram.org/bot1234:SECRET/sendMessage": "a Telegram address",
    "tgram://1234:SECRET/42": "an address of apprise",
    "token hvs.SECRETSECRETSECRETSECRET": "a Vault token",
}


@pytest.mark.parametrize("text", SHAPES, ids=SHAPES.values())
def test_i27_a_secret_nobody_told_of_is_blanked_by_its_place(text: str) -> None:
    shown = log.redact(text)
    assert "SEC" not in shown.replace("API-SECRET-KEY", "") and log.BLANK in shown


@pytest.mark.parametrize(
    "text",
    [
        "ALPACA_API_KEY: is not set; ALPACA_SECRET_KEY: is not set. Give it to `sync` and to no other process.",
        "fund_decider has no password here. Set FUND_DECIDER_PASSWORD; `python -m runner deploy` makes one.",
        "the fencing token is another (order=7 fencing_token=3)",
        "https://vault.example:8200/v1/secret/data/quant-fund/api-keys",
        "DATABASE_URL: must look like postgresql://deployer@host:5432/fund",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert log.redact(text) == text


@pytest.mark.parametrize("part", ["x", "a.b-", "Zm9v_YmFy-", "%41"], ids=["word", "dotted name", "base64url", "URL"])
def test_a_long_text_is_searched_in_time_that_grows_with_its_length_alone(part: str) -> None:
    text = part * (200_000 // len(part))
    began = time.process_time()
    assert log.redact(text) == text
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", ["TOKEN", "my.db-password", f"{'x' * 100}_secret", "FUND_ANALYST_PASSWORD"])
def test_i27_what_stands_before_the_telling_word_of_a_name_hides_no_secret(name: str) -> None:
    assert log.redact(f"{name}=SEC, {name}: 'SEC'") == f"{name}=***, {name}: '***'"


def test_i27_a_hidden_value_is_blanked_however_it_is_quoted_and_nested(capsys: pytest.CaptureFixture[str]) -> None:
    value = "p@ss/w\"or'd é"
    log.configure(json=True, secrets=[value])
    words = {"url": quote(value, safe=""), "form": quote_plus(value), "bytes": value.encode(), "set": {value}}
    log.get_logger("test").info("x", deep=[{"more": (words, {value: 1})}], text=repr(value), document=json.dumps(value))
    printed = capsys.readouterr().err
    assert "ss" not in printed.replace("message", "") and "%40" not in printed and printed.count(log.BLANK) >= 7


def test_i27_a_traceback_has_its_chain_and_no_secret() -> None:
    log.hide("hunter2hunter2")
    try:
        try:
            raise ValueError("inner hunter2hunter2")
        except ValueError as error:
            held = "hunter2hunter2"
            raise RuntimeError(f"outer {held}") from error
    except RuntimeError as error:
        text = log.redacted_traceback(error)
    assert "ValueError: inner ***" in text and "RuntimeError: outer ***" in text and "direct cause" in text
    assert "hunter2hunter2" not in text
