"""A real browser, and a small server for it. Without them the tests skip; under CI they fail."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nof1.battery.make import make_form
from nof1.battery.run import Run, read_run
from nof1.battery.seeds import FormKey
from nof1.battery.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from nof1.battery.form import Form
    from nof1.battery.spec import Param

CHROMIUM = Path("/usr/bin/chromium")
WAIT_MS = 90_000  # a machine that does three other things


def _missing(message: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Debian's chromium, once."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - loads only where a browser is wanted

    if not CHROMIUM.exists():
        _missing(f"no browser at {CHROMIUM}; apt-get install chromium")
    if find_spec("nof1_vendor") is None:
        _missing("jsPsych is not installed; uv sync --reinstall-package nof1")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@dataclass
class Lab:
    """A server and a browser that belong to one test.

    Attributes
    ----------
    server, context
        The two.
    forms : dict
        Forms that were given, by name.
    errors : list of str
        Errors of any page.
    """

    server: Any
    context: BrowserContext
    forms: dict[str, Form] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def form(self, name: str, *, part: str | None = None, practice: int = 1, **params: Param) -> Form:
        """Make a form with other parameters, and give it to the server with so many trials of practice."""
        task = TASKS[name]
        key = FormKey(trial_id="engine", instrument=name, session=1, occasion=1)
        form = make_form(name, {**task.params, **params}, key, part=part)
        plain: Any = form.to_json()
        for block in plain["blocks"]:
            if block["is_practice"]:
                block["trials"] = block["trials"][:practice]
        address = f"{name}-{part}" if part else name
        self.forms[address] = form
        self.server.put_form(address, plain, form.sha256, simulated=True)
        return form

    def open(self, name: str, query: str = "") -> Page:
        """Open the page of a run."""
        page = self.context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.errors.append(f"{name}: {error}"))
        page.on(
            "console",
            lambda message: (
                self.errors.append(f"{name}: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.goto(f"{self.server.address}/run/{name}{query}")
        return page

    def body(self, name: str) -> dict[str, Any]:
        """Return what came from the last run of a form."""
        return [body for body in self.server.runs.values() if body["instrument"] == name][-1]

    def run(self, name: str) -> Run:
        """Read what came; fail with every problem if the battery would not take it."""
        table = read_run(self.forms[name], self.body(name)["run"])
        assert not table.problems, "\n".join(str(problem) for problem in table.problems)
        assert table.run is not None
        return table.run


@pytest.fixture
def lab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Give a server and a fresh browser profile; `@pytest.mark.parametrize("lab", [options], indirect=True)` for a phone."""
    from small_server import SmallServer  # noqa: PLC0415

    server = SmallServer()
    context = browser.new_context(**getattr(request, "param", {}))
    made = Lab(server, context)
    yield made
    context.close()
    server.stop()
    assert made.errors == []


def D(text: str | int) -> Decimal:  # noqa: N802 - as in the battery
    """Write a parameter."""
    return Decimal(text)
