"""Harms, ratings and counts in words: how often, what cannot be excluded, and never that a thing is safe."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nof1.analysis.discrete_result import DiscreteComparison, Measure, Side
from nof1.analysis.result import RandomizationResult
from nof1.report import few_values
from nof1.report.digits import NBSP
from nof1.report.render import render

NAMES = {"on": "capsule", "off": "placebo"}


def a_test(n=12, of=64, smallest=2):
    return RandomizationResult(
        statistic=0.1, n_as_extreme=n, n_sequences=of, p_value=n / of, smallest_p=smallest / of, exact=True
    )


def a_comparison(shares=(0.28, 0.20), ends=(-0.03, 0.25), test=None, **changes):
    """Make the comparison of a harm rating over 40 days with each condition."""
    first, second = (
        Side(
            condition=code,
            n_days=40,
            n_periods=6,
            mean=3 * share,
            n_days_above=round(40 * share),
            n_periods_above=round(6 * share),
            share_above=share,
        )
        for code, share in zip(("on", "off"), shares, strict=True)
    )
    test = test or a_test()
    low, high = ends
    made = DiscreteComparison(
        score="harms.headache",
        label="headache",
        contrast="on_off",
        first="on",
        second="off",
        kind="ordinal",
        n_values=5,
        share_low=0.76,
        sides=(first, second),
        measures=(
            Measure(name="superiority", estimate=0.55, test=test),
            Measure(name="mean_difference", estimate=0.24, ci_low=-0.1, ci_high=0.5, test=test),
            Measure(
                name="share_difference", estimate=shares[0] - shares[1], ci_low=low, ci_high=high, test=test
            ),
            Measure(
                name="share_ratio",
                estimate=shares[0] / shares[1] if shares[1] else None,
                ci_low=0.9 if shares[1] else None,
                ci_high=2.2 if shares[1] else None,
                test=test,
            ),
        ),
    )
    return replace(made, **changes)


def sentence(make_results, *found):
    """Tell one harm."""
    return few_values.harm_sentences(make_results(harm_comparisons=found), NAMES)[0].replace(NBSP, " ")


def test_more_often(make_results):
    """Shares, days, points, ratio, count of orders, and what cannot be excluded, the worse end first."""
    assert sentence(make_results, a_comparison()) == (
        "Headache: above 0 on 28 % of the days with capsule (11 of 40) and on 20 % with placebo (8 of 40): more often with "
        "capsule, by 8 percentage points (1.4 times as many); randomization 12/64 = .188. The data cannot exclude that it comes "
        "25 percentage points more often with capsule, nor 3 percentage points less often (95 % interval)."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shares": (0.20, 0.28), "ends": (-0.25, 0.03)}, "less often with capsule, by 8 percentage points"),
        (
            {"shares": (0.20, 0.28), "ends": (-0.25, 0.03)},
            "cannot exclude that it comes 3 percentage points more",
        ),
        ({"shares": (0.201, 0.2)}, "about as often; randomization"),
        (
            {"ends": (0.05, 0.25)},
            "The data fit 5 to 25 percentage points more often with capsule (95 % interval).",
        ),
        ({"ends": (-0.25, -0.05)}, "The data fit 5 to 25 percentage points less often with capsule"),
        (
            {"ends": (None, None)},
            "how much more or less often it may come with capsule, these data cannot tell".capitalize(),
        ),
        ({"ends": (-0.1, float("inf"))}, "is not limited on both sides"),
        ({"ends": (0.0, 0.25)}, "nor as often"),
        ({"shares": (0.1, 0.0)}, "by 10 percentage points; randomization"),
        ({"shares": (0.001, 0.999)}, "less than 1 % of the days with capsule"),
        ({"shares": (0.001, 0.999)}, "more than 99 % with placebo"),
    ],
)
def test_every_way_to_say_it(make_results, changes, words):
    """Direction, size, and how far the data reach."""
    assert words in sentence(make_results, a_comparison(**changes))


def test_what_was_never_seen_is_not_excluded(make_results):
    """No headache in six periods: what would still be quite possible is told, and nothing is called safe."""
    text = sentence(make_results, a_comparison(shares=(0.0, 0.0), ends=(None, None)))
    assert text == (
        "Headache: never above 0 in 80 days with a rating. Had 39 % of all periods with capsule brought it, 6 periods "
        "without it would still come up once in twenty times."
    )
    assert pytest.approx(0.05, abs=0.003) == (1 - 0.39) ** 6


def test_an_order_that_was_not_drawn(make_results):
    """Without a draw there is a difference and no test."""
    bare = a_comparison(ends=(None, None))
    bare = replace(bare, measures=tuple(replace(one, test=None) for one in bare.measures))
    text = sentence(make_results, bare)
    assert text.endswith("(1.4 times as many). The order was not drawn, so there is no test of it.")
    assert "randomization" not in text


def test_adverse_events(make_results):
    """Numbers of events and of periods; with few of them nothing more."""
    events = a_comparison(
        score="adverse_events",
        label="Adverse events",
        kind="count",
        sides=(
            Side(
                condition="on",
                n_days=6,
                n_periods=6,
                mean=2 / 6,
                n_days_above=2,
                n_periods_above=2,
                share_above=0.3,
            ),
            Side(
                condition="off",
                n_days=6,
                n_periods=6,
                mean=0.0,
                n_days_above=0,
                n_periods_above=0,
                share_above=0.0,
            ),
        ),
    )
    text = sentence(make_results, events)
    assert text.startswith(
        "Adverse events: 2 in 6 periods with capsule, 0 in 6 periods with placebo; randomization"
    )
    assert "−0.1 to 0.5 (95 % interval)" in text
    few = replace(events, measures=(Measure(name="mean_difference", estimate=0.3, test=a_test()),))
    assert sentence(make_results, few).endswith("with capsule, so few cannot tell.")


def test_only_the_first_comparison_has_sentences(make_results):
    """Of several comparisons each has a table; a contrast of more than two conditions has no sides."""
    other = a_comparison(contrast="half_off", first="half")
    trend = a_comparison(contrast="trend", first="", second="")
    results = make_results(harm_comparisons=(a_comparison(), other, trend))
    assert len(few_values.harm_sentences(results, NAMES)) == 1
    made = few_values.harm_comparison_tables(results, NAMES)
    told = [table.caption.split(", ")[1].split(";")[0] for table in made]
    assert told == ["capsule against placebo", "half against placebo", "“trend”"]
    assert {len(row) for table in made for row in table.rows} == {len(made[0].columns)}
    assert made[0].rows[0][1:4] == ("8 (−3 to 25)", "12/64 = .188", "1.40 (0.90 to 2.20)")


@pytest.mark.usefixtures("no_figures")
def test_harms_in_the_report(make_results):
    """The sentences, the table and the note stand under Harms; no word of it is a verdict."""
    results = make_results(harm_comparisons=(a_comparison(),), sensitivity=())
    results = replace(results, outcomes=results.outcomes[:1])
    html = render(results).html
    part = html[html.index("<h2>Harms") : html.index("<h2>Was the blind kept?")]
    assert "cannot exclude that it comes" in part
    assert "a large p does not show that a harm is absent" in part
    assert "days above the low end" in part.lower()
    assert "Ratings, counts, yes and no" in html
    for word in ("safe", "well tolerated", "harmless", "no effect"):
        assert word not in part.lower()
    assert few_values.harms_note(make_results()) == ""
    assert few_values.harm_sentences(make_results(), NAMES) == ()
    assert few_values.harm_comparison_tables(make_results(), NAMES) == ()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("ordinal", "A day with capsule has the higher score than a day with placebo with a chance of 55 %"),
        ("count", "On average 0.84 a day with capsule and 0.60 with placebo; randomization 12/64 = .188."),
        ("binary", "Above 0 on 28 % of the days with capsule (11 of 40)"),
    ],
)
def test_outcomes_asked_without_a_model(make_outcome, kind, words):
    """The kind decides what is told first; the reason for asking again is told before."""
    outcome = make_outcome(discrete=a_comparison(kind=kind))
    why, told = few_values.few_values_sentences(outcome, NAMES)
    assert few_values.KINDS[kind] in why
    assert told.replace(NBSP, " ").startswith(words)
    assert few_values.few_values_sentences(make_outcome(), NAMES) == ()


def test_a_contrast_of_several_conditions_has_a_table_only(make_outcome):
    """Without two sides there is no sentence about them."""
    outcome = make_outcome(discrete=a_comparison(first="", second=""))
    assert len(few_values.few_values_sentences(outcome, NAMES)) == 1


def test_the_table_of_outcomes(make_outcome):
    """Shares are told where many scores lie at the low end, and left out where hardly any does."""
    table = few_values.few_values_table((make_outcome(discrete=a_comparison()),), NAMES)
    assert [row[2] for row in table.rows] == [
        "chance of the higher day",
        "mean, difference",
        "days above 0, difference",
        "days above 0, ratio",
    ]
    assert table.rows[2][3] == "8 (−3 to 25)"
    seldom = few_values.few_values_table((make_outcome(discrete=a_comparison(share_low=0.1)),), NAMES)
    assert len(seldom.rows) == 2
    assert few_values.few_values_table((make_outcome(),), NAMES) is None


def test_another_level_is_told(make_outcome):
    """An interval at 80 % says so."""
    measures = (
        Measure(name="mean_difference", estimate=0.2, ci_low=0.1, ci_high=0.3, level=0.8, test=a_test()),
    )
    table = few_values.few_values_table((make_outcome(discrete=a_comparison(measures=measures)),), NAMES)
    assert table.rows[0][3].replace(NBSP, " ") == "0.20 (0.10 to 0.30; 80 %)"
