"""Power and pooled analysis as a person runs them: the shipped notebooks, through papermill, on a protocol and on trials."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nof1.analysis.simulate import Person
from nof1.analysis.simulate_tables import simulate_tables
from nof1.files.locked import write_locked
from nof1.files.protocols import find_library, read_protocol
from nof1.report.page import check_page
from nof1.runner.execute import run_notebook


def shown(executed):
    """Return the page and the text of the one output."""
    (output,) = [out for cell in executed.cells for out in cell.get("outputs", [])]
    return output.data["text/html"], output.data["text/plain"]


def test_pooled_analysis_of_a_folder_of_trials(root, tmp_path):
    """Sentences, a forest with a label, everybody in the table; nothing that runs, and it says that all is simulated."""
    plan = read_protocol(find_library("caffeine-vigilance"))
    rng = np.random.default_rng(5)
    active, names = next(iter(plan.conditions)), ("anna", "ben", "carla", "dora", "emil")
    for name in names:
        tables = simulate_tables(plan, {active: 0.3}, rng, person=Person(sd=0.3), participant=name)
        write_locked(tmp_path / "data" / name / "locked", tables)
    (tmp_path / "run").mkdir()
    notebook = root / "notebooks" / "pooled_analysis.ipynb"
    executed = run_notebook(notebook, tmp_path / "run" / "pooled.ipynb", data="../data", in_process=True)
    html, text = shown(executed)
    assert check_page(html) == ()
    assert text.startswith("Simulated: all trials.")
    assert "5 people" in text
    assert re.search(r'<figure[^>]*><svg[^>]*aria-label="Forest plot', html)
    assert all(name in html for name in names)
    assert "p p" not in text
    asked = notebook.read_text(encoding="utf-8").replace("without_names = False", "without_names = True")
    (tmp_path / "asked.ipynb").write_text(asked, encoding="utf-8")
    again = run_notebook(
        tmp_path / "asked.ipynb", tmp_path / "run" / "again.ipynb", data="../data", in_process=True
    )
    told = "".join(shown(again))
    assert "P05" in told
    assert not [name for name in names if name in told]


@pytest.mark.sim
@pytest.mark.parametrize("name", ["caffeine-vigilance", "nefiracetam-memory"])
def test_power_of_a_protocol_of_the_library(root, tmp_path, name):
    """On a kernel, as from the command line of papermill: first answer, assumptions, curve as a figure, three tables."""
    notebook = root / "notebooks" / "power.ipynb"
    executed = run_notebook(notebook, tmp_path / "power.ipynb", data=str(find_library(name)))
    html, text = shown(executed)
    assert check_page(html) == ()
    assert text.startswith("Chance that this plan finds an effect of 0.8 SD: ")
    assert "Assumed: autocorrelation" in html
    assert re.search(r'<figure[^>]*><svg[^>]*aria-label="Power curve', html)
    assert html.count("<table") == 3
