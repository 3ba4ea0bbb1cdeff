"""Lanes of the sweep: each a scene with its own fake, launcher and database, all from one template."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import drop
from tests.crash.scene import Launcher, Scene, write_configuration
from tests.fake_alpaca import FakeAlpaca


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make test-crash` asks for the whole sweep; `make test` takes a seeded part of it."""
    parser.addoption("--every-boundary", action="store_true", help="the whole crash sweep")


@pytest.fixture(scope="session")
def make_scene(clone: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Scene]]:
    """Makes a scene with a template, fake and launcher of its own; `restore` it before use."""
    with ExitStack() as stack:

        def make(name: str) -> Scene:
            folder = Path(tmp_path_factory.mktemp(name))
            write_configuration(folder)
            template = clone()
            fake = stack.enter_context(FakeAlpaca(folder / "journal.jsonl"))
            launcher = Launcher()
            stack.callback(launcher.stop)
            scene = Scene(template, f"{name}_run", folder, fake, launcher)
            stack.callback(drop, scene.database)
            scene.write()
            return scene

        yield make


@pytest.fixture(scope="session")
def scenes(make_scene: Callable[[str], Scene]) -> list[Scene]:
    """One lane per core, two at most: more only wait for one another."""
    return [make_scene(f"lane_{n}") for n in range(min(2, os.cpu_count() or 1))]
