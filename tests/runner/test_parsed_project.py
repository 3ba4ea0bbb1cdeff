"""A second process does not parse dbt's project again, and nothing about the file it finds can break a run."""

from __future__ import annotations

import hashlib
import multiprocessing
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner import environment, parsed_project, transform

#: A profile parsing needs; nothing connects.
VALUES = {
    "FUND_DBT_HOST": "/run/fund",
    "FUND_DBT_PORT": "5432",
    "FUND_DBT_USER": "fund_transformer",
    environment.PASSWORD: "of the first deploy",
    "FUND_DBT_DATABASE": "fund",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
}
KEY = "0" * 64


@pytest.fixture(scope="module")
def parsed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project is parsed."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def parsed(parsed_home: Path) -> Any:
    """The project, parsed once by dbt."""
    with transform._environment(VALUES):
        return transform._parse(parsed_home)


@pytest.fixture
def parses(parsed: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Every parse transform asks for, answered at once; each test begins as a new process, with nothing in memory."""
    asked: list[Path] = []

    def parse(home: Path) -> Any:
        asked.append(home)
        return parsed

    monkeypatch.setattr(transform, "_parse", parse)
    monkeypatch.setattr(transform, "_manifests", {})
    yield asked


def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what this process has parsed."""
    monkeypatch.setattr(transform, "_manifests", {})


def content(manifest: Any) -> dict[str, Any]:
    """All of a manifest that a run reads."""
    return {
        name: {k: v.to_dict() for k, v in getattr(manifest, name).items()}
        for name in ("nodes", "sources", "macros", "docs", "unit_tests", "disabled", "exposures", "groups")
    }


def test_dbt_writes_no_json_that_nobody_reads(parsed: Any, parsed_home: Path) -> None:
    """manifest.json and its like took a third of every call; the result is in memory."""
    assert parsed.nodes
    assert (parsed_home / "logs" / "dbt.log").exists()
    assert not [path for path in (parsed_home / "dbt").rglob("*.json") if "manifest" in path.name]


def test_a_second_process_finds_what_the_first_parsed(
    parsed: Any, parses: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transform._manifest(VALUES, tmp_path)
    new_process(monkeypatch)
    found = transform._manifest(VALUES, tmp_path)
    assert parses == [tmp_path]
    assert len(found.nodes) > 20 and content(found) == content(parsed)


def test_a_password_is_neither_kept_nor_part_of_the_key(parses: list[Path], tmp_path: Path) -> None:
    transform._manifest(VALUES, tmp_path)
    transform._manifest(VALUES | {environment.PASSWORD: "of the second deploy"}, tmp_path)
    assert len(parses) == 1
    assert VALUES[environment.PASSWORD].encode() not in parsed_project.path(tmp_path).read_bytes()


def test_whatever_parsing_depends_on_changes_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Database, arguments, environment, versions; a file's content, name, presence. Not dbt's outputs, nor the server's
    address.
    """
    project = tmp_path / "dbt"
    shutil.copytree(environment.DBT, project, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(environment, "DBT", project)
    model = next(project.rglob("models/**/*.sql"))
    seen = {parsed_project.key(VALUES, [])}

    def changed() -> bool:
        before = len(seen)
        seen.add(parsed_project.key(VALUES, []))
        return len(seen) > before

    assert not changed()
    (project / "target").mkdir()
    (project / "target" / "manifest.json").write_text("{}")
    assert not changed()
    model.write_text(model.read_text() + "\n")
    assert changed()
    model.rename(model.with_stem(model.stem + "_renamed"))
    assert changed()
    (project / "macros" / "added.sql").write_text("{% macro added() %}{% endmacro %}")
    assert changed()
    (project / "profiles.yml").unlink()
    assert changed()
    monkeypatch.setenv("DBT_TARGET", "other")
    assert changed()
    known = VALUES.keys() - {environment.PASSWORD} - parsed_project.CONNECTION
    for name in sorted(known):
        seen.add(parsed_project.key(VALUES | {name: "another"}, []))
    for name in sorted(parsed_project.CONNECTION):
        assert parsed_project.key(VALUES | {name: "another"}, []) in seen
    seen.add(parsed_project.key(VALUES, ["--no-write-json"]))
    monkeypatch.setattr(parsed_project, "version", lambda name: "99.0")
    seen.add(parsed_project.key(VALUES, []))
    assert None not in seen and len(seen) == 6 + len(known) + 2


def test_nothing_is_parsed_from_where_the_server_is() -> None:
    """The key leaves it out: two servers' projects differ in nothing else."""
    texts = {path: path.read_text() for path in parsed_project._files() if path.suffix in (".sql", ".yml")}
    assert len(texts) > 100
    reading = re.compile(r"target\s*(\.|\[\s*['\"])(host|port)|FUND_DBT_(HOST|PORT)")
    assert [path.name for path, text in texts.items() if reading.search(text)] == ["profiles.yml"]


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "other content", "no manifest", "another key", "folder"])
def test_a_damaged_file_is_parsed_over(
    damage: str, parses: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run has its manifest whatever stands there, and the file is whole again where it can be."""
    transform._manifest(VALUES, tmp_path)
    file = parsed_project.path(tmp_path)
    whole = file.read_bytes()
    head, _, body = whole.partition(b"\n")
    own = head.split(b" ")[1].decode()
    match damage:
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            file.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
        case "other content":
            file.write_bytes(b"\x00" * len(whole))
        case "no manifest":  # a digest that fits, and yet no manifest
            file.write_bytes(parsed_project._head(own, b"\xc1") + b"\n\xc1")
        case "another key":
            file.write_bytes(parsed_project._head(KEY, body) + b"\n" + body)
        case "folder":
            file.unlink()
            file.mkdir()
    new_process(monkeypatch)
    assert len(transform._manifest(VALUES, tmp_path).nodes) > 20
    assert len(parses) == 2
    if damage != "folder":
        assert hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(whole).digest()
    assert [p.name for p in file.parent.iterdir()] == [file.name], "no temporary file stays"


def test_a_disk_that_keeps_nothing_is_no_error(parses: list[Path], tmp_path: Path) -> None:
    (tmp_path / "dbt").write_text("a file where the folder should be")
    assert len(transform._manifest(VALUES, tmp_path).nodes) > 20
    assert len(parses) == 1


def test_a_project_edited_while_it_is_parsed_is_not_kept(
    parses: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(["a" * 64, "b" * 64])
    monkeypatch.setattr(parsed_project, "key", lambda *_: next(keys))
    transform._manifest(VALUES, tmp_path)
    assert not parsed_project.path(tmp_path).exists()


def _keep_again_and_again(home: str, key: str, manifest_file: str) -> None:
    """A process that replaces the file over and over with its own project's."""
    manifest = parsed_project.read(Path(manifest_file), KEY)
    for _ in range(10):
        parsed_project.keep(Path(home), key, manifest)


def test_readers_and_writers_at_once_see_whole_files_only(parsed: Any, tmp_path: Path) -> None:
    """Two writers of different keys, one reader: what is read is nothing, or all of the key asked for."""
    source, home = tmp_path / "source", tmp_path / "home"
    parsed_project.keep(source, KEY, parsed)
    keys = ["1" * 64, "2" * 64]
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_keep_again_and_again, args=(str(home), key, str(source))) for key in keys]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        if parsed_project.path(home).exists():
            head, _, body = parsed_project.path(home).read_bytes().partition(b"\n")
            key = head.split(b" ")[1].decode()
            assert head == parsed_project._head(key, body)
            seen.add(key)
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert seen and seen <= set(keys)
    last = parsed_project.path(home).read_bytes().split(b" ")[1].decode()
    found = parsed_project.read(home, last)
    assert found is not None and content(found) == content(parsed)
