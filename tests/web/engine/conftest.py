"""A browser with a small server that keeps the contract of the pages. Without jsPsych the tests skip; under CI they fail."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from nof1.battery.make import make_form
from nof1.battery.run import Run, read_run
from nof1.battery.seeds import FormKey
from nof1.battery.tasks import TASKS

from .small_server import SmallServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from nof1.battery.form import Form

WAIT_MS = 30_000  # a machine that does three other things


@dataclass
class Lab:
    """A server and a browser that belong to one test.

    Attributes
    ----------
    server, context
        The two.
    is_phone : bool
        Whether it has a finger instead of keys.
    forms : dict
        Forms that were given, by name.
    errors : list of str
        Errors of any page.
    """

    server: Any
    context: BrowserContext
    is_phone: bool = False
    forms: dict[str, Form] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def form(self, name: str, *, part: str | None = None, practice: int = 1, **params: object) -> Form:
        """Make a form with other parameters, and give it to the server with so many trials of practice."""
        task = TASKS[name]
        key = FormKey(trial_id="engine", instrument=name, session=1, occasion=1)
        given = {
            id_: value if isinstance(value, str | bool | tuple) else Decimal(str(value))
            for id_, value in params.items()
        }
        form = make_form(name, {**task.params, **given}, key, part=part)
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
    if find_spec("nof1_vendor") is None:
        message = "jsPsych is not installed: uv sync --reinstall-package nof1"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    server = SmallServer()
    options = getattr(request, "param", {})
    context = browser.new_context(**options)
    made = Lab(server, context, is_phone="has_touch" in options)
    yield made
    context.close()
    server.stop()
    assert made.errors == []
