"""The anchor file: appended whole, flushed, each line chained to the one before; and the copies sent elsewhere."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runner import anchors, db, settings, verifier
from runner.anchors import Anchor, AnchorFileBroken
from runner.chain import Head
from runner.errors import FundError, SettingsError


def add(path: Path, seq: int) -> Anchor:
    with anchors.locked(path):
        line = anchors.follow(
            anchors.last(path),
            head=Head(seq, f"{seq:064x}"),
            database="fund",
            system_identifier="1",
            cause="é test",
            anchored_at="2026-01-02T03:04:05+00:00",
        )
        anchors.append(path, line)
    return line


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "anchors" / "fund.jsonl"


def test_lines_are_read_as_they_were_written(path: Path) -> None:
    assert (anchors.read(path), anchors.last(path), anchors.book(path)) == ([], None, None)
    written = [add(path, seq) for seq in (3, 7, 7, 20)]
    assert anchors.read(path) == written
    assert (anchors.last(path), anchors.book(path)) == (written[-1], written[0].digest)
    assert [line.line for line in written] == [1, 2, 3, 4]
    assert all(json.loads(line)["entries"] == json.loads(line)["seq"] for line in path.read_text().splitlines())
    assert path.stat().st_mode & 0o777 == 0o600


def changed(number: int, **fields: Any) -> Callable[[list[Anchor]], list[str]]:
    """A line with other fields and the digest it had."""
    return lambda lines: [replace(a, **fields).text if a.line == number else a.text for a in lines]


def sealed(**fields: Any) -> Callable[[list[Anchor]], list[str]]:
    """The last line with other fields and the digest that fits them."""
    return lambda lines: [*(a.text for a in lines[:-1]), anchors._sealed(replace(lines[-1], **fields)).text]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (changed(2, seq=8, entries=8), 2),
        (changed(4, hash="ab" * 32), 4),
        (changed(1, cause="other"), 1),
        (changed(2, entries=9), 2),
        (lambda lines: [a.text for a in lines if a.line != 2], 2),
        (lambda lines: [lines[0].text, lines[2].text, lines[1].text, lines[3].text], 2),
        (lambda lines: [a.text for a in lines[1:]], 1),
        (lambda lines: [a.text for a in [*lines, lines[-1]]], 5),
        (lambda lines: [*(a.text for a in lines), "{}"], 5),
        (lambda lines: [*(a.text for a in lines), "\x00" * 40], 5),
        (lambda lines: [a.text for a in lines[:2]] + [anchors._sealed(replace(lines[2], seq=4, entries=4)).text], 3),
        (sealed(line=9), 4),
        (sealed(previous=anchors.GENESIS), 4),
        (sealed(hash="no hash"), 4),
        (sealed(entries=19), 4),
        (sealed(seq=20.0, entries=20.0), 4),
    ],
)
def test_an_edited_file_is_seen(edit: Callable[[list[Anchor]], list[str]], line: int, path: Path) -> None:
    lines = [add(path, seq) for seq in (3, 7, 12, 20)]
    path.write_text("\n".join(edit(lines)) + "\n", encoding="utf-8")
    with pytest.raises(AnchorFileBroken) as seen:
        anchors.read(path)
    assert seen.value.line == line


def test_what_a_power_cut_left_of_a_line_is_cut_off(path: Path) -> None:
    """It was never told to anybody: no alarm, and the next line takes its place."""
    first = add(path, 3)
    for torn in (b'{"line":2,"prev', b"\x00" * 3000):
        with open(path, "ab") as file:
            file.write(torn)
        assert (anchors.read(path), anchors.last(path)) == ([first], first)
    second = add(path, 7)
    assert path.read_text(encoding="utf-8") == f"{first.text}\n{second.text}\n"


def test_a_line_that_is_not_written_whole_is_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = add(path, 3)
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: real(file, data[:40], at))
    with pytest.raises(OSError, match="not written whole"):
        add(path, 7)
    assert path.read_text(encoding="utf-8") == f"{first.text}\n"


def test_a_line_is_on_the_disk_before_append_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    real = os.fsync

    def fsync(file: int) -> None:
        flushed.append(os.readlink(f"/proc/self/fd/{file}"))
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    add(path, 3)
    add(path, 4)
    assert flushed == [str(path), str(path.parent), str(path)]


def _add_many(path: Path, first: int) -> None:
    for _ in range(25):
        add(path, first)


def test_two_processes_keep_one_chain(path: Path) -> None:
    workers = [multiprocessing.get_context("fork").Process(target=_add_many, args=(path, 5)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(anchors.read(path)) == 50


def test_a_database_has_one_file_whatever_its_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUNNER_HOME", str(tmp_path))
    assert anchors.place(settings.load()) == tmp_path / "anchors" / f"embedded-{settings.DATABASE}.jsonl"
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:top-secret@db.example/fund?sslmode=require")
    monkeypatch.setenv("AUDIT_ANCHORS", str(tmp_path / "mounted"))
    assert anchors.place(settings.load()) == tmp_path / "mounted" / "db.example-5432-fund.jsonl"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUDIT_ANCHOR_COMMAND", "aws s3 cp"),
        ("AUDIT_ANCHOR_COMMAND", "[]"),
        ("AUDIT_ANCHOR_COMMAND", '["x", 1]'),
        ("AUDIT_ANCHOR_COMMAND", '{"a": 1}'),
        ("AUDIT_ANCHOR_TIMEOUT", "0"),
        ("AUDIT_ANCHOR_NOTIFY", "perhaps"),
    ],
)
def test_a_bad_setting_names_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name}: "):
        settings.load()


# -- copies sent elsewhere, and what is told when that fails ----


def append(number: int) -> None:
    with db.connect(db.DEPLOYER, dbname=settings.DATABASE) as connection:
        body = f'select audit.append(\'[{{"event": "test.event", "body": {{"n": {number}}}}}]\')'
        db.execute_text(connection, "append", body)


def alerts() -> list[tuple[str, str]]:
    with db.connect(db.DEPLOYER, dbname=settings.DATABASE) as connection:
        rows = db.fetch_text(connection, "alerts", "select level, code, message from notify.alerts order by alert_id")
    return [(row["level"], row["code"]) for row in rows]


def test_an_anchor_is_sent_where_the_settings_say(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command gets the line, and none of our secrets."""
    monkeypatch.setenv("AUDIT_ANCHOR_NOTIFY", "true")
    monkeypatch.setenv("FUND_OPERATOR_PASSWORD", "top-secret")
    monkeypatch.setenv("AUDIT_ANCHOR_COMMAND", json.dumps(["sh", "-c", f"cat > {tmp_path}/sent; env > {tmp_path}/env"]))
    append(1)
    made = verifier.anchor(settings.load(), "test")
    assert made is not None
    assert (tmp_path / "sent").read_text() == f"{made.text}\n"
    assert "top-secret" not in (tmp_path / "env").read_text() and "PATH=" in (tmp_path / "env").read_text()
    assert alerts() == [("LOW", "AUDIT_ANCHOR")]
    assert verifier.anchor(settings.load(), "test") is None, "nothing new"
    assert len(anchors.read(anchors.place(settings.load()))) == 1


