"""The manual on one page (`make docs`) and what it is made of: every relation and column says what it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.acceptance.conftest import Machine, dbt

pytestmark = pytest.mark.needs_sample

#: What a browser would fetch besides the page: scripts, images and style sheets that are not in it.
LOADS = re.compile(
    r"""<(?:script|img|iframe)\b[^>]*\bsrc=["'](?!data:)[^"'{]+|<link\b[^>]*\bhref=["'](?:https?:|//|[^"']+\.css)[^"']*"""
)


@pytest.fixture(scope="module")
def page(marts: Machine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where dbt left the page and what it was made from."""
    target = tmp_path_factory.mktemp("docs")
    done = dbt(marts, target, "docs", "generate", "--static")
    assert done.returncode == 0, done.stdout
    return target


def test_the_page_is_one_file_with_every_mart_in_it(page: Path) -> None:
    """It loads nothing, so it can be mailed or kept with an audit's papers."""
    text = (page / "static_index.html").read_text(encoding="utf-8")
    assert LOADS.findall(text) == []
    assert "MANIFEST.JSON INLINE DATA" not in text, "the manifest was not put in"
    manifest = json.loads((page / "manifest.json").read_text())
    marts = [n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["path"].startswith("marts/")]
    assert len(marts) >= 10
    for node in [*marts, *manifest["exposures"].values()]:
        assert f'"{node["unique_id"]}"' in text, node["name"]


def test_the_exposures_depend_on_marts_only(page: Path) -> None:
    """All read marts, none reaches behind them, and every mart is somebody's."""
    manifest = json.loads((page / "manifest.json").read_text())
    exposed = {n for e in manifest["exposures"].values() for n in e["depends_on"]["nodes"]}
    marts = {n["unique_id"] for n in manifest["nodes"].values() if n.get("path", "").startswith("marts/")}
    models = {n for n in marts if n.startswith("model.")}
    assert sorted(e["name"] for e in manifest["exposures"].values()) == [
        "agent_accountability",
        "analysts",
        "dashboard",
        "data_desk",
        "twenty_questions",
    ]
    assert exposed == models


def test_every_model_source_and_column_is_described(page: Path) -> None:
    """What dbt built has exactly the columns its yml describes, each with a sentence."""
    manifest = json.loads((page / "manifest.json").read_text())
    catalog = json.loads((page / "catalog.json").read_text())
    missing = [s["unique_id"] for s in manifest["sources"].values() if not s["description"].strip()]
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    assert len(models) > 50
    for node in models:
        if node["config"]["materialized"] == "ephemeral":
            continue
        described = {name for name, column in node["columns"].items() if column["description"].strip()}
        built = set(catalog["nodes"][node["unique_id"]]["columns"])
        missing += [f"{node['name']}.{name}" for name in built ^ described]
        missing += [node["name"]] if not node["description"].strip() else []
    assert missing == []


def test_every_relation_and_column_in_the_database_has_its_comment(demo: Machine, page: Path) -> None:
    """SQL's and dbt's schemas alike: what psql's \\d+ shows is the manual."""
    assert (page / "manifest.json").exists()
    found = demo.rows(
        """
        select n.nspname || '.' || c.relname || coalesce('.' || a.attname, '') as without
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                and col_description(c.oid, a.attnum) is null
        where c.relkind in ('r', 'p', 'v', 'm') and n.nspname in ('ops', 'ref', 'market', 'calc', 'govern', 'decide',
            'trade', 'notify', 'audit', 'staging', 'quality', 'features', 'mart')
            and (a.attname is not null or obj_description(c.oid, 'pg_class') is null)
        order by 1
        """
    )
    assert found == []
    assert demo.rows("select count(*) as n from pg_class where relnamespace = 'mart'::regnamespace")[0]["n"] >= 10
