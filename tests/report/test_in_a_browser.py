"""report.html as a browser meets it: nothing leaves it, nothing runs, it fits a phone, and axe finds nothing serious."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nof1.report.render import render, style

CHROMIUM = "/usr/bin/chromium"
AXE = "axe-core@4.14.1"
sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and os.environ.get("CI") != "true",
    reason="needs Chromium; set CI=true to insist",
)


@pytest.fixture(scope="module")
def page_file(make_results, tmp_path_factory):
    """Write a report as its page has it, with hostile names in it."""
    hostile = "<script>fetch('https://example.org')</script><img src='https://example.org/x.png'>"
    html = render(make_results(title=f"Does it help? {hostile}", simulated=True)).html
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style()} body {{ margin: 0 }}</style></head><body><main>{html}</main></body></html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """Install axe-core into a folder of its own."""
    npm = shutil.which("npm")
    if npm is None:
        if os.environ.get("CI") == "true":
            pytest.fail("npm is needed for axe-core")
        pytest.skip("needs npm for axe-core")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), AXE],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"axe-core could not be installed: {done.stderr[-200:]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def test_nothing_leaves_the_report_and_it_fits_a_phone(browser, page_file):
    """A report speaks of somebody's health: opening it must not tell anybody."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    page.wait_for_load_state("networkidle")
    assert asked == [page_file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate("document.querySelectorAll('svg title').length") > 50
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, page_file, axe, scheme):
    """Readers who cannot see, and those who see little contrast, get the same report."""
    page = browser.new_page(color_scheme=scheme)
    page.goto(page_file.as_uri())
    page.evaluate(axe)
    found = page.evaluate(
        "axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.length, v.nodes[0].html]))"
    )
    page.close()
    assert [one for one in found if one[0] in {"serious", "critical"}] == []
