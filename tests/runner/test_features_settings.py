"""dbt's numbers are the golden configuration's; dbt reads no file of ours, so they are copied and compared here."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from runner import calendar, db, environment, settings, transform
from runner.errors import DataUnusable, ExitCode
from tests.runner import features_world as market

ROOT = Path(__file__).resolve().parents[2]

#: Variables of dbt that are no number of the configuration.
OWN = {"as_of_session"}

SECTIONS = ("fund", "data", "paper_broker")


def test_every_variable_of_dbt_equals_the_golden_configuration() -> None:
    """Name by name, sections data and paper_broker (session_calendar: fund)."""
    golden = yaml.safe_load((ROOT / "configs" / "golden_config.yaml").read_text())
    expected = {name: entry["value"] for section in SECTIONS for name, entry in golden[section].items()}
    variables = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text())["vars"]
    assert {name: value for name, value in variables.items() if name not in OWN} == {
        name: expected[name] for name in variables if name not in OWN
    }


def test_a_date_without_a_session_is_refused_by_name(database: str) -> None:
    """Exit 13; an empty selection and an empty as-of date would otherwise both succeed."""
    market.reference()
    with pytest.raises(DataUnusable, match="2013-02-24 is not a session") as caught:
        transform.run_cycle_models(settings.load(), date(2013, 2, 24))
    assert caught.value.exit_code is ExitCode.DATA


def test_a_broken_model_is_named(database: str) -> None:
    """The first model that failed is in the message, its statement in the log the remedy names."""
    market.statement("revoke select on market.price_history from fund_transformer")
    with pytest.raises(DataUnusable, match=r"model \w+ failed: .*permission denied") as caught:
        transform.run_cycle_models(settings.load(), date(2013, 2, 27))
    assert "logs/dbt.log" in caught.value.remedy


def test_two_first_builds_at_once_both_succeed(database: str) -> None:
    """As two cycles begun in the same minute, of two accounts, after a deploy that dropped the views."""
    with db.connect("fund_ingestor") as connection:
        calendar.load(connection, calendar.build(calendar.PRINCIPAL, date(2013, 3, 28)))
    build = (
        "import sys; from datetime import date; from runner import settings, transform;"
        "settings.DATABASE = sys.argv[1];"
        "transform.run_cycle_models(settings.load(), date(2013, 2, 27))"
    )
    words = [sys.executable, "-c", build, database]
    two = [subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=300)[1] for one in two]
    assert [one.returncode for one in two] == [0, 0], told


def test_a_home_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    with transform._alone(tmp_path / "new" / "home"):
        assert (tmp_path / "new" / "home" / "dbt.lock").exists()


def test_a_cycle_builds_no_mart(database: str) -> None:
    """What was decided and traded is told afterwards: a cycle neither waits for it nor reads it (I18)."""
    home = settings.load().runner_home
    with transform._environment(environment.for_dbt(settings.load())):
        manifest = transform._manifest(environment.for_dbt(settings.load()), home)
    models = [node for node in manifest.nodes.values() if str(node.resource_type) == "model"]
    of_a_cycle = {node.name for node in models if "cycle" in node.tags}
    later = ("marts/", "staging/decide/", "staging/govern/", "staging/trade/")
    after = {node.name for node in models if str(node.path).startswith(later)}
    assert {"execution_costs", "stg_trade__orders", "stg_decide__decisions"} <= after
    assert {node.name for node in models} == of_a_cycle | after
    assert not of_a_cycle & after
