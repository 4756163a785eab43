"""Randomization counts equal those of loops in R, as integers; and what the reference files must hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nof1.analysis.closed_test import closed_randomization_test
from nof1.analysis.discrete import compare_discrete
from nof1.analysis.effect_sizes import nonoverlap
from nof1.analysis.max_t import max_t_test
from nof1.analysis.multiplicity import adjust_p_values
from nof1.analysis.randomization_interval import randomization_interval
from nof1.analysis.randomization_test import randomization_test
from nof1.schedule.space import balanced, randomized_blocks

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
R = json.loads((REFERENCE / "randomization.json").read_text(encoding="utf-8"))


def counts(test):
    return {"n_as_extreme": test.n_as_extreme, "n_sequences": test.n_sequences}


def space_of(case):
    if case["kind"] == "blocks":
        return randomized_blocks(case["n_blocks"], tuple(case["codes"]), case.get("per_block", 1))
    return balanced(case["n_periods"], ("on", "off"), max_run=case.get("max_run"))


@pytest.mark.parametrize("case", R["tests"], ids=[case["name"] for case in R["tests"]])
def test_every_count_of_r(case):
    """Ten designs: blocks of two and of four, balanced, longest run, three conditions, doses, one-day periods."""
    found = randomization_test(
        pd.DataFrame(case["frame"]),
        space_of(case),
        case["contrast"],
        None if case["trend"] == "none" else case["trend"],
        case.get("permute", "contrast"),
        case.get("statistic", "residual"),
    )
    expected = dict(case["result"])
    # Ours is in standard deviations of the scores where the days are prewhitened.
    scale = np.nanstd(np.array(case["frame"]["value"], dtype=float)) if expected.pop("rho", None) else 1.0
    if "statistic" in expected:
        assert found.statistic * scale == pytest.approx(expected.pop("statistic"), rel=1e-5)
    assert found.exact
    assert counts(found) == expected


def test_the_closed_test_of_r():
    """The adjusted p of a condition is the largest of those of all sets that it is in."""
    case = R["closed"]
    space = randomized_blocks(case["n_blocks"], tuple(case["codes"]))
    found = closed_randomization_test(pd.DataFrame(case["frame"]), space, "none")
    for code in ("high", "low"):
        sets = (case[code], case["both"])
        largest = max(sets, key=lambda one: one["n_as_extreme"] / one["n_sequences"])
        assert counts(found[code]) == largest


def test_several_outcomes_of_r():
    """Three outcomes with days and a period missing: single-step max-T by the same 64 sequences."""
    case = R["max_t"]
    frames = {name: pd.DataFrame(frame) for name, frame in case["frames"].items()}
    found = max_t_test(frames, randomized_blocks(case["n_blocks"], ("on", "off")))
    assert {name: counts(test) for name, test in found.items()} == case["counts"]


def test_counts_and_shares_of_r():
    """Means, shares of days, and the chance of superiority by wilcox.test under each sequence."""
    case = R["discrete"]
    space = randomized_blocks(case["n_blocks"], ("on", "off"))
    found = compare_discrete(pd.DataFrame(case["frame"]), space, kind="count")
    for name in ("mean", "share"):
        measure, expected = found.measure(f"{name}_difference"), dict(case[name])
        assert measure.estimate == pytest.approx(expected.pop("statistic"))
        assert counts(measure.test) == expected
        assert [measure.ci_low, measure.ci_high] == pytest.approx(case[f"{name}_interval"], abs=1e-5)
    nap, expected = found.measure("superiority"), dict(case["superiority"])
    assert nap.estimate == pytest.approx(expected.pop("value"))
    assert counts(nap.test) == expected


def test_the_interval_of_r():
    """For blocks of two without a trend the ends are means of subsets of the block differences."""
    case = R["interval"]
    frame = pd.DataFrame(case["frame"])
    found = randomization_interval(frame, randomized_blocks(case["n_blocks"], ("on", "off")), trend=None)
    assert found == pytest.approx(tuple(case["ends"]), abs=1e-5)


def test_what_base_r_has_of_its_own():
    """p.adjust, and wilcox.test as the chance of superiority."""
    base = R["base"]
    assert adjust_p_values(base["p"]) == pytest.approx(base["holm"])
    assert adjust_p_values(base["p"], method="bh") == pytest.approx(base["bh"])
    first, second = (np.array(base[name], dtype=float) for name in ("first", "second"))
    assert nonoverlap(first, second) == pytest.approx(base["nap"])


def test_what_the_reference_holds():
    """Models: twelve designs or more, among them unbalanced, missing, singular, k conditions, blocks; each with its session."""
    files = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in REFERENCE.glob("*.json")}
    assert {path.stem for path in REFERENCE.glob("*.R")} == set(files)
    assert all(any("R version" in line for line in held["session_info"]) for held in files.values())
    cases = files["reference"]["mixed"]
    frames = {case["name"]: pd.DataFrame(case["frame"]) for case in cases}
    assert len(cases) + len(files["reference"]["daily"]) >= 24
    assert sum(bool(frame["value"].isna().any()) for frame in frames.values()) >= 4
    assert any(len(set(frame.groupby("period").size())) > 1 for frame in frames.values())
    assert sum(case["mixed_model"]["singular"] for case in cases) >= 4
    assert sum(frame["condition"].nunique() > 2 for frame in frames.values()) >= 3
    assert sum(case["block_effect"] for case in cases) >= 4
    makefile = (REFERENCE.parents[1] / "Makefile").read_text(encoding="utf-8")
    assert all(f"Rscript tests/reference/{path.name}" in makefile for path in REFERENCE.glob("*.R"))
