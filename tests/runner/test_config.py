"""The golden configuration: what it holds, and every fault of INVARIANTS' configuration list (I20)."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from runner.config import ConfigError, load, sql_limits, verify, with_limits, write_hash
from runner.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "configs" / "golden_config.yaml"

#: Every ruling of NUMERICS.
RULINGS = frozenset(
    """
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A9b A9c A10 A11 A12 A12b A13 A14 A15 A16 A17
    B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 C1 C2 C3 C4 C5 C6 C7
    D1 D2 D3 D4 D5 D6 D7 D7b D8 D8b D9 D10 D10b D10c D11 D12 D13 D14 E1 E2 E3
    F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F14 F15 F16 F17 F18 HELD S T1 T2 T3 T4 W W2
    """.split()  # noqa: SIM905 - a table
)

#: The specification's key constants, by name.
CONSTANTS = {
    "REQUIRED_HISTORY_ROWS": 1260,
    "MAX_LIVE_HISTORY_DAYS": 5,
    "MIN_DATA_QUALITY": 0.6,
    "DEFAULT_BETA": 0.5,
    "DEFAULT_GAMMA": 0.3,
    "RISK_FREE_RATE": 0.02,
    "MAX_POSITION_PCT": 0.10,
    "MAX_LEVERAGE": 1.0,
    "MAX_DRAWDOWN": 0.18,
    "VAR_LIMIT": 0.04,
    "CVAR_LIMIT": 0.06,
    "SECTOR_LIMIT": 0.15,
    "KILL_SWITCH_TRIGGER": 0.25,
}


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the file with one text replaced, which must be there exactly once."""
    text = FILE.read_text(encoding="ascii")
    assert text.count(old) == 1, old
    path = tmp_path / "golden_config.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_every_ruling_stands_at_a_parameter_or_in_the_list_of_rules():
    assert load(FILE, {}).ruling_ids() == RULINGS


def test_every_constant_of_the_specification_is_there():
    golden = load(FILE, {})
    found = {note.spec: value for _, value, note in golden.parameters() if note.spec}
    assert found == CONSTANTS


def test_sha256_is_of_the_bytes_and_values_are_frozen():
    golden = load(FILE, {})
    assert golden.sha256 == hashlib.sha256(FILE.read_bytes()).hexdigest()
    assert golden.body == FILE.read_bytes()
    with pytest.raises(ValueError, match="frozen"):
        golden.risk.var_limit = 0.9


def test_hash_file_is_read_by_sha256sum_from_the_root(tmp_path):
    assert verify(FILE) == load(FILE, {}).sha256
    if shutil.which("sha256sum"):
        done = subprocess.run(["sha256sum", "-c", "configs/golden_config.sha256"], cwd=ROOT, capture_output=True)
        assert done.returncode == 0, done.stderr
    folder = tmp_path / "configs"
    folder.mkdir()
    copy = Path(shutil.copy(FILE, folder))
    write_hash(copy)
    assert (folder / "golden_config.sha256").read_bytes() == (FILE.parent / "golden_config.sha256").read_bytes()


def test_a_hash_file_that_says_so_already_is_not_written(tmp_path, monkeypatch):
    """The image's root cannot be written: `config lock` there pins the shipped file, whose hash stands beside it."""
    copy = tmp_path / "golden_config.yaml"
    shutil.copy(FILE, copy)
    shipped = write_hash(copy)

    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "write_text", refuse)
    assert write_hash(copy) == shipped
    copy.with_suffix(".sha256").unlink()
    with pytest.raises(ConfigError, match="pinned in the database, and its hash file is not written"):
        write_hash(copy)


def test_one_flipped_byte_is_refused(tmp_path):
    path = edited(tmp_path, "value: 0.04, unit: fraction of NAV per day", "value: 0.05, unit: fraction of NAV per day")
    with pytest.raises(ConfigError, match="config lock") as caught:
        verify(path, FILE.parent / "golden_config.sha256")
    assert caught.value.exit_code == ExitCode.INTEGRITY


@pytest.mark.parametrize(
    "body", [b"", b"not a hash\n", b"0" * 64 + b"  other.yaml\n", b"A" * 64 + b"  golden_config.yaml\n"]
)
def test_a_hash_file_that_is_not_one_is_refused(tmp_path, body):
    copy = Path(shutil.copy(FILE, tmp_path))
    (tmp_path / "golden_config.sha256").write_bytes(body)
    with pytest.raises(ConfigError, match="is not one line"):
        verify(copy)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.yaml cannot be read"):
        load(tmp_path / "nowhere.yaml", {})
    copy = Path(shutil.copy(FILE, tmp_path))
    with pytest.raises(ConfigError, match=r"golden_config\.sha256 cannot be read"):
        verify(copy)


