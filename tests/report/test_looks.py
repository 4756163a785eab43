"""What the report says of looks: what they cost where they were planned, and what they leave where they were not."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from nof1.analysis.e_value import e_value
from nof1.analysis.progress import LooksSummary
from nof1.analysis.spending import lan_demets
from nof1.report.digits import NBSP
from nof1.report.exploratory import is_exploratory, marked
from nof1.report.looks import evidence_sentence, planned_looks
from nof1.report.methods import methods
from nof1.report.prose import banners
from nof1.report.render import render
from nof1.report.tables import Table
from nof1.report.verdicts import because


def lan_demets_at(n_done=8, at_blocks=(4, 6)):
    """Make the summary of a plan with looks at fixed blocks."""
    boundaries = lan_demets([*(block / 8 for block in at_blocks if block < n_done), n_done / 8])
    return LooksSummary(
        method="lan_demets", at_blocks=at_blocks, n_blocks=8, n_done=n_done, alpha=0.05,
        level=boundaries[-1].level, boundaries=boundaries,
    )  # fmt: skip


EVIDENCE = LooksSummary(method="e_value", at_blocks=(), n_blocks=8, n_done=8, alpha=0.05, level=0.05)


@pytest.mark.parametrize(("n_done", "level", "interval"), [(8, ".044", "95.6"), (4, ".00305", "99.7")])
def test_the_price_of_planned_looks_is_told(make_results, n_done, level, interval):
    """At the end and at a look: what is asked, instead of what."""
    text = planned_looks(make_results(looks=lan_demets_at(n_done)))
    assert "after 4 and 6 of 8 blocks" in text
    assert f"rests on {n_done} of 8 blocks and is tested at {level} instead of .05" in text
    assert f"with intervals at {interval}{NBSP}%" in text


def test_evidence_is_told(make_results, make_outcome):
    """What the plan asks for, what there was, and the interval that holds whenever one stops."""
    assert "reached 20 after some block" in planned_looks(make_results(looks=EVIDENCE))
    assert planned_looks(make_results()) == ""
    found = e_value(np.array([0.4, 0.5, 0.3, 0.6, 0.5, 0.4, 0.45, -0.6]))
    text = evidence_sentence(make_outcome(evidence=found))
    assert "By the differences within 8 complete blocks the e-value is" in text
    assert "after block 7; an effect is claimed from 20 on." in text
    assert f"The 95{NBSP}% interval that holds whenever one stops goes from" in text
    steady = evidence_sentence(make_outcome(evidence=e_value(np.array([0.4, 0.5, 0.3, 0.6]))))
    assert "at most" not in steady
    assert "no limit to no limit" in steady
    assert "too few complete blocks" in evidence_sentence(make_outcome(evidence=e_value(np.array([0.4]))))
    assert evidence_sentence(make_outcome()) == ""


def test_a_claim_that_the_evidence_does_not_bear(make_outcome):
    """The interval leaves out zero, and that is not enough where looks were free."""
    outcome = make_outcome(
        verdict="inconclusive",
        verdict_by_interval="benefit",
        lowered_by=("evidence_short",),
        evidence=e_value(np.array([0.4, 0.9, -0.1, 0.6])),
    )
    text = " ".join(because(outcome, {"on": "capsule", "off": "placebo"}))
    assert "leaves out zero" in text
    assert re.search(r"looks were allowed after any block, .* too little \(e-value at most [\d.]+\)\.", text)


@pytest.mark.usefixtures("no_figures")
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("unplanned_look",), True),
        (("unblinded_before_lock",), True),
        (("late_entries",), False),
        ((), False),
    ],
)
def test_after_a_look_that_nobody_planned_every_p_is_marked(make_results, flags, expected):
    """On every section, above every column of p-values, and in the line of numbers."""
    results = make_results(flags=flags)
    assert is_exploratory(results) == expected
    report = render(results)
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', report.html)
    p_heads = [head for head in heads if head == "p" or head.startswith(("p ", "p,", "Randomization"))]
    assert p_heads
    assert all(head.endswith(" (exploratory)") for head in p_heads) == expected
    assert ("[p exploratory]" in report.text) == expected
    assert ("every p-value here is exploratory" in report.html) == expected
    n_sections = report.html.count("<h2>")
    assert report.html.count('<span class="nof1-tag">Exploratory</span>') == (n_sections if expected else 0)


def test_only_columns_of_p_values_are_marked():
    """The others keep their heads, and no cell changes."""
    table = Table(
        caption="Any",
        columns=("Method", "p", "p, Holm", "Randomization", "Periods"),
        rows=(("a", "1", "1", "1", "1"),),
    )
    found = marked(table)
    assert found.columns == (
        "Method", "p (exploratory)", "p, Holm (exploratory)", "Randomization (exploratory)", "Periods",
    )  # fmt: skip
    assert found.rows == table.rows


def test_the_banner_is_there_for_exploratory_trials_alone():
    """A trial that kept to its plan has none."""
    options = {"simulated": False, "imported": False, "is_blinded": False, "mode": "third_party"}
    assert banners(**options) == ()
    assert [banner.word for banner in banners(**options, exploratory=True)] == ["Exploratory"]


@pytest.mark.usefixtures("no_figures")
def test_planned_looks_are_in_the_whole_report(make_results):
    """In what was done, with the effect, among the methods; results.json has the boundaries."""
    outcomes = make_results().outcomes
    with_evidence = replace(outcomes[0], evidence=e_value(np.array([0.4, 0.5, 0.3, 0.6, 0.5])))
    report = render(make_results(looks=EVIDENCE, outcomes=(with_evidence, *outcomes[1:])))
    assert "The protocol allowed a look by condition after any block." in report.html
    assert "the e-value is" in report.html
    assert report.data["outcomes"][0]["evidence"]["n_blocks"] == 5
    fixed = render(make_results(looks=lan_demets_at()))
    assert fixed.data["looks"]["boundaries"][0]["z"] == pytest.approx(2.963, abs=1e-3)
    for looks in (EVIDENCE, lan_demets_at()):
        assert any(method.name == "Looks before the end" for method in methods(make_results(looks=looks)))
    assert not any(method.name == "Looks before the end" for method in methods(make_results()))
    assert math.isfinite(with_evidence.evidence.value)
