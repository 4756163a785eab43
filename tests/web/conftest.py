"""Trials behind a page: without a network for most tests, and behind a real server for those with a browser."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from ..workflow.playing import quick_folder  # noqa: TID252 - tests have no absolute names
from .site import PageClient, battery_trial, served

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test with a browser try twice: its presses and frames share the machine with everything else.

    A first try that failed is printed with its traceback (`-rR`), so a fault that comes and goes is seen.
    """
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def quick_root(tmp_path_factory) -> Iterator[Path]:
    """Return a folder in memory for all trials."""
    with quick_folder(tmp_path_factory.getbasetemp()) as folder:
        yield folder


@pytest.fixture
def tmp_path(quick_root) -> Iterator[Path]:
    """Return a folder of its own for every test, gone afterwards."""
    with TemporaryDirectory(dir=quick_root) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def _drawn(quick_root):
    player = battery_trial(quick_root / "drawn")
    player.randomize()
    return player


@pytest.fixture
def player(_drawn, tmp_path):
    """Return a trial with ratings, tests, a word list and a questionnaire, on the first morning of period 1."""
    player = _drawn.copy(tmp_path)
    player.put(4, "10:00")
    return player


@pytest.fixture
def page(player) -> PageClient:
    """Return a window that has opened the link."""
    return PageClient.opened(player)


@pytest.fixture(scope="module")
def browser():
    """Return a real browser; without one the test fails under CI and skips elsewhere.

    One for each module: while it is there an event loop runs in this thread, where no other can begin.
    """
    if not CHROMIUM.exists():
        message = f"no browser at {CHROMIUM}: apt install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(player) -> Iterator[object]:
    """Return the page behind a real server, which can be stopped and started again."""
    with served(player) as running:
        yield running
