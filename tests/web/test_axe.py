"""Accessibility: axe-core finds nothing serious on any page, light and dark, wide and narrow."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from .site import battery_trial, everything, served

AXE = "axe-core@4.14.1"
PLACE = Path(tempfile.gettempdir()) / f"nof1-{AXE.replace('@', '-')}"
SCRIPT = PLACE / "node_modules" / "axe-core" / "axe.min.js"
PATHS = (
    "/", "/session/5", "/session/5/form/day", "/session/5/form/app", "/session/5/form/phq8", "/session/5/form/vigil", "/guess/1", "/box", "/dose",
    "/event", "/note", "/csv", "/progress", "/card", "/session/9", "/nowhere",
)  # fmt: skip


@pytest.fixture(scope="module")
def axe() -> str:
    """Return the text of axe-core; it is fetched once, and without npm the test skips (fails under CI)."""
    if not SCRIPT.is_file():
        npm = shutil.which("npm")
        done = None
        if npm:
            PLACE.mkdir(exist_ok=True)
            done = subprocess.run(
                [npm, "install", "--prefix", str(PLACE), "--no-audit", "--no-fund", "--ignore-scripts", AXE],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
        if not SCRIPT.is_file():
            message = "axe-core cannot be had: " + (done.stderr[-300:] if done else "there is no npm")
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
    return SCRIPT.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_on_any_page(axe, browser, tmp_path, scheme):
    """Names, roles, contrast, order of headings: for whoever does not see the page, or not well."""
    player = battery_trial(tmp_path, everything())
    player.randomize()
    player.put(5, "10:00")
    narrow = {"viewport": {"width": 360, "height": 740}} if scheme == "dark" else {}
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, **narrow)
    # In the dark, and narrow, only what the colours change is looked at again.
    rules = ", runOnly: ['color-contrast', 'target-size']" if scheme == "dark" else ""
    found = []
    with served(player) as site:
        window = site.open(context)
        for path in PATHS:
            window.goto(site.url + path)
            window.evaluate(axe)
            result = window.evaluate(f"axe.run({{resultTypes: ['violations']{rules}}})")
            found += [
                (path, v["id"], v["impact"], [n["html"][:120] for n in v["nodes"]][:3])
                for v in result["violations"]
                if v["impact"] in {"serious", "critical", "moderate"}
            ]
    context.close()
    assert not found


def test_the_closed_door(axe, browser, tmp_path):
    """Also what a stranger sees can be read."""
    player = battery_trial(tmp_path, everything())
    player.randomize()
    player.put(5, "10:00")
    context = browser.new_context(bypass_csp=True)
    with served(player) as site:
        window = context.new_page()
        for path in ("/", "/enter"):
            window.goto(site.url + path)
            window.evaluate(axe)
            result = window.evaluate("axe.run({resultTypes: ['violations']})")
            assert not [v["id"] for v in result["violations"] if v["impact"] != "minor"]
    context.close()