@pytest.mark.parametrize(
    "command",
    [["/does/not/exist"], ["sh", "-c", "echo no bucket >&2; exit 3"], ["sh", "-c", "sleep 60 & wait"]],
    ids=["absent", "fails", "hangs"],
)
def test_a_command_that_fails_is_told_and_the_line_stays(
    command: list[str], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_ANCHOR_COMMAND", json.dumps(command))
    monkeypatch.setenv("AUDIT_ANCHOR_TIMEOUT", "0.5")
    append(1)
    began = time.monotonic()
    assert verifier.anchor(settings.load(), "test") is not None
    assert time.monotonic() - began < 10
    assert alerts() == [("HIGH", "ANCHOR_NOT_SENT")]
    assert verifier.verify(settings.load()).anchors == 1


def test_a_command_that_hangs_is_ended_with_what_it_started(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_ANCHOR_COMMAND", json.dumps(["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/child; wait"]))
    monkeypatch.setenv("AUDIT_ANCHOR_TIMEOUT", "1")
    append(1)
    assert verifier.anchor(settings.load(), "test") is not None
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    for _ in range(100):
        if not child.exists() or child.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError("what the command started goes on")


def test_an_empty_chain_has_no_head_to_anchor(database: str) -> None:
    assert verifier.anchor(settings.load(), "test") is None
    with pytest.raises(FundError, match="empty chain"):
        verifier.begin_anew(settings.load(), "a new disk")
    assert not anchors.place(settings.load()).exists()


def test_a_folder_that_cannot_be_written_is_an_error_and_an_alert(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so the write itself fails."""
    append(1)
    monkeypatch.setenv("AUDIT_ANCHORS", str(tmp_path))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(anchors, "append", full)
    with pytest.raises(FundError, match=r"could not be anchored.*No space left"):
        verifier.anchor(settings.load(), "test")
    assert alerts() == [("HIGH", "ANCHOR_NOT_WRITTEN")]


def test_a_file_begun_anew_elsewhere_is_told(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another host or folder is no break, but somebody should compare the files."""
    append(1)
    assert verifier.anchor(settings.load(), "test") is not None
    monkeypatch.setenv("AUDIT_ANCHORS", str(tmp_path / "other"))
    found = verifier.verify(settings.load())
    assert found.intact and "1 lines elsewhere" in found.notes[0]
    append(2)
    assert verifier.anchor(settings.load(), "test") is not None
    assert alerts() == [("HIGH", "ANCHORS_BEGUN_ANEW")]
