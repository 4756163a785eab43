"""The second process beside a report: what it answers, and that a report does without it."""

from __future__ import annotations

import signal
import sys
from types import SimpleNamespace

import pytest

from nof1.runner import helper as module
from nof1.runner import in_process
from nof1.runner.execute import run_notebook
from nof1.runner.helper import Helper, HelperError, helper_if_cold
from nof1.runner.pdf import letter_pdf, report_pdf
from nof1.runner.report import elsewhere


@pytest.fixture
def helper():
    """Return a second process that has loaded nothing."""
    helper = Helper(load=())
    yield helper
    helper.close()


def test_answers_may_be_taken_in_any_order(helper):
    """Each is that of its question, after a failure too."""
    root, broken, power = (
        helper.ask("math:sqrt", 4),
        helper.ask("math:sqrt", -1),
        helper.ask("math:pow", 2, 3),
    )
    assert power() == 8
    assert root() == root() == 2
    with pytest.raises(HelperError, match="ValueError"):
        broken()


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (("builtins:print", "x"), "printed something"),
        (("math:sqrt", lambda: 4), "lambda"),
        (("no_such_module:name",), "ModuleNotFoundError"),
        (("os:kill", "itself"), "has ended"),
    ],
)
def test_who_gets_no_answer_is_told(helper, question, why):
    """What was printed would be lost, what cannot be sent is not, and a process may end for want of memory."""
    name, *values = question
    if values == ["itself"]:
        values = [helper.ask("os:getpid")(), signal.SIGTERM]
    with pytest.raises(HelperError, match=why):
        helper.ask(name, *values)()


def test_it_is_started_where_it_pays(monkeypatch):
    """Beside the command, where that has loaded nothing of it and there are two processors; never beside a script, which it would run again."""
    for main, n_processors, late, pays in (
        ("bin/nof1", 2, (), True),
        ("site-packages/nof1/__main__.py", 2, (), True),
        ("bin/nof1", 2, ("nof1",), False),
        ("bin/nof1", 1, (), False),
        ("pytest/__main__.py", 2, (), False),
        ("script.py", 2, (), False),
        (None, 2, (), False),
    ):
        monkeypatch.setattr(module, "_n_processors", lambda n=n_processors: n)
        monkeypatch.setattr(module, "_LATE", late)
        monkeypatch.setattr(module, "Helper", lambda: SimpleNamespace(close=lambda: None))
        monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__file__=main))
        with helper_if_cold() as helper:
            assert (helper is not None) == pays, main


def test_paper_is_the_same_from_there_and_from_here(helper):
    """And comes where nobody answers."""
    page = "<html><head></head><body><p>p = .05</p></body></html>"
    here = report_pdf(page, head="a trial", marks=("Simulated",)), letter_pdf(page)
    for _ in range(2):
        there = (
            elsewhere(helper, report_pdf, page, head="a trial", marks=("Simulated",)),
            elsewhere(helper, letter_pdf, page),
        )
        assert tuple(answer() for answer in there) == here
        helper.close()


@pytest.mark.parametrize(
    ("checker", "shown"), [("operator:neg", "-4"), ("operator:nothing", "'checked here'")]
)
def test_the_crosscheck_is_made_while_other_cells_run(
    write_notebook, tmp_path, monkeypatch, helper, checker, shown
):
    """In its cell stands what the second process found, or else what is found here."""
    monkeypatch.setattr(in_process, "_CROSSCHECKER", checker)
    notebook = write_notebook(
        "class nof1:\n    render_crosscheck = lambda _: 'checked here'",
        "results = 4\nresults",
        "nof1.render_crosscheck(results)",
    )
    cells = run_notebook(notebook, tmp_path / "out.ipynb", data=".", in_process=True, helper=helper).cells
    assert [cell.outputs[0].data["text/plain"] for cell in cells[-2:]] == ["4", shown]