FAULTS = {
    "missing key": ("  sector_cap: {value: 0.15", "  sector_cup: {value: 0.15", r"auction\.sector_cap is missing"),
    "extra key": (
        "  min_change: {",
        "  mystery: {value: 1, unit: x}\n  min_change: {",
        r"auction\.mystery is not a known",
    ),
    "extra section": ("rulings:\n", "extra:\n  a: {value: 1, unit: x}\nrulings:\n", r"extra is not a known key"),
    "duplicated key": (
        "  min_change: {",
        "  name_cap: {value: 0.5, unit: x}\n  min_change: {",
        r"auction\.name_cap is given twice",
    ),
    "duplicated field": (
        "{value: 0.04, unit",
        "{value: 0.04, value: 0.05, unit",
        r"risk\.var_limit\.value is given twice",
    ),
    "exponent": ("{value: 0.04, unit", "{value: 4e-2, unit", r"risk\.var_limit\.value is 4e-2"),
    "no": (
        "{value: true, unit: switch, ruling: A3}",
        "{value: no, unit: switch, ruling: A3}",
        r"allow_short\.value is no",
    ),
    "yes": (
        "{value: true, unit: switch, ruling: A3}",
        "{value: yes, unit: switch, ruling: A3}",
        r"allow_short\.value is yes",
    ),
    "octal": ("{value: 900, unit: seconds", "{value: 0900, unit: seconds", r"cycle\.lease_seconds\.value is 0900"),
    "hexadecimal": (
        "{value: 900, unit: seconds",
        "{value: 0x384, unit: seconds",
        r"cycle\.lease_seconds\.value is 0x384",
    ),
    "underscores": (
        "{value: 1000000.0, unit: USD per order}",
        "{value: 1_000_000.0, unit: USD per order}",
        r"oms\.order_value\.value is",
    ),
    "sexagesimal": (
        "{value: 900, unit: seconds",
        "{value: 15:00, unit: seconds",
        r"cycle\.lease_seconds\.value is 15:00",
    ),
    "anchor": ("{value: 0.04, unit", "{value: &a 0.04, unit", r"line \d+ has an anchor or alias"),
    "anchor bomb": (
        "rulings:\n",
        "bomb: &a [x, x]\nmore: [*a, *a, *a]\nrulings:\n",
        r"line \d+ has an anchor or alias",
    ),
    "tag": ("{value: 0.04, unit", "{value: !!python/name:os.system 0.04, unit", r"line \d+ has the tag"),
    "negative limit": ("{value: 0.04, unit", "{value: -0.04, unit", r"risk\.var_limit is -0\.04"),
    "zero limit": ("{value: 0.04, unit", "{value: 0.0, unit", r"risk\.var_limit is 0\.0"),
    "string limit": ("{value: 0.04, unit", '{value: "0.04", unit', r"risk\.var_limit is '0\.04'"),
    "NaN limit": ("{value: 0.04, unit", "{value: .nan, unit", r"risk\.var_limit\.value is \.nan"),
    "infinite limit": ("{value: 0.04, unit", "{value: .inf, unit", r"risk\.var_limit\.value is \.inf"),
    "bare nan": ("{value: 0.04, unit", "{value: nan, unit", r"risk\.var_limit\.value is nan"),
    "null limit": ("{value: 0.04, unit", "{value: null, unit", r"risk\.var_limit\.value is null"),
    "empty limit": ("{value: 0.04, unit", "{value: , unit", r"risk\.var_limit\.value is empty"),
    "boolean limit": ("{value: 0.04, unit", "{value: true, unit", r"risk\.var_limit is True"),
    "percent for fraction": ("{value: 0.18, unit", "{value: 18.0, unit", r"risk\.drawdown_limit is 18\.0"),
    "VaR and CVaR swapped": ("var_limit: {value: 0.04", "var_limit: {value: 0.055", r"look swapped"),
    "decision above hard": (
        "cvar_decision: {value: 0.05",
        "cvar_decision: {value: 0.07",
        r"cvar_decision is above cvar_hard",
    ),
    "name above sector": ("name_cap: {value: 0.10", "name_cap: {value: 0.20", r"name_cap is above sector_cap"),
    "unknown strategy": ("default: {value: institutional,", "default: {value: other,", r"default names other"),
    "unknown family": ("[{name: trend, weight: 1.0}]", "[{name: carry, weight: 1.0}]", r"family carry is not defined"),
    "weights of a strategy": (
        "{name: quality, weight: 0.2}",
        "{name: quality, weight: 0.3}",
        r"weights of contrarian",
    ),
    "shares of a family": (
        "{name: technical, share: 1.0",
        "{name: technical, share: 0.9",
        r"shares of trend do",
    ),
    "an agent in two families": ("{name: reversion, share", "{name: technical, share", r"agents names technical twice"),
    "a strategy that loosens a limit": (
        "{parameter: meta_brain.disagreement_beta, value: 1.0}",
        "{parameter: meta_brain.min_confidence, value: 0.1}",
        r"meta_brain\.min_confidence is no parameter a strategy may set",
    ),
    "a strategy that sizes the book": (
        "{parameter: meta_brain.disagreement_beta, value: 1.0}",
        "{parameter: auction.name_cap, value: 0.5}",
        r"auction\.name_cap is no parameter a strategy may set",
    ),
    "a strategy's value of the wrong kind": (
        "{parameter: meta_brain.disagreement_beta, value: 1.0}",
        "{parameter: meta_brain.disagreement_beta, value: -1.0}",
        r"contrarian: meta_brain\.disagreement_beta: ",
    ),
    "unknown ruling shape": ("ruling: B9}", "ruling: nine}", r"breakers\.freeze_sessions\.ruling is not"),
    "no unit": ("{value: 900, unit: seconds,", "{value: 900,", r"cycle\.lease_seconds has no value and unit"),
    "unknown note": ("{value: 900, unit: seconds,", "{value: 900, unit: seconds, units: x,", r"unknown key units"),
    "tab": ("  min_change: {", "\tmin_change: {", r"line \d+"),
    "not ASCII": ("fraction of Kelly", "fraction of Kelly \u2014", r"line \d+ has byte 0x"),
    "block text": (
        "  default: {value: institutional,",
        "  default:\n    value: |\n      a\n    unit: x\n  was: {value: a,",
        r"block of text",
    ),
    "live account": ("mode: paper, opening", "mode: live, opening", r"mode is 'live'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_line_that_names_the_key(tmp_path, fault):
    old, new, message = FAULTS[fault]
    text = FILE.read_text(encoding="ascii")
    assert old in text, old
    path = tmp_path / "golden_config.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load(path, {})
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    assert caught.value.exit_code == ExitCode.INTEGRITY


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_byte_order_mark_is_refused(tmp_path, mark):
    path = tmp_path / "golden_config.yaml"
    path.write_bytes(mark + FILE.read_bytes())
    with pytest.raises(ConfigError, match="byte-order mark"):
        load(path, {})


@pytest.mark.parametrize(
    "variable",
    ["VAR_LIMIT", "MAX_DRAWDOWN", "CVAR_LIMIT", "risk_var_limit", "RISK__VAR_LIMIT", "FUND_NAME_CAP", "DEFAULT_GAMMA",
     "KELLY_GAMMA", "MIN_CONFIDENCE", "RUNNER_KILL_LOSS", "REQUIRED_HISTORY_ROWS"],
)  # fmt: skip
def test_i20_an_environment_variable_that_names_a_parameter_is_refused(variable):
    with pytest.raises(ConfigError, match=f"environment variable {variable} names the hashed parameter"):
        load(FILE, {variable: "0.99"})


def test_the_specification_s_own_environment_names_no_parameter():
    environ = dict.fromkeys(
        ("DB_ENGINE", "POSTGRES_PASSWORD", "ALPACA_API_KEY", "MONITOR_NOTIFY_LEVEL", "HEARTBEAT_INTERVAL",
         "ALERT_DEDUP_WINDOW", "KILL_SWITCH_FILE", "RUNNER_HOME", "FUND_DECIDER_PASSWORD", "PATH", "HOME"), "x"
    )  # fmt: skip
    assert load(FILE, environ).risk.var_limit == 0.04


def test_sql_limits_are_rows_of_known_limits_with_the_file_s_numbers():
    golden = load(FILE, {})
    rows = {row.limit_name: row for row in sql_limits(golden)}
    assert len(rows) == len(sql_limits(golden))
    expected = {
        "order_value": 1e6, "name_concentration": 0.10, "open_orders_per_symbol": 5, "gross": 1.0, "long": 0.6,
        "short": 0.4, "sector": 0.15, "turnover": 0.2, "var": 0.04, "cvar_decision": 0.05, "cvar_hard": 0.06,
        "drawdown": 0.18, "stress": 0.25, "correlation": 0.7, "kill_loss": 0.25, "cvar_breaches": 3,
        "min_quality": 0.6, "min_sessions": 1260, "max_stale_sessions": 0, "min_confidence": 0.3,
        "lookups_before_repost": 3, "snapshot_max_age_seconds": 300, "volatility": 0.15, "drawdown_sessions": 10,
        "freeze_sessions": 10, "tier_two_var_multiple": 1.5, "tier_two_volatility_multiple": 2, "tier_two_gross": 0.25,
        "recovery_ramp_1_of_5": 0.2, "recovery_ramp_5_of_5": 1.0,
    }  # fmt: skip
    assert {name: rows[name].threshold for name in expected} == expected
    assert {row.limit_name for row in rows.values() if row.bound == "lower"} == {
        "min_quality",
        "min_sessions",
        "min_confidence",
        "lookups_before_repost",
        "lookup_wait_seconds",
        "request_retry_seconds",
        "kill_cooldown_minutes",
        "kill_cooldown_sessions",
        "drawdown_sessions",
        "freeze_sessions",
    }
    assert all(re.fullmatch(r"[A-Z]\d+", row.ruling) for row in rows.values())


def test_i20_the_limits_in_force_are_the_stricter_of_file_and_row():
    golden = load(FILE, {})
    rows = {row.limit_name: row.threshold for row in sql_limits(golden)}
    assert sql_limits(with_limits(golden, rows)) == sql_limits(golden)
    tightened = with_limits(golden, {"var": 0.03, "min_quality": 0.7, "open_orders_per_symbol": 2.0, "unknown": 0.0})
    assert (tightened.risk.var_limit, tightened.data.min_quality) == (0.03, 0.7)
    assert tightened.oms.open_orders_per_symbol == 2
    assert tightened.sha256 == golden.sha256
    assert (golden.parsed["risk"]["var_limit"], tightened.parsed["risk"]["var_limit"]) == (0.04, 0.03)
    loosened = with_limits(golden, {"var": 0.5, "min_quality": 0.1})
    assert (loosened.risk.var_limit, loosened.data.min_quality) == (0.04, 0.6)
    with pytest.raises(ConfigError, match="limit in force var is nan"):
        with_limits(golden, {"var": float("nan")})


def test_i20_tiers_of_the_ramp_and_the_length_of_a_freeze_can_be_tightened():
    golden = load(FILE, {})
    tightened = with_limits(golden, {"recovery_ramp_2_of_5": 0.3, "recovery_ramp_3_of_5": 0.9, "freeze_sessions": 20.0})
    assert tightened.breakers.recovery_ramp == (0.2, 0.3, 0.6, 0.8, 1.0)
    assert tightened.breakers.freeze_sessions == 20
    # The cooldown after a kill has the same parameter and is SQL's own.
    cooldown = with_limits(golden, {"kill_cooldown_sessions": 20.0, "freeze_sessions": 10.0})
    assert cooldown.breakers.freeze_sessions == 10
    with pytest.raises(ConfigError, match="limit in force recovery_ramp_1_of_5 is nan"):
        with_limits(golden, {"recovery_ramp_1_of_5": float("nan")})


def test_parameters_give_every_path_with_its_value():
    golden = load(FILE, {})
    listed = {path: value for path, value, _ in golden.parameters()}
    assert listed["risk.cvar_hard"] == 0.06
    assert set(listed) == {f"{section}.{key}" for section, values in golden.parsed.items() for key in values}


def test_an_unknown_strategy_is_named():
    with pytest.raises(ConfigError, match="no strategy momentum"):
        load(FILE, {}).strategies.named("momentum")


def test_the_pooled_deviation_is_the_sample_s():
    """T1: measured on skfolio's names up to the demo's date; T2: the share below confidence 0.3."""
    datasets = pytest.importorskip("skfolio.datasets")
    import numpy as np

    from tests.runner.world import features_over_time

    frame = datasets.load_sp500_dataset().loc[:"2013-02-27"]
    parts = features_over_time(frame)
    parts = parts[:, np.isfinite(parts).all(axis=0)]
    assert parts.mean(axis=0).std() == pytest.approx(load(FILE, {}).technical.pooled_sd, abs=0.01)
    confidence = np.abs(parts.sum(axis=0)) / np.abs(parts).sum(axis=0)
    assert (confidence < 0.3).mean() == pytest.approx(0.13, abs=0.01)
