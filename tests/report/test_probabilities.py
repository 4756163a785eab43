"""Chances are told with their prior, never as 0 or 100, never as a verdict; and the tables beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nof1.analysis.bayes_result import BayesResult
from nof1.report.alternatives import absent_rows, drawn_rows
from nof1.report.appendix import corrections_table, variances_table
from nof1.report.digits import NBSP
from nof1.report.leftover import plot_residuals
from nof1.report.probabilities import chance, chances, chances_technical, priors_table
from nof1.report.words import VERDICTS, condition_names


@pytest.fixture
def names(make_results):
    """Return the names of the conditions."""
    return condition_names(make_results())


def test_the_prior_stands_before_the_chances(make_outcome, names):
    """What was believed beforehand comes first; both bounds are told in the unit of the score."""
    first, second, third = chances(make_outcome(), names)
    assert first == (
        f"Before the data the prior of the protocol favours neither side and expects a difference of less than 0.6{NBSP}d′, "
        "nineteen times in twenty."
    )
    assert second == (
        f"Given that, the chance that working memory is better with capsule than with placebo is 99{NBSP}%; that it is "
        f"better by 0.3{NBSP}d′ or more, the smallest difference that the protocol calls worthwhile, 59{NBSP}%; and that it "
        f"is worse by as much, below 1{NBSP}%."
    )
    assert "verdict does not rest on this" in third


def test_no_verdict_is_made_of_it(make_outcome, names):
    """The words of the verdicts are not used, whatever the chances are."""
    for verdict in VERDICTS:
        told = " ".join(chances(make_outcome(verdict=verdict), names))
        assert (told == "") == (verdict == "not_estimable")
        assert not any(word in told for word in ("Benefit", "Harm", "significant", "proves", "shows"))


def test_without_a_prior_and_without_a_smallest_effect(make_outcome, names):
    """A flat prior is told as one; without a smallest effect there is one chance, and no column for others."""
    bayes = make_outcome().bayes
    flat = replace(
        bayes,
        posterior=replace(bayes.posterior, effect_sd=None, p_worthwhile=None, p_harm=None),
        alternatives=(replace(bayes.alternatives[-1], effect_sd=None),),
        sesoi=None,
    )
    outcome = make_outcome(bayes=flat, sesoi=None)
    told = chances(outcome, names)
    assert told[0].startswith("The protocol states no prior")
    assert told[1].endswith(f"is 99{NBSP}%.")
    assert "prior on the difference flat" in chances_technical(outcome)[0]
    table = priors_table(outcome)
    assert [row[0] for row in table.rows] == [
        "Without any",
        "Without any, with more room for what periods have of their own",
    ]
    assert len(table.columns) == 4


def test_what_lowers_a_claim_lowers_the_chances(make_outcome, names):
    """A flag that stands against the verdict is not forgotten here."""
    assert "against these chances" in " ".join(chances(make_outcome(flags=("unblinded_before_lock",)), names))
    assert "against these chances" not in " ".join(chances(make_outcome(flags=("singular",)), names))


def test_nothing_where_there_is_nothing(make_outcome, names):
    """No posterior, no paragraph, no table."""
    nothing = BayesResult(posterior=None, method="period_grid", flags=("too_few_blocks",))
    for outcome in (make_outcome(bayes=None), make_outcome(bayes=nothing)):
        assert (chances(outcome, names), chances_technical(outcome), priors_table(outcome)) == ((), (), None)


def test_every_prior_in_the_table(make_outcome):
    """The planned one in front, then narrower, wider, none, and more room for periods."""
    table = priors_table(make_outcome())
    assert table.emphasis == 0
    assert [row[0] for row in table.rows] == [
        f"As planned (SD 0.3{NBSP}d′)",
        f"Half as wide (SD 0.15{NBSP}d′)",
        f"Twice as wide (SD 0.6{NBSP}d′)",
        "Without any",
        "As planned, with more room for what periods have of their own",
    ]
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_days_have_one_variance_less(make_outcome):
    """For one-day periods there is nothing to say of periods."""
    bayes = replace(make_outcome().bayes, period_ratio=None, method="daily_grid")
    assert "periods" not in chances_technical(make_outcome(bayes=bayes))[1]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "below 1 %"), (0.0101, "1 %"), (0.555, "56 %"), (0.99, "99 %"), (1.0, "above 99 %"), (None, "–")],
)
def test_chances_are_never_certain(share, text):
    """A model that is sure is told as nearly sure."""
    assert chance(share).replace(NBSP, " ") == text


def test_two_corrections_side_by_side(make_outcome, make_estimate):
    """Satterthwaite stands beside Kenward and Roger; without a p, or without its numbers, there is no table."""
    table = corrections_table(make_outcome())
    assert [row[0] for row in table.rows] == ["Kenward–Roger (planned)", "Satterthwaite"]
    assert table.rows[1][1:] == ("0.148", "9.6", ".019")
    assert corrections_table(make_outcome(mixed_model=make_estimate())) is None
    assert corrections_table(make_outcome(mixed_model=make_estimate(None, p_value=None))) is None
    assert [row[0] for row in variances_table(make_outcome()).rows] == [
        "Variance of a day",
        "Variance between periods",
    ]
    assert variances_table(make_outcome(mixed_model=None)) is None


def test_what_is_not_in_the_strip_says_why(make_results):
    """Rows without an estimate are told below the figure, not drawn."""
    rows = make_results().sensitivity
    assert len(drawn_rows(rows)) == len(rows) - 1
    assert absent_rows(rows, {}) == (
        "The effect builds up and fades by halves, instead of being there or not: the protocol states no half-life.",
    )


def test_residuals_are_drawn_at_both_widths(make_outcome):
    """A point for each score, a bar for each period; nothing is drawn of nothing."""
    outcome = make_outcome()
    for width in (3.2, 6.4):
        axes = plot_residuals(outcome, width=width).axes[0]
        points = next(line for line in axes.lines if len(line.get_xdata()) == 60)
        assert list(points.get_ydata()) == list(outcome.residuals.value)
        assert len(axes.lines) == 1 + 12 + 1
    assert len(plot_residuals(make_outcome(residuals=None)).axes[0].lines) == 1
